// SYNCHRONIZE CACHE: everything that was acknowledged before is on the media of all members in sync when this is answered.
//
// With a second site in mode sync it is on the media there as well; in the other modes what is there needs no flush.
//
// With write cache disabled every acknowledged write is there already. With it enabled the drives are asked to flush; a drive whose flush
// fails may have lost what it took, so it is out before the initiator is told "done", as with a write.

import { DRIVE_FLUSH } from '../abi/driveSlots'
import { ASC_BECOMING_READY, ASC_WRITE_ERROR, SENSE_MEDIUM_ERROR, SENSE_NOT_READY } from '../abi/scsi'
import { inSync, writeCacheEnabled, writeTargets } from './array'
import { answerGood, answerNotReady, answerSense } from './frontEnd'
import { HOST_SLOTS } from './memory'
import { commitsFail, failMember, lossesAreRecorded, retryFailedCommit } from './metadata'
import {
  indexOf,
  KIND_FLUSH,
  NO_REMOTE,
  newRound,
  Operation,
  operation,
  REMOTE_AWAITED,
  REMOTE_FAILED,
  sendAll,
  wake,
} from './operation'
import { NO_RANGE } from './ranges'
import { isServing } from './recovery'
import { isShipping, refusesWrites, sendNumbered } from './remote'
import { FRAME_FLUSH, newFrame } from './remoteFrames'
import { isSync } from './remoteMode'
import { isRemote } from './remoteTarget'

const FLUSH_LEGS: u32 = 0
const FLUSH_RECORDING: u32 = 1

export function startFlush(op: Operation): void {
  op.range = NO_RANGE
  op.step = FLUSH_LEGS
  if (!isServing()) return answerNotReady(op)
  if (isForBoth(op) && refusesWrites()) return refuseAlone(op)
  retryFailedCommit()
  if (writeCacheEnabled) {
    newRound(op)
    sendAll(op, writeTargets, DRIVE_FLUSH, 0, 0, 0, 0)
    if (isForBoth(op) && isShipping()) flushThere(op)
  } else {
    advanceFlush(op)
  }
}

export function advanceFlush(op: Operation): void {
  if (op.pending != 0 || op.remote == REMOTE_AWAITED) return
  if (op.step == FLUSH_LEGS) {
    if (writeCacheEnabled && (op.succeeded & inSync) == 0) return fail(op)
    for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
    if (op.remote == REMOTE_FAILED && refusesWrites()) return refuseAlone(op)
    op.step = FLUSH_RECORDING
  }
  if (!lossesAreRecorded()) {
    if (!isServing() || commitsFail()) fail(op)
    return
  }
  answerGood(op, 0)
}

/** A host's, and what the other site has may be in its caches. */
function isForBoth(op: Operation): bool {
  return writeCacheEnabled && isSync() && !isRemote(op)
}

/** The configuration asks for two copies or none: one that is durable here alone is not enough. */
function refuseAlone(op: Operation): void {
  answerSense(op, SENSE_NOT_READY, ASC_BECOMING_READY)
}

/** What was acknowledged is stored there: nothing that is on its way has to be waited for. */
function flushThere(op: Operation): void {
  op.remote = REMOTE_AWAITED
  const header = newFrame(FRAME_FLUSH)
  header.tag = indexOf(op)
  sendNumbered(header, 0, 0)
}

/** The other site has it on its media. */
export function flushedThere(index: u32): void {
  if (index < HOST_SLOTS) endThere(operation(index), NO_REMOTE)
}

/** Nothing more is heard of the other site: a flush is what it is here, if it may be. */
export function forgetFlushesThere(): void {
  for (let index: u32 = 0; index < HOST_SLOTS; index++) endThere(operation(index), REMOTE_FAILED)
}

function endThere(op: Operation, outcome: u32): void {
  if (op.kind != KIND_FLUSH || op.remote != REMOTE_AWAITED) return
  op.remote = outcome
  wake(op)
}

function fail(op: Operation): void {
  if (isServing()) answerSense(op, SENSE_MEDIUM_ERROR, ASC_WRITE_ERROR)
  else answerNotReady(op)
}
