// One run of a campaign through the queue, from the coordinator's side: keeps a bounded number of units in flight, and hands over outcomes.
//
//   next() -> in flight -> the job has ended -> ended() -> the job is removed, and its result with it
//
// Outcomes come with events (BullMQ's QueueEvents). An event can be missed, so every LOOK_MS it looks at the jobs themselves, the oldest
// first: some have ended, and some the server has forgotten (they are added again). A job is removed after `ended` returned: a coordinator
// that dies in between finds it again. What comes twice is handed over once.
import { type QueuedInput, type QueuedUnit, threadsOf, type UnitQueue, unitId, WORKERS_LOST_MAX } from './queueProtocol'
import type { NextUnit, UnitEnded, UnitJob, UnitOutcome } from './unitPool'

const LOOK_MS = 2_000
const IN_FLIGHT_MIN = 64
const IN_FLIGHT_PER_THREAD = 4
/** How many units are looked at each time. */
const LOOKED_AT_MAX = 200
/** Results read at a time: each may be some hundred KB. */
const READ_MAX = 16

export interface QueueRunOptions {
  readonly campaign: string
  readonly queue: UnitQueue
  readonly next: NextUnit
  readonly ended: UnitEnded
  readonly onWorkers?: ((threads: number) => void) | undefined
}

export class QueueRun {
  private readonly inFlight = new Map<string, UnitJob>()
  /** What events told. */
  private news = new Map<string, UnitOutcome>()
  private inFlightMax = IN_FLIGHT_MIN
  private lookDue = true
  private stopped = false
  private wake = (): void => {}

  constructor(private readonly options: QueueRunOptions) {}

  /** Resolves when all has ended, or after `stop`. */
  async toEnd(): Promise<void> {
    const timer = setInterval(() => {
      this.lookDue = true
      this.wake()
    }, LOOK_MS)
    try {
      do {
        // Results that are there already make room at once.
        while ((await this.fill()) > 0);
        if (this.inFlight.size > 0) await this.someNews()
        await this.collect()
      } while (!this.stopped && this.inFlight.size + this.news.size > 0)
    } finally {
      clearInterval(timer)
    }
  }

  /** No more calls of `next` and `ended`. Returns the ids of what was in flight. */
  stop(): string[] {
    this.stopped = true
    this.wake()
    return [...this.inFlight.keys()]
  }

  tell(id: string, outcome: UnitOutcome): void {
    if (!this.inFlight.has(id)) return
    this.news.set(id, outcome)
    this.wake()
  }

  private async fill(): Promise<number> {
    const ids: string[] = []
    while (!this.stopped && this.inFlight.size < this.inFlightMax) {
      const job = this.options.next()
      if (job === null) break
      const id = unitId(this.options.campaign, job.key)
      if (this.inFlight.has(id)) throw new Error(`two units have the key "${job.key}"`)
      this.inFlight.set(id, job)
      ids.push(id)
    }
    await this.lookAt(ids)
    return ids.length
  }

  private async someNews(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve
      if (this.lookDue || this.stopped || this.news.size > 0) resolve()
    })
  }

  private async collect(): Promise<void> {
    const { queue, onWorkers } = this.options
    const news = this.news
    this.news = new Map()
    await this.settle([...news])
    if (!this.lookDue || this.stopped) return
    this.lookDue = false
    const workers = await queue.getWorkers()
    const threads = workers.reduce((sum, { rawname = '' }) => sum + threadsOf(rawname), 0)
    this.inFlightMax = Math.max(IN_FLIGHT_MIN, IN_FLIGHT_PER_THREAD * threads)
    if (!this.stopped) onWorkers?.(threads)
    await this.lookAt([...this.inFlight.keys()].slice(0, LOOKED_AT_MAX))
  }

  /** Adds what the server does not know, and hands over what has ended there. */
  private async lookAt(ids: readonly string[]): Promise<void> {
    const { queue } = this.options
    const states = await Promise.all(ids.map((id) => queue.getJobState(id)))
    await this.add(ids.filter((_, i) => states[i] === 'unknown'))
    const failed = new Set(ids.filter((_, i) => states[i] === 'failed'))
    const over = ids.filter((_, i) => states[i] === 'completed' || states[i] === 'failed')
    for (let start = 0; start < over.length && !this.stopped; start += READ_MAX) {
      const jobs = await Promise.all(over.slice(start, start + READ_MAX).map((id) => queue.getJob(id)))
      await this.settle(
        jobs.flatMap((job) => (job?.id === undefined ? [] : [[job.id, outcomeOf(job, failed.has(job.id))]])),
      )
    }
  }

  private async add(ids: readonly string[]): Promise<void> {
    const jobs = ids.flatMap((id) => {
      const job = this.inFlight.get(id)
      if (job === undefined || this.stopped) return []
      const data: QueuedInput = { input: JSON.stringify(job.input ?? null) }
      return [{ name: job.name, data, opts: { jobId: id } }]
    })
    if (jobs.length > 0) await this.options.queue.addBulk(jobs)
  }

  private async settle(outcomes: readonly [id: string, outcome: UnitOutcome][]): Promise<void> {
    const settled: string[] = []
    for (const [id, outcome] of outcomes) {
      const job = this.inFlight.get(id)
      if (job === undefined || this.stopped) continue
      this.inFlight.delete(id)
      this.options.ended(job, outcome)
      settled.push(id)
    }
    await Promise.all(settled.map((id) => this.options.queue.remove(id)))
  }
}

/** A unit that was tried twice keeps the reason for which the first try failed: that says nothing about how it ended. */
function outcomeOf(job: QueuedUnit, isFailed: boolean): UnitOutcome {
  return isFailed ? givenUp(job.failedReason ?? '') : job.returnvalue
}

/** Of a unit that BullMQ has given up. */
export function givenUp(reason: string): UnitOutcome {
  const stalled = /stalled more than/.test(reason)
  return { kind: 'died', reason: stalled ? `${WORKERS_LOST_MAX} workers died while they carried it out` : reason }
}
