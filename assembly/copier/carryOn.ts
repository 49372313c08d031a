// What the end of a drive command means for the side of a chunk that sent it, and for the job.

import {
  LOST_TARGET,
  REASON_COMMAND_REFUSED,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_GONE,
  REASON_TARGET_DEAD,
  REASON_TARGET_GONE,
} from '../abi/copier'
import { DRIVE_READ, DRIVE_TRIM, DRIVE_WRITE_UNCORRECTABLE } from '../abi/driveSlots'
import { failJob, suspendJob } from './control'
import { Chunk, job, markLost } from './job'
import { LOG_CANNOT_MARK, LOG_CANNOT_TRIM, log } from './log'
import {
  pass,
  settle,
  TRANSFER_DEAD,
  TRANSFER_ENDED,
  TRANSFER_GOES_ON,
  TRANSFER_GONE,
  TRANSFER_LOST,
  Transfer,
} from './transfer'

/** True: the side is through with its run. `side` is 0 for the source, LOST_TARGET for the target. */
export function carryOn(chunk: Chunk, transfer: Transfer, side: u32): bool {
  let outcome = settle(transfer)
  while (outcome === TRANSFER_LOST) {
    // Zeros stand in for what the source did not give; what a target did not take or give leaves the source's bytes alone.
    markLost(chunk, transfer.cursor, transfer.span, transfer.cause | side, side === 0)
    outcome = pass(transfer)
  }
  switch (outcome) {
    case TRANSFER_ENDED:
      return true
    case TRANSFER_GOES_ON:
      return false
    case TRANSFER_GONE:
      suspendJob(side === LOST_TARGET ? REASON_TARGET_GONE : REASON_SOURCE_GONE)
      return false
    case TRANSFER_DEAD:
      suspendJob(side === LOST_TARGET ? REASON_TARGET_DEAD : REASON_SOURCE_DEAD)
      return false
    default:
      return refused(transfer)
  }
}

/** A command that the drive does not know has a slower way round; the run begins again at the transfer's cursor. */
function refused(transfer: Transfer): bool {
  if (transfer.op === DRIVE_TRIM) {
    job.cannotTrim = 1
    log(LOG_CANNOT_TRIM, 0, transfer.bay)
    return true
  }
  if (transfer.op === DRIVE_WRITE_UNCORRECTABLE) {
    job.cannotMarkLost = 1
    log(LOG_CANNOT_MARK, 0, transfer.bay)
    return true
  }
  failJob(REASON_COMMAND_REFUSED)
  return false
}
