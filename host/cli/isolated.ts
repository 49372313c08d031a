// Runs jobs (jobs.ts) in a worker thread that a watchdog can end: untrusted microcode may loop for ever, and no other way stops it.
//
// A call into the microcode that lasts for `stallMs` ends the worker (host/explore/stallWatch.ts); the outcome names the entry point.
// Outcomes are values; `run` rejects only when it is misused.
//
// One job at a time; the worker is kept for the next one, and a new one is started after a kill. An idle worker does not keep the
// process alive. The verdict of a run never depends on any of these times: a killed run has none.
import { Worker } from 'node:worker_threads'
import { PROGRESS_WORDS } from '../controller/progressCell'
import { builtFile } from '../explore/builtFile'
import type { JobError } from '../explore/jobError'
import { lookMsOf, STALL_LIMITS, type Stall, StallWatch } from '../explore/stallWatch'
import type { JobInput, JobOutput, Jobs, jobs } from './jobs'
import type { JobNote, JobReply, JobRequest, WorkerStart } from './workerProtocol'

export { stallText } from '../explore/stallWatch'

export type IsolatedOutcome<Output> =
  | { readonly kind: 'done'; readonly output: Output }
  /** The job threw. */
  | { readonly kind: 'failed'; readonly error: JobError }
  /** The watchdog ended it; `entry` is null when the host's own code stood still. */
  | ({ readonly kind: 'stalled' } & Stall)
  /** The thread died under the job: out of memory, say. */
  | { readonly kind: 'died'; readonly reason: string }
  | { readonly kind: 'cancelled' }

export interface IsolatedOptions {
  /** How long one call into the microcode may last, in wall time. */
  readonly stallMs?: number
  readonly hostStallMs?: number
  /** The worker's heap; WebAssembly memories and array buffers do not count. */
  readonly heapMibMax?: number
  /** The worker's file, for tests: it must call serveJobs with the registry in question. */
  readonly workerFile?: URL
}

export interface RunHooks {
  readonly signal?: AbortSignal
  readonly onNote?: (value: unknown) => void
}

export class IsolatedRunner<Registry extends Jobs = typeof jobs> {
  private worker: Worker | null = null
  private readonly progress = new Int32Array(new SharedArrayBuffer(PROGRESS_WORDS * 4))
  private running = false
  private requests = 0

  constructor(private readonly options: IsolatedOptions = {}) {}

  /** Starts the worker ahead of the first job: it loads its code while the caller still reads its input. */
  start(): void {
    this.startedWorker()
  }

  /** Runs one job to its end, whatever that is. */
  async run<Name extends keyof Registry & string>(
    name: Name,
    input: JobInput<Registry[Name]>,
    { signal, onNote }: RunHooks = {},
  ): Promise<IsolatedOutcome<JobOutput<Registry[Name]>>> {
    if (this.running) throw new Error('an IsolatedRunner runs one job at a time')
    if (signal?.aborted) return { kind: 'cancelled' }
    this.running = true
    const worker = this.startedWorker()
    worker.ref()
    const request: JobRequest = { kind: 'job', id: ++this.requests, name, input }
    const outcome = await this.watch<JobOutput<Registry[Name]>>(worker, request, signal, onNote)
    if (outcome.kind === 'done' || outcome.kind === 'failed') worker.unref()
    else await this.close()
    this.running = false
    return outcome
  }

  /** Ends the worker, and with it a job that still runs. */
  async close(): Promise<void> {
    const worker = this.worker
    this.worker = null
    await worker?.terminate()
  }

  private startedWorker(): Worker {
    if (this.worker !== null) return this.worker
    const file = this.options.workerFile ?? builtFile('worker.mjs')
    const { heapMibMax } = this.options
    this.progress.fill(0)
    const worker = new Worker(file, {
      workerData: { progress: this.progress } satisfies WorkerStart,
      ...(heapMibMax === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMibMax } }),
    })
    // What nobody waits for: the outcome of a job is heard by its own listeners.
    worker.on('error', () => {})
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = null
    })
    this.worker = worker
    return worker
  }

  private watch<Output>(
    worker: Worker,
    request: JobRequest,
    signal: AbortSignal | undefined,
    onNote: ((value: unknown) => void) | undefined,
  ): Promise<IsolatedOutcome<Output>> {
    return new Promise((resolve, reject) => {
      const stop = new AbortController()
      const end = (outcome: IsolatedOutcome<Output>): void => {
        if (stop.signal.aborted) return
        stop.abort()
        resolve(outcome)
      }
      const onMessage = (message: JobNote | JobReply): void => {
        if (message.id !== request.id) return
        if (message.kind === 'note') onNote?.(message.value)
        else if (message.kind === 'done') end({ kind: 'done', output: message.output as Output })
        else end(message)
      }
      const onError = (error: Error): void => end({ kind: 'died', reason: error.message })
      const onExit = (code: number): void => end({ kind: 'died', reason: `the worker ended with code ${code}` })
      const onAbort = (): void => end({ kind: 'cancelled' })
      worker.on('message', onMessage).on('error', onError).on('exit', onExit)
      signal?.addEventListener('abort', onAbort)
      const unwatch = this.startWatchdog(end)
      stop.signal.addEventListener('abort', () => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit)
        signal?.removeEventListener('abort', onAbort)
        unwatch()
      })
      try {
        worker.postMessage(request)
      } catch (error) {
        // Input that cannot be cloned: a bug of the caller, not an outcome.
        stop.abort()
        this.running = false
        reject(error)
      }
    })
  }

  private startWatchdog(end: (outcome: IsolatedOutcome<never>) => void): () => void {
    const { stallMs = STALL_LIMITS.stallMs, hostStallMs = STALL_LIMITS.hostStallMs } = this.options
    const limits = { stallMs, hostStallMs }
    const watch = new StallWatch(this.progress, limits)
    const timer = setInterval(() => {
      const stall = watch.look()
      if (stall !== null) end({ kind: 'stalled', ...stall })
    }, lookMsOf(limits))
    return () => clearInterval(timer)
  }
}
