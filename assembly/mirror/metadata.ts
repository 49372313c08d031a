// The commit: membership, made durable.
//
// What the superblocks say decides, after a power cut, whose data count. So every change of membership is committed on all members that
// remain before its consequences become visible: no write is acknowledged while a member that missed it is still recorded as in sync.
//
//   header   the bitmap's header with the new event count, on every member: a bitmap is never older than the superblock beside it
//   backup   the superblock into one of two backup slots, in turns: a torn write here leaves the superblock itself alone
//   primary  the superblock: from here on this member knows
//   NVRAM    the controller knows: a member with an older event count is not taken for the truth again
//
// A cut in between leaves some members with the old event count; assembly believes the newest and brings the others up to date.

import { DRIVE_FLAG_FUA, DRIVE_WRITE } from '../abi/driveSlots'
import { EVENT_COMMIT_BEGIN, EVENT_COMMIT_DONE } from '../abi/events'
import { ARRAY_DISCOVERING, ARRAY_FAILED, BAY_STATE_EMPTY, BAY_STATE_FAULTY, BAY_STATE_IN_SYNC } from '../abi/status'
import { setTimer } from '../hal/hal'
import { isAtOrAfter } from '../lib/serial'
import {
  arrayState,
  bayOf,
  events,
  inSync,
  ours,
  refreshArrayState,
  setArrayState,
  setEvents,
  uuid0,
  uuid1,
  vacate,
} from './array'
import { dirtyRegions, encodeHeader, isWriting, writeNextBlock } from './bitmap'
import { note } from './log'
import { BACKUP_SECTOR_A, BACKUP_SECTOR_B, BITMAP_SECTOR, SUPERBLOCK_SECTOR } from './md'
import { BITMAP_IMAGE, OP_METADATA, OP_SCRUB, OPERATIONS, SUPERBLOCK_BUFFERS } from './memory'
import { rememberedEvents, rememberInNvram } from './nvramRecord'
import { begin, KIND_METADATA, KIND_NONE, newRound, Operation, operation, send, sendAll, wake } from './operation'
import { afterCommit } from './recovery'
import { isStopped } from './stop'
import { encode } from './superblock'
import { TIMER_RETRY } from './timers'

const STEP_WAIT: u32 = 0
const STEP_HEADER: u32 = 1
const STEP_BACKUP: u32 = 2
const STEP_PRIMARY: u32 = 3

/** Version that is asked for, that is being written, and that is durable. They wrap. */
let wanted: u32 = 0
let writing: u32 = 0
let durable: u32 = 0
/** The version that records the latest loss of a member: no write may be acknowledged before it is durable. */
let lossVersion: u32 = 0
/** The version that records the latest member that became complete. */
let promotionVersion: u32 = 0
/** Some superblock may say "clean". */
let recordedClean: bool = false
/** What the superblocks of the version that is being written say. */
let writingClean: bool = false

/** Counters begin where the configuration says. */
export function startVersions(first: u32): void {
  wanted = first
  writing = first
  durable = first
  lossVersion = first
  promotionVersion = first
}

/** Asks for a commit of the present state. Returns the version to wait for. */
export function requestCommit(): u32 {
  wanted++
  const op = operation(OP_METADATA)
  if (op.kind == KIND_NONE) {
    attemptsFailed = 0
    begin(OP_METADATA, KIND_METADATA)
    wake(op)
  }
  return wanted
}

export function isDurable(version: u32): bool {
  return isAtOrAfter(durable, version)
}

/** Whether all losses of members are recorded on those that remain. */
export function lossesAreRecorded(): bool {
  return isAtOrAfter(durable, lossVersion)
}

/** A member has become complete: its marks count at the next boot when that is recorded, and not before. */
export function recordPromotion(): void {
  promotionVersion = requestCommit()
}

/** Whether every member in sync is recorded as such. */
export function promotionsAreRecorded(): bool {
  return isAtOrAfter(durable, promotionVersion)
}

/** A commit that the last member refused is tried again when somebody needs it. */
export function retryFailedCommit(): void {
  if (commitsFail() && isIdle()) requestCommit()
}

/** A second: the last member may be better then. */
const RETRY_NS: f64 = 1e9

/** The last trusted member refuses metadata: they are written again after a while, whether or not somebody waits for them. */
export function retryLater(): void {
  setTimer(TIMER_RETRY, RETRY_NS)
}

export function retryMetadata(): void {
  if (isStopped()) return
  retryFailedCommit()
  writeNextBlock()
}

export function isIdle(): bool {
  return operation(OP_METADATA).kind == KIND_NONE
}

/** A superblock may say "clean": before the first write every one must say "active". */
export function isRecordedClean(): bool {
  return recordedClean
}

/** The bitmap's header and its first block share sectors: they are not written at the same time, and a commit goes first. */
export function headerIsDue(): bool {
  const op = operation(OP_METADATA)
  return op.kind == KIND_METADATA && op.step <= STEP_HEADER
}

/** The bitmap's writer is out of the way. */
export function headerMayGo(): void {
  if (headerIsDue()) wake(operation(OP_METADATA))
}

/**
 * Takes a member out that failed. The last member in sync is never taken out: it is all that is left. Returns whether the drive is out.
 */
