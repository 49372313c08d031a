// Which bays the array claims to be in sync, as it changes (law AVAIL): the last good member must not be given up while it answers, and
// no drive that never had any fault is given up at all, unless an operator asked for that.
//
// Watches claims only; it is told when they may have changed and compares. A member that was pulled, or that hangs, may be given up.

import {
  BAY_STATE_CATCHING_UP,
  BAY_STATE_FAULTY,
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
  BAY_STATE_SPARE,
} from '../../assembly/abi/status'
import { faultFilterOf } from '../faults/faultFilter'
import type { Drive } from '../hardware/drive'
import type { MemoryWatch } from './memoryWatch'
import { bayStateOf, claimsToServe, isClaimedInSync, type RigView } from './rigView'
import type { Complaint } from './verdict'

/** A member that was claimed in sync when the array was last seen to have any. */
interface Trusted {
  readonly bay: number
  readonly driveId: number
}

/** A drive that was in use at the last look. */
interface Used extends Trusted {
  readonly state: number
  /** Since when the array says so, as far as the changes were told. */
  readonly sinceNs: number
}

const USED: ReadonlySet<number> = new Set([
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
  BAY_STATE_CATCHING_UP,
  BAY_STATE_SPARE,
])

const idOf = ({ driveId }: Trusted): number => driveId

export class ClaimsWatch {
  readonly #view: RigView
  readonly #hangGraceNs: number
  readonly #memory: MemoryWatch
  #trusted: Trusted[] = []
  #trustedNs = 0
  #lastMembers: readonly Trusted[] = []
  #isStopAsked = false
  #used: readonly Used[] = []
  /** Drives that were claimed in sync since the last boot. */
  readonly #members = new Set<number>()
  /** Bays whose drive an operator has asked to take out. */
  readonly #detached = new Set<number>()

  constructor(view: RigView, hangGraceNs: number, memory: MemoryWatch) {
    this.#view = view
    this.#hangGraceNs = hangGraceNs
    this.#memory = memory
  }

  copyFrom(other: ClaimsWatch): void {
    this.#isStopAsked = other.#isStopAsked
    this.#trusted = other.#trusted
    this.#trustedNs = other.#trustedNs
    this.#lastMembers = other.#lastMembers
    this.#used = other.#used
    this.#members.clear()
    for (const id of other.#members) this.#members.add(id)
  }

  /** At the last look, no drive was left of those that were in sync before it: what was in their caches is lost. */
  lostAll = false

  /** Claims may have changed: what breaks AVAIL. */
  look(nowNs: number): Complaint[] {
    const sound = this.#givenUpSound()
    const last = this.#lastGivenUp(nowNs)
    const faults: Complaint[] = []
    if (last >= 0) {
      const found = `the last member was given up: the drive in bay ${last} was in sync, is there and answers`
      faults.push({ found, expected: 'the last good member is kept' })
    }
    if (sound >= 0) {
      const found = `the drive in bay ${sound} was given up, although it never had any fault and nobody asked for that`
      faults.push({ found, expected: 'a sound drive is kept' })
    }
    return faults
  }

  /** The bay of a good member that was given up although no other was left, or -1. */
  #lastGivenUp(nowNs: number): number {
    const now = this.#claimed()
    this.lostAll = false
    this.#used = this.#inUse(nowNs)
    this.#memory.look(this.#used.map(idOf), now.map(idOf), nowNs)
    if (now.length > 0) {
      for (const { driveId } of now) this.#members.add(driveId)
      this.#trusted = now
      // One that is hung may be claimed before it could record that it is in sync.
      this.#lastMembers = now.every((member) => this.#isUnblemished(member, nowNs)) ? now : []
      this.#trustedNs = nowNs
      return -1
    }
    this.lostAll =
      this.#trusted.length > 0 && this.#trusted.every(({ bay, driveId }) => this.#view.driveIn(bay)?.id !== driveId)
    // What the last one was to record may be on one alone that is not complete: it is ahead of the others then.
    if (this.lostAll) this.#members.clear()
    const isExcused = this.#isStopAsked || this.#claimsOneThatIsGone()
    const givenUp = isExcused ? undefined : this.#trusted.find((member) => this.#stillAnswers(member))
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
    this.#detached.add(bay)
    const others = this.#trusted.filter((member) => member.bay !== bay)
    if (others.length > 0) this.#trusted = others
  }

