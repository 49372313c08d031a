// Verify while copying: what was written is read back from each target, and compared with what is still in the chunk's buffer. The protocol
// goes on from leg.ts when a leg has been written.
//
//   equal                  the leg is through
//   a run differs          it is written once more, and the chunk is read back again; when that is so for the third time, what differs is listed
//
// A drive reads from its cache what is in its cache. Holes have no buffer, and are not read back.

import { LOST_DIFFERS, LOST_TARGET } from '../abi/copier'
import { DRIVE_READ, DRIVE_WRITE } from '../abi/driveSlots'
import { carryOn } from './carryOn'
import { Chunk, isReadBack, job, Leg, markOnTarget, SIDE_TARGET } from './job'
import { STEP_CHECK, STEP_REWRITE } from './leg'
import { isEqual } from './longRanges'
import { targetAt } from './targets'
import { beginTransfer } from './transfer'

const REWRITES_MAX: u32 = 2

/** All of the leg is written. False: there is nothing to check. */
export function beginCheck(chunk: Chunk, leg: Leg): bool {
  if (!isReadBack() || chunk.isHole !== 0) return false
  check(chunk, leg)
  return true
}

function check(chunk: Chunk, leg: Leg): void {
  const target = targetAt(leg.target)
  leg.step = STEP_CHECK
  beginTransfer(leg.transfer, target.bay, DRIVE_READ, target.lba + chunk.position, 0, chunk.sectors, leg.buffer)
}

/** A command of the check ended. True: the leg is through. Power cut here: the position does not count the chunk yet, and it is copied again. */
export function advanceCheck(chunk: Chunk, leg: Leg): bool {
  if (!carryOn(chunk, SIDE_TARGET + leg.target)) return false
  if (leg.step === STEP_REWRITE) {
    check(chunk, leg)
    return false
  }
  const first = differsFrom(chunk, leg, 0)
  if (first === chunk.sectors) return true
  if (leg.rewrites++ === REWRITES_MAX) {
    giveUp(chunk, leg, first)
    return true
  }
  let end = first + 1
  while (end < chunk.sectors && differsFrom(chunk, leg, end) === end) end++
  job.commandsRepeated++
  leg.step = STEP_REWRITE
  const target = targetAt(leg.target)
  const buffer = chunk.buffer + <usize>first * job.sectorBytes
  beginTransfer(leg.transfer, target.bay, DRIVE_WRITE, target.lba + chunk.position, first, end, buffer)
  return false
}

function giveUp(chunk: Chunk, leg: Leg, first: u32): void {
  for (let at = first; at < chunk.sectors; at = differsFrom(chunk, leg, at + 1)) {
    markOnTarget(leg, at, 1, LOST_TARGET | LOST_DIFFERS)
  }
}

/** The first sector from `at` on that is not what was written; those that are lost are known already. */
function differsFrom(chunk: Chunk, leg: Leg, at: u32): u32 {
  const sectorBytes = <usize>job.sectorBytes
  for (; at < chunk.sectors; at++) {
    const offset = <usize>at * sectorBytes
    if (load<u8>(chunk.reasons + at) !== 0 || load<u8>(leg.reasons + at) !== 0) continue
    if (!isEqual(chunk.buffer + offset, leg.buffer + offset, sectorBytes)) return at
  }
  return chunk.sectors
}
