// A read: from one member that is in sync; from another one, sector by sector if need be, when that one cannot.
//
// Sectors that are undecided (replicas may differ after a crash or a failed write) are made equal before they are read: otherwise two
// reads could see the write come and go, depending on the member that answers. A sector that one member could not read is written
// back to it from the one that could: drives reassign it then.

import { DRIVE_FLAG_FUA, DRIVE_MEDIUM_ERROR, DRIVE_READ, DRIVE_WRITE } from '../abi/driveSlots'
import { EVENT_LEG_ERROR, EVENT_READ_REPAIR } from '../abi/events'
import {
  ASC_INTERNAL_TARGET_FAILURE,
  ASC_UNRECOVERED_READ_ERROR,
  SENSE_HARDWARE_ERROR,
  SENSE_MEDIUM_ERROR,
} from '../abi/scsi'
import { bayOf, dataOffset, inSync, lunSectors } from './array'
import { rangeIsUndecided } from './bitmap'
import { answerGood, answerNotReady, answerSenseAt } from './frontEnd'
import { note } from './log'
import { BAY_SHIFT, driveSlot, SECTOR_BYTES } from './memory'
import { failMember } from './metadata'
import { indexOf, newRound, Operation, send, sendAll } from './operation'
import { admit, isAdmitted, NO_RANGE, RANGE_READ, release } from './ranges'
import { copySoon, isServing } from './recovery'
import { isOfSnapshot, isStillThere, originOf, pieceRead } from './snapshotRead'

export const READ_UNDECIDED: u32 = 0
const READ_WAITING: u32 = 1
/** The whole range from one member. */
const READ_WHOLE: u32 = 2
/** Sector by sector, each from whichever member can. */
const READ_SECTOR: u32 = 3
const READ_REPAIR: u32 = 4

/** The data go to `op.buffer`. */
export function startRead(op: Operation): void {
  op.range = NO_RANGE
  op.step = READ_UNDECIDED
  advanceRead(op)
}

export function advanceRead(op: Operation): void {
  if (op.step == READ_UNDECIDED) {
    if (!isServing()) return answerNotReady(op)
    if (mayDiffer(op)) return copySoon(op.lba)
    op.step = READ_WAITING
    if (!admit(op, op.lba, op.sectors, RANGE_READ)) return
  }
  if (op.step == READ_WAITING) {
    if (!isAdmitted(op)) return
    if (isOfSnapshot(op) && !isStillThere(op)) return
    // While it waited, a write may have failed on these sectors.
    if (mayDiffer(op)) {
      release(op)
      op.step = READ_UNDECIDED
      return copySoon(op.lba)
    }
    // The last member may have gone meanwhile.
    if (inSync == 0) return lose(op)
    op.step = READ_WHOLE
    return readFrom(op, choose(inSync))
  }
  if (op.pending != 0) return
  if (op.step == READ_WHOLE) return judgeWhole(op)
  if (op.step == READ_SECTOR) return judgeSector(op)
  if (op.step == READ_REPAIR) {
    // A member that cannot store a repair is not worth keeping, unless it is the last.
    for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
    finish(op)
  }
}

/** Its replicas may differ. What lies behind the LUNs counts only where it is equal. */
function mayDiffer(op: Operation): bool {
  return popcnt(inSync) > 1 && op.lba < lunSectors && rangeIsUndecided(op.lba, op.sectors)
}

/** Of some bays, the one with the fewest reads outstanding; of equals, the one that did not serve the last. */
function choose(bays: u32): u32 {
  let best: u32 = ctz(bays)
  for (let rest = bays; rest != 0; rest &= rest - 1) {
    const index: u32 = ctz(rest)
    const reads = bayOf(index).reads
    if (reads < bayOf(best).reads || (reads == bayOf(best).reads && index == nextInTurn)) best = index
  }
  nextInTurn = best + 1
  return best
}

let nextInTurn: u32 = 0

function readFrom(op: Operation, bay: u32): void {
  bayOf(bay).reads++
  if (op.step == READ_WHOLE) {
    send(op, bay, DRIVE_READ, 0, dataOffset + op.lba, op.sectors, op.buffer)
  } else {
    send(op, bay, DRIVE_READ, 0, dataOffset + op.lba + op.cursor, 1, op.buffer + op.cursor * SECTOR_BYTES)
  }
}

/** A read of a member ended: called for every answer, before the operation is advanced. */
export function readEnded(op: Operation, bay: u32): void {
  if (op.step != READ_REPAIR) bayOf(bay).reads--
}

function judgeWhole(op: Operation): void {
  if (op.succeeded != 0) return op.repair != 0 ? startRepair(op) : finish(op)
  noteFailure(op)
  const others = inSync & ~op.failed
  if (others != 0) return readFrom(op, choose(others))
  if (inSync == 0) return lose(op)
  // Every member failed on some sector; it need not be the same one.
  op.step = READ_SECTOR
  op.cursor = 0
  newRound(op)
  readFrom(op, choose(inSync))
}

function judgeSector(op: Operation): void {
  if (op.succeeded == 0) {
    noteFailure(op)
    const others = inSync & ~op.failed
    if (others != 0) return readFrom(op, choose(others))
    return lose(op)
  }
  op.cursor++
  if (op.cursor < op.sectors) {
    newRound(op)
    if (inSync == 0) return lose(op)
    return readFrom(op, choose(inSync))
  }
  if (op.repair != 0) startRepair(op)
  else finish(op)
}

/** Remembers which member failed, and why: an unreadable sector can be repaired, a drive that does not answer is taken out. */
function noteFailure(op: Operation): void {
  for (let rest = op.failed; rest != 0; rest &= rest - 1) {
    const bay: u32 = ctz(rest)
    const slot = driveSlot((indexOf(op) << BAY_SHIFT) | bay)
    if (slot.status == DRIVE_MEDIUM_ERROR) {
      if (op.repair & (1 << bay)) continue
      note(EVENT_LEG_ERROR, bay, slot.status, <u32>slot.badLba)
      op.repair |= 1 << bay
      op.badLba = slot.badLba - dataOffset
    } else {
      failMember(bay)
    }
  }
}

/** The good data are in the buffer: the members that could not read them get them back. Writes to the range wait for us. */
function startRepair(op: Operation): void {
  const bays = op.repair & inSync
  if (bays == 0) return finish(op)
  op.step = READ_REPAIR
  newRound(op)
  for (let rest = bays; rest != 0; rest &= rest - 1) note(EVENT_READ_REPAIR, ctz(rest), <u32>op.lba, op.sectors)
  sendAll(op, bays, DRIVE_WRITE, DRIVE_FLAG_FUA, dataOffset + op.lba, op.sectors, op.buffer)
}

function finish(op: Operation): void {
  release(op)
  if (isOfSnapshot(op)) return pieceRead(op)
  answerGood(op, op.sectors * SECTOR_BYTES)
}

/** No member can deliver the sector. */
function lose(op: Operation): void {
  release(op)
  if (inSync == 0) return answerNotReady(op)
  if (op.badLba == u64.MAX_VALUE)
    return answerSenseAt(op, SENSE_HARDWARE_ERROR, ASC_INTERNAL_TARGET_FAILURE, named(op, op.lba))
  const bad = op.step == READ_SECTOR ? op.lba + op.cursor : op.badLba
  answerSenseAt(op, SENSE_MEDIUM_ERROR, ASC_UNRECOVERED_READ_ERROR, named(op, bad))
}

/** What an initiator calls a sector. */
function named(op: Operation, lba: u64): u64 {
  return isOfSnapshot(op) ? originOf(op, lba) : lba
}
