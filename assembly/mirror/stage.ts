// The copy stages a point in time: its regions go to slots of the members' area, and what the LUN holds stays as it is. When all of
// them are there, switch.ts takes over. A session that ends before that: what was staged is forgotten.

import { DRIVE_FLAG_FUA, DRIVE_WRITE } from '../abi/driveSlots'
import {
  addToSlot,
  areaIsFull,
  beginAgain,
  bind,
  clearArea,
  NO_AREA_SLOT,
  slotCount,
  slotLba,
  slotOf,
  takeSlot,
} from './area'
import { inSync } from './array'
import { frameSlot } from './memory'
import { failMember } from './metadata'
import { KIND_STAGE, newRound, Operation, sendAll } from './operation'
import { admit, isAdmitted, RANGE_WRITE, release } from './ranges'
import { markOf, markStart } from './remoteRecord'
import { remoteWriteEnded } from './remoteTarget'

const WAITING: u32 = 0
const WRITING: u32 = 1

/** Ranges of the area, beyond all sectors of the LUN: a write of a session that is over comes first. */
const AREA_RANGES: u64 = 1 << 62

export let isStaging: bool = false
/** A point had sectors that nobody can read: they cannot be staged, so the next one goes to its place at once. */
let cannotStage: bool = false

export function beginStaging(): void {
  clearArea()
  isStaging = true
}

export function endStaging(): void {
  isStaging = false
}

/** For how many regions there is room. */
export function roomForPoint(): u32 {
  clearArea()
  return cannotStage ? 0 : slotCount
}

/** The next point may be staged again. */
export function mayStageAgain(): void {
  cannotStage = false
}

/** Sectors of the point have come; the operation has been begun, with the frame's buffer. */
export function stage(op: Operation, frame: u32): void {
  op.kind = KIND_STAGE
  const region = markOf(op.lba)
  if (slotOf(region) == NO_AREA_SLOT && !areaIsFull()) bind(takeSlot(region))
  const slot = slotOf(region)
  const isLost = frameSlot(frame).dataBytes == 0
  if (isLost) cannotStage = true
  if (isLost || slot == NO_AREA_SLOT || markOf(op.lba + op.sectors - 1) != region) return remoteWriteEnded(op, false)
  if (op.lba == markStart(region)) beginAgain(slot)
  addToSlot(slot, op.lba, op.sectors, <usize>op.buffer)
  op.cursor = slot
  op.step = WAITING
  if (admit(op, AREA_RANGES + placeOf(op), op.sectors, RANGE_WRITE)) advanceStage(op)
}

function placeOf(op: Operation): u64 {
  return slotLba(op.cursor) + (op.lba - markStart(markOf(op.lba)))
}

export function advanceStage(op: Operation): void {
  if (op.pending != 0) return
  if (op.step == WAITING) {
    if (!isAdmitted(op)) return
    op.step = WRITING
    newRound(op)
    if (inSync != 0) return sendAll(op, inSync, DRIVE_WRITE, DRIVE_FLAG_FUA, placeOf(op), op.sectors, op.buffer)
  }
  for (let rest = op.failed; rest != 0 && op.succeeded != 0; rest &= rest - 1) failMember(ctz(rest))
  release(op)
  remoteWriteEnded(op, (op.succeeded & inSync) != 0)
}
