// Bits that flipped on a medium. Which ones is a function of (seed, drive, sector): each read delivers the same wrong bytes, and
// the data underneath stay as they were written.

import { RandomStream } from '../sim/random'

/** Byte offset and mask pairs: [offset, mask, offset, mask, ...]; every mask is one bit, all bits are different. */
export type RotPattern = Int32Array

export function rotPattern(seed: number, driveId: number, lba: number, sectorBytes: number, bits: number): RotPattern {
  const random = RandomStream.fromSeed(seed, `rot:${driveId}:${lba}`)
  const positions = new Set<number>()
  const count = Math.min(bits, sectorBytes * 8)
  while (positions.size < count) positions.add(random.below(sectorBytes * 8))
  const pattern = new Int32Array(positions.size * 2)
  let at = 0
  for (const position of positions) {
    pattern[at++] = position >>> 3
    pattern[at++] = 1 << (position & 7)
  }
  return pattern
}

export function applyRot(pattern: RotPattern, target: Uint8Array, offset: number): void {
  for (let i = 0; i < pattern.length; i += 2) target[offset + pattern[i]!]! ^= pattern[i + 1]!
}
