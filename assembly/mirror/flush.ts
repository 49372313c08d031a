// SYNCHRONIZE CACHE: everything that was acknowledged before is on the media of all members in sync when this is answered.
//
// With write cache disabled every acknowledged write is there already. With it enabled the drives are asked to flush; a drive whose flush
// fails may have lost what it took, so it is out before the initiator is told "done", as with a write.

import { DRIVE_FLUSH } from '../abi/driveSlots'
import { ASC_WRITE_ERROR, SENSE_MEDIUM_ERROR } from '../abi/scsi'
import { inSync, writeCacheEnabled, writeTargets } from './array'
import { answerGood, answerNotReady, answerSense } from './frontEnd'
import { commitsFail, failMember, lossesAreRecorded, retryFailedCommit } from './metadata'
import { newRound, Operation, sendAll } from './operation'
import { NO_RANGE } from './ranges'
import { isServing } from './recovery'

const FLUSH_LEGS: u32 = 0
const FLUSH_RECORDING: u32 = 1

export function startFlush(op: Operation): void {
  op.range = NO_RANGE
  op.step = FLUSH_LEGS
  if (!isServing()) return answerNotReady(op)
  retryFailedCommit()
  if (writeCacheEnabled) {
    newRound(op)
    sendAll(op, writeTargets, DRIVE_FLUSH, 0, 0, 0, 0)
  } else {
    advanceFlush(op)
  }
}

export function advanceFlush(op: Operation): void {
  if (op.pending != 0) return
  if (op.step == FLUSH_LEGS) {
    if (writeCacheEnabled && (op.succeeded & inSync) == 0) return fail(op)
    for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
    op.step = FLUSH_RECORDING
  }
  if (!lossesAreRecorded()) {
    if (!isServing() || commitsFail()) fail(op)
    return
  }
  answerGood(op, 0)
}

function fail(op: Operation): void {
  if (isServing()) answerSense(op, SENSE_MEDIUM_ERROR, ASC_WRITE_ERROR)
  else answerNotReady(op)
}
