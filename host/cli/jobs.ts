// What a worker can be asked to do, by name. A job runs in a thread of its own (isolated.ts), because microcode that never returns can
// only be stopped together with the thread that called it.
//
// Input and output cross as structured clones: plain data, typed arrays, Maps; no functions, no class instances. A job that throws an
// error which the user can mend (BadInput) comes back as such; any other error is ours.
import type { ProgressCell } from '../controller/progressCell'
import { runScenario } from '../scenario/run'
import { inspectMicrocode } from './inspectMicrocode'
import { replayJob, shrinkJob } from './replayJob'
import { type RunJobInput, type RunJobOutput, runJobWith } from './runJob'

export interface JobContext {
  /** To be handed to every controller of the job: the watchdog looks here. */
  readonly progress: ProgressCell
  /** Sends plain data to whoever waits for the job: a line of progress, say. */
  note(value: unknown): void
}

export type Job<Input, Output> = (input: Input, context: JobContext) => Output | Promise<Output>

/** Any registry of jobs: name -> function. */
export type Jobs = Readonly<Record<string, Job<never, unknown>>>

export type JobInput<J> = J extends Job<infer Input, unknown> ? Input : never
export type JobOutput<J> = J extends (...values: never[]) => infer Output ? Awaited<Output> : never

export const jobs = {
  'inspect-microcode': inspectMicrocode,
  'run-scenario': (input: RunJobInput, context: JobContext): RunJobOutput => runJobWith(runScenario, input, context),
  replay: replayJob,
  shrink: shrinkJob,
} satisfies Jobs
