// The scrub: reads every member, compares, and gives back what one of them cannot read.
//
// Window by window, each locked against writes and copies while it is looked at. A sector that some member cannot read is written to it
// from another one, as a read would do. A sector on which members differ is counted and told, and left as it is: a mirror without
// checksums cannot know which side is right. A window with trouble is looked at in smaller pieces, down to the sector.
//
// Regions that are undecided are left to the resync. A region that every slot's member delivered, all equal, needs its mark no longer. A power
// cut anywhere: there is nothing to resume; whoever wants to know asks again.

import { DRIVE_FLAG_FUA, DRIVE_MEDIUM_ERROR, DRIVE_READ, DRIVE_WRITE } from '../abi/driveSlots'
import {
  EVENT_LEG_ERROR,
  EVENT_READ_REPAIR,
  EVENT_SCRUB_BEGIN,
  EVENT_SCRUB_DONE,
  EVENT_SCRUB_MISMATCH,
} from '../abi/events'
import { ARRAY_OPTIMAL } from '../abi/status'
import { isEqual } from '../lib/bytes'
import { arrayState, dataOffset, inSync, lunSectors, memberCount, NO_SLOT, writeCacheEnabled } from './array'
import { clearMark, isUndecided } from './bitmap'
import { note } from './log'
import { BAY_SHIFT, driveSlot, OP_SCRUB, SCRUB_OTHER, SCRUB_REFERENCE, SECTOR_BYTES } from './memory'
import { failMember } from './metadata'
import { begin, KIND_NONE, KIND_SCRUB, newRound, Operation, operation, send, sendAll } from './operation'
import { admit, isAdmitted, NO_RANGE, RANGE_COPY, release } from './ranges'
import { goOnAfterPause, isServing, scheduleCopy, WINDOW_SECTORS } from './recovery'
import { regionEnd, regionOf, regionStart } from './regions'

/** Between two windows: others first. */
const SCRUB_PAUSED: u32 = 0
const SCRUB_WAITING: u32 = 1
const SCRUB_READ: u32 = 2
const SCRUB_REPAIR: u32 = 3

/** Sectors on which the scrub that runs, or ran last, found members to differ. */
export let scrubMismatches: u32 = 0
let cancelled: bool = false
/** Where the next window begins, and where the one that is looked at ends. The piece is `op.lba`, `op.sectors`. */
let nextLba: u64 = 0
let windowEnd: u64 = 0
/** Of a piece: bays that were not asked yet, that delivered, that cannot read it; whose data are the reference; not all are equal. */
let unread: u32 = 0
let delivered: u32 = 0
let unreadable: u32 = 0
let reference: u32 = NO_SLOT
let differs: bool = false
/** Bays that delivered all of the region so far, equal to all others. */
let compared: u32 = 0

export function isScrubbing(): bool {
  return operation(OP_SCRUB).kind == KIND_SCRUB
}

/** An operator asks for it. One that runs goes on. */
export function requestScrub(): void {
  if (isScrubbing()) return
  const op = begin(OP_SCRUB, KIND_SCRUB)
  op.range = NO_RANGE
  scrubMismatches = 0
  cancelled = false
  nextLba = 0
  note(EVENT_SCRUB_BEGIN, 0, 0, 0)
  scheduleCopy()
}

/** Ends a scrub after the window that it looks at. */
export function cancelScrub(): void {
  cancelled = true
  if (isScrubbing()) advanceScrub(operation(OP_SCRUB))
}

/** Nothing more urgent is to be done. */
export function scrubNext(): void {
  const op = operation(OP_SCRUB)
  if (op.kind != KIND_SCRUB || op.step != SCRUB_PAUSED) return
  if (nextLba >= lunSectors) return end(op)
  const region = regionOf(nextLba)
  if (nextLba == regionStart(region)) compared = u32.MAX_VALUE
  windowEnd = min(nextLba + WINDOW_SECTORS, regionEnd(region))
  op.lba = nextLba
  op.sectors = <u32>(windowEnd - nextLba)
  op.step = SCRUB_WAITING
  if (admit(op, op.lba, op.sectors, RANGE_COPY)) advanceScrub(op)
}

export function advanceScrub(op: Operation): void {
  if (op.pending != 0) return
  if (!isServing() || (cancelled && op.step == SCRUB_PAUSED)) return abandon(op)
  switch (op.step) {
    case SCRUB_WAITING:
      if (!isAdmitted(op)) return
      // A write has failed here just now: members may differ, and the resync makes them equal.
      if (isUndecided(regionOf(op.lba))) return skipWindow(op)
      return readPiece(op)
    case SCRUB_READ:
      return judgeRead(op)
    case SCRUB_REPAIR:
      return judgeRepair(op)
  }
}

