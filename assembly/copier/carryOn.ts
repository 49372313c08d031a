// What the end of a drive command means for the side of a chunk that sent it, and for the job.

import {
  LOST_TARGET,
  REASON_COMMAND_REFUSED,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_GONE,
  REASON_TARGET_DEAD,
  REASON_TARGET_GONE,
} from '../abi/copier'
import { DRIVE_TRIM, DRIVE_WRITE_UNCORRECTABLE } from '../abi/driveSlots'
import { failJob, suspendJob } from './control'
import { targetFails } from './drop'
import { Chunk, legAt, markLost, markOnTarget, SIDE_SOURCE, SIDE_TARGET } from './job'
import { LOG_CANNOT_MARK, LOG_CANNOT_TRIM, log } from './log'
import { targetAt } from './targets'
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

/** True: the side is through with its run. */
export function carryOn(chunk: Chunk, side: u32): bool {
  const isSource = side === SIDE_SOURCE
  const transfer = isSource ? chunk.source : legAt(chunk, side - SIDE_TARGET).transfer
  let outcome = settle(transfer)
  while (outcome === TRANSFER_LOST) {
    // Zeros stand in for what the source did not give; what a target did not take or give leaves the source's bytes alone.
    if (isSource) markLost(chunk, transfer.cursor, transfer.span, transfer.cause, true)
    else markOnTarget(legAt(chunk, side - SIDE_TARGET), transfer.cursor, transfer.span, transfer.cause | LOST_TARGET)
    outcome = pass(transfer)
  }
  switch (outcome) {
    case TRANSFER_ENDED:
      return true
    case TRANSFER_GOES_ON:
      return false
    case TRANSFER_GONE:
      if (isSource) suspendJob(REASON_SOURCE_GONE)
      else targetFails(side - SIDE_TARGET, REASON_TARGET_GONE)
      return false
    case TRANSFER_DEAD:
      if (isSource) suspendJob(REASON_SOURCE_DEAD)
      else targetFails(side - SIDE_TARGET, REASON_TARGET_DEAD)
      return false
    default:
      return refused(transfer, side)
  }
}

/** A command that the drive does not know has a slower way round; the run begins again at the transfer's cursor. */
function refused(transfer: Transfer, side: u32): bool {
  if (transfer.op === DRIVE_TRIM) {
    targetAt(side - SIDE_TARGET).cannotTrim = 1
    log(LOG_CANNOT_TRIM, 0, transfer.bay)
    return true
  }
  if (transfer.op === DRIVE_WRITE_UNCORRECTABLE) {
    targetAt(side - SIDE_TARGET).cannotMarkLost = 1
    log(LOG_CANNOT_MARK, 0, transfer.bay)
    return true
  }
  if (side === SIDE_SOURCE) failJob(REASON_COMMAND_REFUSED)
  else targetFails(side - SIDE_TARGET, REASON_COMMAND_REFUSED)
  return false
}
