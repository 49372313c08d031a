// How fast a link goes, and when: turns time into work done and back.
//
// Work counts nanoseconds at full speed. Without faults work and time are the same number. While the link is stalled no work is
// done; while it is slow, one nanosecond of work takes `factor` of time. A fault begins when it is told and changes the future only.
// What is scheduled in work needs no change then; its time must be asked for again.

export class LinkClock {
  /** Nothing moves before this time. */
  stalledUntilNs = 0
  #slowUntilNs = 0
  #slowFactor = 1
  /** The last change: work at that time. Both are zero as long as there was none. */
  #anchorNs = 0
  #anchorWork = 0

  /** Of two stalls the one that ends later counts. */
  stall(nowNs: number, untilNs: number): void {
    this.#anchor(nowNs)
    this.stalledUntilNs = Math.max(this.stalledUntilNs, untilNs)
  }

  /** Takes the place of the slowness that there was. */
  slow(nowNs: number, factor: number, untilNs: number): void {
    this.#anchor(nowNs)
    this.#slowFactor = factor
    this.#slowUntilNs = untilNs
  }

  /** The work that is done by a time: now, or later. */
  workAt(timeNs: number): number {
    const fromNs = Math.max(this.#anchorNs, this.stalledUntilNs)
    if (timeNs <= fromNs) return this.#anchorWork
    const slowNs = Math.max(0, Math.min(timeNs, this.#slowUntilNs) - fromNs)
    return this.#anchorWork + slowNs / this.#slowFactor + (timeNs - fromNs - slowNs)
  }

  /** When so much work is done, for work that is not done yet. What would be done in the instant in which a stall begins is done when it ends. */
  timeOf(work: number): number {
    const rest = Math.max(0, work - this.#anchorWork)
    const fromNs = Math.max(this.#anchorNs, this.stalledUntilNs)
    const slowNs = Math.max(0, this.#slowUntilNs - fromNs)
    const slowWork = slowNs / this.#slowFactor
    return rest <= slowWork ? fromNs + rest * this.#slowFactor : fromNs + slowNs + (rest - slowWork)
  }

  #anchor(nowNs: number): void {
    this.#anchorWork = this.workAt(nowNs)
    this.#anchorNs = nowNs
  }
}
