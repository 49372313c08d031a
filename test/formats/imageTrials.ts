// What tests of all formats of optical discs do with an image: read all of it, check it, write one, and damage it in every place.

import { writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { DiskImage, ImageFormat } from '../../host/formats/format'
import { ImageInputError } from '../../host/formats/imageInputError'
import { findingsOf, isRefusal, readAll } from './imageAccess'

export async function withImage<T>(
  format: ImageFormat,
  path: string,
  use: (image: DiskImage) => T | Promise<T>,
): Promise<T> {
  const image = await format.open(path)
  try {
    return await use(image)
  } finally {
    image.close()
  }
}

export interface ToWrite {
  readonly sectorBytes: number
  readonly options?: Readonly<Record<string, string>>
}

/** Writes all of `bytes`, in pieces of a length that fits no sector. */
export async function writeAll(
  format: ImageFormat,
  path: string,
  bytes: Uint8Array,
  { sectorBytes, options = {} }: ToWrite,
): Promise<void> {
  const writer = await format.create!(path, {
    diskBytes: bytes.length,
    sectorBytes,
    options: new Map(Object.entries(options)),
  })
  for (let at = 0; at < bytes.length; at += 5000) await writer.write(at, bytes.slice(at, at + 5000))
  await writer.finish()
}

export type Outcome = 'found' | 'harmless' | 'unnoticed'

/** Opens, reads and checks. Damage may be told, and nothing else may be thrown. */
export async function outcomeOf(format: ImageFormat, path: string, expected: Uint8Array): Promise<Outcome> {
  try {
    return await withImage(format, path, async (image) => {
      if ((await findingsOf(image)).length > 0) return 'found'
      return Buffer.compare(await readAll(image), expected) === 0 ? 'harmless' : 'unnoticed'
    })
  } catch (error) {
    if (isRefusal(error)) return 'found'
    throw error
  }
}

/** One bit of each of these bytes turned over, one byte at a time; says which bytes were turned without notice. */
export async function sweepBytes(
  format: ImageFormat,
  path: string,
  { file, offsets, expected }: { file: string; offsets: Iterable<number>; expected: Uint8Array },
  content: Uint8Array,
): Promise<number[]> {
  const unnoticed: number[] = []
  const bytes = Buffer.from(content)
  for (const offset of offsets) {
    bytes[offset] ^= 1 << (offset % 8)
    writeFileSync(file, bytes)
    if ((await outcomeOf(format, path, expected)) === 'unnoticed') unnoticed.push(offset)
    bytes[offset] ^= 1 << (offset % 8)
  }
  writeFileSync(file, bytes)
  return unnoticed
}

export async function expectInputError(work: () => unknown): Promise<void> {
  await expect((async () => work())()).rejects.toThrow(ImageInputError)
}
