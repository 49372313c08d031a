// Which bays the array claims to be in sync, as it changes: the last good member must not be given up while it answers (law AVAIL).
//
// Watches claims only; it is told when they may have changed and compares. A member that was pulled, or that hangs, may be given up.

import { faultFilterOf } from '../faults/faultFilter'
import { isClaimedInSync, type RigView } from './rigView'

/** A member that was claimed in sync when the array was last seen to have any. */
interface Trusted {
  readonly bay: number
  readonly driveId: number
}

export class ClaimsWatch {
  readonly #view: RigView
  readonly #hangGraceNs: number
  #trusted: Trusted[] = []
  #trustedNs = 0
  #afterInterruption: readonly Trusted[] = []
  #isStopAsked = false

  constructor(view: RigView, hangGraceNs: number) {
    this.#view = view
    this.#hangGraceNs = hangGraceNs
  }

  copyFrom(other: ClaimsWatch): void {
    this.#isStopAsked = other.#isStopAsked
    this.#trusted = other.#trusted
    this.#trustedNs = other.#trustedNs
    this.#afterInterruption = other.#afterInterruption
  }

  /** At the last look, no drive was left of those that were in sync before it: what was in their caches is lost. */
  lostAll = false

  /** Claims may have changed. Returns the bay of a good member that was given up although no other was left, or -1. */
  look(nowNs: number): number {
    const now = this.#claimed()
    this.lostAll = false
    if (now.length > 0) {
      this.#trusted = now
      this.#trustedNs = nowNs
      return -1
    }
    this.lostAll =
      this.#trusted.length > 0 && this.#trusted.every(({ bay, driveId }) => this.#view.driveIn(bay)?.id !== driveId)
    const givenUp = this.#isStopAsked ? undefined : this.#trusted.find((member) => this.#stillAnswers(member))
    this.#trusted = []
    return givenUp ? givenUp.bay : -1
  }

  /** An operator has asked the array to stop: it may give up all of them. */
  stopAsked(): void {
    this.#isStopAsked = true
  }

  get isStopAsked(): boolean {
    return this.#isStopAsked
  }

  /** An operator has asked for a member to be taken out, which may be given up unless it is the last. */
  detachAsked(bay: number): void {
    const others = this.#trusted.filter((member) => member.bay !== bay)
    if (others.length > 0) this.#trusted = others
  }

  /** Power is lost, or the controller restarts: it has to find its members again. */
  interrupted(): void {
    this.#isStopAsked = false
    if (this.#trusted.length > 0) this.#afterInterruption = this.#trusted
    this.#trusted = []
  }

  /**
   * Whether every member that was in sync before the last interruption is there, answers, and never had any fault: then the array has no
   * reason not to serve.
   */
  get everyMemberWaits(): boolean {
    const members = this.#afterInterruption
    return members.length > 0 && members.every(({ bay, driveId }) => this.#isUnblemished(bay, driveId))
  }

  #isUnblemished(bay: number, driveId: number): boolean {
    const drive = this.#view.driveIn(bay)
    return drive !== null && drive.id === driveId && faultFilterOf(drive) === null
  }

  #claimed(): Trusted[] {
    const claimed: Trusted[] = []
    for (let bay = 0; bay < this.#view.bayCount; bay++) {
      const drive = isClaimedInSync(this.#view, bay) ? this.#view.driveIn(bay) : null
      if (drive) claimed.push({ bay, driveId: drive.id })
    }
    return claimed
  }

  #stillAnswers({ bay, driveId }: Trusted): boolean {
    const drive = this.#view.driveIn(bay)
    if (drive === null || drive.id !== driveId) return false
    return !faultFilterOf(drive)?.hungSince(this.#trustedNs, this.#hangGraceNs)
  }
}
