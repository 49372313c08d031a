// Tries mutants in threads: one thread for each mutant, some at a time, so that one that never returns, eats memory or is slow ends its
// own thread and nothing else.
//
// A call into the microcode that does not return within `stallMs` is a stall, which kills: the campaign's own watchdog says LIVE, too. A
// mutant that uses up `wallMs` is given up as slow. A thread that dies of its own was out of memory, most likely: that is `broken`.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { PROGRESS_WORDS } from '../../host/controller/progressCell'
import { lookMsOf, StallWatch, stallText } from '../../host/explore/stallWatch'
import { type Fate, type TrialInput, tryMutant } from './trial'

export interface LaneLimits {
  readonly lanes: number
  readonly stallMs: number
  readonly wallMs: number
}

interface Order {
  readonly input: TrialInput
  /** The words of a progress cell, and the states that were judged. */
  readonly words: Int32Array<SharedArrayBuffer>
}

const WORD_STATES = PROGRESS_WORDS
const HEAP_MIB = 1024
const HOST_STALL_MS = 120_000

/** In a thread that `tryAll` started. */
export function serveTrial(): void {
  const { input, words } = workerData as Order
  const cell = words.subarray(0, PROGRESS_WORDS)
  parentPort!.postMessage(tryMutant(input, cell, (states) => Atomics.store(words, WORD_STATES, states)))
}

export const isTrialThread = (): boolean => !isMainThread

/** Calls `ended` for each input, in whatever order they end. `file`: a script that calls `serveTrial` in its threads. */
export async function tryAll(
  count: number,
  inputOf: (index: number) => TrialInput,
  ended: (index: number, fate: Fate) => void,
  file: URL,
  limits: LaneLimits,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      ended(index, await tryOne(inputOf(index), file, limits))
    }
  }
  await Promise.all(Array.from({ length: limits.lanes }, lane))
}

async function tryOne(input: TrialInput, file: URL, { stallMs, wallMs }: LaneLimits): Promise<Fate> {
  const words = new Int32Array(new SharedArrayBuffer((PROGRESS_WORDS + 1) * 4))
  const limits = { stallMs, hostStallMs: HOST_STALL_MS }
  const watch = new StallWatch(words, limits)
  const order: Order = { input, words }
  const worker = new Worker(file, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB } })
  const states = (): number => Atomics.load(words, WORD_STATES)
  let timer: NodeJS.Timeout | undefined
  let clock: NodeJS.Timeout | undefined
  const fate = await new Promise<Fate>((resolve) => {
    worker.once('message', resolve)
    worker.once('error', (error: Error) => resolve({ kind: 'broken', reason: error.message, states: states() }))
    worker.once('exit', () => resolve({ kind: 'broken', reason: 'the thread ended without a word', states: states() }))
    clock = setTimeout(() => resolve({ kind: 'slow', states: states() }), wallMs)
    timer = setInterval(() => {
      const stall = watch.look()
      if (stall?.entry) resolve({ kind: 'killed', what: ['LIVE'], found: stallText(stall), states: states() })
      else if (stall) resolve({ kind: 'broken', reason: stallText(stall), states: states() })
    }, lookMsOf(limits))
  })
  clearTimeout(clock)
  clearInterval(timer)
  await worker.terminate()
  return fate
}
