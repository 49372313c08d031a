// How long a request is: always the same, evenly from a range, or from a list with shares (fio's bs, bsrange, bssplit).
// Sizes are multiples of the smallest one, in sectors once compiled. A draw costs at most one random number.

import type { RandomStream } from '../sim/random'
import { cumulate } from './distribution'

export type BlockSizes =
  | { readonly kind: 'fixed'; readonly bytes: number }
  | { readonly kind: 'range'; readonly minBytes: number; readonly maxBytes: number }
  | { readonly kind: 'split'; readonly parts: readonly { readonly bytes: number; readonly percent: number }[] }

export function smallestBytes(sizes: BlockSizes): number {
  if (sizes.kind === 'fixed') return sizes.bytes
  return sizes.kind === 'range' ? sizes.minBytes : Math.min(...usedParts(sizes.parts).map((part) => part.bytes))
}

export function largestBytes(sizes: BlockSizes): number {
  if (sizes.kind === 'fixed') return sizes.bytes
  return sizes.kind === 'range' ? sizes.maxBytes : Math.max(...usedParts(sizes.parts).map((part) => part.bytes))
}

function usedParts<T extends { percent: number }>(parts: readonly T[]): readonly T[] {
  return parts.filter((part) => part.percent > 0)
}

/** '4096 bytes', '4096 to 65536 bytes', '4096 bytes 60 %, 8192 bytes 40 %' */
export function describeBlockSizes(sizes: BlockSizes): string {
  if (sizes.kind === 'fixed') return `${sizes.bytes} bytes`
  if (sizes.kind === 'range') return `${sizes.minBytes} to ${sizes.maxBytes} bytes`
  return sizes.parts.map((part) => `${part.bytes} bytes ${part.percent} %`).join(', ')
}

/** What is wrong, or null. */
export function blockSizesProblem(sizes: BlockSizes, sectorBytes: number): string | null {
  const whole = (bytes: number) => Number.isSafeInteger(bytes) && bytes > 0 && bytes % sectorBytes === 0
  const multiple = `a positive multiple of the sector size, ${sectorBytes} bytes`
  switch (sizes.kind) {
    case 'fixed':
      return whole(sizes.bytes) ? null : multiple
    case 'range':
      if (!whole(sizes.minBytes) || !whole(sizes.maxBytes)) return multiple
      return sizes.minBytes <= sizes.maxBytes ? null : 'a range whose end is not below its start'
    case 'split': {
      if (!sizes.parts.every((part) => whole(part.bytes))) return multiple
      const sum = sizes.parts.reduce((total, part) => total + part.percent, 0)
      return sum === 100 && sizes.parts.every((part) => part.percent >= 0) ? null : 'shares that sum to 100 percent'
    }
  }
}

/** Draws sizes in sectors. */
export class BlockSizeSampler {
  readonly minSectors: number
  readonly maxSectors: number
  readonly #steps: number
  /** Of 2^32: a draw below ends[i] means lengths[i]. Empty unless the sizes are a split. */
  readonly #ends: Float64Array
  readonly #lengths: Float64Array

  /** Requires: blockSizesProblem is null. */
  constructor(sizes: BlockSizes, sectorBytes: number) {
    this.minSectors = smallestBytes(sizes) / sectorBytes
    this.maxSectors = largestBytes(sizes) / sectorBytes
    this.#steps = sizes.kind === 'range' ? Math.floor(this.maxSectors / this.minSectors) : 1
    const parts = sizes.kind === 'split' ? usedParts(sizes.parts) : []
    this.#ends = Float64Array.from(
      cumulate(parts.map((part) => part.percent)),
      (percent) => (percent / 100) * 0x1_0000_0000,
    )
    this.#lengths = Float64Array.from(parts, (part) => part.bytes / sectorBytes)
  }

  draw(random: RandomStream): number {
    if (this.minSectors === this.maxSectors) return this.minSectors
    const draw = random.nextU32()
    if (this.#ends.length === 0) {
      return this.minSectors * (1 + Math.floor((draw * this.#steps) / 0x1_0000_0000))
    }
    let part = 0
    while (part < this.#ends.length - 1 && draw >= this.#ends[part]!) part++
    return this.#lengths[part]!
  }
}
