// What the initiators saw over time: spans of simulated time that double in length when there are too many.

import type { IoRequest } from '../workload/io'
import { IO_FLUSH, IO_WRITE } from '../workload/io'
import type { Runner } from './runner'
import type { TimelineSpan } from './runTypes'

interface Span {
  reads: number
  writes: number
  errors: number
  totalNs: number
  maxNs: number
}

const FIRST_SPAN_NS = 100_000

const emptySpan = (): Span => ({ reads: 0, writes: 0, errors: 0, totalNs: 0, maxNs: 0 })

export class Timeline {
  readonly #runner: Runner
  readonly #spansMax: number
  #spanNs = FIRST_SPAN_NS
  #startNs = 0
  #spans: Span[] = []

  /** `spansMax` 0: keeps nothing. */
  constructor(runner: Runner, spansMax: number) {
    this.#runner = runner
    this.#spansMax = spansMax
  }

  begin(): void {
    if (this.#spansMax === 0) return
    this.#startNs = this.#runner.events.nowNs
    this.#runner.initiator.onDone = (io, good, latencyNs) => this.#add(io, good, latencyNs)
  }

  spans(): TimelineSpan[] {
    return this.#spans.map(({ reads, writes, errors, totalNs, maxNs }, index) => ({
      startNs: index * this.#spanNs,
      endNs: (index + 1) * this.#spanNs,
      reads,
      writes,
      errors,
      maxLatencyNs: maxNs,
      meanLatencyNs: reads + writes === 0 ? 0 : Math.round(totalNs / (reads + writes)),
    }))
  }

  #add(io: IoRequest, good: boolean, latencyNs: number): void {
    let index = Math.floor((this.#runner.events.nowNs - this.#startNs) / this.#spanNs)
    while (index >= this.#spansMax) {
      this.#halve()
      index >>= 1
    }
    while (this.#spans.length <= index) this.#spans.push(emptySpan())
    const span = this.#spans[index]!
    if (!good) span.errors++
    if (io.op === IO_FLUSH) return
    if (io.op === IO_WRITE) span.writes++
    else span.reads++
    span.totalNs += latencyNs
    span.maxNs = Math.max(span.maxNs, latencyNs)
  }

  #halve(): void {
    this.#spanNs *= 2
    const merged: Span[] = []
    for (let i = 0; i < this.#spans.length; i += 2) {
      const a = this.#spans[i]!
      const b = this.#spans[i + 1] ?? emptySpan()
      merged.push({
        reads: a.reads + b.reads,
        writes: a.writes + b.writes,
        errors: a.errors + b.errors,
        totalNs: a.totalNs + b.totalNs,
        maxNs: Math.max(a.maxNs, b.maxNs),
      })
    }
    this.#spans = merged
  }
}
