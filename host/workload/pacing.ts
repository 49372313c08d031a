// When requests may go: a rate per direction, from the job's start. A job that has fallen behind catches up, as in fio.
//
// Times are exact integers: the n-th request of a linear rate r is due floor(n * 10^9 / r) ns after the start, without drift.

import type { RandomStream } from '../sim/random'
import { unitInterval } from './distribution'
import { exactLn } from './exactMath'
import type { Rate } from './generatorOptions'

const NS_PER_SECOND = 1_000_000_000

/** The limit of one direction. */
export class Pacer {
  /** Requests or bytes issued so far. */
  #issued = 0
  #poissonNs = 0

  /** perSecond 0 = unlimited. */
  constructor(
    readonly unit: Rate['unit'],
    readonly perSecond: number,
    readonly poisson: boolean,
    readonly random: RandomStream,
  ) {}

  /** When the next request is due, from the job's start. */
  dueNs(): number {
    if (this.perSecond === 0) return 0
    if (this.poisson) return this.#poissonNs
    const seconds = Math.floor(this.#issued / this.perSecond)
    const rest = this.#issued - seconds * this.perSecond
    return seconds * NS_PER_SECOND + Math.floor((rest * NS_PER_SECOND) / this.perSecond)
  }

  issued(bytes: number): void {
    if (this.perSecond === 0) return
    const amount = this.unit === 'bytes' ? bytes : 1
    this.#issued += amount
    if (!this.poisson) return
    const meanNs = (amount * NS_PER_SECOND) / this.perSecond
    this.#poissonNs += Math.round(-exactLn(1 - unitInterval(this.random)) * meanNs)
  }
}
