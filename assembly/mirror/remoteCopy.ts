// Bringing the other site up to date: region after region of what is marked, while hosts go on.
//
// Each window is locked against writes while it is read and sent; later writes to it are sent later, and the link keeps the order. Windows
// of several regions are on their way at once. A mark is removed when the other site has stored all of its region. A cut anywhere: what
// was not removed is still marked, and the other site still says that it is not consistent.

import { DRIVE_MEDIUM_ERROR, DRIVE_READ } from '../abi/driveSlots'
import { EVENT_REMOTE_SYNC_BEGIN, EVENT_REMOTE_SYNC_DONE } from '../abi/events'
import { REMOTE_SOURCE } from '../abi/status'
import { setTimer } from '../hal/hal'
import { NO_BIT } from '../lib/bits'
import { NO_AREA_SLOT, slotLba, slotOf, slotSum, sumOf } from './area'
import { dataOffset, inSync } from './array'
import { rangeIsUndecided } from './bitmap'
import { comparesSums, sendSums } from './compare'
import { forgetInFull, hasInFull, inFullLba, inFullSectors, sentInFull, wantInFull, windowsInFull } from './inFull'
import { beginStreaming, hasBacklog, pump } from './journalSend'
import { note } from './log'
import { BAY_SHIFT, driveSlot, OP_REMOTE_COPY, REMOTE_COPY_BUFFER, SECTOR_BYTES } from './memory'
import { begin, KIND_NONE, KIND_REMOTE_COPY, newRound, Operation, operation, send } from './operation'
import { peerIsConsistent } from './peer'
import { isKeptMarked, isStaged, nextWaiting, pointArrived, pointTaken, regionSent, setRoom, takePoint } from './point'
import { admit, isAdmitted, NO_RANGE, RANGE_COPY, release } from './ranges'
import { WINDOW_SECTORS } from './recovery'
import { becomeSource, inStepState, lookWhetherBehind, loseSession, sendNumbered, setRemoteState } from './remote'
import {
  FRAME_COPY,
  FRAME_DIFFERS,
  FRAME_IN_STEP,
  FRAME_IN_STEP_TAKEN,
  FRAME_MARKS,
  FRAME_STORED,
  FRAME_SYNC_BEGIN,
  Header,
  newFrame,
} from './remoteFrames'
import { isAsync, isScheduled } from './remoteMode'
import {
  addMarks,
  current,
  generationIsShared,
  markEnd,
  markedRegions,
  markOf,
  markStart,
  nextMark,
  offerGeneration,
  removeMark,
} from './remoteRecord'
import { pauseAfter } from './resyncRate'
import { takeIfDue } from './schedule'
import { TIMER_REMOTE_COPY } from './timers'

const COPY_NEXT: u32 = 0
const COPY_WAITING: u32 = 1
const COPY_READING: u32 = 2
/** As much is on its way as may be. */
const COPY_FULL: u32 = 3
/** Nobody could read it just now, or it is undecided here. */
const COPY_PAUSED: u32 = 4
/** Everything is sent: the other site says that it has taken notice. */
const COPY_DONE: u32 = 5

const PAUSE_NS: f64 = 10_000_000
/** Windows on their way at once: not so many that hosts' writes wait for them; in mode scheduled no host waits for the line. */
const WINDOWS_MAX: u32 = 16
const WINDOWS_MAX_SCHEDULED: u32 = 64

/** The region that is being sent, or NO_BIT, and the next sector in it. */
let region: u32 = NO_BIT
let nextLba: u64 = 0
/** Up to here sectors go one by one: somewhere before it is one that cannot be read. */
let fineUntil: u64 = 0
/** Mode scheduled: the slot that has the region as it was when the point was taken, or NO_AREA_SLOT; and the sum of what was read of it. */
let slot: u32 = NO_AREA_SLOT
let slotSumSoFar: u32 = 0
let onTheWay: u32 = 0
let windowsSent: u32 = 0
/** The window that is being read differs at the copy. */
let isInFull: bool = false
/** The region of each window that is on its way. */
const WINDOW_REGIONS: usize = memory.data(64 * 4, 16)
/** The session is over, and a read of it has not ended. */
let isOver: bool = false
/** A new session waits for that. */
let isWanted: bool = false
/** Mode async: the stream that the other site has, and up to where. */
let peerStream: u64 = 0
let peerHeld: u64 = 0

/** The other site is known, and so is what it has otherwise. */
export function beginRemoteSync(): void {
  if (isOver) isWanted = true
  else start()
}

