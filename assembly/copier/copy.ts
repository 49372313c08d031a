// The copy protocol: what happens to one chunk, from the source's bay to the targets'. It is read once; then each of its legs (leg.ts) writes
// it to one target at that target's own pace. See job.ts for the steps' names.

import { DRIVE_READ } from '../abi/driveSlots'
import { carryOn } from './carryOn'
import { Chunk, isOptical, job, SIDE_SOURCE, STEP_JUDGE, STEP_READ } from './job'
import { beginLegs } from './leg'
import { advanceJudging, beginJudging } from './optical/judge'
import { beginTransfer } from './transfer'

export function beginCopy(chunk: Chunk): void {
  if (chunk.isHole !== 0) {
    beginLegs(chunk)
    return
  }
  chunk.step = STEP_READ
  beginTransfer(chunk.source, job.sourceBay, DRIVE_READ, job.sourceLba + chunk.position, 0, chunk.sectors, chunk.buffer)
}

/** A command to the source ended. */
export function advanceCopy(chunk: Chunk): void {
  switch (chunk.step) {
    case STEP_READ:
      // Power cut here: the targets are as they were, and the durable position lies below this chunk: it is read again.
      if (!carryOn(chunk, SIDE_SOURCE)) return
      if (isOptical()) {
        chunk.step = STEP_JUDGE
        if (!beginJudging(chunk)) return
      }
      beginLegs(chunk)
      return
    case STEP_JUDGE:
      // Power cut here: as above. Sectors that were corrected are so in the buffer only.
      if (advanceJudging(chunk)) beginLegs(chunk)
      return
    default:
      // Power cut here: a target's cache may hold this chunk and lose it. The position in the NVRAM does not count it yet.
      return
  }
}
