// The copy protocol: what happens to one chunk, from the source's bay to the target's. See job.ts for the steps' names.

import { LOST_TARGET } from '../abi/copier'
import { DRIVE_READ, DRIVE_TRIM, DRIVE_WRITE, DRIVE_WRITE_UNCORRECTABLE } from '../abi/driveSlots'
import { carryOn } from './carryOn'
import {
  Chunk,
  isAscending,
  isOptical,
  job,
  STEP_CHECK,
  STEP_JUDGE,
  STEP_READ,
  STEP_RETIRE,
  STEP_REWRITE,
  STEP_TURN,
  STEP_WRITE,
} from './job'
import { advanceJudging, beginJudging } from './optical/judge'
import { advanceCheck, written } from './readBack'
import { RUN_DATA, RUN_SKIPPED, RUN_TO_MARK_LOST, RUN_ZERO, runAt } from './run'
import { beginTransfer, parkedIn } from './transfer'

export function beginCopy(chunk: Chunk): void {
  if (chunk.isHole !== 0) {
    chunk.step = STEP_TURN
    advanceCopy(chunk)
    return
  }
  chunk.step = STEP_READ
  beginTransfer(chunk.source, job.sourceBay, DRIVE_READ, job.sourceLba + chunk.position, 0, chunk.sectors, chunk.buffer)
}

/** A command of the chunk ended, or its turn has come. */
export function advanceCopy(chunk: Chunk): void {
  switch (chunk.step) {
    case STEP_JUDGE:
      // Power cut here: as below. Sectors that were corrected are so in the buffer only.
      if (!advanceJudging(chunk)) return
      chunk.step = STEP_TURN
      advanceCopy(chunk)
      return
    case STEP_READ:
      // Power cut here: the target is as it was, and the durable position lies below this chunk: it is read again.
      if (!carryOn(chunk, chunk.source, 0)) return
      if (isOptical()) {
        chunk.step = STEP_JUDGE
        if (!beginJudging(chunk)) return
      }
      chunk.step = STEP_TURN
    case STEP_TURN:
      // Power cut here: as above; what is in the buffer is lost with the RAM, and still on the source.
      if (!mayWrite(chunk)) return
      chunk.step = STEP_WRITE
      if (!writeNext(chunk, 0)) written(chunk)
      return
    case STEP_WRITE:
      // Power cut here: each sector of this chunk is old or new on the target. All of them are written again, with the same bytes:
      // the durable position moves only after a flush that began when this chunk had retired.
      if (!carryOn(chunk, chunk.target, LOST_TARGET)) return
      if (chunk.target.op === DRIVE_TRIM) chunk.skipped += chunk.target.cursor - chunk.target.first
      if (!writeNext(chunk, chunk.target.cursor)) written(chunk)
      return
    case STEP_CHECK:
    case STEP_REWRITE:
      advanceCheck(chunk)
      return
    default:
      // Power cut here: the target's cache may hold this chunk and lose it. The position in the NVRAM does not count it yet.
      return
  }
}

/** In its turn, and not while a late command of the target is tried alone. */
function mayWrite(chunk: Chunk): bool {
  return (!isAscending() || chunk.number === job.turn) && parkedIn(job.targetBay) === 0
}

/** Sends the chunk's next run that needs a command, from sector `at` on; false at the end of the chunk. */
function writeNext(chunk: Chunk, at: u32): bool {
  while (at < chunk.sectors) {
    const run = runAt(chunk, at)
    const lba = job.targetLba + chunk.position
    // A hole's buffer holds one piece of zeros, used for all of them.
    const buffer = chunk.isHole !== 0 ? chunk.buffer : chunk.buffer + <usize>at * job.sectorBytes
    const target = chunk.target
    switch (run.kind) {
      case RUN_SKIPPED:
        chunk.skipped += run.end - at
        at = run.end
        continue
      case RUN_ZERO:
        beginTransfer(target, job.targetBay, DRIVE_TRIM, lba, at, run.end, buffer)
        return true
      case RUN_TO_MARK_LOST:
        beginTransfer(target, job.targetBay, DRIVE_WRITE_UNCORRECTABLE, lba, at, run.end, buffer)
        return true
      default:
        beginTransfer(target, job.targetBay, DRIVE_WRITE, lba, at, run.end, buffer)
        return true
    }
  }
  return false
}
