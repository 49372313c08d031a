// A campaign: units one after the other until the budget is used up, carried out by a pool, added up in the order of their numbers.
//
// With a budget in states the result is a function of the campaign alone: outcomes are taken in order, whatever order they come in, and
// what lies behind the unit that filled the budget does not count. A budget in time ends when it ends: the result then says how
// far it got. The same units, dealt to shards by their number, add up to the same whole.

import { createHash } from 'node:crypto'
import type { Law } from '../oracle/verdict'
import { Coverage, type CoverageCounts } from './coverage'
import type { CutStep } from './explorer'
import type { Microcode, RunSource, UnitInput, UnitResult } from './unit'
import type { UnitJob, UnitOutcome, UnitPool } from './unitPool'

/** So many units that never return end a campaign. */
const STALLED_MAX = 8

export type Budget = { readonly states: number } | { readonly ms: number }

export interface CampaignPlan {
  readonly microcode: Microcode
  /** The unit with a number, or null: there are no more. */
  readonly unit: (index: number) => { readonly run: RunSource; readonly slice: number; readonly slices: number } | null
  readonly budget: Budget
  /** This shard takes the units whose number leaves `index` when divided by `count`. */
  readonly shard: { readonly index: number; readonly count: number }
  /** Stop at the first unit in which a law is broken. */
  readonly bail: boolean
  /** Units in flight at once; more than that are not asked for. */
  readonly window: number
  /** Wall time in ms, for a budget in time and for progress. */
  readonly clockMs: () => number
}

/** The first breach of a law, and how many units broke it. */
export interface Breach {
  readonly law: Law
  readonly units: number
  readonly index: number
  readonly lba: number | null
  readonly found: string
  readonly expected: string
  readonly path: readonly CutStep[]
}

export interface CampaignResult {
  readonly units: number
  readonly coverage: CoverageCounts
  /** By law, in the order of the units. */
  readonly breaches: readonly Breach[]
  /** Units whose microcode never returned, or whose thread died. */
  readonly lost: readonly { readonly index: number; readonly reason: string }[]
  readonly isComplete: boolean
}

export interface CampaignProgress {
  readonly units: number
  readonly states: number
  readonly breaches: number
  readonly elapsedMs: number
}

/** A unit failed for a reason of its own: bad input, or a bug of ours. */
export class UnitFailed extends Error {
  override readonly name: string = 'UnitFailed'

  constructor(
    readonly index: number,
    override readonly cause: {
      readonly name: string
      readonly message: string
      readonly stack: string
      readonly fields: object
    },
  ) {
    super(`unit ${index}: ${cause.message}`)
  }
}

export function microcodeOf(bytes: Uint8Array): Microcode {
  return {
    digest: createHash('sha256').update(bytes).digest('hex'),
    base64: Buffer.from(bytes).toString('base64'),
  }
}

export class Campaign {
  readonly #plan: CampaignPlan
  readonly #coverage = new Coverage()
  readonly #breaches = new Map<Law, Breach>()
  readonly #lost: { index: number; reason: string }[] = []
  readonly #arrived = new Map<number, UnitOutcome>()
  readonly #startMs: number
  /** Ordinals within this shard: handed out, and taken account of. */
  #given = 0
  #taken = 0
  #stalled = 0
  #isOver = false
  #isComplete = false

  constructor(plan: CampaignPlan) {
    this.#plan = plan
    this.#startMs = plan.clockMs()
  }

  async run(
    pool: UnitPool,
    signal: AbortSignal,
    onProgress: (progress: CampaignProgress) => void,
  ): Promise<CampaignResult> {
    const enough = new AbortController()
    const stop = AbortSignal.any([signal, enough.signal])
    const ended = (job: UnitJob, outcome: UnitOutcome): void => {
      this.#arrived.set(job.index, outcome)
      while (!this.#isOver && this.#arrived.has(this.#taken)) this.#take()
      onProgress(this.progress)
      if (this.#isOver) enough.abort()
    }
    await pool.run(() => this.#next(), ended, stop)
    return this.result
  }

  get progress(): CampaignProgress {
    const elapsedMs = this.#plan.clockMs() - this.#startMs
    return { units: this.#taken, states: this.#coverage.states, breaches: this.#breaches.size, elapsedMs }
  }

  get result(): CampaignResult {
    return {
      units: this.#taken,
      coverage: { ...this.#coverage },
      breaches: [...this.#breaches.values()].sort((a, b) => a.index - b.index),
      lost: this.#lost,
      isComplete: this.#isComplete,
    }
  }

  #next(): UnitJob | null {
    const { budget, microcode, shard, unit, window } = this.#plan
    if (this.#isOver || this.#given - this.#taken >= window) return null
    if ('ms' in budget && this.progress.elapsedMs >= budget.ms) return this.#noMore()
    const number = this.#given * shard.count + shard.index
    const spec = unit(number)
    if (spec === null) return this.#noMore()
    const input: UnitInput = { microcode, ...spec }
    return { key: `unit-${number}`, index: this.#given++, name: 'explore', input }
  }

  /** Everything was handed out: the campaign is over when all of it has come back. */
  #noMore(): null {
    this.#isComplete = true
    return null
  }

  #take(): void {
    const outcome = this.#arrived.get(this.#taken)!
    const { budget, bail, shard } = this.#plan
    const index = this.#taken * shard.count + shard.index
    this.#arrived.delete(this.#taken++)
    if (outcome.kind === 'failed') throw new UnitFailed(index, outcome.error)
    if (outcome.kind === 'done') this.#add(index, outcome.output as UnitResult)
    else this.#lose(index, outcome)
    if ('states' in budget && this.#coverage.states >= budget.states) this.#isOver = this.#isComplete = true
    if (bail && this.#breaches.size > 0) this.#isOver = this.#isComplete = true
  }

  #add(index: number, { coverage, violations }: UnitResult): void {
    this.#coverage.add(coverage)
    for (const { law, ...rest } of violations) {
      const known = this.#breaches.get(law)
      if (known) this.#breaches.set(law, { ...known, units: known.units + 1 })
      else this.#breaches.set(law, { law, units: 1, index, ...rest })
    }
  }

  /** A microcode that never returns breaks LIVE; a thread that died says nothing about the microcode. */
  #lose(index: number, outcome: Exclude<UnitOutcome, { kind: 'done' | 'failed' }>): void {
    this.#lost.push({ index, reason: outcome.reason })
    if (outcome.kind !== 'stalled' || outcome.entry === null) return
    // It would do so again and again, at the cost of a watchdog's patience each time.
    if (++this.#stalled >= STALLED_MAX) this.#isOver = true
    const found = outcome.reason
    this.#add(index, {
      coverage: new Coverage(),
      violations: [{ law: 'LIVE', lba: null, found, expected: 'every entry point returns', path: [] }],
    })
  }
}
