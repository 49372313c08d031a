// What an array may not know any more when its NVRAM has lost its content: which drives took its latest writes. Only the members say so then.
//
// It may wait for all of them. And where an older content was put back, and no member is there that has been in sync since, all that it could
// ask is as it was: it is blind, takes what is old for the newest, and is not to blame.

import type { RigView } from './rigView'

type DriveIds = readonly number[]

export class MemoryWatch {
  /** When it went blind last: of what was written before that, an older version is nobody's fault. -1: it did not. */
  blindSinceNs = -1
  readonly #view: RigView
  readonly #graceNs: number
  #losses = 0
  /** Drives that were in use when any was, also before a power cut, and when one of them was first seen to be gone. */
  #lastUsed: DriveIds = []
  #goneNs = Number.NEGATIVE_INFINITY
  /** Members in sync when there were any last; and when an older content came, or null: nothing to look for. */
  #lastInSync: DriveIds = []
  #inSyncAtLoss: DriveIds | null = null

  /** `graceNs`: how long the loss of a member may take to be recorded on the others. */
  constructor(view: RigView, graceNs: number) {
    this.#view = view
    this.#graceNs = graceNs
  }

  copyFrom(other: MemoryWatch): void {
    this.blindSinceNs = other.blindSinceNs
    this.#losses = other.#losses
    this.#lastUsed = other.#lastUsed
    this.#goneNs = other.#goneNs
    this.#lastInSync = other.#lastInSync
    this.#inSyncAtLoss = other.#inSyncAtLoss
  }

  /** Claims may have changed. */
  look(used: DriveIds, inSync: DriveIds, nowNs: number): void {
    if (used.length > 0) {
      if (this.#lastUsed.some((id) => !used.includes(id))) this.#goneNs = nowNs
      this.#lastUsed = used
    }
    if (inSync.length === 0) return
    const known = this.#inSyncAtLoss
    this.#inSyncAtLoss = null
    this.#lastInSync = inSync
    if (known && known.length > 0 && !known.some((id) => inSync.includes(id))) this.blindSinceNs = nowNs
  }

  /** The initiators go to another site: its members are others, and so is its NVRAM. */
  changedOver(): void {
    this.#losses = this.#view.nvramLosses
    this.#inSyncAtLoss = null
    this.#lastInSync = []
  }

  /** After a power cut: whether the content was lost in it. */
  wasLost(): boolean {
    if (this.#view.nvramLosses === this.#losses) return false
    this.#losses = this.#view.nvramLosses
    this.#inSyncAtLoss = this.#view.isNvramOld ? this.#lastInSync : null
    return true
  }

  /** The members that are left may not say yet that one has gone: so nobody can tell whether that one was better than they are. */
  mayHaveUnrecordedLoss(nowNs: number): boolean {
    return this.#goneNs >= nowNs - this.#graceNs
  }
}
