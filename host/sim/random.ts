// Seeded randomness: one stream per consumer.
//
// A stream is named; its numbers depend on (seed, name) alone, so a new consumer never moves the draws of another one. Generator:
// xoroshiro128+ (Blackman, Vigna) from pure-rand. Not for cryptography.

import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

/** FNV-1a, 32 bits: spreads a stream's name over its seed. */
function hashName(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash
}

export class RandomStream {
  readonly #generator: RandomGenerator

  private constructor(generator: RandomGenerator) {
    this.#generator = generator
  }

  static fromSeed(seed: number, name: string): RandomStream {
    // Seeds beyond 32 bits count in full; neighbouring seeds must not give neighbouring streams.
    const mixed = Math.imul(hashName(name) ^ (seed | 0), 0x9e3779b1) ^ Math.floor(seed / 0x1_0000_0000)
    const generator = xoroshiro128plus(mixed)
    for (let i = 0; i < 4; i++) generator.next()
    return new RandomStream(generator)
  }

  /** An integer in [0, 2^32). */
  nextU32(): number {
    return this.#generator.next() >>> 0
  }

  /** An unbiased integer in [0, n), for 1 <= n <= 2^53. */
  below(n: number): number {
    if (n <= 0x1_0000_0000) {
      // Numbers below `skip` would make the first residues more likely.
      const skip = 0x1_0000_0000 % n
      let draw = this.nextU32()
      while (draw < skip) draw = this.nextU32()
      return draw % n
    }
    const skip = 2 ** 53 % n
    let draw = this.#nextU53()
    while (draw < skip) draw = this.#nextU53()
    return draw % n
  }

  /** True with probability numerator / denominator, exactly. */
  chance(numerator: number, denominator: number): boolean {
    return this.below(denominator) < numerator
  }

  clone(): RandomStream {
    return new RandomStream(this.#generator.clone())
  }

  #nextU53(): number {
    return (this.nextU32() & 0x1f_ffff) * 0x1_0000_0000 + this.nextU32()
  }
}
