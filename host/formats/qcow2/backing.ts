// The image under an overlay, whose bytes are read where the overlay has none of its own.

import { realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { DiskImage, ImageFormat } from '../format'
import { ImageInputError } from '../imageInputError'

/** Each image of a chain is an open file with its tables. */
const CHAIN_MAX = 256

/** The files above, by their real paths, the topmost one first. */
export type Chain = readonly string[]

/** Opens a qcow2 image that is part of a chain. */
export type OpenInChain = (path: string, chain: Chain) => Promise<DiskImage>

export function resolveName(image: string, name: string): string {
  const path = name.startsWith('file:') ? name.slice('file:'.length) : name
  // QEMU takes what stands before a colon, if no slash comes first, for a protocol.
  if (/^[^/]*:/.test(path)) throw new ImageInputError(`${image} is backed by ${name}, which is no file of this machine`)
  return resolve(dirname(image), path)
}

/**
 * `image` is the overlay, `name` and `formatName` as in its header: a name is relative to the image's folder, and without a format the file
 * is looked at.
 */
export async function openBacking(
  image: string,
  name: string,
  formatName: string | null,
  chain: Chain,
  openQcow2: OpenInChain,
): Promise<DiskImage> {
  const path = resolveName(image, name)
  const real = realPath(image, path)
  const whole = [...chain, realpathSync(image)]
  if (whole.includes(real)) throw new ImageInputError(`${path} is its own backing file, by way of ${image}`)
  if (whole.length > CHAIN_MAX) throw new ImageInputError(`${image}: a chain of more than ${CHAIN_MAX} backing files`)
  const format = await backingFormat(path, formatName, image)
  return format.name === 'qcow2' ? openQcow2(path, whole) : format.open(path)
}

function realPath(image: string, path: string): string {
  try {
    return realpathSync(path)
  } catch {
    throw new ImageInputError(`${path}, the backing file of ${image}, does not exist`)
  }
}

async function backingFormat(path: string, name: string | null, image: string): Promise<ImageFormat> {
  // Later than the list of formats, which has this one in it.
  const { FORMATS, formatNamed, formatOf } = await import('../formats')
  if (name === null) return formatOf(path)
  if (['raw', 'file', 'host_device'].includes(name)) return formatNamed('raw')
  const format = FORMATS.find((one) => one.name === name)
  if (format) return format
  throw new ImageInputError(
    `${image} says that its backing file is of format ${JSON.stringify(name)}, which is not known`,
  )
}
