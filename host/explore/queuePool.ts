// Carries out units through a queue (BullMQ) on Redis or Valkey, by workers anywhere (queueWorker.ts). This is the coordinator's side.
//
// One coordinator a campaign. A coordinator that is started again with the same campaign and the same units gets the results that nobody
// read yet, and waits for what is still under way. A server that does not answer for `patienceMs` ends the run with a QueueServerError.
// Not promised: that anybody works; `onWorkers` says how many threads do.
import { Queue, QueueEvents } from 'bullmq'
import { EVENTS_MAX, KEPT_SECONDS, QUEUE_NAME, type UnitQueue, unitId } from './queueProtocol'
import { givenUp, QueueRun } from './queueRun'
import { QueueServer, whenAborted, within } from './queueServer'
import type { NextUnit, UnitEnded, UnitOutcome, UnitPool } from './unitPool'

export interface QueuePoolOptions {
  /** Names what is shared between runs. Letters, digits, `.`, `_` and `-`. */
  readonly campaign: string
  /** How long the server may be silent. */
  readonly patienceMs?: number
  /** Another queue than that of this version, for tests. */
  readonly queue?: string
  /** Called every few seconds during a run: the threads of all workers that listen now. */
  readonly onWorkers?: (threads: number) => void
}

/** Throws a QueueServerError if the URL is none of a server. */
export function queuePool(url: string, options: QueuePoolOptions): UnitPool {
  // Tries the name.
  unitId(options.campaign, '0')
  return new QueuePool(url, options)
}

/** Times that a unit is tried when its worker cannot store the result. */
const ATTEMPTS = 3
const BACKOFF_MS = 1_000
/** Among others for taking back what nobody wants any more: it would only be worked on in vain. */
const CLEAN_UP_MS = 2_000

class QueuePool implements UnitPool {
  private readonly server: QueueServer
  private readonly queue: UnitQueue
  private events: QueueEvents<UnitOutcome> | null = null
  private current: QueueRun | null = null
  private readonly closing = new AbortController()

  constructor(
    url: string,
    private readonly options: QueuePoolOptions,
  ) {
    this.server = new QueueServer(url, options.patienceMs)
    this.queue = new Queue(options.queue ?? QUEUE_NAME, {
      connection: this.server.connection,
      streams: { events: { maxLen: EVENTS_MAX } },
      defaultJobOptions: {
        attempts: ATTEMPTS,
        backoff: { type: 'fixed', delay: BACKOFF_MS },
        removeOnComplete: { age: KEPT_SECONDS },
        removeOnFail: { age: KEPT_SECONDS },
      },
    })
    this.queue.on('error', this.server.note)
  }

  async run(next: NextUnit, ended: UnitEnded, signal: AbortSignal): Promise<void> {
    if (this.current !== null) throw new Error('a pool carries out one run at a time')
    const { campaign, onWorkers } = this.options
    const stopped = AbortSignal.any([signal, this.closing.signal])
    if (stopped.aborted) return
    const run = new QueueRun({ campaign, queue: this.queue, next, ended, onWorkers })
    this.current = run
    try {
      await this.server.orLost(Promise.race([this.listenAndRun(run), whenAborted(stopped)]))
    } finally {
      this.current = null
      await this.cleanUp(run.stop())
    }
  }

  async close(): Promise<void> {
    this.closing.abort()
    // Not `queue.close`: it asks the server, which may be gone.
    const events: Promise<unknown> = this.events === null ? Promise.resolve() : this.events.close()
    await this.server.close([this.queue.disconnect(), events])
  }

  private async listenAndRun(run: QueueRun): Promise<void> {
    if (this.events === null) this.events = await this.listen()
    await run.toEnd()
  }

  private async listen(): Promise<QueueEvents<UnitOutcome>> {
    const [last] = await this.server.client.xrevrange(this.queue.toKey('events'), '+', '-', 'COUNT', 1)
    const events = new QueueEvents<UnitOutcome>(this.queue.name, {
      connection: this.server.connection,
      lastEventId: last?.[0] ?? '0-0',
    })
    events.on('error', this.server.note)
    events.on('completed', ({ jobId, returnvalue }) => this.current?.tell(jobId, returnvalue))
    events.on('failed', ({ jobId, failedReason }) => this.current?.tell(jobId, givenUp(failedReason)))
    return events
  }

  /** What a worker has begun stays with it, and its result stays on the server. Events with their copies of results go. */
  private async cleanUp(ids: readonly string[]): Promise<void> {
    if (this.server.lost.aborted) return
    const removals = ids.map(async (id) => {
      const state = await this.queue.getJobState(id)
      if (state === 'waiting' || state === 'delayed') await this.queue.remove(id)
    })
    await within(CLEAN_UP_MS, Promise.allSettled([...removals, this.queue.trimEvents(0)]))
  }
}
