// What the main thread and a worker say to each other. One job at a time:
//
//   main -> worker   JobRequest
//   worker -> main   JobNote*, then one JobReply
//
// The worker's progress does not travel by message, because a thread that loops sends none: it lies in shared memory, and comes with
// the worker's start data.
import type { JobError } from '../explore/jobError'

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
