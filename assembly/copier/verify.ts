// The verify protocol: both sides of a chunk are read at the same time, and compared sector by sector. Nothing is written: a power cut at
// any point leaves both sides as they were, and the journal's position says how far they are known.

import { LOST_DIFFERS, LOST_TARGET } from '../abi/copier'
import { DRIVE_READ } from '../abi/driveSlots'
import { carryOn } from './carryOn'
import { Chunk, job, markLost, SIDE_SOURCE, STEP_READ, STEP_RETIRE } from './job'
import { isEqual } from './longRanges'
import { beginTransfer } from './transfer'

export function beginVerify(chunk: Chunk): void {
  if (chunk.isHole !== 0) {
    chunk.step = STEP_RETIRE
    chunk.skipped = chunk.sectors
    return
  }
  chunk.step = STEP_READ
  chunk.reading = 2
  beginTransfer(chunk.source, job.sourceBay, DRIVE_READ, job.sourceLba + chunk.position, 0, chunk.sectors, chunk.buffer)
  beginTransfer(
    chunk.target,
    job.targetBay,
    DRIVE_READ,
    job.targetLba + chunk.position,
    0,
    chunk.sectors,
    chunk.otherBuffer,
  )
}

/** A command of one side ended. */
export function advanceVerify(chunk: Chunk, side: u32): void {
  const isSource = side === SIDE_SOURCE
  if (!carryOn(chunk, isSource ? chunk.source : chunk.target, isSource ? 0 : LOST_TARGET)) return
  if (--chunk.reading > 0) return
  compare(chunk)
  chunk.step = STEP_RETIRE
}

function compare(chunk: Chunk): void {
  const sectorBytes = <usize>job.sectorBytes
  if (chunk.lost === 0 && isEqual(chunk.buffer, chunk.otherBuffer, <usize>chunk.sectors * sectorBytes)) return
  for (let at: u32 = 0; at < chunk.sectors; at++) {
    // A sector that one side could not give is listed as that, not as different.
    if (load<u8>(chunk.reasons + at) !== 0) continue
    const offset = <usize>at * sectorBytes
    if (!isEqual(chunk.buffer + offset, chunk.otherBuffer + offset, sectorBytes))
      markLost(chunk, at, 1, LOST_DIFFERS, false)
  }
}
