// Copy on write: a host is about to change a region that is to be sent as it was when the point in time was taken (point.ts), or that a
// snapshot has (snapshot.ts). What it held goes to a slot of the members' area first, on every member; then the write goes on.
//
// One region at a time. What differs is what is at stake:
//
//   a point      nothing of it outlives the session. Where there is no slot, or some sector cannot be read, the region is sent first of all
//                instead, and the write waits for that
//   a snapshot   it outlives power cuts: slots are written with FUA, also on members that are not complete yet, and count when those that
//                missed them are recorded as failed. Replicas that may differ are made equal first. A sector that nobody can read is made
//                unreadable in the slot. Where there is no slot the snapshot is given up, and says so

import {
  DRIVE_FLAG_FUA,
  DRIVE_GONE,
  DRIVE_MEDIUM_ERROR,
  DRIVE_READ,
  DRIVE_WRITE,
  DRIVE_WRITE_UNCORRECTABLE,
} from '../abi/driveSlots'
import { NO_BIT } from '../lib/bits'
import { addToSlot, areaIsFull, bind, freeSlot, NO_AREA_SLOT, slotLba, takeSlot } from './area'
import { dataOffset, inSync, writeTargets } from './array'
import { rangeIsUndecided } from './bitmap'
import { BAY_SHIFT, driveSlot, HOST_SLOTS, OP_PRESERVE, PRESERVE_BUFFER } from './memory'
import { commitsFail, failMember, lossesAreRecorded } from './metadata'
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
import { copySoon, isServing, WINDOW_SECTORS } from './recovery'
import { hasSnapshots } from './remoteMode'
import { markEnd, markStart } from './remoteRecord'
import { areaIsFree } from './remoteTarget'
import {
  breakSnapshot,
  holdsWrites,
  isToBeKept,
  overflowSnapshot,
  regionKept,
  regionToKeep,
  takeSnapshotIfDue,
} from './snapshot'
import { advanceSnapshotFlush } from './snapshotFlush'
import { snapshotNumber } from './snapshotRecord'
import { WRITE_PRESERVING } from './write'

const WAITING: u32 = 0
const READING: u32 = 1
const SAVING: u32 = 2
/** Of a snapshot: the slot is written, and members that missed it are not recorded as failed yet. */
const RECORDING: u32 = 3
/** Of a snapshot: replicas may differ, and are made equal. */
export const PRESERVE_UNDECIDED: u32 = 4
/** A snapshot is going to be taken (snapshotFlush.ts). */
export const PRESERVE_FLUSHING: u32 = 5
export const PRESERVE_FLUSHED: u32 = 6

let region: u32 = NO_BIT
/** It counts as preserved when all of it is in the slot, and not before. */
let slot: u32 = NO_AREA_SLOT
/** The point, or the snapshot, that it belongs to. */
let point: u32 = 0
/** Bays that the slot is written to. */
let targets: u32 = 0
/** Some sector of the window cannot be read with the others. */
let isBySector: bool = false

/** Whether a host's write would change what is to be kept first, or what a snapshot that is being taken has. */
export function waitsToBeKept(op: Operation): bool {
  return isServing() && (wantedOf(op) != NO_BIT || holdsWrites())
}

function wantedOf(op: Operation): u32 {
  return hasSnapshots() ? regionToKeep(op) : regionToPreserve(op)
}

/** Goes on with the writes that wait, if any do. */
export function preserve(): void {
  if (operation(OP_PRESERVE).kind != KIND_NONE || !isServing() || hasUrgent()) return
  region = firstWanted()
  if (region == NO_BIT) return
  if (areaIsFull()) return hasSnapshots() ? overflowSnapshot() : sendFirst(region)
  const op = begin(OP_PRESERVE, KIND_PRESERVE)
  op.range = NO_RANGE
  point = hasSnapshots() ? snapshotNumber : pointTaken
  slot = NO_AREA_SLOT
  lock(op)
}

/** Locked as a whole: nothing is to change between its first window and its last. */
function lock(op: Operation): void {
  op.step = WAITING
  op.lba = markStart(region)
  if (admit(op, op.lba, <u32>(markEnd(region) - op.lba), RANGE_COPY)) advancePreserve(op)
}

/** The region that the first of the waiting writes needs, or NO_BIT. */
function firstWanted(): u32 {
  for (let index: u32 = 0; index < HOST_SLOTS; index++) {
    const op = operation(index)
    if (op.kind != KIND_WRITE || op.step != WRITE_PRESERVING) continue
    const wanted = wantedOf(op)
    if (wanted != NO_BIT) return wanted
  }
  return NO_BIT
}

export function advancePreserve(op: Operation): void {
  if (op.pending != 0) return
  if (op.step >= PRESERVE_FLUSHING) return advanceSnapshotFlush(op)
  // Also when it was sent meanwhile, or the session is over, or the snapshot is.
  if (op.step == PRESERVE_UNDECIDED) {
    lock(op)
  } else if (op.step == WAITING) {
    if (!isAdmitted(op)) return
    beginSlot(op)
  } else if (op.step == READING) {
    if (op.succeeded == 0) return readElsewhere(op)
    if (!isWanted()) return end(op)
    save(op, DRIVE_WRITE)
  } else if (op.step == SAVING) {
    for (let rest = op.failed; rest != 0 && op.succeeded != 0; rest &= rest - 1) failMember(ctz(rest))
    if (!isWanted()) return end(op)
    if ((op.succeeded & inSync) == 0) return cannotKeep(op)
    goOn(op)
  } else record(op)
}