export function failMember(index: u32): bool {
  const bay = bayOf(index)
  const bit: u32 = 1 << index
  if (!(ours & bit)) return true
  if (inSync == bit) return false
  const wasTrusted = bay.state == BAY_STATE_IN_SYNC
  vacate(index, BAY_STATE_FAULTY)
  recordLoss(wasTrusted)
  return true
}

/** A drive has left its bay. */
export function loseMember(index: u32): void {
  const bay = bayOf(index)
  const bit: u32 = 1 << index
  const wasOurs = (ours & bit) != 0
  const wasTrusted = bay.state == BAY_STATE_IN_SYNC
  vacate(index, BAY_STATE_EMPTY)
  if (wasOurs) recordLoss(wasTrusted)
}

function recordLoss(wasTrusted: bool): void {
  // Put together, not served yet, and nobody is left: whoever comes next is asked anew.
  if (inSync == 0 && wasTrusted && arrayState == ARRAY_DISCOVERING) setArrayState(ARRAY_FAILED)
  refreshArrayState()
  // Nobody is left to record it on: the superblock of the member that went last stays the newest, and stays right.
  if (inSync == 0) return wake(operation(OP_SCRUB))
  const version = requestCommit()
  if (wasTrusted) lossVersion = version
}

/** The commit, step by step. */
export function advanceMetadata(op: Operation): void {
  if (op.pending != 0) return
  switch (op.step) {
    case STEP_WAIT:
      if (isWriting()) return
      startVersion(op)
      return
    case STEP_HEADER:
      if (!survived(op)) return
      writeSuperblocks(op, STEP_BACKUP)
      writeNextBlock()
      return
    case STEP_BACKUP:
      if (!survived(op)) return
      writeSuperblocks(op, STEP_PRIMARY)
      return
    case STEP_PRIMARY:
      if (!survived(op)) return
      finishVersion(op)
      return
  }
}

/** A new event count for whatever has changed until now; nothing of it is on a member yet. */
function startVersion(op: Operation): void {
  if (inSync == 0) {
    op.kind = KIND_NONE
    wakeWaiters()
    return
  }
  writing = wanted
  setEvents(events + 1)
  // A cut from here on: members may have this count that are not here at the next boot.
  rememberInNvram(rememberedEvents(uuid0, uuid1))
  note(EVENT_COMMIT_BEGIN, <u32>events, 0, 0)
  // "Clean" is assumed as soon as one may say so, "active" only when all do.
  writingClean = dirtyRegions == 0
  if (writingClean) recordedClean = true
  op.step = STEP_HEADER
  newRound(op)
  encodeHeader()
  sendAll(op, ours, DRIVE_WRITE, DRIVE_FLAG_FUA, BITMAP_SECTOR, 1, <u32>BITMAP_IMAGE)
}

function writeSuperblocks(op: Operation, step: u32): void {
  op.step = step
  newRound(op)
  for (let rest = ours; rest != 0; rest &= rest - 1) {
    const index: u32 = ctz(rest)
    const buffer = <u32>SUPERBLOCK_BUFFERS + (index << 12)
    encode(buffer, index, writingClean)
    let sector = SUPERBLOCK_SECTOR
    if (step == STEP_BACKUP) {
      sector = bayOf(index).backup ? BACKUP_SECTOR_B : BACKUP_SECTOR_A
      bayOf(index).backup ^= 1
    }
    send(op, index, DRIVE_WRITE, DRIVE_FLAG_FUA, sector, 1, buffer)
  }
}

/** After a round: members that did not take it are out. False: nobody in sync took it, and the commit has failed for now. */
function survived(op: Operation): bool {
  const failed = op.failed
  const stored = op.succeeded & inSync
  if (stored != 0) {
    for (let rest = failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
    return true
  }
  // Whoever waits for this version waits for the next attempt; a failing last member fails the writes by itself.
  op.step = STEP_WAIT
  if (inSync == 0) {
    op.kind = KIND_NONE
    wakeWaiters()
    return false
  }
  attemptsFailed++
  wakeWaiters()
  if (attemptsFailed < ATTEMPTS_MAX) {
    wake(op)
  } else {
    op.kind = KIND_NONE
    retryLater()
    writeNextBlock()
  }
  return false
}

/** In a row. */
let attemptsFailed: u32 = 0
const ATTEMPTS_MAX: u32 = 3

/** Whether the last trusted member refuses metadata. */
export function commitsFail(): bool {
  return attemptsFailed >= ATTEMPTS_MAX
}

function finishVersion(op: Operation): void {
  attemptsFailed = 0
  durable = writing
  // What is recorded stays so, however far the versions go on.
  if (lossesAreRecorded()) lossVersion = durable
  if (promotionsAreRecorded()) promotionVersion = durable
  recordedClean = writingClean
  rememberInNvram(events)
  note(EVENT_COMMIT_DONE, <u32>events, 0, 0)
  op.step = STEP_WAIT
  if (wanted != writing) wake(op)
  else op.kind = KIND_NONE
  wakeWaiters()
  afterCommit()
}

function wakeWaiters(): void {
  for (let index: u32 = 0; index < OPERATIONS; index++) {
    const waiting = operation(index)
    if (waiting.kind != KIND_NONE && waiting.pending == 0 && index != OP_METADATA) wake(waiting)
  }
}

/** Before an array is assembled. */
export function resetCommits(): void {
  attemptsFailed = 0
  operation(OP_METADATA).kind = KIND_NONE
}
