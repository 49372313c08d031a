// At the end: are the array's claims true (TRUTH), has it come to rest (LIVE), does it serve if it can (AVAIL)?
//
// `atRest` says that the run waited as long as the array may need: only then is unfinished work a violation. Claims of a bay that is
// still being rebuilt, or regions marked dirty while a member is missing, are as they should be. Contents are the ReplicaJudge's.

import {
  ARRAY_OPTIMAL,
  ARRAY_STOPPED,
  BAY_STATE_CATCHING_UP,
  BAY_STATE_EMPTY,
  BAY_STATE_FAULTY,
  BAY_STATE_FOREIGN,
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
  BAY_STATE_SPARE,
  STATUS_ARRAY_STATE,
  STATUS_BAY_SLOT,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
  STATUS_BUSY,
  STATUS_DIRTY_REGIONS,
  STATUS_UNDECIDED_REGIONS,
} from '../../assembly/abi/status'
import type { CaseFile } from './caseFile'
import type { ClaimsWatch } from './claimsWatch'
import { RecordJudge } from './recordJudge'
import { bayStateOf, claimsToServe, isAssembled, isClaimedInSync, type RigView } from './rigView'
import type { Law } from './verdict'

export interface RestState {
  /** Members that the array is configured for. */
  readonly members: number
  /** The run waited out the time that convergence may take. */
  readonly atRest: boolean
  /** The last thing that happened is a scrub that ran to its end in peace. */
  readonly scrubbed: boolean
}

const NO_SLOT = 0xffffffff
/** Of a drive that fills no slot. */
const OUTSIDE: ReadonlySet<number> = new Set([BAY_STATE_SPARE, BAY_STATE_FAULTY, BAY_STATE_FOREIGN])

export class FinalJudge {
  readonly #case: CaseFile
  readonly #view: RigView
  readonly #claims: ClaimsWatch
  readonly #otherView: RigView | null

  constructor(caseFile: CaseFile, view: RigView, claims: ClaimsWatch, otherView: RigView | null) {
    this.#case = caseFile
    this.#view = view
    this.#claims = claims
    this.#otherView = otherView
  }

