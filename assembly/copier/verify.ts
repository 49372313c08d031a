// The verify protocol: both sides of a chunk are read at the same time, and compared sector by sector. Nothing is written: a power cut at
// any point leaves both sides as they were, and the journal's position says how far they are known.

import { LOST_DIFFERS } from '../abi/copier'
import { DRIVE_READ } from '../abi/driveSlots'
import { carryOn } from './carryOn'
import { Chunk, job, legAt, markLost, STEP_READ, STEP_RETIRE } from './job'
import { isEqual } from './longRanges'
import { targetAt } from './targets'
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
  const leg = legAt(chunk, 0)
  const target = targetAt(0)
  beginTransfer(leg.transfer, target.bay, DRIVE_READ, target.lba + chunk.position, 0, chunk.sectors, leg.buffer)
}

/** A command of one side ended. */
export function advanceVerify(chunk: Chunk, side: u32): void {
  if (!carryOn(chunk, side)) return
  if (--chunk.reading > 0) return
  compare(chunk)
  chunk.step = STEP_RETIRE
}

function compare(chunk: Chunk): void {
  const sectorBytes = <usize>job.sectorBytes
  const leg = legAt(chunk, 0)
  const isAllRead = chunk.lost === 0 && leg.lost === 0
  if (isAllRead && isEqual(chunk.buffer, leg.buffer, <usize>chunk.sectors * sectorBytes)) return
  for (let at: u32 = 0; at < chunk.sectors; at++) {
    // A sector that one side could not give is listed as that, not as different.
    if (load<u8>(chunk.reasons + at) !== 0 || load<u8>(leg.reasons + at) !== 0) continue
    const offset = <usize>at * sectorBytes
    if (!isEqual(chunk.buffer + offset, leg.buffer + offset, sectorBytes)) markLost(chunk, at, 1, LOST_DIFFERS, false)
  }
}