function start(): void {
  const op = begin(OP_REMOTE_COPY, KIND_REMOTE_COPY)
  op.range = NO_RANGE
  if (isAsync()) beginStreaming(markedRegions == 0, peerStream, peerHeld)
  onTheWay = 0
  windowsSent = 0
  forgetInFull()
  fineUntil = 0
  region = NO_BIT
  if (isScheduled()) {
    takePoint()
    if (!isStaged) setRemoteState(REMOTE_SOURCE)
  }
  if (markedRegions != 0) {
    note(EVENT_REMOTE_SYNC_BEGIN, markedRegions, 0, 0)
    const header = newFrame(FRAME_SYNC_BEGIN)
    header.flags = isStaged ? 1 : 0
    sendNumbered(header, 0, 0)
  }
  advanceRemoteCopy(op)
  if (isAsync()) pump()
}

export function sourceHears(header: Header, data: u32): void {
  const op = operation(OP_REMOTE_COPY)
  if (header.type == FRAME_MARKS) {
    addMarks(data)
    peerStream = header.current
    peerHeld = header.base
    setRoom(header.tag, peerIsConsistent())
    becomeSource()
  } else if (op.kind != KIND_REMOTE_COPY || isOver) {
    return
  } else if (header.type == FRAME_STORED) {
    if (header.flags != 0) return loseSession()
    windowStored(markOf(header.lba))
    advanceRemoteCopy(op)
  } else if (header.type == FRAME_DIFFERS) {
    wantInFull(header.lba, header.sectors)
    advanceRemoteCopy(op)
  } else if (header.type == FRAME_IN_STEP_TAKEN && op.step == COPY_DONE) {
    op.kind = KIND_NONE
    generationIsShared()
    pointArrived()
    lookWhetherBehind(inStepState())
    note(EVENT_REMOTE_SYNC_DONE, windowsSent, comparesSums() ? windowsSent - windowsInFull : 0, 0)
    takeIfDue()
  }
}

export function advanceRemoteCopy(op: Operation): void {
  if (op.pending != 0) return
  if (isOver) return goOver(op)
  if (op.step == COPY_WAITING) {
    if (isAdmitted(op)) read(op)
    return
  }
  if (op.step == COPY_READING) return judgeRead(op)
  if (op.step == COPY_FULL || op.step == COPY_NEXT) nextWindow(op)
}

/** The other site has stored a window of a region. */
function windowStored(stored: u32): void {
  let others: u32 = 0
  let at: u32 = onTheWay
  for (let index: u32 = 0; index < onTheWay; index++) {
    if (load<u32>(WINDOW_REGIONS + (index << 2)) != stored) continue
    if (at == onTheWay) at = index
    else others++
  }
  if (at == onTheWay) return
  store<u32>(WINDOW_REGIONS + (at << 2), load<u32>(WINDOW_REGIONS + (--onTheWay << 2)))
  // All of the region is stored there. A cut before this: it is copied once more.
  if (others == 0 && stored != region && !isKeptMarked(stored)) removeMark(stored)
}

function nextWindow(op: Operation): void {
  isInFull = hasInFull()
  if (isInFull) return ask(op, inFullLba(), inFullSectors())
  if (region != NO_BIT && isPreserved()) beginRegion()
  if (region == NO_BIT) {
    region = nextUnsent()
    // What is left is on its way, or there is nothing.
    if (region == NO_BIT && onTheWay == 0 && !hasBacklog()) return finish(op)
    if (region != NO_BIT) beginRegion()
  }
  if (region == NO_BIT || onTheWay == (isScheduled() ? WINDOWS_MAX_SCHEDULED : WINDOWS_MAX)) {
    op.step = COPY_FULL
    return
  }
  ask(op, nextLba, nextLba < fineUntil ? 1 : <u32>min<u64>(markEnd(region) - nextLba, WINDOW_SECTORS))
}

function ask(op: Operation, lba: u64, sectors: u32): void {
  op.lba = lba
  op.sectors = sectors
  op.step = COPY_WAITING
  if (admit(op, lba, sectors, RANGE_COPY)) read(op)
}

/** A marked region that is not on its way, or NO_BIT. */
function nextUnsent(): u32 {
  if (isScheduled()) return nextWaiting()
  let found = nextMark(0)
  while (found != NO_BIT && isOnTheWay(found)) found = nextMark(found + 1)
  return found
}

function isOnTheWay(sent: u32): bool {
  for (let index: u32 = 0; index < onTheWay; index++) {
    if (load<u32>(WINDOW_REGIONS + (index << 2)) == sent) return true
  }
  return false
}

function beginRegion(): void {
  nextLba = markStart(region)
  slot = slotOf(region)
  slotSumSoFar = 0
}

/** Since the region was begun a host has come before it (preserve.ts): from now on a slot has it as it was. */
function isPreserved(): bool {
  return slot == NO_AREA_SLOT && slotOf(region) != NO_AREA_SLOT
}

function read(op: Operation): void {
  op.failed = 0
  if (!isInFull && isPreserved()) {
    // Just now: all of it is in the slot, and nothing but that is looked at.
    release(op)
    return nextWindow(op)
  }
  if (inSync == 0) return pause(op)
  if (slot == NO_AREA_SLOT && popcnt(inSync) > 1 && rangeIsUndecided(op.lba, op.sectors)) return pause(op)
  op.step = COPY_READING
  readFrom(op, ctz(inSync))
}

