// A mirrored write. The order of these steps is the product.

import { DRIVE_FLAG_FUA, DRIVE_WRITE, DRIVE_WRITE_UNCORRECTABLE } from '../abi/driveSlots'
import { ASC_BECOMING_READY, ASC_WRITE_ERROR, SENSE_MEDIUM_ERROR, SENSE_NOT_READY } from '../abi/scsi'
import { dataOffset, inSync, writeCacheEnabled, writeTargets } from './array'
import { beginWrite, demandMarks, endWrite, isMarked, markFailures, markUndecidedRange } from './bitmap'
import { answerGood, answerNotReady, answerSense } from './frontEnd'
import { writeEnded } from './journal'
import { isJournaling, journalAway, makeRoom } from './journalSend'
import {
  commitsFail,
  failMember,
  isRecordedClean,
  lossesAreRecorded,
  promotionsAreRecorded,
  requestCommit,
  retryFailedCommit,
} from './metadata'
import { newRound, Operation, REMOTE_AWAITED, REMOTE_FAILED, sendAll } from './operation'
import { preserve, waitsToBeKept } from './preserve'
import { admit, isAdmitted, RANGE_WRITE, release } from './ranges'
import { isServing, scheduleCopy } from './recovery'
import { isShipping, loseSession, refusesWrites, trackUnsent } from './remote'
import { hasRemote, hasSnapshots } from './remoteMode'
import { isCopy } from './remoteRecord'
import { isOfLost, isRemote } from './remoteTarget'
import { leavesQueue, ship, waitsToShip, wakeNextToShip } from './ship'
import { noteChange } from './snapshot'

const WRITE_WAITING: u32 = 0
export const WRITE_MARKING: u32 = 1
const WRITE_LEGS: u32 = 2
const WRITE_RECORDING: u32 = 3
/** The other site does not have the write before this one yet. */
export const WRITE_BEHIND: u32 = 4
/** It would change what is to be sent to the other site as it was at a point in time, or what a snapshot has: that is kept first. */
export const WRITE_PRESERVING: u32 = 5

/** A mark that the last member refused is asked for again this often. */
const MARK_RETRIES: u32 = 2

/** The data are in `op.buffer`; `op.lba`, `op.sectors` are inside the LUN; `op.flags` has FUA if the initiator asked for it. */
export function startWrite(op: Operation): void {
  if (!writeCacheEnabled) op.flags = DRIVE_FLAG_FUA
  op.step = WRITE_WAITING
  if (admit(op, op.lba, op.sectors, RANGE_WRITE)) advanceWrite(op)
}

export function advanceWrite(op: Operation): void {
  if (op.step == WRITE_WAITING) {
    // The sectors are ours first. A cut here: nothing has happened.
    if (!isAdmitted(op)) return
    if (!isServing()) return refuse(op)
    if (!isRemote(op) && refusesWrites()) return refuseAlone(op)
    retryFailedCommit()
    op.cursor = markFailures
    const marked = beginWrite(op.lba, op.sectors)
    op.step = WRITE_MARKING
    if (isRecordedClean()) requestCommit()
    else if (marked && promotionsAreRecorded()) return sendLegs(op)
    return
  }
  if (op.step == WRITE_MARKING) {
    // The regions are marked durably on every member, and the superblocks say "active", before any member changes. So they do of a
    // member that has just become complete: until then its marks are not asked for. A cut here: at worst a mark too many, and a
    // needless copy of equal regions.
    if (!isServing()) return giveUp(op)
    if (!isMarked(op.lba, op.sectors)) {
      if (op.cursor == markFailures) return
      // The write of a mark failed; it may have been under way before we came, so we ask for one of our own.
      op.cursor = markFailures
      if (op.repair++ < MARK_RETRIES) demandMarks(op.lba, op.sectors)
      else giveUp(op)
      return
    }
    if (isRecordedClean() || !promotionsAreRecorded()) {
      if (commitsFail()) giveUp(op)
      return
    }
    return sendLegs(op)
  }
  if (op.step == WRITE_PRESERVING) {
    if (!waitsToBeKept(op)) startWrite(op)
    return
  }
  if (op.step == WRITE_BEHIND) {
    if (!isServing() || (commitsFail() && !promotionsAreRecorded())) giveUp(op)
    else if (promotionsAreRecorded()) sendLegs(op)
    return
  }
  if (op.step == WRITE_LEGS) {
    // All legs at once, and the other site. A cut here: each has the old or the new sectors; the marks make resync decide for one of
    // them. What the other site may lack is marked for it when it is lost.
    if (op.pending != 0 || op.remote == REMOTE_AWAITED) return
    if (!judgeLegs(op)) return
    if (op.remote == REMOTE_FAILED && refusesWrites()) return refuseAlone(op)
    op.step = WRITE_RECORDING
  }
  if (op.step == WRITE_RECORDING) {
    // A member that missed the write is recorded as failed on those that have it. A cut before that: nobody was told "done", and
    // either side may win. A cut after it: the member that missed it can no longer be taken for the truth.
    if (!lossesAreRecorded()) {
      if (!isServing() || commitsFail()) giveUp(op)
      return
    }
    // Acknowledge. A cut from here on: every member in sync has it. The mark stays; it is cleared much later (sweep.ts).
    endWrite(op.lba, op.sectors)
    release(op)
    endInJournal(op, true)
    answerGood(op, 0)
  }
}

