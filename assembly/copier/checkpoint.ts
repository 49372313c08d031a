// The checkpoint protocol: how the position that survives a power cut moves. First the targets' flushes, all of them, then the NVRAM:
// the other way round the position would promise sectors that are still in a drive's cache.

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
  REASON_TARGETS_DROPPED,
} from '../abi/copier'
import { DRIVE_FLUSH, DRIVE_GONE, DRIVE_OK } from '../abi/driveSlots'
import { EVENT_COPY_PROGRESS } from '../abi/events'
import { trace } from '../hal/hal'
import { endJob, restartAtMark } from './control'
import { abortAll, send, statusOf } from './drive'
import { targetFails } from './drop'
import { isRescue, job } from './job'
import { durable, Mark, takeMark, writeRecord } from './journal'
import { SLOT_FLUSH } from './layout'
import { LOG_FLUSH_FAILED, log } from './log'
import { isRescueDue, isRescueThrough, rescueKept } from './rescue'
import { takesPart, targetAt, targetCount, targetsThatTakePart } from './targets'
import { isTargetParked } from './transfer'

const FLUSH_FAILURES_MAX: u32 = 4

const CHECKPOINT_NONE: u32 = 0
const CHECKPOINT_FLUSHING: u32 = 1

let step: u32 = CHECKPOINT_NONE
/** Targets whose flush is on its way, a bit each. */
let flushing: u32 = 0
/** Where the job was when the flushes were sent: everything below it had retired. */
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
  if (step !== CHECKPOINT_NONE || isTargetParked()) return false
  if (!isDue()) return false
  takeMark(mark)
  flushing = 0
  for (let index: u32 = 0; index < targetCount; index++) {
    const target = targetAt(index)
    if (!takesPart(index) || target.unflushed === 0) continue
    // Power cut here, or anywhere before the record is committed: the old position counts. Sectors above it are copied twice, never
    // left out. Chunks that are written while the flush runs belong to the next checkpoint.
    target.unflushed = 0
    flushing |= 1 << index
    send(SLOT_FLUSH + index, target.bay, DRIVE_FLUSH, 0, 0, 0)
  }
  if (flushing === 0) commit()
  else step = CHECKPOINT_FLUSHING
  return flushing === 0
}

/** The flush of a target ended. */
export function advanceCheckpoint(index: u32): void {
  if (step !== CHECKPOINT_FLUSHING) return
  const status = statusOf(SLOT_FLUSH + index)
  if (status === DRIVE_OK) {
    targetAt(index).flushFailures = 0
    flushEnded(flushing & ~(1 << index))
    return
  }
  if (status === DRIVE_GONE) {
    targetFails(index, REASON_TARGET_GONE)
    return
  }
  // A flush that failed may have lost anything since the last one that did not, and a second one that succeeds says nothing about it:
  // all of it is copied again.
  log(LOG_FLUSH_FAILED, durable.position, status)
  if (++targetAt(index).flushFailures > FLUSH_FAILURES_MAX) {
    targetFails(index, REASON_FLUSH_FAILS)
    return
  }
  abortAll()
  restartAtMark()
}

/** The checkpoint waits for targets that take part, and for no others. */
export function targetLeftCheckpoint(): void {
  if (step !== CHECKPOINT_FLUSHING) return
  let left = flushing
  for (let index: u32 = 0; index < targetCount; index++) if (!takesPart(index)) left &= ~(1 << index)
  flushEnded(left)
}

function flushEnded(left: u32): void {
  flushing = left
  if (left !== 0) return
  step = CHECKPOINT_NONE
  commit()
}

function commit(): void {
  let state: u32 = COPY_RUNNING
  if (isRescue() ? isRescueThrough() : mark.position === job.sectors) state = COPY_DONE
  else if (job.state === COPY_STOPPING && job.head === job.tail && mark.position === job.position)
    state = stoppedState()
  // Power cut after this: the job goes on at the mark, and everything below it is on the media of all targets
  // that the record does not call dropped.
  const reason = state === COPY_DONE ? reasonOfEnd() : state === COPY_RUNNING ? REASON_NONE : job.reason
  writeRecord(state, reason, mark)
  if (isRescue()) rescueKept()
  trace(EVENT_COPY_PROGRESS, <u32>mark.position, <u32>(mark.position >> 32), <u32>mark.lostSectors)
  if (state !== COPY_RUNNING) endJob(state, reason)
}

/** A rescue whose source has left keeps what it got, and waits. */
function stoppedState(): u32 {
  return job.reason === REASON_SOURCE_GONE || job.reason === REASON_SOURCE_DEAD ? COPY_SUSPENDED : COPY_STOPPED
}

function reasonOfEnd(): u32 {
  return targetsThatTakePart() === targetCount ? REASON_NONE : REASON_TARGETS_DROPPED
}
