// What a unit's worker can be asked to do, by name. Input and output are what JSON can say; a job depends on its input alone.
import type { ProgressCell } from '../controller/progressCell'

export interface JobContext {
  /** To be handed to every controller of the job: the watchdog looks here. */
  readonly progress: ProgressCell
}

export type Job<Input, Output> = (input: Input, context: JobContext) => Output | Promise<Output>

/** Any registry of jobs: name -> function. */
export type Jobs = Readonly<Record<string, Job<never, unknown>>>
