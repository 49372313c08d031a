// Threads that carry out units, through Piscina. Each unit has a progress cell of its own in shared memory; a watchdog looks at all of
// them, and ends the thread whose unit stands still (stallWatch.ts). That costs this unit and this thread alone: Piscina starts another.
//
// Piscina gives: threads, one task at a time on each, the end of one thread through the AbortSignal of its task, a replacement, memory
// limits. It does not give: which of its threads stalls (the cells do), waiting for a thread that it ended (`close` here does), or an
// end to tasks whose threads cannot start (`onBroken` does).
//
// Not limited: WebAssembly memories and array buffers, which lie outside the heap that Node can limit.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { builtFile } from './builtFile'
import { lookMsOf, STALL_LIMITS, type Stall, type StallLimits, StallWatch, stallText } from './stallWatch'
import { hasBegun, outcomeText, UNIT_WORDS, type UnitTask } from './unitHandler'

export interface UnitThreadsOptions {
  readonly threads: number
  /** How long one call into the microcode may last, in wall time. */
  readonly stallMs?: number
  readonly hostStallMs?: number
  /** The heap of each thread. */
  readonly heapMibMax?: number
  /** The worker's file, for tests: its default export comes from unitHandler. */
  readonly workerFile?: URL
}

/** A unit under way. */
interface Lane {
  readonly watch: StallWatch
  readonly stop: AbortController
  /** Why its thread was ended. */
  stall: Stall | null
  broken: Error | null
}

export class UnitThreads {
  readonly count: number
  private readonly limits: StallLimits
  private readonly lanes = new Set<Lane>()
  private readonly filename: string
  private pool: Piscina<UnitTask, string> | null = null
  private timer: NodeJS.Timeout | undefined
  /** Why no thread is left, and none will come. */
  private broken: Error | null = null
  /** Threads that were ended, until they are gone. */
  private readonly ending = new Set<Promise<unknown>>()

  constructor(private readonly options: UnitThreadsOptions) {
    if (!Number.isInteger(options.threads) || options.threads < 1) throw new RangeError('threads: 1 or more')
    this.count = options.threads
    this.limits = {
      stallMs: options.stallMs ?? STALL_LIMITS.stallMs,
      hostStallMs: options.hostStallMs ?? STALL_LIMITS.hostStallMs,
    }
    this.filename = fileURLToPath(options.workerFile ?? builtFile('exploreWorker.mjs'))
  }

  /**
   * The JSON of one unit's outcome; null if `drop` came first. At most `count` at a time, so that none waits behind another. Rejects when
   * no thread could begin: nothing is said about the unit then.
   */
  async run(name: string, input: string): Promise<string | null> {
    if (this.lanes.size >= this.count) throw new Error(`${this.count} threads carry out ${this.count} units at a time`)
    const words = new Int32Array(new SharedArrayBuffer(UNIT_WORDS * 4))
    const watch = new StallWatch(words, this.limits)
    const lane: Lane = { watch, stop: new AbortController(), stall: null, broken: null }
    const pool = this.started()
    if (this.broken !== null) throw this.broken
    this.lanes.add(lane)
    try {
      return await pool.run({ name, input, progress: words }, { signal: lane.stop.signal })
    } catch (error) {
      if (lane.stall !== null) {
        return outcomeText({ kind: 'stalled', entry: lane.stall.entry, reason: stallText(lane.stall) })
      }
      if (this.pool !== pool) return null
      if (!hasBegun(words)) throw lane.broken ?? error
      return outcomeText({ kind: 'died', reason: (error as Error).message })
    } finally {
      this.lanes.delete(lane)
    }
  }

  /** Ends all threads, and the units on them; resolves when they are gone. A later `run` starts new ones. */
  async drop(): Promise<void> {
    const pool = this.pool
    this.pool = null
    this.broken = null
    clearInterval(this.timer)
    if (pool !== null) this.awaitEnd(pool.destroy())
    await Promise.all(this.ending)
  }

  private started(): Piscina<UnitTask, string> {
    if (this.pool !== null) return this.pool
    const { heapMibMax } = this.options
    const pool = new Piscina<UnitTask, string>({
      filename: this.filename,
      minThreads: this.count,
      maxThreads: this.count,
      recordTiming: false,
      ...(heapMibMax === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMibMax } }),
    })
    pool.on('error', (error: Error) => {
      if (this.pool === pool) this.onBroken(pool, error)
    })
    this.timer = setInterval(() => this.look(pool), lookMsOf(this.limits)).unref()
    this.pool = pool
    return pool
  }

  private look(pool: Piscina): void {
    for (const lane of this.lanes) {
      if (lane.stop.signal.aborted) continue
      lane.stall = lane.watch.look()
      if (lane.stall !== null) this.endThread(pool, lane)
    }
  }

  private endThread(pool: Piscina, lane: Lane): void {
    const before = pool.threads
    lane.stop.abort()
    const after = new Set<Worker>(pool.threads)
    for (const thread of before) if (!after.has(thread)) this.awaitEnd(once(thread, 'exit'))
  }

  private awaitEnd(end: Promise<unknown>): void {
    const gone = end.finally(() => this.ending.delete(gone))
    this.ending.add(gone)
  }

  /** A thread died without a unit: while it started, say. When none is left, who waits for one waits in vain, and so would who comes later. */
  private onBroken(pool: Piscina, error: Error): void {
    if (pool.threads.length > 0) return
    this.broken = error
    for (const lane of this.lanes) {
      lane.broken = error
      lane.stop.abort()
    }
  }
}
