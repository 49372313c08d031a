// A target that fails leaves the job, and the others go on: as long as there are others. The last one's trouble is the job's, which waits for it
// or fails as a job with one target does.

import {
  COPY_RUNNING,
  COPY_STOPPING,
  REASON_NONE,
  REASON_TARGET_DEAD,
  REASON_TARGET_EXCHANGED,
  REASON_TARGET_GONE,
} from '../abi/copier'
import { targetLeftCheckpoint } from './checkpoint'
import { failJob, suspendJob } from './control'
import { abortBay } from './drive'
import { chunkAt, forgetMarks, job, legAt } from './job'
import { durable, writeRecord } from './journal'
import { considerThrough } from './leg'
import { LOG_DROPPED, log } from './log'
import { takesPart, targetAt, targetsThatTakePart } from './targets'
import { unparkBay } from './transfer'

export function targetFails(index: u32, reason: u32): void {
  if (!takesPart(index)) return
  if (targetsThatTakePart() > 1) dropTarget(index, reason)
  else if (isCurable(reason)) suspendJob(reason)
  else failJob(reason)
}

/** Somebody may put things right, and the job goes on. */
export function isCurable(reason: u32): bool {
  return reason === REASON_TARGET_GONE || reason === REASON_TARGET_DEAD || reason === REASON_TARGET_EXCHANGED
}

/** For good, and at once: a power cut behind this finds it dropped, one before it finds a target that has all up to the durable position. */
export function dropTarget(index: u32, reason: u32): void {
  const target = targetAt(index)
  target.dropped = reason
  log(LOG_DROPPED, index, reason)
  abortBay(target.bay)
  unparkBay(target.bay)
  if (job.known === 0) return
  writeRecord(COPY_RUNNING, REASON_NONE, durable)
  if (job.state !== COPY_RUNNING && job.state !== COPY_STOPPING) return
  for (let number = job.head; number !== job.tail; number++) {
    const chunk = chunkAt(number)
    forgetMarks(legAt(chunk, index))
    considerThrough(chunk)
  }
  targetLeftCheckpoint()
}
