// Notices that a thread stands still, by its ProgressCell. Whoever runs the thread looks here every `lookMs`, and ends it on a stall.
//
// A call into the microcode that lasts for `stallMs` is a stall. The clock counts looks that saw nothing move, not wall time between two
// of them: a machine that was asleep or busy with other things kills nobody. Time that the host itself spends (between calls) has a
// limit of its own, `hostStallMs`, far above any honest use: it guards against bugs of ours.
import { ENTRY_NONE, entryText, type Progress, readProgress } from '../controller/progressCell'

export interface StallLimits {
  /** How long one call into the microcode may last. */
  readonly stallMs: number
  readonly hostStallMs: number
}

export const STALL_LIMITS: StallLimits = { stallMs: 5_000, hostStallMs: 120_000 }

const LOOKS_PER_STALL = 10

/** The time between two looks. */
export const lookMsOf = ({ stallMs }: StallLimits): number => Math.max(1, Math.floor(stallMs / LOOKS_PER_STALL))

export interface Stall {
  /** Null when the host's own code stands still. */
  readonly entry: string | null
  readonly progress: Progress
  /** The limit that was reached. */
  readonly stallMs: number
}

export class StallWatch {
  private last: Progress
  private stillLooks = 0

  constructor(
    private readonly words: Int32Array,
    private readonly limits: StallLimits,
  ) {
    this.last = readProgress(words)
  }

  look(): Stall | null {
    const now = readProgress(this.words)
    const moved = now.calls !== this.last.calls || now.entry !== this.last.entry
    this.last = now
    this.stillLooks = moved ? 0 : this.stillLooks + 1
    const limitMs = now.entry === ENTRY_NONE ? this.limits.hostStallMs : this.limits.stallMs
    if (this.stillLooks * lookMsOf(this.limits) < limitMs) return null
    return { entry: entryText(now), progress: now, stallMs: limitMs }
  }
}

/** A sentence for people. */
export function stallText({ entry, progress, stallMs }: Stall): string {
  const seconds = `${stallMs / 1000} s`
  if (entry === null)
    return `the host itself stood still for ${seconds} after ${progress.calls} calls into the microcode`
  const when = `call ${progress.calls}, at ${progress.timeUs} µs of simulated time`
  return `the microcode never returned from ${entry}: killed after ${seconds} (${when})`
}
