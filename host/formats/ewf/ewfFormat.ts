// EWF: E01 images of EnCase, FTK Imager, linen and libewf, and S01 of SMART; written as EnCase 6 does.
//
// Not read: Ex01 (EWF 2), L01 (logical files), FTK's AD encryption.

import type { ImageFormat } from '../format'
import { ImageFile } from '../imageFile'
import { ImageInputError } from '../imageInputError'
import { EwfImage } from './ewfImage'
import { EwfWriter } from './ewfWriter'
import { EWF_OPTIONS, planEwf } from './options'
import { scanSet } from './scan'
import { hasSignature } from './sections'

/** The beginnings of files of the family that are recognised, to say that they are not read. */
const RELATIVES: readonly (readonly [string, string])[] = [
  ['EVF2\r\n\x81\0', 'Ex01 (EWF version 2)'],
  ['LVF\t\r\n\xff\0', 'L01 (logical files)'],
  ['LEF2\r\n\x81\0', 'Lx01 (logical files, EWF version 2)'],
  ['ADCRYPT\0', "encrypted by FTK Imager's AD encryption"],
]

const relativeOf = (head: Uint8Array): string | undefined =>
  RELATIVES.find(([signature]) => Buffer.from(head.subarray(0, 8)).toString('latin1') === signature)?.[1]

export const ewfFormat: ImageFormat = {
  name: 'e01',
  title: 'Expert Witness Compression Format (EnCase E01), with checksums and digests',
  extensions: ['e01'],
  options: EWF_OPTIONS,
  recognises: (head) => hasSignature(head) || relativeOf(head) !== undefined,
  open: async (path) => {
    refuseRelatives(path)
    return new EwfImage(ewfFormat, scanSet(path))
  },
  create: async (path, image) => {
    const plan = planEwf(path, image)
    return new EwfWriter(path, image, plan)
  },
}

function refuseRelatives(path: string): void {
  const file = ImageFile.open(path)
  try {
    const relative = relativeOf(file.readBytes(0, Math.min(file.sizeBytes, 8), 'the signature'))
    if (relative !== undefined) throw new ImageInputError(`${path} is ${relative}, which is not read`)
  } finally {
    file.close()
  }
}