function readFrom(op: Operation, bay: u32): void {
  const at = slot != NO_AREA_SLOT ? slotLba(slot) + (op.lba - markStart(region)) : dataOffset + op.lba
  send(op, bay, DRIVE_READ, 0, at, op.sectors, <u32>REMOTE_COPY_BUFFER)
}

function judgeRead(op: Operation): void {
  if (op.succeeded != 0) return pass(op, op.sectors * SECTOR_BYTES)
  const others = inSync & ~op.failed
  if (others != 0) return readFrom(op, ctz(others))
  // In a new session it is found out anew what of it can be read.
  if (slot != NO_AREA_SLOT || isInFull) return loseSession()
  if (!isUnreadable(op)) return pause(op)
  // What nobody can read here cannot be read there either.
  if (op.sectors == 1) return pass(op, 0)
  fineUntil = op.lba + op.sectors
  newRound(op)
  release(op)
  nextWindow(op)
}

/** All members have answered, and each of them has lost some sector. */
function isUnreadable(op: Operation): bool {
  for (let rest = op.failed; rest != 0; rest &= rest - 1) {
    if (driveSlot((OP_REMOTE_COPY << BAY_SHIFT) | ctz(rest)).status != DRIVE_MEDIUM_ERROR) return false
  }
  return op.failed != 0
}

/** Sends the window; no bytes: its sector is lost. */
function pass(op: Operation, bytes: u32): void {
  newRound(op)
  if (isInFull) return passInFull(op)
  const isLast = nextLba + op.sectors == markEnd(region)
  if (slot != NO_AREA_SLOT) slotSumSoFar += sumOf(op.lba, op.sectors, REMOTE_COPY_BUFFER)
  // Some member has something else in the slot than was put there: the point is given up.
  if (slot != NO_AREA_SLOT && isLast && slotSumSoFar != slotSum(slot)) return loseSession()
  if (bytes != 0 && comparesSums()) sendSums(op.lba, op.sectors, REMOTE_COPY_BUFFER)
  else sendWindow(op, bytes)
  windowsSent++
  store<u32>(WINDOW_REGIONS + (onTheWay++ << 2), region)
  nextLba += op.sectors
  release(op)
  if (isLast) {
    const done = region
    region = NO_BIT
    regionSent(done)
  }
  goOn(op)
}

function sendWindow(op: Operation, bytes: u32): void {
  const header = newFrame(FRAME_COPY)
  header.lba = op.lba
  header.sectors = op.sectors
  sendNumbered(header, <u32>REMOTE_COPY_BUFFER, bytes)
}

/** The copy has it otherwise. It has been counted as on its way all the while. */
function passInFull(op: Operation): void {
  sendWindow(op, op.sectors * SECTOR_BYTES)
  sentInFull()
  release(op)
  goOn(op)
}

/** At the rate that is configured. */
function goOn(op: Operation): void {
  const pauseNs = pauseAfter(op.sectors)
  if (pauseNs == 0) return nextWindow(op)
  op.step = COPY_PAUSED
  setTimer(TIMER_REMOTE_COPY, pauseNs)
}

/** Others first; then again. */
function pause(op: Operation): void {
  newRound(op)
  release(op)
  op.step = COPY_PAUSED
  setTimer(TIMER_REMOTE_COPY, PAUSE_NS)
}

export function remotePauseEnded(): void {
  const op = operation(OP_REMOTE_COPY)
  if (op.kind != KIND_REMOTE_COPY || op.step != COPY_PAUSED) return
  op.step = COPY_NEXT
  advanceRemoteCopy(op)
}

function finish(op: Operation): void {
  op.step = COPY_DONE
  offerGeneration()
  const header = newFrame(FRAME_IN_STEP)
  header.tag = pointTaken
  header.current = current
  sendNumbered(header, 0, 0)
}

/** What was in its way is not any more. */
export function goOnCopyingAway(): void {
  const op = operation(OP_REMOTE_COPY)
  if (op.kind == KIND_REMOTE_COPY && op.step == COPY_FULL) advanceRemoteCopy(op)
}

/** Whether something is on its way to the other site. */
export function isCopyingAway(): bool {
  return operation(OP_REMOTE_COPY).kind != KIND_NONE
}

/** The session is over. A read that is under way ends by itself. */
export function endRemoteCopy(): void {
  const op = operation(OP_REMOTE_COPY)
  isWanted = false
  if (op.kind != KIND_REMOTE_COPY) return
  if (op.pending != 0) isOver = true
  else abandon(op)
}

/** From a session that is over to the one that waits, if one does. */
function goOver(op: Operation): void {
  isOver = false
  abandon(op)
  if (!isWanted) return
  isWanted = false
  start()
}

function abandon(op: Operation): void {
  op.kind = KIND_NONE
  release(op)
}