function sendLegs(op: Operation): void {
  if (hasRemote() && !isRemote(op) && !sendAway(op)) return
  if (hasSnapshots() && !leavesSnapshot(op)) return
  op.step = WRITE_LEGS
  newRound(op)
  const command = isOfLost(op) ? DRIVE_WRITE_UNCORRECTABLE : DRIVE_WRITE
  sendAll(op, writeTargets, command, op.flags, dataOffset + op.lba, op.sectors, op.buffer)
}

/** To the other site, or what it lacks is marked for it. False: the write has to wait for the one before it. */
function sendAway(op: Operation): bool {
  if (isCopy()) {
    refuseAsCopy(op)
    return false
  }
  if (waitsToBeKept(op)) {
    stepBack(op)
    return false
  }
  if (isJournaling()) makeRoom()
  if ((isShipping() || isJournaling()) && waitsToShip(op)) return false
  leavesQueue(op)
  if (isJournaling()) journalAway(op)
  else if (isShipping()) ship(op)
  else trackUnsent(op.lba, op.sectors)
  wakeNextToShip()
  return true
}

/** What it changes is in no snapshot, or in its slot, and counts as changed. False: the write has to wait. */
function leavesSnapshot(op: Operation): bool {
  if (waitsToBeKept(op)) {
    stepBack(op)
    return false
  }
  noteChange(op.lba, op.sectors)
  return true
}

/** Gives its sectors back, so that they can be kept as they are; then the write begins anew. */
function stepBack(op: Operation): void {
  op.step = WRITE_PRESERVING
  endWrite(op.lba, op.sectors)
  release(op)
  preserve()
}

/** Takes failed legs out, unless no trusted leg has the data: then nobody is to blame alone, and the initiator is told. */
function judgeLegs(op: Operation): bool {
  const isHeld = (op.succeeded & inSync) != 0
  // What is in the cache of a member that was pulled since has gone with it.
  if (op.failed == 0 && (isHeld || !writeCacheEnabled)) return true
  if (!isHeld) {
    giveUp(op)
    return false
  }
  for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
  return true
}

/** A host's write is on the members, or has failed: the journal may drop it, and others have room. */
function endInJournal(op: Operation, isStored: bool): void {
  if (op.journal == 0 || isRemote(op)) return
  writeEnded(op, isStored)
  wakeNextToShip()
}

/** The configuration asks for two copies or none. What the members here have already is marked for the other site. */
function refuseAlone(op: Operation): void {
  if (op.step != WRITE_WAITING) endWrite(op.lba, op.sectors)
  release(op)
  answerSense(op, SENSE_NOT_READY, ASC_BECOMING_READY)
}

/** It waited, and this site has become the copy meanwhile: the other one has been told already what may be otherwise here. */
function refuseAsCopy(op: Operation): void {
  leavesQueue(op)
  endWrite(op.lba, op.sectors)
  release(op)
  answerNotReady(op)
  wakeNextToShip()
}

function refuse(op: Operation): void {
  release(op)
  answerNotReady(op)
}

/** Ends the write with an error. Legs may have parts of it: its regions are undecided until a copy has made them equal. */
function giveUp(op: Operation): void {
  leavesQueue(op)
  const touched = op.step != WRITE_MARKING
  const isOwn = hasRemote() && !isRemote(op)
  endWrite(op.lba, op.sectors)
  release(op)
  if (touched) {
    if (isOwn) trackUnsent(op.lba, op.sectors)
    markUndecidedRange(op.lba, op.sectors)
    scheduleCopy()
  }
  endInJournal(op, false)
  if (isServing()) answerSense(op, SENSE_MEDIUM_ERROR, ASC_WRITE_ERROR)
  else answerNotReady(op)
  // The other site may have stored what failed here: a new session copies it.
  if (touched && isOwn && isShipping()) loseSession()
}

/** It has gone to the members, and is not answered yet. */
export function isUnderWay(op: Operation): bool {
  return op.step == WRITE_LEGS || op.step == WRITE_RECORDING
}
