// From the marks of a chunk that retires to the list: what the source did not give, and what each target did not take. A sector that the source did
// not give is listed as that alone, whatever became of what stands in its place.
//
// A target that takes too little is no copy: in a job of several it is dropped, before it fills the list that belongs to all.

import {
  COPY_RUNNING,
  COPY_STOPPING,
  LOST_TARGET,
  LOST_TARGET_SHIFT,
  REASON_TARGET_LOSES_TOO_MUCH,
  REASON_TOO_MANY_LOST,
} from '../abi/copier'
import { EVENT_COPY_BAD_SECTOR } from '../abi/events'
import { trace } from '../hal/hal'
import { dropTarget } from './drop'
import { Chunk, forgetMarks, job, legAt, SIDE_SOURCE, SIDE_TARGET } from './job'
import { CHUNK_SECTORS_MAX } from './layout'
import { appendLost, entrySectors, entryWhy, list } from './list'
import { LOG_LOST, log } from './log'
import { takesPart, targetAt, targetCount, targetsThatTakePart } from './targets'

/** Of one target, while there are others: seven of them leave an eighth of the list to the source. */
const ENTRIES_MAX: u32 = 512

/** Anything marked, on any side. */
export function hasMarks(chunk: Chunk): bool {
  if (chunk.lost > 0) return true
  for (let index: u32 = 0; index < targetCount; index++) if (legAt(chunk, index).lost > 0) return true
  return false
}

/** Puts the marked sectors into the list, run by run, by their first sectors. */
export function listMarks(chunk: Chunk): void {
  for (let at: u32 = 0; at < chunk.sectors; at++) {
    for (let side: u32 = 0; side <= targetCount; side++) {
      const why = whyAt(chunk, side, at)
      if (why === 0 || (at > 0 && whyAt(chunk, side, at - 1) === why)) continue
      let end = at + 1
      while (end < chunk.sectors && whyAt(chunk, side, end) === why) end++
      listRun(chunk, side, at, end - at, why)
    }
  }
  memory.fill(chunk.reasons, 0, CHUNK_SECTORS_MAX)
  chunk.lost = 0
  for (let index: u32 = 0; index < targetCount; index++) forgetMarks(legAt(chunk, index))
}

function whyAt(chunk: Chunk, side: u32, at: u32): u32 {
  const source = <u32>load<u8>(chunk.reasons + at)
  if (side === SIDE_SOURCE) return source
  return source !== 0 ? 0 : <u32>load<u8>(legAt(chunk, side - SIDE_TARGET).reasons + at)
}

function listRun(chunk: Chunk, side: u32, at: u32, sectors: u32, why: u32): void {
  const lba = job.sourceLba + chunk.position + at
  const number = side === SIDE_SOURCE ? 0 : side - SIDE_TARGET
  const entriesBefore = list.entries
  const droppedBefore = list.dropped
  appendLost(lba, sectors, why | (number << LOST_TARGET_SHIFT))
  log(LOG_LOST, lba, (sectors << 8) | why)
  trace(EVENT_COPY_BAD_SECTOR, <u32>lba, sectors, why | (number << LOST_TARGET_SHIFT))
  if (side === SIDE_SOURCE) return
  const target = targetAt(number)
  target.lost += sectors
  target.entries += list.entries - entriesBefore
  // What is not listed cannot be told from what is there.
  if (list.dropped !== droppedBefore) target.entries = ENTRIES_MAX + 1
}

/** Counts anew what the list says of each target: it was cut off at a mark. */
export function recountTargets(): void {
  for (let index: u32 = 0; index < targetCount; index++) {
    targetAt(index).entries = 0
    targetAt(index).lost = 0
  }
  for (let entry: u32 = 0; entry < list.entries; entry++) {
    const why = entryWhy(entry)
    if ((why & LOST_TARGET) === 0) continue
    const target = targetAt(why >> LOST_TARGET_SHIFT)
    target.entries++
    target.lost += entrySectors(entry)
  }
}

/** More is listed than the job allows: a target's own part costs that target, if there is another, and the source's part ends the job. */
export function considerLimits(): void {
  let ofSource = list.sectors
  for (let index: u32 = 0; index < targetCount; index++) ofSource -= targetAt(index).lost
  const isOver = job.errorLimit !== 0 && ofSource > job.errorLimit
  for (let index: u32 = 0; index < targetCount && !isOver; index++) {
    const target = targetAt(index)
    if (!takesPart(index) || target.lost === 0) continue
    const isLast = targetsThatTakePart() === 1
    const exceeds = job.errorLimit !== 0 && ofSource + target.lost > job.errorLimit
    if (isLast && exceeds) return stopLosing()
    if (!isLast && (exceeds || target.entries > ENTRIES_MAX)) dropTarget(index, REASON_TARGET_LOSES_TOO_MUCH)
  }
  if (isOver) stopLosing()
}

function stopLosing(): void {
  if (job.state !== COPY_RUNNING) return
  job.reason = REASON_TOO_MANY_LOST
  job.state = COPY_STOPPING
}
