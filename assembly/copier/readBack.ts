// Verify while copying: what was written is read back, and compared with what is still in the chunk's buffer. The protocol goes on from
// copy.ts when a chunk has been written.
//
//   equal                  the chunk retires
//   a run differs          it is written once more, and the chunk is read back again; when that is so for the third time, what differs is listed
//
// A drive reads from its cache what is in its cache. Holes have no buffer, and are not read back.

import { LOST_DIFFERS, LOST_TARGET } from '../abi/copier'
import { DRIVE_READ, DRIVE_WRITE } from '../abi/driveSlots'
import { carryOn } from './carryOn'
import { Chunk, isReadBack, job, markLost, STEP_CHECK, STEP_RETIRE, STEP_REWRITE } from './job'
import { isEqual } from './longRanges'
import { beginTransfer } from './transfer'

const REWRITES_MAX: u32 = 2

/** All of the chunk is written. */
export function written(chunk: Chunk): void {
  chunk.rewrites = 0
  if (isReadBack() && chunk.isHole === 0) check(chunk)
  else chunk.step = STEP_RETIRE
}

function check(chunk: Chunk): void {
  chunk.step = STEP_CHECK
  beginTransfer(chunk.target, job.targetBay, DRIVE_READ, lbaOf(chunk), 0, chunk.sectors, chunk.otherBuffer)
}

/** A command of the check ended. Power cut here: the position does not count the chunk yet, and it is copied again. */
export function advanceCheck(chunk: Chunk): void {
  if (!carryOn(chunk, chunk.target, LOST_TARGET)) return
  if (chunk.step === STEP_REWRITE) {
    check(chunk)
    return
  }
  const first = differsFrom(chunk, 0)
  if (first === chunk.sectors) {
    chunk.step = STEP_RETIRE
  } else if (chunk.rewrites++ < REWRITES_MAX) {
    let end = first + 1
    while (end < chunk.sectors && differsFrom(chunk, end) === end) end++
    job.commandsRepeated++
    chunk.step = STEP_REWRITE
    const buffer = chunk.buffer + <usize>first * job.sectorBytes
    beginTransfer(chunk.target, job.targetBay, DRIVE_WRITE, lbaOf(chunk), first, end, buffer)
  } else {
    giveUp(chunk, first)
  }
}

function giveUp(chunk: Chunk, first: u32): void {
  for (let at = first; at < chunk.sectors; at = differsFrom(chunk, at + 1)) {
    markLost(chunk, at, 1, LOST_TARGET | LOST_DIFFERS, false)
  }
  chunk.step = STEP_RETIRE
}

/** The first sector from `at` on that is not what was written; those that are lost are known already. */
function differsFrom(chunk: Chunk, at: u32): u32 {
  const sectorBytes = <usize>job.sectorBytes
  for (; at < chunk.sectors; at++) {
    const offset = <usize>at * sectorBytes
    if (load<u8>(chunk.reasons + at) !== 0) continue
    if (!isEqual(chunk.buffer + offset, chunk.otherBuffer + offset, sectorBytes)) return at
  }
  return chunk.sectors
}

function lbaOf(chunk: Chunk): u64 {
  return job.targetLba + chunk.position
}
