// The checkpoint protocol: how the position that survives a power cut moves. First the target's flush, then the NVRAM: the
// other way round the position would promise sectors that are still in a drive's cache.

import {
  COPY_DONE,
  COPY_RUNNING,
  COPY_STOPPED,
  COPY_STOPPING,
  COPY_SUSPENDED,
  REASON_FLUSH_FAILS,
  REASON_NONE,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_GONE,
  REASON_TARGET_GONE,
} from '../abi/copier'
import { DRIVE_FLUSH, DRIVE_GONE, DRIVE_OK } from '../abi/driveSlots'
import { EVENT_COPY_PROGRESS } from '../abi/events'
import { trace } from '../hal/hal'
import { endJob, failJob, restartAtMark, suspendJob } from './control'
import { abortAll, send, statusOf } from './drive'
import { isRescue, job } from './job'
import { durable, Mark, takeMark, writeRecord } from './journal'
import { SLOT_FLUSH } from './layout'
import { LOG_FLUSH_FAILED, log } from './log'
import { isRescueDue, isRescueThrough, rescueKept } from './rescue'
import { parkedIn } from './transfer'

const FLUSH_FAILURES_MAX: u32 = 4

const CHECKPOINT_NONE: u32 = 0
const CHECKPOINT_FLUSHING: u32 = 1

let step: u32 = CHECKPOINT_NONE
/** Where the job was when the flush was sent: everything below it had retired. */
const mark: Mark = changetype<Mark>(memory.data(40, 8))

export function dropCheckpoint(): void {
  step = CHECKPOINT_NONE
}

export function isCheckpointing(): bool {
  return step !== CHECKPOINT_NONE
}

function isDue(): bool {
  return isRescue() ? isRescueDue() : isAtEnd() || job.position - durable.position >= job.checkpointSectors
}

/** Nothing is on its way, and nothing more will be. */
function isAtEnd(): bool {
  if (job.head !== job.tail) return false
  return job.position === job.sectors || job.state === COPY_STOPPING
}

/** Begins a checkpoint when one is due. True when it was made at once. */
export function considerCheckpoint(): bool {
  if (step !== CHECKPOINT_NONE || parkedIn(job.targetBay) > 0) return false
  if (!isDue()) return false
  takeMark(mark)
  if (job.unflushed > 0) {
    // Power cut here, or anywhere before the record is committed: the old position counts. Sectors above it are copied twice, never
    // left out. Chunks that are written while the flush runs belong to the next checkpoint.
    job.unflushed = 0
    step = CHECKPOINT_FLUSHING
    send(SLOT_FLUSH, job.targetBay, DRIVE_FLUSH, 0, 0, 0)
    return false
  }
  commit()
  return true
}

/** The flush ended. */
export function advanceCheckpoint(): void {
  if (step !== CHECKPOINT_FLUSHING) return
  step = CHECKPOINT_NONE
  const status = statusOf(SLOT_FLUSH)
  if (status === DRIVE_OK) {
    job.flushFailures = 0
    commit()
    return
  }
  if (status === DRIVE_GONE) {
    suspendJob(REASON_TARGET_GONE)
    return
  }
  // A flush that failed may have lost anything since the last one that did not, and a second one that succeeds says nothing about it:
  // all of it is copied again.
  log(LOG_FLUSH_FAILED, durable.position, status)
  if (++job.flushFailures > FLUSH_FAILURES_MAX) {
    failJob(REASON_FLUSH_FAILS)
    return
  }
  abortAll()
  restartAtMark()
}

function commit(): void {
  let state: u32 = COPY_RUNNING
  if (isRescue() ? isRescueThrough() : mark.position === job.sectors) state = COPY_DONE
  else if (job.state === COPY_STOPPING && job.head === job.tail && mark.position === job.position)
    state = stoppedState()
  // Power cut after this: the job goes on at the mark, and everything below it is on the target's medium.
  const reason = state === COPY_STOPPED || state === COPY_SUSPENDED ? job.reason : REASON_NONE
  writeRecord(state, reason, mark)
  if (isRescue()) rescueKept()
  trace(EVENT_COPY_PROGRESS, <u32>mark.position, <u32>(mark.position >> 32), <u32>mark.lostSectors)
  if (state !== COPY_RUNNING) endJob(state, reason)
}

/** A rescue whose source has left keeps what it got, and waits. */
function stoppedState(): u32 {
  return job.reason === REASON_SOURCE_GONE || job.reason === REASON_SOURCE_DEAD ? COPY_SUSPENDED : COPY_STOPPED
}