  /** Power is lost, or the controller restarts: it has to find its members again. */
  interrupted(nowNs: number): void {
    // One that became complete just now may not have it recorded yet.
    const isFresh = ({ bay }: Trusted): boolean => !this.wasInSync(bay, nowNs - this.#hangGraceNs)
    if (this.#lastMembers.some(isFresh)) this.#lastMembers = []
    if (this.#memory.wasLost()) this.#lastMembers = this.#membersToWaitFor(nowNs)
    this.#isStopAsked = false
    this.#used = []
    // Metadata that were on their way then may be on one drive alone, which is ahead of the others.
    this.#members.clear()
    this.#detached.clear()
    this.#trusted = []
  }

  /**
   * Whether every member that was in sync when the array was last seen to have any is there, answers, and has no fault any more: then the
   * array has no reason not to serve.
   */
  everyMemberWaits(nowNs: number): boolean {
    const members = this.#lastMembers
    const waits = (member: Trusted): boolean => this.#isUnblemished(member, nowNs) && !this.#isTakenOut(member.bay)
    return members.length > 0 && members.every(waits)
  }

  /** The drive in a bay was a member since the last boot, and never had a fault. */
  wasSoundMember(bay: number): boolean {
    const drive = this.#view.driveIn(bay)
    return drive !== null && this.#members.has(drive.id) && isSound(drive)
  }

  /** An operator wanted it so. */
  #isTakenOut(bay: number): boolean {
    return this.#detached.has(bay) && bayStateOf(this.#view, bay) === BAY_STATE_FAULTY
  }

  #isUnblemished({ bay, driveId }: Trusted, nowNs: number): boolean {
    const drive = this.#view.driveIn(bay)
    if (drive === null || drive.id !== driveId) return false
    return faultFilterOf(drive)?.isOver(nowNs) ?? true
  }

  /** Of a controller whose memory is lost: all that it wrote to, also one that was on its way to be complete. None: it may wait for ever. */
  #membersToWaitFor(nowNs: number): readonly Trusted[] {
    if (this.#lastMembers.length === 0 || this.#memory.mayHaveUnrecordedLoss(nowNs)) return []
    return this.#used.filter(({ state }) => state !== BAY_STATE_SPARE)
  }

  /** A sound drive stays what it is as long as the array serves: it may only become more. */
  #givenUpSound(): number {
    if (this.#isStopAsked || !claimsToServe(this.#view)) return -1
    const found = this.#used.find(({ bay, driveId, state }) => {
      const now = bayStateOf(this.#view, bay)
      const isGivenUp = now === BAY_STATE_FAULTY || (state === BAY_STATE_IN_SYNC && now !== BAY_STATE_IN_SYNC)
      if (!isGivenUp || this.#detached.has(bay)) return false
      const drive = this.#view.driveIn(bay)
      return drive !== null && drive.id === driveId && isSound(drive)
    })
    return found ? found.bay : -1
  }

  /** Whether the array claimed the bay to be in sync at that time, and has done so since. */
  wasInSync(bay: number, timeNs: number): boolean {
    return this.#used.some((used) => used.bay === bay && used.state === BAY_STATE_IN_SYNC && used.sinceNs <= timeNs)
  }

  #inUse(nowNs: number): Used[] {
    const used: Used[] = []
    for (let bay = 0; bay < this.#view.bayCount; bay++) {
      const state = bayStateOf(this.#view, bay)
      const drive = USED.has(state) ? this.#view.driveIn(bay) : null
      if (!drive) continue
      const before = this.#used.find(
        (other) => other.bay === bay && other.driveId === drive.id && other.state === state,
      )
      // At a first look nobody knows since when.
      const newSinceNs = this.#used.length === 0 ? Number.NEGATIVE_INFINITY : nowNs
      used.push({ bay, driveId: drive.id, state, sinceNs: before?.sinceNs ?? newSinceNs })
    }
    return used
  }

  /** A member has been pulled, and the array does not know yet: it gave up this one for a better one, as far as it could tell. */
  #claimsOneThatIsGone(): boolean {
    for (let bay = 0; bay < this.#view.bayCount; bay++) {
      if (isClaimedInSync(this.#view, bay) && this.#view.driveIn(bay) === null) return true
    }
    return false
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

/** It never had a fault, and nobody has made a sector of it unreadable. */
function isSound(drive: Drive): boolean {
  return faultFilterOf(drive) === null && drive.medium.unreadableSectors.size === 0
}
