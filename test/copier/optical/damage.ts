// Ways to spoil a sector, for tests and measurements.

import type { RandomStream } from '../../../host/sim/random'

/** Behind sync and header: what a code covers in every mode. */
export const COVERED_FROM = 16
const SECTOR_BYTES = 2352

/** `count` different offsets of a sector. */
export function scattered(random: RandomStream, count: number): Set<number> {
  const offsets = new Set<number>()
  while (offsets.size < count) offsets.add(COVERED_FROM + random.below(SECTOR_BYTES - COVERED_FROM))
  return offsets
}

/** A run of `length` bytes somewhere below `end`. */
export function burst(random: RandomStream, length: number, end = SECTOR_BYTES): Set<number> {
  const start = COVERED_FROM + random.below(end - COVERED_FROM - length + 1)
  return new Set(Array.from({ length }, (_, at) => start + at))
}

/** Makes every one of these bytes wrong. */
export function spoiled(
  sector: Uint8Array,
  offsets: Iterable<number>,
  random: Pick<RandomStream, 'below'>,
): Uint8Array {
  const copy = sector.slice()
  for (const offset of offsets) copy[offset]! ^= 1 + random.below(255)
  return copy
}

export function randomBytes(random: RandomStream, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.below(256))
}
