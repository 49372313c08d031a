// Copy on write: a host is about to change a region that is to be sent as it was when the point in time was taken (point.ts). What it
// held goes to a slot of the members' area first, on every member in sync; then the write goes on.
//
// One region at a time. Where there is no slot, or where some sector cannot be read, the region is sent first of all instead, and the
// write waits for that. A cut anywhere: the point is given up with the session, and what is in the area means nothing any more.

import { DRIVE_READ, DRIVE_WRITE } from '../abi/driveSlots'
import { NO_BIT } from '../lib/bits'
import { addToSlot, areaIsFull, bind, freeSlot, NO_AREA_SLOT, slotLba, takeSlot } from './area'
import { dataOffset, inSync } from './array'
import { rangeIsUndecided } from './bitmap'
import { HOST_SLOTS, OP_PRESERVE, PRESERVE_BUFFER } from './memory'
import { failMember } from './metadata'
import {
  begin,
  KIND_NONE,
  KIND_PRESERVE,
  KIND_WRITE,
  newRound,
  Operation,
  operation,
  send,
  sendAll,
  wakeAt,
} from './operation'
import { hasUrgent, isWaiting, pointTaken, regionToPreserve, sendFirst } from './point'
import { admit, isAdmitted, NO_RANGE, RANGE_COPY, release } from './ranges'
import { isServing, WINDOW_SECTORS } from './recovery'
import { markEnd, markStart } from './remoteRecord'
import { areaIsFree } from './remoteTarget'
import { WRITE_PRESERVING } from './write'

const WAITING: u32 = 0
const READING: u32 = 1
const SAVING: u32 = 2

let region: u32 = NO_BIT
/** It counts as preserved when all of it is in the slot, and not before. */
let slot: u32 = NO_AREA_SLOT
/** The point that it belongs to. */
let point: u32 = 0

/** Goes on with the writes that wait, if any do. */
export function preserve(): void {
  if (operation(OP_PRESERVE).kind != KIND_NONE || !isServing() || hasUrgent()) return
  region = firstWanted()
  if (region == NO_BIT) return
  if (areaIsFull()) return sendFirst(region)
  const op = begin(OP_PRESERVE, KIND_PRESERVE)
  op.range = NO_RANGE
  op.lba = markStart(region)
  point = pointTaken
  // Locked as a whole: nothing is to change between its first window and its last.
  if (admit(op, op.lba, <u32>(markEnd(region) - op.lba), RANGE_COPY)) advancePreserve(op)
}

/** The region that the first of the waiting writes needs, or NO_BIT. */
function firstWanted(): u32 {
  for (let index: u32 = 0; index < HOST_SLOTS; index++) {
    const op = operation(index)
    if (op.kind != KIND_WRITE || op.step != WRITE_PRESERVING) continue
    const wanted = regionToPreserve(op)
    if (wanted != NO_BIT) return wanted
  }
  return NO_BIT
}

export function advancePreserve(op: Operation): void {
  if (op.pending != 0) return
  // Also when it was sent meanwhile, or the session is over.
  if (op.step == WAITING) {
    if (!isAdmitted(op)) return
    slot = NO_AREA_SLOT
    if (!isWanted()) return end(op)
    readWindow(op)
  } else if (op.step == READING) {
    if (op.succeeded == 0) return readElsewhere(op)
    if (!isWanted()) return end(op)
    save(op)
  } else {
    for (let rest = op.failed; rest != 0 && op.succeeded != 0; rest &= rest - 1) failMember(ctz(rest))
    if (!isWanted()) return end(op)
    if ((op.succeeded & inSync) == 0) return sendItFirst(op)
    op.lba += op.sectors
    if (op.lba < markEnd(region)) return readWindow(op)
    bind(slot)
    end(op)
  }
}

/** It is still to be sent as it was. */
function isWanted(): bool {
  return isServing() && isWaiting(region, point)
}

function readWindow(op: Operation): void {
  newRound(op)
  op.sectors = <u32>min<u64>(markEnd(region) - op.lba, WINDOW_SECTORS)
  if (popcnt(inSync) > 1 && rangeIsUndecided(op.lba, op.sectors)) return sendItFirst(op)
  op.step = READING
  send(op, ctz(inSync), DRIVE_READ, 0, dataOffset + op.lba, op.sectors, <u32>PRESERVE_BUFFER)
}

function readElsewhere(op: Operation): void {
  const others = inSync & ~op.failed
  if (others == 0 || !isWanted()) return sendItFirst(op)
  send(op, ctz(others), DRIVE_READ, 0, dataOffset + op.lba, op.sectors, <u32>PRESERVE_BUFFER)
}

function save(op: Operation): void {
  if (slot == NO_AREA_SLOT) slot = takeSlot(region)
  addToSlot(slot, op.lba, op.sectors, PRESERVE_BUFFER)
  newRound(op)
  op.step = SAVING
  const at = slotLba(slot) + (op.lba - markStart(region))
  sendAll(op, inSync, DRIVE_WRITE, 0, at, op.sectors, <u32>PRESERVE_BUFFER)
}

function sendItFirst(op: Operation): void {
  if (isWanted()) {
    freeSlot(slot)
    sendFirst(region)
  }
  end(op)
}

function end(op: Operation): void {
  op.kind = KIND_NONE
  release(op)
  wakeAt(KIND_WRITE, WRITE_PRESERVING)
  areaIsFree()
  preserve()
}
