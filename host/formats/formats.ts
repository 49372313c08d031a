// All formats, and which one a file is of.

import { closeSync, fstatSync } from 'node:fs'
import { binFormat } from './bin/binFormat'
import { ccdFormat } from './ccd/ccdFormat'
import { cueFormat } from './cue/cueFormat'
import { ewfFormat } from './ewf/ewfFormat'
import type { DiskImage, ImageFormat } from './format'
import { ImageInputError } from './imageInputError'
import { isoFormat } from './iso/isoFormat'
import { mdsFormat } from './mds/mdsFormat'
import { nrgFormat } from './nrg/nrgFormat'
import { directoryError, openFile, readUpTo } from './openFile'
import { qcow2Format } from './qcow2/qcow2Format'
import { rawFormat } from './raw/rawFormat'
import { splitFormat } from './split/splitFormat'
import { vdiFormat } from './vdi/vdiFormat'
import { vhdFormat } from './vhd/vhdFormat'
import { vhdxFormat } from './vhdx/vhdxFormat'
import { vmdkFormat } from './vmdk/vmdkFormat'

/** In the order in which files are asked; raw says yes to everything. */
export const FORMATS: readonly ImageFormat[] = [
  ewfFormat,
  splitFormat,
  qcow2Format,
  vhdFormat,
  vhdxFormat,
  vmdkFormat,
  vdiFormat,
  // Before iso: data of 2048 bytes a sector look like one from the front.
  nrgFormat,
  mdsFormat,
  ccdFormat,
  cueFormat,
  isoFormat,
  binFormat,
  rawFormat,
]

const LOOK_BYTES = 64 << 10

export function formatNamed(name: string): ImageFormat {
  const format = FORMATS.find((one) => one.name === name)
  if (format) return format
  throw new ImageInputError(`no format ${name}; there are ${FORMATS.map((one) => one.name).join(', ')}`)
}

/** The format of a new file by its name, raw when its ending says nothing. */
export function formatForName(path: string): ImageFormat {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return FORMATS.find(({ extensions }) => extensions.includes(ending)) ?? rawFormat
}

/**
 * By what is in the file. A device is raw, whatever is on it: who can write to a disk could otherwise make its bytes be taken for an image,
 * and have other files read in its name.
 */
export function formatOf(path: string): ImageFormat {
  const ends = endsOf(path)
  if (ends === null) return rawFormat
  const { head, tail } = ends
  return FORMATS.find((format) => format.recognises(head, tail, path)) ?? rawFormat
}

export async function openImage(path: string, format = formatOf(path)): Promise<DiskImage> {
  return format.open(path)
}

/** null: no regular file. */
function endsOf(path: string): { head: Uint8Array; tail: Uint8Array } | null {
  const descriptor = openFile(path, 'an image')
  try {
    const stats = fstatSync(descriptor)
    if (stats.isDirectory()) throw directoryError(path, 'an image')
    if (!stats.isFile()) return null
    return { head: readPart(descriptor, 0), tail: readPart(descriptor, Math.max(0, stats.size - LOOK_BYTES)) }
  } finally {
    closeSync(descriptor)
  }
}

function readPart(descriptor: number, offsetBytes: number): Uint8Array {
  const bytes = new Uint8Array(LOOK_BYTES)
  return bytes.subarray(0, readUpTo(descriptor, offsetBytes, bytes))
}
