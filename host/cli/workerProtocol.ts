// What the main thread and a worker say to each other. One job at a time:
//
//   main -> worker   JobRequest
//   worker -> main   JobNote*, then one JobReply
//
// The worker's progress does not travel by message, because a thread that loops sends none: it lies in shared memory, and comes with
// the worker's start data.

export interface WorkerStart {
  /** PROGRESS_WORDS words in shared memory. */
  readonly progress: Int32Array<SharedArrayBuffer>
}

export interface JobRequest {
  readonly kind: 'job'
  readonly id: number
  readonly name: string
  readonly input: unknown
}

export interface JobNote {
  readonly kind: 'note'
  readonly id: number
  readonly value: unknown
}

export type JobReply =
  | { readonly kind: 'done'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: JobError }

/** An error as it crosses a thread's border: classes do not, names do. */
export interface JobError {
  /** `MicrocodeRefused`, `RuntimeError`, …: the class's name. */
  readonly name: string
  readonly message: string
  readonly stack: string
  /** The error's own plain fields, such as a file's line and column. */
  readonly fields: Readonly<Record<string, unknown>>
}

export function describeError(error: unknown): JobError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '', fields: {} }
  const plain = Object.entries(error).filter(([, value]) => value === null || typeof value !== 'object')
  const fields = Object.fromEntries(plain.filter(([key, value]) => key !== 'name' && typeof value !== 'function'))
  return { name: error.name, message: error.message, stack: error.stack ?? '', fields }
}
