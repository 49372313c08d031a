// Orders that no fault is needed for: a seeded scheduler after PCT (Burckhardt, Kothari, Musuvathi, Nagarakatte: "A Randomized Scheduler
// with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010), for events instead of threads.
//
// Each actor (a command slot of a drive, a timer, a job of an initiator) gets a rank by the seed; its events wait for rank times a
// quantum. At d change points, numbers of steps drawn beforehand, whoever is about to act is put behind everybody else for that
// once. The quantum is drawn for the run, from 10 µs (orders inside one operation) to 10 ms (whole operations pass each other).
//
// A drive that is held back for too long is a drive that hangs: the holds at one drive have a limit, so that no deadline passes by them alone.
//
// Bound: an event waits for at most (RANKS + 1) quanta, so 50 ms; with R = 4 ranks and K steps, an order that takes d events held back is met
// in a run with a chance of at least 1 / (R^d · K^(d-1)), times that of the right quantum.

import type { RandomStream } from '../sim/random'
import type { HoldableEvent, Scheduler } from '../sim/scheduler'

const RANKS = 4
/** An actor's number ends with the command slot (runner.ts). */
const SLOT_BITS = 12
const QUANTA_NS = [10_000, 50_000, 200_000, 1_000_000, 3_000_000, 10_000_000] as const

/** What has been held back at one drive, and since when. */
interface Held {
  sinceNs: number
  sumNs: number
}

export interface PriorityOptions {
  /** After which a controller gives a drive command up: the holds at one drive add up to a quarter of that, in as long. */
  readonly deadlineNs: number

  /** Steps in which the change points lie. */
  readonly steps: number
  readonly changePoints: number
}

export class PriorityScheduler implements Scheduler {
  readonly #random: RandomStream
  readonly #quantumNs: number
  readonly #changes = new Set<number>()
  readonly #held = new Map<number, Held>()
  readonly #deadlineNs: number
  readonly #ranks = new Map<number, number>()
  /** Of so many actors one waits at all. */
  readonly #sparsity: number

  constructor(random: RandomStream, { steps, changePoints, deadlineNs }: PriorityOptions) {
    this.#deadlineNs = deadlineNs
    this.#random = random
    this.#quantumNs = QUANTA_NS[random.below(QUANTA_NS.length)]!
    this.#sparsity = 1 + random.below(4)
    for (let i = 0; i < changePoints; i++) this.#changes.add(1 + random.below(steps))
  }

  holdNs({ kind, actor, step, timeNs }: HoldableEvent): number {
    const ranks = this.#changes.has(step) ? RANKS + 1 : this.#rankOf(kind * 0x100_0000 + actor)
    if (ranks === 0) return 0
    return this.#allowed(kind * 0x1000 + (actor >> SLOT_BITS), timeNs, ranks * this.#quantumNs)
  }

  /** As much of a hold as its drive may still be held back. */
  #allowed(place: number, timeNs: number, wantedNs: number): number {
    const held = this.#held.get(place) ?? { sinceNs: timeNs, sumNs: 0 }
    this.#held.set(place, held)
    if (timeNs - held.sinceNs > this.#deadlineNs) {
      held.sinceNs = timeNs
      held.sumNs = 0
    }
    const holdNs = Math.max(0, Math.min(wantedNs, this.#deadlineNs / 4 - held.sumNs))
    held.sumNs += holdNs
    return holdNs
  }

  #rankOf(key: number): number {
    const known = this.#ranks.get(key)
    if (known !== undefined) return known
    const rank = this.#random.chance(1, this.#sparsity) ? this.#random.below(RANKS) : 0
    this.#ranks.set(key, rank)
    return rank
  }
}

/** Notes every hold of another scheduler: what a HoldList needs to bring the same order back. */
export class RecordedScheduler implements Scheduler {
  readonly holds: { step: number; holdNs: number }[] = []

  constructor(readonly inner: Scheduler) {}

  holdNs(event: HoldableEvent): number {
    const holdNs = this.inner.holdNs(event)
    if (holdNs > 0) this.holds.push({ step: event.step, holdNs })
    return holdNs
  }
}
