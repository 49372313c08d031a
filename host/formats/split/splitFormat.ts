// Split: a raw image in parts, as FTK Imager, dcfldd and split make them; the ones of Platterlab have sums beside them.

import { existsSync } from 'node:fs'
import { parseBytes, UnitError } from '../../sim/units'
import type { ImageFormat } from '../format'
import { ImageInputError } from '../imageInputError'
import { readSumsOf, sumsPathOf } from '../sums/sumsFile'
import { partsByName, partsBySums } from './findParts'
import { PartNames } from './partNames'
import { SplitImage } from './splitImage'
import { SplitWriter } from './splitWriter'

/** FTK's own. */
const PART_BYTES_DEFAULT = 1500 << 20

export const splitFormat: ImageFormat = {
  name: 'split',
  title: 'raw image in parts, with sums beside it',
  extensions: ['001', '000', '00', '01', 'aa'],
  options: [{ name: 'part_size', description: 'of each part: 650MiB, 4GiB. Default: 1500MiB' }],
  recognises: (_head, _tail, path) => {
    const names = PartNames.from(path)
    return names?.hasDot === true && (existsSync(names.at(1)) || hasFileSums(path))
  },
  open: async (path) => {
    const sums = readSumsOf(path)
    // Sums of a raw image have no parts.
    const hasParts = sums !== null && sums.files.length > 0
    const parts = hasParts ? partsBySums(path, sums, sumsPathOf(path)) : partsByName(path)
    return new SplitImage(splitFormat, parts, hasParts ? sums : null)
  },
  create: async (path, image) => {
    const names = PartNames.from(path)
    if (!names)
      throw new ImageInputError(`${path}: the first part of a split image has to end in .001, .000, .00 or .aa, say`)
    const partBytes = partSizeOf(image.options.get('part_size'))
    const count = Math.ceil(image.diskBytes / partBytes)
    if (count > names.countMax) {
      throw new ImageInputError(`part_size: ${count} parts; ${names.countMax} have names, so make them larger`)
    }
    return new SplitWriter(path, names, partBytes, image)
  },
}

function hasFileSums(path: string): boolean {
  return existsSync(sumsPathOf(path))
}

function partSizeOf(text: string | undefined): number {
  if (text === undefined) return PART_BYTES_DEFAULT
  let bytes: number
  try {
    bytes = parseBytes(text)
  } catch (error) {
    if (error instanceof UnitError) throw new ImageInputError(`part_size: ${error.message}`)
    throw error
  }
  if (bytes < 512) throw new ImageInputError(`part_size: ${text} is less than a sector`)
  return bytes
}
