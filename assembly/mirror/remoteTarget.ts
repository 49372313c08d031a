// What a secondary does with what it is told: it stores writes in the order in which they come, and says so.
//
// A write of the other site is an operation like one of a host: it is marked in the write-intent bitmap, goes to all members, and takes
// its turn among those that touch the same sectors. Where a host would be answered, a frame goes back.

import { DRIVE_FLAG_FUA } from '../abi/driveSlots'
import { EVENT_POINT_HELD } from '../abi/events'
import { REMOTE_TARGET } from '../abi/status'
import { lunSectors } from './array'
import { askForFlush, cachesAreLost, isFlushed } from './checkpoint'
import { compare } from './compare'
import { startFlush } from './flush'
import { giveUpJournal } from './journal'
import { isReplaying, replayIsStored } from './journalReplay'
import { held, heldStream, setHeldStream } from './journalRing'
import { note } from './log'
import {
  APPLY_BUFFER,
  BUFFER_BYTES,
  frameSlot,
  MARKS_BUFFER,
  OP_APPLY,
  OP_PRESERVE,
  REMOTE_BASE,
  remoteBuffer,
  SECTOR_BYTES,
} from './memory'
import { begin, indexOf, KIND_FLUSH, KIND_NONE, KIND_WRITE, Operation, operation } from './operation'
import { NO_RANGE } from './ranges'
import { receive, receivedEnded, setOrigin } from './received'
import { giveBack, inStepState, loseSession, remoteState, sendNumbered, session, setRemoteState } from './remote'
import {
  FRAME_COPY,
  FRAME_FLUSH,
  FRAME_FLUSHED,
  FRAME_IN_STEP,
  FRAME_IN_STEP_TAKEN,
  FRAME_MARKS,
  FRAME_STORED,
  FRAME_STREAM,
  FRAME_SUM,
  FRAME_SYNC_BEGIN,
  FRAME_WRITE,
  Header,
  newFrame,
} from './remoteFrames'
import { isAsync, isOrdered, isScheduled } from './remoteMode'
import { adoptGeneration, copyMarks, MARKS_BYTES, setConsistent } from './remoteRecord'
import { beginStaging, isStaging, mayStageAgain, roomForPoint, stage } from './stage'
import { isStopping } from './stop'
import { isSwitching, seal, stagedIsStored } from './switch'
import { startWrite } from './write'

export let marksAreDue: bool = false
/** The flush that comes before them (checkpoint.ts), or 0. */
let flush: u32 = 0
/** Writes of the other site that are not on the members yet. */
export let writesUnderWay: u32 = 0

// In a write of the other site, in the place of sense data: what it is.
const FROM_HOST: u32 = 0
const COPY: u32 = 1
/** Of sectors that the other site cannot read any more. */
const LOST_COPY: u32 = 2
/** No write: what was stored is to be on the media. */
const FLUSH: u32 = 3

/** Its sectors are to become unreadable. */
export function isOfLost(op: Operation): bool {
  return isRemote(op) && op.sense == LOST_COPY
}

/** The frame's buffer belongs to a write that is under way. */
export function isUsed(frame: u32): bool {
  return operation(REMOTE_BASE + frame).kind != KIND_NONE
}

export function isRemote(op: Operation): bool {
  return indexOf(op) >= REMOTE_BASE
}

/** The session begins, and this site is its target. */
export function becomeTarget(): void {
  // What it had for the other site, when it led, is asked for in its place.
  giveUpJournal()
  setRemoteState(REMOTE_TARGET)
  marksAreDue = true
  flush = 0
  areaIsFree()
}

/** First of all: what may be otherwise here. But nothing is to come while the area is in use for what was before. */
export function areaIsFree(): void {
  if (!marksAreDue || remoteState != REMOTE_TARGET || isSwitching() || operation(OP_PRESERVE).kind != KIND_NONE) return
  // A write of an older session that a copy has come over must not be done again after a cut.
  if (isOrdered() && (writesUnderWay != 0 || isReplaying())) return
  // Nor one that was in the caches only.
  if (flush == 0) flush = askForFlush()
  if (!isFlushed(flush)) return
  marksAreDue = false
  copyMarks(MARKS_BUFFER)
  const header = newFrame(FRAME_MARKS)
  if (isScheduled()) header.tag = roomForPoint()
  if (isAsync()) {
    header.current = heldStream
    header.base = held
  }
  sendNumbered(header, <u32>MARKS_BUFFER, MARKS_BYTES)
}

/** What is here is what the other site has, or had at the point in time. */
export function becomeFollower(): void {
  setRemoteState(inStepState())
  sendNumbered(newFrame(FRAME_IN_STEP_TAKEN), 0, 0)
}

function isFollowing(): bool {
  return remoteState == REMOTE_TARGET || remoteState == inStepState()
}

