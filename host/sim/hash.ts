// Hashes for telling states apart: 64 bits, not cryptographic. Two multiply-rotate lanes (constants of MurmurHash3, A. Appleby, public domain).

export class Hash64 {
  low = 0x243f6a88 | 0
  high = 0x85a308d3 | 0

  reset(): void {
    this.low = 0x243f6a88 | 0
    this.high = 0x85a308d3 | 0
  }

  /** Adds one 32-bit word; order counts. */
  add(word: number): void {
    let low = Math.imul(this.low ^ word, 0xcc9e2d51 | 0)
    let high = Math.imul(this.high ^ word, 0x1b873593 | 0)
    low = (Math.imul((low << 13) | (low >>> 19), 5) + 0xe6546b64) | 0
    high = (Math.imul((high << 15) | (high >>> 17), 5) + 0x38495ab5) | 0
    this.low = low ^ (high >>> 16)
    this.high = Math.imul(high ^ (low >>> 15), 0x85ebca6b | 0)
  }

  addBytes(bytes: Uint8Array): void {
    const { length } = bytes
    for (let i = 0; i < length; i += 4) {
      this.add(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
    }
    this.add(length)
  }
}

/** Hashes `count` words from `first` on into two words of `target`; zeros give 0, 0. */
export function hashWords(words: Int32Array, first: number, count: number, target: Int32Array, at: number): void {
  const end = first + count
  let low = 0
  let high = 0
  let any = 0
  for (let i = first; i < end; i++) {
    const word = words[i]!
    any |= word
    low = Math.imul(low ^ word, 0xcc9e2d51 | 0)
    low = (low << 13) | (low >>> 19)
    high = (Math.imul(high, 0x1b873593 | 0) + word) | 0
    high ^= high >>> 15
  }
  if (any === 0) {
    target[at] = 0
    target[at + 1] = 0
    return
  }
  target[at] = low ^ (high >>> 16)
  target[at + 1] = Math.imul(high ^ (low >>> 15), 0x85ebca6b | 0) | 1
}
