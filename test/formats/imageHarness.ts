// What the tests of formats do with images: write them, read them, and judge what has been damaged.

import { closeSync, openSync, readFileSync, readSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import type { DiskImage, Finding, ImageFormat } from '../../host/formats/format'
import { findingsOf, isRefusal, readAll } from './imageAccess'

/** What lies where on a disk; between are zeros. */
export type Piece = readonly [offsetBytes: number, bytes: Uint8Array]

export async function writeImage(
  format: ImageFormat,
  path: string,
  diskBytes: number,
  pieces: readonly Piece[],
  options: Readonly<Record<string, string>> = {},
): Promise<void> {
  const image = { diskBytes, sectorBytes: 512, options: new Map(Object.entries(options)) }
  const writer = await format.create!(path, image)
  for (const [offset, bytes] of pieces) {
    // The writer must be done with them when its promise resolves.
    const lent = new Uint8Array(bytes)
    await writer.write(offset, lent)
    lent.fill(0xee)
  }
  await writer.finish()
}

/** Opens, reads, and closes. */
export async function contentOf(format: ImageFormat, path: string): Promise<Buffer> {
  const image = await format.open(path)
  try {
    return await readAll(image)
  } finally {
    image.close()
  }
}

export async function findingsIn(format: ImageFormat, path: string): Promise<Finding[]> {
  const image = await format.open(path)
  try {
    return await findingsOf(image)
  } finally {
    image.close()
  }
}

/** Extents cover the disk, and zeros are zeros. */
export function zerosOf(image: DiskImage): [start: number, end: number][] {
  const zeros: [number, number][] = []
  for (let at = 0; at < image.diskBytes; ) {
    const { kind, endBytes } = image.extentAt(at)
    if (!(endBytes > at && endBytes <= image.diskBytes)) throw new Error(`an extent from ${at} ends at ${endBytes}`)
    if (kind === 'zero') zeros.push([at, endBytes])
    at = endBytes
  }
  return zeros
}

/** right: the disk is unchanged, and nobody complains. found: somebody complains. wrong: another disk, and nobody says so. */
export type Judgement = 'right' | 'found' | 'wrong'

export async function judge(format: ImageFormat, path: string, content: Uint8Array): Promise<Judgement> {
  let image: DiskImage | null = null
  try {
    image = await format.open(path)
    const findings = await findingsOf(image)
    zerosOf(image)
    const isRight = image.diskBytes === content.length && Buffer.compare(await readAll(image), content) === 0
    if (findings.length > 0) return 'found'
    return isRight ? 'right' : 'wrong'
  } catch (error) {
    if (isRefusal(error)) return 'found'
    throw error
  } finally {
    image?.close()
  }
}

/** Flips a bit of each byte of `offsets`, a different one each time, and counts what comes of it. Gives the offsets of wrong ones. */
export async function flipBytes(
  format: ImageFormat,
  path: string,
  content: Uint8Array,
  offsets: Iterable<number>,
  victim = path,
): Promise<{ readonly found: number; readonly right: number; readonly wrong: readonly number[] }> {
  const counts = { found: 0, right: 0, wrong: [] as number[] }
  const descriptor = openSync(victim, 'r+')
  const byte = new Uint8Array(1)
  try {
    for (const offset of offsets) {
      readSync(descriptor, byte, 0, 1, offset)
      const was = byte[0]!
      writeSync(descriptor, new Uint8Array([was ^ (1 << ((offset * 5 + 3) & 7))]), 0, 1, offset)
      const judgement = await judge(format, path, content)
      if (judgement === 'wrong') counts.wrong.push(offset)
      else counts[judgement]++
      writeSync(descriptor, new Uint8Array([was]), 0, 1, offset)
    }
  } finally {
    closeSync(descriptor)
  }
  return counts
}

/** Cuts the file to each length, and gives those at which the disk is wrong and nobody says so. */
export async function cutFile(
  format: ImageFormat,
  path: string,
  content: Uint8Array,
  lengths: Iterable<number>,
  victim = path,
): Promise<number[]> {
  const whole = readFileSync(victim)
  const wrong: number[] = []
  for (const length of [...lengths].sort((left, right) => right - left)) {
    truncateSync(victim, length)
    if ((await judge(format, path, content)) === 'wrong') wrong.push(length)
  }
  writeFileSync(victim, whole)
  return wrong
}

export function* range(start: number, end: number, step = 1): Generator<number> {
  for (let at = start; at < end; at += step) yield at
}

/** Bytes that do not compress and are never zero: byte `index` follows from it and `seed`. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  let state = (seed * 2654435761) >>> 0 || 1
  for (let at = 0; at < length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[at] = (state >>> 9) | 1
  }
  return bytes
}

/** The disk that pieces make. */
export function diskOf(diskBytes: number, pieces: readonly Piece[]): Buffer {
  const disk = Buffer.alloc(diskBytes)
  for (const [offset, bytes] of pieces) disk.set(bytes, offset)
  return disk
}
