// Battery-backed RAM as persistent memory behaves: a store is visible at once, and durable after a commit of its range.
//
// The microcode works on a window in its own memory; this is what lies behind the window. At a power cut each aligned 8-byte word
// that was changed and not committed persists or not, by the seed: a store may leave the CPU's cache whenever it likes.

import type { RandomStream } from '../sim/random'

export class Nvram {
  readonly durable: Uint8Array

  constructor(bytes: number) {
    this.durable = new Uint8Array(bytes)
  }

  commit(window: Uint8Array, offset: number, bytes: number): void {
    this.durable.set(window.subarray(offset, offset + bytes), offset)
  }

  powerCut(window: Uint8Array, random: RandomStream): void {
    for (let word = 0; word < this.durable.length; word += 8) {
      const end = Math.min(word + 8, this.durable.length)
      let changed = false
      for (let i = word; i < end; i++) changed ||= window[i] !== this.durable[i]
      if (changed && random.chance(1, 2)) this.durable.set(window.subarray(word, end), word)
    }
  }

  fork(): Nvram {
    const copy = new Nvram(this.durable.length)
    copy.durable.set(this.durable)
    return copy
  }
}
