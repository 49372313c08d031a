// Units of a campaign's work, and whoever carries them out: threads of this machine (localPool.ts), or workers anywhere (queuePool.ts).
//
// A unit is a pure function of plain data, found by name in a registry that all workers share. Its output is the same whichever pool
// ran it, in whatever order and beside whatever else: input and output cross every border as JSON, so that what JSON drops (undefined,
// the sign of -0, class instances) is dropped everywhere. Only outcomes other than 'done' may depend on a machine: its memory, its speed.
import type { JobError } from './jobError'

export interface UnitJob {
  /** Equal keys are equal work, within a campaign. Letters, digits, `.`, `_` and `-`. */
  readonly key: string
  readonly index: number
  /** Which job of the registry. */
  readonly name: string
  /** What JSON can say. */
  readonly input: unknown
}

export type UnitOutcome =
  | { readonly kind: 'done'; readonly output: unknown }
  /** The job threw. Its stack is of the machine that ran it. */
  | { readonly kind: 'failed'; readonly error: JobError }
  /** A call never returned, and its thread was ended; `entry` is null when the host's own code stood still. */
  | { readonly kind: 'stalled'; readonly entry: string | null; readonly reason: string }
  /** The thread died, out of memory say; or every worker process that tried. */
  | { readonly kind: 'died'; readonly reason: string }

/** The next unit; null = none now. It is asked again after each outcome, for outcomes may lead to more work. */
export type NextUnit = () => UnitJob | null

export type UnitEnded = (job: UnitJob, outcome: UnitOutcome) => void

export interface UnitPool {
  /**
   * Carries out what `next` gives, several at a time, and reports each outcome once, in the order in which they come. Resolves when
   * `next` gives none and all have ended, or soon after `signal` aborts: units under way are then dropped, without an outcome.
   * Rejects with what `next` or `ended` throws, and when the pool itself cannot go on. One run at a time.
   */
  run(next: NextUnit, ended: UnitEnded, signal: AbortSignal): Promise<void>
  /** Ends threads and connections. */
  close(): Promise<void>
}
