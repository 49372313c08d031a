// What the judge may look at: the microcode's claims, and the hardware itself. The rig implements it; nothing here changes anything.

import {
  ARRAY_DEGRADED,
  ARRAY_OPTIMAL,
  ARRAY_STOPPED,
  BAY_STATE_IN_SYNC,
  ROLE_SECONDARY,
  STATUS_ARRAY_STATE,
  STATUS_BAY_STATE,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
  STATUS_DATA_OFFSET_SECTORS,
  STATUS_REMOTE_ROLE,
  STATUS_UNDECIDED_REGIONS,
} from '../../assembly/abi/status'
import type { FaultFilter } from '../faults/faultFilter'
import type { Drive } from '../hardware/drive'

export interface RigView {
  readonly bayCount: number
  /** The status words as they stand now (assembly/abi/status.ts). Read anew each time: the module's memory may move. */
  readonly status: Uint32Array
  /** How often the array's NVRAM has lost its content. */
  readonly nvramLosses: number
  /** It was an older content that took its place the last time. */
  readonly isNvramOld: boolean
  /** The drive in a bay, while it is plugged in and has power. */
  driveIn(bay: number): Drive | null
  /** The filters of all drives that were ever in the rig; empty until a fault of a drive strikes. */
  readonly filters: readonly FaultFilter[]
}

export function bayStateOf(view: RigView, bay: number): number {
  return bayStateIn(view.status, bay)
}

/** The same where the status words are at hand: for the hot path. */
export function bayStateIn(status: Uint32Array, bay: number): number {
  return status[STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_STATE]!
}

export function isClaimedInSync(view: RigView, bay: number): boolean {
  return bayStateOf(view, bay) === BAY_STATE_IN_SYNC
}

/** The drive in a bay that is claimed to be in sync, or null. */
export function inSyncDrive(view: RigView, bay: number): Drive | null {
  return isClaimedInSync(view, bay) ? view.driveIn(bay) : null
}

/** Whether the array says that it serves its LUN. */
export function claimsToServe(view: RigView): boolean {
  return isAssembled(view) && view.status[STATUS_REMOTE_ROLE] !== ROLE_SECONDARY
}

/** Whether the array says that it has its members: one that mirrors another site may have to wait all the same. */
export function isAssembled({ status }: RigView): boolean {
  return status[STATUS_ARRAY_STATE] === ARRAY_OPTIMAL || status[STATUS_ARRAY_STATE] === ARRAY_DEGRADED
}

/** Whether the array says that it was stopped with nothing left to be made equal. */
export function isAtRestWhenStopped(view: RigView): boolean {
  return view.status[STATUS_ARRAY_STATE] === ARRAY_STOPPED && view.status[STATUS_UNDECIDED_REGIONS] === 0
}

/** Where LUN sector 0 lies on every member. */
export function dataOffsetOf(view: RigView): number {
  return view.status[STATUS_DATA_OFFSET_SECTORS]!
}
