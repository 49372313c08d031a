// How long a drive takes: the one question that a timing model answers.
//
// A model is a small state machine (arm position, free dies, track buffer). It sees commands in the order in which the drive
// carries them out, one at a time unless it says `channels > 1`, and it never sees bytes. Times are integer nanoseconds.
// Not promised: anything about data, caches of written data, or errors; those belong to the drive and its filters.

/** Kinds of work, numbered as in assembly/abi/driveSlots.ts (DRIVE_READ, DRIVE_WRITE, DRIVE_FLUSH, DRIVE_TRIM, DRIVE_VERIFY, …). */
export type TimingOp = number

export interface TimingModel {
  /** Commands that the drive can carry out at the same time: 1 for a disk, many for an SSD. */
  readonly channels: number
  /**
   * Carries out one command that starts at `startNs`, moves the model's state, and returns the time at which it ends
   * (>= startNs, an integer). `lba` and `sectors` count the drive's logical sectors; both are 0 for FLUSH.
   */
  serve(op: TimingOp, lba: number, sectors: number, startNs: number): number
  /**
   * A cheap estimate in ns of how long positioning for `lba` would take from `nowNs`: what a drive's scheduler (SATF) sorts its
   * queue by. Must not change state. Models without positioning return 0. Who looks for the nearest of many says in `limitNs` how near the
   * best so far is: where it is sure that the answer is no less, a model may return any number that is no less.
   */
  positioningNs(op: TimingOp, lba: number, nowNs: number, limitNs?: number): number
  /** Power was cut and is back: the arm is parked, buffers are empty. */
  reset(): void
  /** An independent copy in the same state. */
  clone(): TimingModel
}
