// A bit stream that is read from its end to its start (RFC 8878, 4.1): the highest bit that is set in the last byte marks where it begins.

import { ZstdError } from './zstdError'

/** Four bytes hold this many, wherever they begin. */
const BITS_MAX = 25

export class BackwardBits {
  readonly #bytes: Uint8Array
  readonly #start: number
  /** Bits that are left; negative when more were read than there are: those are zeros. */
  left: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    if (end <= start || end > bytes.length || bytes[end - 1] === 0) throw new ZstdError('a bit stream has no end')
    this.#bytes = bytes
    this.#start = start
    this.left = (end - start) * 8 - Math.clz32(bytes[end - 1]!) + 24 - 1
  }

  /** The next `count` bits, at most 25, without taking them. */
  peek(count: number): number {
    const low = this.left - count
    if (low < 0) return this.left <= 0 ? 0 : (this.#at(0) & mask(this.left)) << -low
    return this.#at(low) & mask(count)
  }

  read(count: number): number {
    if (count > BITS_MAX) throw new ZstdError('a number of too many bits')
    const value = this.peek(count)
    this.left -= count
    return value
  }

  #at(bit: number): number {
    const bytes = this.#bytes
    const index = this.#start + (bit >>> 3)
    const word = bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24)
    return word >>> (bit & 7)
  }
}

function mask(count: number): number {
  return (1 << count) - 1
}