export function targetHears(frame: u32, header: Header): void {
  if (!isFollowing()) return
  switch (header.type) {
    case FRAME_WRITE:
    case FRAME_COPY:
    case FRAME_SUM:
      return store(frame, header)
    case FRAME_FLUSH:
      return flushHere(frame, header)
    case FRAME_STREAM:
      return setHeldStream(header.current, header.base)
    case FRAME_SYNC_BEGIN:
      if (header.flags != 0) return beginStaging()
      // A cut from here on: no state that the LUN ever had, and it says so.
      setConsistent(false)
      return setRemoteState(REMOTE_TARGET)
    case FRAME_IN_STEP:
      if (isStopping()) return
      if (isStaging) return seal(header.current, header.tag)
      adoptGeneration(header.current, header.tag)
      if (header.tag != 0) note(EVENT_POINT_HELD, header.tag, 0, 0)
      mayStageAgain()
      becomeFollower()
  }
}

function store(frame: u32, header: Header): void {
  const fits = header.sectors != 0 && header.sectors <= BUFFER_BYTES / SECTOR_BYTES
  if (!fits || header.lba > lunSectors || <u64>header.sectors > lunSectors - header.lba) return loseSession()
  const op = begin(REMOTE_BASE + frame, KIND_WRITE)
  op.range = NO_RANGE
  op.buffer = <u32>remoteBuffer(frame)
  op.lba = header.lba
  op.sectors = header.sectors
  // The other site forgets that a region differs when a copy of it is stored here: it is on the media then.
  op.flags = header.type == FRAME_COPY ? DRIVE_FLAG_FUA : header.flags & DRIVE_FLAG_FUA
  op.sense = whatIs(header.type, frameSlot(frame).dataBytes)
  // Which answer to which session: the field is free in a write.
  op.badLba = ((<u64>header.tag) << 32) | session
  writesUnderWay++
  if (isStopping()) remoteWriteEnded(op, false)
  else if (header.type == FRAME_SUM) compare(op)
  else if (isOrdered() && header.type == FRAME_WRITE) {
    setOrigin(op, isAsync() ? header.current : 0)
    receive(op)
  } else if (isStaging) stage(op, frame)
  else startWrite(op)
}

/** All that the other site was told to be stored goes to the media: hosts there wait for it. */
function flushHere(frame: u32, header: Header): void {
  const op = begin(REMOTE_BASE + frame, KIND_FLUSH)
  op.sense = FLUSH
  op.badLba = ((<u64>header.tag) << 32) | session
  writesUnderWay++
  if (isStopping()) remoteWriteEnded(op, false)
  else startFlush(op)
}

function whatIs(type: u32, dataBytes: u32): u32 {
  if (type == FRAME_WRITE) return FROM_HOST
  return type == FRAME_COPY && dataBytes == 0 ? LOST_COPY : COPY
}

/** The sums of a window were those of what is here (FRAME_STORED), or not (FRAME_DIFFERS). */
export function sumEnded(op: Operation, type: u32): void {
  op.kind = KIND_NONE
  writesUnderWay--
  answer(op, type, 0)
  giveBack(indexOf(op) - REMOTE_BASE)
  areaIsFree()
}

/** A window of a point that was staged, or a write that was in the journal, goes to its place in the LUN, from the buffer for that. */
export function storeOwn(lba: u64, sectors: u32): void {
  const op = begin(OP_APPLY, KIND_WRITE)
  op.range = NO_RANGE
  op.buffer = <u32>APPLY_BUFFER
  op.lba = lba
  op.sectors = sectors
  op.flags = DRIVE_FLAG_FUA
  op.sense = COPY
  writesUnderWay++
  startWrite(op)
}

/** The write is on the members here, or cannot be stored. */
export function remoteWriteEnded(op: Operation, isStored: bool): void {
  op.kind = KIND_NONE
  writesUnderWay--
  if (indexOf(op) == OP_APPLY) return isScheduled() ? stagedIsStored(isStored) : replayIsStored(isStored)
  if (op.sense == FLUSH) return flushEnded(op, isStored)
  const isInJournal = op.journal != 0
  if (!isInJournal || !isAsync()) answer(op, FRAME_STORED, isStored ? 0 : 1)
  giveBack(indexOf(op) - REMOTE_BASE)
  if (isInJournal) receivedEnded(op, isStored)
  areaIsFree()
}

function flushEnded(op: Operation, isGood: bool): void {
  answer(op, FRAME_FLUSHED, isGood ? 0 : 1)
  giveBack(indexOf(op) - REMOTE_BASE)
  if (!isGood && !isStopping()) cachesAreLost()
  areaIsFree()
}

/** A write that had not been begun is forgotten. */
export function wroteNothing(): void {
  writesUnderWay--
}

export function answer(op: Operation, type: u32, flags: u32): void {
  // Of a session that is over: the other site has marked the write, and sends it again.
  if (<u32>op.badLba != session || !isFollowing()) return
  const header = newFrame(type)
  header.tag = <u32>(op.badLba >> 32)
  header.flags = flags
  header.sectors = op.sectors
  if (isAsync()) header.current = held
  // Copies are told apart by their place: they have no shipment.
  header.lba = op.sense == FROM_HOST ? u64.MAX_VALUE : op.lba
  sendNumbered(header, 0, 0)
}
