// Faults of a link that strike a number of frames: which of them the next frame meets, and what a corrupted one looks like.
//
// A frame meets one of them at most. Asking twice adds up. A frame's arrays are never changed: the bytes of a corrupted frame are a
// copy, because the page they came from may still be in use at the sender.

import { RandomStream } from '../sim/random'
import { copyFrame, type Frame } from './frame'

/** Marks of a frame. */
export const FRAME_WHOLE = 0
/** It will not arrive. */
export const FRAME_LOST = 1
/** It arrives, and has met a fault: no other may strike it. */
export const FRAME_STRUCK = 2

export const STRIKE_NOTHING = 0
export const STRIKE_DROP = 1
export const STRIKE_CORRUPT = 2
export const STRIKE_DUPLICATE = 3

export class LinkFaults {
  /** Frames that are still to change places with the one after them. */
  reorders = 0
  #drops = 0
  #corruptions = 0
  #corruptBits = 0
  #duplicates = 0
  readonly #random: RandomStream

  constructor(seed: number, index: number) {
    this.#random = RandomStream.fromSeed(seed, `link:${index}`)
  }

  drop(count: number): void {
    this.#drops += natural('frames to drop', count)
  }

  duplicate(count: number): void {
    this.#duplicates += natural('frames to duplicate', count)
  }

  reorder(count: number): void {
    this.reorders += natural('frames to reorder', count)
  }

  /** All frames that are still to be corrupted lose the number of bits that was asked for last. */
  corrupt(count: number, bits: number): void {
    this.#corruptBits = natural('bits to flip', bits)
    this.#corruptions += natural('frames to corrupt', count)
  }

  /** Forgets what has not struck yet. */
  clear(): void {
    this.reorders = 0
    this.#drops = 0
    this.#corruptions = 0
    this.#duplicates = 0
  }

  /** What the next frame that is sent meets; it is counted. */
  next(): number {
    if (this.#drops > 0) {
      this.#drops--
      return STRIKE_DROP
    }
    if (this.#corruptions > 0) {
      this.#corruptions--
      return STRIKE_CORRUPT
    }
    if (this.#duplicates > 0) {
      this.#duplicates--
      return STRIKE_DUPLICATE
    }
    return STRIKE_NOTHING
  }

  /** A copy with different bits flipped, drawn evenly from header and data. */
  corrupted(frame: Frame): Frame {
    const { header, data } = copyFrame(frame)
    const bits = (header.length + data.length) * 8
    const flipped = new Set<number>()
    const count = Math.min(this.#corruptBits, bits)
    while (flipped.size < count) flipped.add(this.#random.below(bits))
    for (const bit of flipped) {
      const at = Math.floor(bit / 8)
      if (at < header.length) header[at]! ^= 1 << (bit % 8)
      else data[at - header.length]! ^= 1 << (bit % 8)
    }
    return { header, data }
  }
}

function natural(what: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`link: ${what}: ${value}, expected an integer of at least 0`)
}