function beginSlot(op: Operation): void {
  freeTaken()
  isBySector = false
  op.lba = markStart(region)
  targets = hasSnapshots() ? writeTargets : inSync
  if (!isWanted()) return end(op)
  readWindow(op)
}

/** A window is in the slot. */
function goOn(op: Operation): void {
  op.lba += op.sectors
  if (op.lba < markEnd(region)) return readWindow(op)
  op.step = RECORDING
  record(op)
}

function record(op: Operation): void {
  if (hasSnapshots()) {
    if (!isWanted()) return end(op)
    // A cut before a loss is recorded: the member that missed the slot would be believed.
    if (!lossesAreRecorded()) {
      if (commitsFail()) cannotKeep(op)
      return
    }
    // One has joined since that has not all of it.
    if ((writeTargets & ~targets) != 0) return beginSlot(op)
    regionKept(region, slot)
  } else bind(slot)
  slot = NO_AREA_SLOT
  end(op)
}

/** It is still to be sent as it was, or belongs to the snapshot. */
function isWanted(): bool {
  return isServing() && (hasSnapshots() ? isToBeKept(region, point) : isWaiting(region, point))
}

function readWindow(op: Operation): void {
  newRound(op)
  op.sectors = isBySector ? 1 : <u32>min<u64>(markEnd(region) - op.lba, WINDOW_SECTORS)
  if (popcnt(inSync) > 1 && rangeIsUndecided(op.lba, op.sectors))
    return hasSnapshots() ? makeEqual(op) : sendItFirst(op)
  op.step = READING
  send(op, ctz(inSync), DRIVE_READ, 0, dataOffset + op.lba, op.sectors, <u32>PRESERVE_BUFFER)
}

/** Resync locks the region itself. */
function makeEqual(op: Operation): void {
  op.step = PRESERVE_UNDECIDED
  release(op)
  copySoon(op.lba)
}

function readElsewhere(op: Operation): void {
  const others = inSync & ~op.failed
  if (others == 0 || !isWanted()) return hasSnapshots() ? readLess(op) : sendItFirst(op)
  send(op, ctz(others), DRIVE_READ, 0, dataOffset + op.lba, op.sectors, <u32>PRESERVE_BUFFER)
}

/** No member has the window as a whole. Sector by sector some may have each; one that is lost stays so. */
function readLess(op: Operation): void {
  if (!isWanted()) return end(op)
  if (!isBySector) {
    isBySector = true
    return readWindow(op)
  }
  for (let rest = op.failed; rest != 0; rest &= rest - 1) {
    if (driveSlot((OP_PRESERVE << BAY_SHIFT) | ctz(rest)).status != DRIVE_MEDIUM_ERROR) return cannotKeep(op)
  }
  save(op, DRIVE_WRITE_UNCORRECTABLE)
}

function save(op: Operation, command: u32): void {
  if (slot == NO_AREA_SLOT) slot = takeSlot(region)
  addToSlot(slot, op.lba, op.sectors, PRESERVE_BUFFER)
  newRound(op)
  op.step = SAVING
  const at = slotLba(slot) + (op.lba - markStart(region))
  const flags = hasSnapshots() ? DRIVE_FLAG_FUA : 0
  const bays = hasSnapshots() ? targets & writeTargets : inSync
  sendAll(op, bays, command, flags, at, op.sectors, <u32>PRESERVE_BUFFER)
}

/** No member takes it. */
function cannotKeep(op: Operation): void {
  if (!hasSnapshots()) return sendItFirst(op)
  if (isWanted() && !allAreGone(op)) breakSnapshot()
  end(op)
}

/** Whoever had it has been pulled: nobody serves until one is back, and then it is what it was. */
function allAreGone(op: Operation): bool {
  for (let rest = op.failed; rest != 0; rest &= rest - 1) {
    if (driveSlot((OP_PRESERVE << BAY_SHIFT) | ctz(rest)).status != DRIVE_GONE) return false
  }
  return op.failed != 0
}

function sendItFirst(op: Operation): void {
  if (isWanted()) {
    freeSlot(slot)
    sendFirst(region)
  }
  end(op)
}

/** Of a snapshot: a slot that is not bound yet. */
function freeTaken(): void {
  if (hasSnapshots()) freeSlot(slot)
  slot = NO_AREA_SLOT
}

function end(op: Operation): void {
  freeTaken()
  release(op)
  preserveEnded(op)
}

/** Others have their turn. */
export function preserveEnded(op: Operation): void {
  op.kind = KIND_NONE
  wakeAt(KIND_WRITE, WRITE_PRESERVING)
  areaIsFree()
  takeSnapshotIfDue()
  preserve()
}
