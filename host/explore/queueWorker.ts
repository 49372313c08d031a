// A worker: takes units from the queue, whatever campaign they belong to, and carries each out in a thread of its own (unitThreads.ts).
//
// May be killed at any time. While it lives it renews a lock on each unit that it has begun; a unit whose lock has run out is given to
// another worker, and given up when WORKERS_LOST_MAX workers died on it. Only the holder of the lock can end a unit: when two workers have
// carried out the same one, because the first was only slow, the result of one of them (they are equal) is refused.
import { WaitingError, Worker } from 'bullmq'
import { QUEUE_NAME, type QueuedInput, type QueuedUnit, WORKERS_LOST_MAX, workerName } from './queueProtocol'
import { QueueServer, whenAborted, within } from './queueServer'
import { readOutcome } from './unitHandler'
import type { UnitOutcome } from './unitPool'
import { UnitThreads, type UnitThreadsOptions } from './unitThreads'

export interface QueueWorkerOptions extends UnitThreadsOptions {
  /** Ends the worker: it finishes what it has begun, and takes no more. */
  readonly signal: AbortSignal
  /** How long the server may be silent. */
  readonly patienceMs?: number
  /** How long a unit of a worker that died stays untouched, at most twice. */
  readonly lockMs?: number
  /** Another queue than that of this version, for tests. */
  readonly queue?: string
  /** Called after each unit whose result this worker delivered. */
  readonly onUnit?: (id: string) => void
}

const LOCK_MS = 10_000
/** After an error of the connection. */
const RETRY_MS = 1_000
/** For the end of a worker that is broken. */
const END_MS = 5_000

/** Works until `signal` aborts. Rejects with a QueueServerError when the server is lost, and when its threads cannot start. */
export async function queueWorker(url: string, options: QueueWorkerOptions): Promise<void> {
  const { signal, lockMs = LOCK_MS, queue = QUEUE_NAME } = options
  if (signal.aborted) return
  const server = new QueueServer(url, options.patienceMs)
  const threads = new UnitThreads(options)
  const broken = new AbortController()
  const carryOut = async (job: QueuedUnit, token?: string): Promise<UnitOutcome> => {
    try {
      const text = broken.signal.aborted ? null : await threads.run(job.name, job.data.input)
      if (text !== null) return readOutcome(text)
    } catch (error) {
      broken.abort(error)
    }
    // It is not the unit's fault: another worker gets it, as if this one had never had it. This one must not get it once more.
    void worker.pause(true)
    await job.moveToWait(token)
    throw new WaitingError()
  }
  const worker = new Worker<QueuedInput, UnitOutcome, string>(queue, carryOut, {
    connection: server.connection,
    name: workerName(threads.count),
    concurrency: threads.count,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    maxStalledCount: WORKERS_LOST_MAX - 1,
    runRetryDelay: RETRY_MS,
  })
  worker.on('error', server.note)
  worker.on('completed', ({ id = '' }) => options.onUnit?.(id))
  try {
    await server.orLost(Promise.race([whenAborted(signal), whenAborted(broken.signal)]))
    const closed = worker.close()
    // A worker that is broken may not even end in order.
    await server.orLost(broken.signal.aborted ? within(END_MS, closed) : closed)
    broken.signal.throwIfAborted()
  } finally {
    if (broken.signal.aborted) await within(END_MS, threads.drop())
    else await threads.drop()
    await server.close([worker.close(server.lost.aborted)])
  }
}