  judge({ members, atRest }: RestState, nowNs: number): void {
    this.#judgeUnreadable(nowNs)
    const inSync = this.#inSyncSlots(nowNs)
    const serves = claimsToServe(this.#view)
    if (this.#view.status[STATUS_ARRAY_STATE] === ARRAY_OPTIMAL && inSync.size < members) {
      const found = `the array claims to be optimal with ${inSync.size} of ${members} slots in sync`
      this.#charge('TRUTH', found, 'degraded, as long as a slot has no member in sync', nowNs)
    }
    const isAsked = this.#claims.isStopAsked
    if (this.#view.status[STATUS_ARRAY_STATE] === ARRAY_STOPPED && !isAsked) {
      this.#charge('AVAIL', 'the array says that it was stopped', 'an operator who asked for that', nowNs)
    } else if (!isAssembled(this.#view) && !isAsked && this.#claims.everyMemberWaits(nowNs)) {
      const found =
        'the array does not serve, although every member that was in sync when it last served is there and sound'
      this.#charge('AVAIL', found, 'the array assembles and serves', nowNs)
    }
    if (atRest) new RecordJudge(this.#case, this.#view).judge(nowNs)
    if (atRest && serves) this.#judgeRest(inSync.size >= members, nowNs)
  }

  /** A microcode makes sectors unreadable where it has found none that can be read (DRIVE_WRITE_UNCORRECTABLE). */
  #judgeUnreadable(nowNs: number): void {
    if (this.#view.filters.length > 0) return
    for (const view of [this.#view, this.#otherView]) {
      for (let bay = 0; view !== null && bay < view.bayCount; bay++) {
        const sectors = view.driveIn(bay)?.medium.unreadableSectors.size ?? 0
        if (sectors === 0) continue
        const found = `${sectors} sectors of the drive in bay ${bay} are unreadable, and no drive ever had a fault`
        this.#charge('AVAIL', found, 'none: nobody had a reason to make them so', nowNs)
        return
      }
    }
  }

  /** Slots with a member that is claimed in sync; judges those claims that have no drive behind them. */
  #inSyncSlots(nowNs: number): Set<number> {
    const slots = new Set<number>()
    for (let bay = 0; bay < this.#view.bayCount; bay++) {
      this.#judgeEmptyBay(bay, nowNs)
      this.#judgeSlotOfOutsider(bay, nowNs)
      if (!isClaimedInSync(this.#view, bay)) continue
      if (this.#view.driveIn(bay) === null) {
        const found = `bay ${bay} is claimed to be in sync, and there is no drive in it`
        this.#charge('TRUTH', found, 'a bay without a drive is empty', nowNs)
        continue
      }
      const slot = this.#slotOf(bay)
      if (slots.has(slot)) {
        this.#charge('TRUTH', `two bays claim to fill slot ${slot} of the array`, 'one member a slot', nowNs)
      }
      slots.add(slot)
    }
    return slots
  }

  /** Claims of members in sync without a drive are judged by themselves. */
  #judgeEmptyBay(bay: number, nowNs: number): void {
    const state = bayStateOf(this.#view, bay)
    if (this.#view.driveIn(bay) !== null || state === BAY_STATE_EMPTY || state === BAY_STATE_IN_SYNC) return
    // An array that does not run yet, or any more, claims nothing.
    if (!claimsToServe(this.#view)) return
    this.#charge(
      'TRUTH',
      `bay ${bay} is claimed to be in use, and there is no drive in it`,
      'a bay without a drive is empty',
      nowNs,
    )
  }

  #slotOf(bay: number): number {
    return this.#view.status[STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_SLOT]!
  }

  /** A drive that is no member fills no slot. */
  #judgeSlotOfOutsider(bay: number, nowNs: number): void {
    if (!OUTSIDE.has(bayStateOf(this.#view, bay)) || this.#slotOf(bay) === NO_SLOT) return
    if (this.#view.driveIn(bay) === null || !claimsToServe(this.#view)) return
    const found = `bay ${bay} is claimed to fill slot ${this.#slotOf(bay)}, and its drive is no member`
    this.#charge('TRUTH', found, 'no slot (0xffffffff)', nowNs)
  }

  #judgeRest(complete: boolean, nowNs: number): void {
    const { status } = this.#view
    if (status[STATUS_BUSY] !== 0) {
      this.#charge(
        'LIVE',
        `${status[STATUS_BUSY]} operations still go on inside the controller`,
        'none, long after the last command',
        nowNs,
      )
    }
    for (let bay = 0; bay < this.#view.bayCount; bay++) this.#judgeBay(bay, complete, nowNs)
    // Without all members the bitmap must keep its marks for the one that may come back.
    if (!complete) return
    const dirty = status[STATUS_DIRTY_REGIONS]!
    const undecided = status[STATUS_UNDECIDED_REGIONS]!
    if (undecided > 0) {
      this.#charge('LIVE', `${undecided} regions still wait for resync`, 'none: every member is in sync', nowNs)
    } else if (dirty > 0) {
      this.#charge(
        'LIVE',
        `${dirty} regions are still marked in the write-intent bitmap`,
        'none: nothing was written for long',
        nowNs,
      )
    }
  }

  #judgeBay(bay: number, complete: boolean, nowNs: number): void {
    const state = bayStateOf(this.#view, bay)
    if (state === BAY_STATE_REBUILDING || state === BAY_STATE_CATCHING_UP) {
      const what = state === BAY_STATE_REBUILDING ? 'rebuilt' : 'brought up to date'
      this.#charge('LIVE', `bay ${bay} is still being ${what}`, 'an end of the copy', nowNs)
    }
    if (state === BAY_STATE_FOREIGN && !complete && this.#claims.wasSoundMember(bay)) {
      const found = `the drive in bay ${bay} is claimed to be foreign, and was a member that never had a fault`
      this.#charge('LIVE', found, 'a copy to it: a slot has no member in sync', nowNs)
    }
    if (state === BAY_STATE_SPARE && !complete && this.#view.driveIn(bay) !== null) {
      this.#charge(
        'LIVE',
        `the spare in bay ${bay} waits, although a slot has no member in sync`,
        'a rebuild onto the spare',
        nowNs,
      )
    }
  }

  #charge(law: Law, found: string, expected: string, nowNs: number): void {
    this.#case.charge({ law, lba: null, found, expected, versions: [] }, nowNs)
  }
}
