// What a power cut leaves of the writes that a drive had not made durable: a choice, sector by sector.
//
// The writes come oldest first: those in the volatile cache, then those in flight. Whoever chooses may be a seed (here), a scenario, or an
// explorer that tries one choice after the other.

import type { RandomStream } from '../sim/random'

export interface Survival {
  /** The sectors of the next write follow. `cached`: it was completed and waits in the volatile cache. */
  next(sectors: number, cached: boolean): void
  /** Whether a sector of that write, counted from its first, is on the medium afterwards. */
  keeps(sector: number): boolean
}

/** Everything between all and nothing, by the seed: extremes are as likely as mixtures. The cache shares one share; each write in flight has its own. */
export class SeededSurvival implements Survival {
  readonly #random: RandomStream
  #cacheShare = -1
  #share = 0

  constructor(random: RandomStream) {
    this.#random = random
  }

  next(_sectors: number, cached: boolean): void {
    if (!cached) this.#share = this.#random.below(5)
    else {
      if (this.#cacheShare < 0) this.#cacheShare = this.#random.below(5)
      this.#share = this.#cacheShare
    }
  }

  keeps(): boolean {
    return this.#random.chance(this.#share, 4)
  }
}

/** Sectors that persist: of all those that might, counted from 0 over all writes, oldest first. Runs ascend. */
export type Kept = 'all' | 'none' | readonly (readonly [first: number, last: number])[]

export function isKept(kept: Kept, number: number): boolean {
  if (typeof kept === 'string') return kept === 'all'
  return kept.some(([first, last]) => first <= number && number <= last)
}

/** A choice that somebody wrote down. */
export class ChosenSurvival implements Survival {
  #first = 0
  #end = 0

  constructor(readonly kept: Kept) {}

  next(sectors: number): void {
    this.#first = this.#end
    this.#end += sectors
  }

  keeps(sector: number): boolean {
    return isKept(this.kept, this.#first + sector)
  }
}
