// What tests of archive formats have in common: writing an image from pieces, reading all of one, and damaging its files.

import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { DamagedImage } from '../../host/formats/damagedImage'
import type { DiskImage, ExtentKind, ImageFormat } from '../../host/formats/format'
import { findingsOf, isRefusal } from './imageAccess'

/** A stretch of a disk: its bytes, or how many of a kind. */
export type Piece = Uint8Array | { readonly kind: Exclude<ExtentKind, 'data'>; readonly bytes: number }

export const zeros = (bytes: number): Piece => ({ kind: 'zero', bytes })
export const unread = (bytes: number): Piece => ({ kind: 'unread', bytes })

/** Data that zlib can make much smaller, without zeros. */
export const text = (bytes: number, salt = 0): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, at) => 1 + ((at + salt) % 97))

/** Data that nothing can make smaller. */
export const noise = (bytes: number): Uint8Array => randomBytes(bytes)

const lengthOf = (piece: Piece): number => (piece instanceof Uint8Array ? piece.length : piece.bytes)

export function contentOf(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(pieces.map((piece) => (piece instanceof Uint8Array ? piece : Buffer.alloc(piece.bytes))))
}

export interface Written {
  readonly sectorBytes?: number
  readonly options?: Readonly<Record<string, string>>
}

export async function writeImage(
  path: string,
  format: ImageFormat,
  pieces: readonly Piece[],
  { sectorBytes = 512, options = {} }: Written = {},
): Promise<void> {
  const diskBytes = pieces.reduce((sum, piece) => sum + lengthOf(piece), 0)
  const image = { diskBytes, sectorBytes, options: new Map(Object.entries(options)) }
  const writer = await format.create!(path, image)
  let at = 0
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) {
      // The bytes are the caller's again: what happens to them later is no matter.
      const lent = Uint8Array.from(piece)
      await writer.write(at, lent)
      lent.fill(0xee)
    } else if (piece.kind === 'unread') {
      await writer.unread(at, piece.bytes)
    }
    at += lengthOf(piece)
  }
  await writer.finish()
}

/** The kinds of all stretches, put together where two of the same kind meet. */
export function extentsOf(image: DiskImage): { kind: ExtentKind; endBytes: number }[] {
  const extents: { kind: ExtentKind; endBytes: number }[] = []
  for (let at = 0; at < image.diskBytes; ) {
    const { kind, endBytes } = image.extentAt(at)
    expect(endBytes).toBeGreaterThan(at)
    expect(endBytes).toBeLessThanOrEqual(image.diskBytes)
    const last = extents.at(-1)
    if (last?.kind === kind) last.endBytes = endBytes
    else extents.push({ kind, endBytes })
    at = endBytes
  }
  return extents
}

/** An image that was damaged: what became of it, in which every step may say that it is damaged, and nothing else may happen. */
export interface Aftermath {
  /** Something said that there is damage. */
  readonly isDetected: boolean
  /** Parts of the disk that were read without a complaint and are not what they were; must be none. */
  readonly wrongAt: readonly number[]
  /** Whether what is unread is still what it was. */
  readonly isUnreadRight: boolean
}

/** `partBytes`: the disk is read in parts of this length. */
export async function aftermathOf(
  path: string,
  format: ImageFormat,
  content: Buffer,
  unreadBytes: number,
  partBytes: number,
): Promise<Aftermath> {
  let image: DiskImage
  try {
    image = await format.open(path)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { isDetected: true, wrongAt: [], isUnreadRight: true }
  }
  try {
    let isDetected = (await findingsOf(image)).length > 0
    const wrongAt: number[] = []
    let isFullyRead = image.diskBytes === content.length
    if (!isFullyRead) wrongAt.push(-1)
    for (let at = 0; at < Math.min(image.diskBytes, content.length); at += partBytes) {
      const part = Buffer.alloc(Math.min(partBytes, image.diskBytes - at))
      try {
        await image.read(at, part)
        if (!part.equals(content.subarray(at, at + part.length))) wrongAt.push(at)
      } catch (error) {
        if (!(error instanceof DamagedImage)) throw error
        isDetected = true
        isFullyRead = false
      }
    }
    // What could not be read is told by the error; all else has to say what was unread.
    const found = image.diskBytes === content.length ? unreadIn(image) : 0
    return { isDetected, wrongAt, isUnreadRight: !isFullyRead || found === unreadBytes }
  } finally {
    image.close()
  }
}

function unreadIn(image: DiskImage): number {
  let sum = 0
  for (let at = 0; at < image.diskBytes; ) {
    const { kind, endBytes } = image.extentAt(at)
    if (kind === 'unread') sum += endBytes - at
    at = endBytes
  }
  return sum
}

/** Calls back with each of the damages in the file, one after the other, and mends it in the end. */
export async function eachFlip(
  path: string,
  offsets: Iterable<number>,
  look: (offset: number) => Promise<void>,
): Promise<void> {
  const whole = readFileSync(path)
  const damaged = Buffer.from(whole)
  for (const offset of offsets) {
    damaged[offset]! ^= 1 << (offset % 8)
    writeFileSync(path, damaged)
    await look(offset)
    damaged[offset] = whole[offset]!
  }
  writeFileSync(path, whole)
}

export async function eachTruncation(
  path: string,
  lengths: Iterable<number>,
  look: (length: number) => Promise<void>,
): Promise<void> {
  const whole = readFileSync(path)
  for (const length of lengths) {
    writeFileSync(path, whole.subarray(0, length))
    await look(length)
  }
  writeFileSync(path, whole)
}
