// All formats, and which one a file is of.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { DiskImage, ImageFormat } from './format'
import { ImageInputError } from './imageInputError'
import { rawFormat } from './raw/rawFormat'
import { vdiFormat } from './vdi/vdiFormat'
import { vhdFormat } from './vhd/vhdFormat'
import { vhdxFormat } from './vhdx/vhdxFormat'
import { vmdkFormat } from './vmdk/vmdkFormat'

/** In the order in which files are asked; raw says yes to everything. */
export const FORMATS: readonly ImageFormat[] = [vhdFormat, vhdxFormat, vmdkFormat, vdiFormat, rawFormat]

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

export function formatOf(path: string): ImageFormat {
  const { head, tail } = endsOf(path)
  return FORMATS.find((format) => format.recognises(head, tail, path)) ?? rawFormat
}

export async function openImage(path: string, format = formatOf(path)): Promise<DiskImage> {
  return format.open(path)
}

function endsOf(path: string): { head: Uint8Array; tail: Uint8Array } {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ImageInputError(code === 'ENOENT' ? `${path} does not exist` : `cannot open ${path}: ${message}`)
  }
  try {
    const stats = fstatSync(descriptor)
    if (stats.isDirectory()) throw new ImageInputError(`${path} is a directory; expected an image`)
    const tailStart = stats.isFile() ? Math.max(0, stats.size - LOOK_BYTES) : 0
    return { head: readPart(descriptor, 0), tail: readPart(descriptor, tailStart) }
  } finally {
    closeSync(descriptor)
  }
}

function readPart(descriptor: number, position: number): Uint8Array {
  const bytes = new Uint8Array(LOOK_BYTES)
  let filled = 0
  for (;;) {
    const got = readSync(descriptor, bytes, filled, LOOK_BYTES - filled, position + filled)
    filled += got
    if (got === 0 || filled === LOOK_BYTES) return bytes.subarray(0, filled)
  }
}