/** Begins a piece anew: every member in sync is asked for it, one after the other. */
function readPiece(op: Operation): void {
  op.step = SCRUB_READ
  unread = inSync
  delivered = 0
  unreadable = 0
  reference = NO_SLOT
  differs = false
  readNext(op)
}

function readNext(op: Operation): void {
  unread &= inSync
  if (unread == 0) return judgePiece(op)
  newRound(op)
  op.cursor = ctz(unread)
  const buffer = reference == NO_SLOT ? SCRUB_REFERENCE : SCRUB_OTHER
  send(op, op.cursor, DRIVE_READ, 0, dataOffset + op.lba, op.sectors, <u32>buffer)
}

/** One member has delivered the piece, or not. */
function judgeRead(op: Operation): void {
  const bay = op.cursor
  const bit: u32 = 1 << bay
  unread &= ~bit
  if (op.succeeded & bit) {
    delivered |= bit
    if (reference == NO_SLOT) reference = bay
    else if (!isEqual(SCRUB_REFERENCE, SCRUB_OTHER, op.sectors * SECTOR_BYTES)) {
      if (op.sectors > 1) return halve(op)
      differs = true
      note(EVENT_SCRUB_MISMATCH, bay, <u32>op.lba, 1)
    }
  } else if (driveSlot((OP_SCRUB << BAY_SHIFT) | bay).status == DRIVE_MEDIUM_ERROR) {
    if (op.sectors > 1) return halve(op)
    note(EVENT_LEG_ERROR, bay, DRIVE_MEDIUM_ERROR, <u32>(dataOffset + op.lba))
    unreadable |= bit
  } else if (!failMember(bay)) {
    // The last one does not answer: there is nothing to compare.
    return abandon(op)
  }
  readNext(op)
}

function halve(op: Operation): void {
  op.sectors >>= 1
  readPiece(op)
}

/** All were asked. Who cannot read it gets it back, unless those who can do not agree. Writes to the range wait for us. */
function judgePiece(op: Operation): void {
  const bays = unreadable & inSync
  if (bays == 0 || reference == NO_SLOT || differs) return finishPiece(op)
  // A cut in this write: the sector is still unreadable there, or has its data.
  op.step = SCRUB_REPAIR
  newRound(op)
  for (let rest = bays; rest != 0; rest &= rest - 1) note(EVENT_READ_REPAIR, ctz(rest), <u32>op.lba, op.sectors)
  sendAll(op, bays, DRIVE_WRITE, DRIVE_FLAG_FUA, dataOffset + op.lba, op.sectors, <u32>SCRUB_REFERENCE)
}

function judgeRepair(op: Operation): void {
  delivered |= op.succeeded
  // A member that cannot store a repair is not worth keeping, unless it is the last.
  for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
  finishPiece(op)
}

function finishPiece(op: Operation): void {
  if (differs) scrubMismatches++
  compared &= differs ? 0 : delivered
  const left = <u32>(windowEnd - op.lba) - op.sectors
  if (left == 0) return finishWindow(op)
  op.lba += op.sectors
  // Trouble is rare: larger pieces again.
  op.sectors = min(op.sectors << 1, left)
  readPiece(op)
}

function finishWindow(op: Operation): void {
  const region = regionOf(windowEnd - 1)
  if (windowEnd == regionEnd(region)) finishRegion(region)
  leaveWindow(op)
}

function finishRegion(region: u32): void {
  // A slot without a member in sync has not been compared: the mark is what that member needs when it comes back.
  const everySlotCompared = arrayState == ARRAY_OPTIMAL && popcnt(compared) == memberCount
  // With the write cache on, what was read may not be on the media yet: the sweep flushes first.
  if (everySlotCompared && !writeCacheEnabled) clearMark(region)
}

function skipWindow(op: Operation): void {
  compared = 0
  leaveWindow(op)
}

function leaveWindow(op: Operation): void {
  nextLba = windowEnd
  op.step = SCRUB_PAUSED
  release(op)
  if (cancelled) return abandon(op)
  goOnAfterPause()
}

function end(op: Operation): void {
  op.kind = KIND_NONE
  note(EVENT_SCRUB_DONE, scrubMismatches, 0, 0)
}

/** Without a word of being done. */
function abandon(op: Operation): void {
  op.kind = KIND_NONE
  release(op)
}
