// A leg: one chunk on its way to one target. Each target has its own: what one refuses, or does slowly, costs the others nothing.
//
//   STEP_TURN      waits: for the chunks before it (ascending targets), or until a late command of the target has been tried alone
//   STEP_WRITE     is written, run by run
//   STEP_CHECK     is read back (readBack.ts), and written again where it differs: STEP_REWRITE
//   STEP_RETIRE    is on the target, but for what is marked
//
// A chunk is through when the legs of all targets that take part are.

import { DRIVE_TRIM, DRIVE_WRITE, DRIVE_WRITE_UNCORRECTABLE } from '../abi/driveSlots'
import { carryOn } from './carryOn'
import { Chunk, chunkAt, job, Leg, legAt, SIDE_TARGET, STEP_RETIRE, STEP_WRITE } from './job'
import { advanceCheck, beginCheck } from './readBack'
import { RUN_SKIPPED, RUN_TO_MARK_LOST, RUN_ZERO, runAt } from './run'
import { isAscending, Target, takesPart, targetAt, targetCount } from './targets'
import { beginTransfer, parkedIn } from './transfer'

/** Further steps of a leg, beside STEP_WRITE and STEP_RETIRE. */
export const STEP_TURN: u32 = 10
export const STEP_CHECK: u32 = 11
export const STEP_REWRITE: u32 = 12

/** The chunk has been read. */
export function beginLegs(chunk: Chunk): void {
  chunk.step = STEP_WRITE
  for (let index: u32 = 0; index < targetCount; index++) {
    const leg = legAt(chunk, index)
    leg.step = takesPart(index) ? STEP_TURN : STEP_RETIRE
    leg.skipped = 0
    leg.rewrites = 0
  }
  for (let index: u32 = 0; index < targetCount; index++) takeTurn(chunk, legAt(chunk, index))
}

/** Begins to write, if it may. */
function takeTurn(chunk: Chunk, leg: Leg): void {
  // Power cut here: what is in the buffer is lost with the RAM, and still on the source.
  if (leg.step !== STEP_TURN || !mayWrite(chunk, targetAt(leg.target))) return
  leg.step = STEP_WRITE
  if (!writeNext(chunk, leg, 0)) written(chunk, leg)
}

/** In its turn, and not while a late command of the target is tried alone. */
function mayWrite(chunk: Chunk, target: Target): bool {
  return (!isAscending(target) || chunk.number === target.turn) && parkedIn(target.bay) === 0
}

/** A command of the leg ended. */
export function advanceLeg(chunk: Chunk, leg: Leg): void {
  switch (leg.step) {
    case STEP_WRITE:
      // Power cut here: each sector of this chunk is old or new on the target. All of them are written again, with the same bytes:
      // the durable position moves only after a flush that began when this chunk had retired.
      if (!carryOn(chunk, SIDE_TARGET + leg.target)) return
      if (leg.transfer.op === DRIVE_TRIM) leg.skipped += leg.transfer.cursor - leg.transfer.first
      if (!writeNext(chunk, leg, leg.transfer.cursor)) written(chunk, leg)
      return
    case STEP_CHECK:
    case STEP_REWRITE:
      if (advanceCheck(chunk, leg)) legEnded(chunk, leg)
      return
    default:
      return
  }
}

/** All of the chunk is written. */
function written(chunk: Chunk, leg: Leg): void {
  if (!beginCheck(chunk, leg)) legEnded(chunk, leg)
}

function legEnded(chunk: Chunk, leg: Leg): void {
  leg.step = STEP_RETIRE
  considerThrough(chunk)
}

/** A leg ended, or its target left the job: is the chunk through? */
export function considerThrough(chunk: Chunk): void {
  if (chunk.step !== STEP_WRITE) return
  let skipped = chunk.sectors
  for (let index: u32 = 0; index < targetCount; index++) {
    if (!takesPart(index)) continue
    const leg = legAt(chunk, index)
    if (leg.step !== STEP_RETIRE) return
    skipped = min(skipped, leg.skipped)
  }
  chunk.skipped = skipped
  chunk.step = STEP_RETIRE
}

/** Sends the chunk's next run that needs a command, from sector `at` on; false at the end of the chunk. */
function writeNext(chunk: Chunk, leg: Leg, at: u32): bool {
  const target = targetAt(leg.target)
  const lba = target.lba + chunk.position
  while (at < chunk.sectors) {
    const run = runAt(chunk, target, at)
    if (run.kind === RUN_SKIPPED) {
      leg.skipped += run.end - at
      at = run.end
      continue
    }
    // A hole's buffer holds one piece of zeros, used for all of them.
    const buffer = chunk.isHole !== 0 ? chunk.buffer : chunk.buffer + <usize>at * job.sectorBytes
    beginTransfer(leg.transfer, target.bay, opOf(run.kind), lba, at, run.end, buffer)
    return true
  }
  return false
}

function opOf(kind: u32): u32 {
  if (kind === RUN_ZERO) return DRIVE_TRIM
  return kind === RUN_TO_MARK_LOST ? DRIVE_WRITE_UNCORRECTABLE : DRIVE_WRITE
}

/** Lets legs write that had to wait. True: the turn of an ascending target moved. */
export function passTurns(): bool {
  let moved = false
  for (let index: u32 = 0; index < targetCount; index++) {
    if (!takesPart(index)) continue
    if (isAscending(targetAt(index))) moved = passTurnOf(index) || moved
    else for (let number = job.head; number !== job.tail; number++) takeTurnOf(chunkAt(number), index)
  }
  return moved
}

function passTurnOf(index: u32): bool {
  const target = targetAt(index)
  let moved = false
  while (target.turn !== job.tail) {
    const chunk = chunkAt(target.turn)
    takeTurnOf(chunk, index)
    if (!hasLegEnded(chunk, index)) return moved
    target.turn++
    moved = true
  }
  return moved
}

export function takeTurnOf(chunk: Chunk, index: u32): void {
  if (chunk.step === STEP_WRITE) takeTurn(chunk, legAt(chunk, index))
}

function hasLegEnded(chunk: Chunk, index: u32): bool {
  return chunk.step === STEP_RETIRE || (chunk.step === STEP_WRITE && legAt(chunk, index).step === STEP_RETIRE)
}

/** An ascending target has not counted the chunk yet: it is not to be reused. */
export function isTurnOf(number: u32): bool {
  for (let index: u32 = 0; index < targetCount; index++) {
    const target = targetAt(index)
    if (target.dropped === 0 && isAscending(target) && target.turn === number) return true
  }
  return false
}
