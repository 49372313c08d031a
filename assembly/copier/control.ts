// The life of a job: begin, identify the drives, run, stop, suspend, end; and the pump that keeps chunks on their way.

import {
  COPY_FAILED,
  COPY_IDENTIFYING,
  COPY_IDLE,
  COPY_RUNNING,
  COPY_STOPPED,
  COPY_STOPPING,
  COPY_SUSPENDED,
  REASON_NONE,
  REASON_NVRAM_LOST,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_GONE,
  REASON_TARGET_DEAD,
  REASON_TARGET_GONE,
} from '../abi/copier'
import { EVENT_COPY_DONE } from '../abi/events'
import { trace } from '../hal/hal'
import { dropAreas } from './areas'
import { advanceCheckpoint, considerCheckpoint, dropCheckpoint } from './checkpoint'
import { advanceCopy, beginCopy } from './copy'
import { abortAll } from './drive'
import { targetFails } from './drop'
import { advanceIdentify, askAgain, identify, waitsForTargets } from './identify'
import {
  chunkAt,
  clearChunks,
  hasFreeChunk,
  hasSeveralTargets,
  isRescue,
  isVerify,
  Job,
  job,
  legAt,
  SIDE_SOURCE,
  SIDE_TARGET,
  STEP_FREE,
  STEP_RETIRE,
  takeChunk,
} from './job'
import { clearRecords, durable, JOURNAL_LOST, loadRecord, returnTo, writeRecord } from './journal'
import { SIDES, SLOT_ASK, SLOT_FLUSH } from './layout'
import { advanceLeg, isTurnOf, passTurns } from './leg'
import { LostList, list } from './list'
import { considerLimits, hasMarks, listMarks } from './listMarks'
import { LOG_BEGUN, LOG_NVRAM_LOST, LOG_RESUMED, LOG_STATE, log } from './log'
import { CD_SUBCHANNEL_SECTOR_BYTES } from './optical/layout'
import { clearTally } from './optical/tally'
import { advanceRescue, prepareRescue, pumpRescue, restartRescue, suspendRescue } from './rescue'
import { dataAt, knows, resetScouts, scoutAnswered, zerosAt } from './scout'
import { answerEnd } from './scsi'
import { allAreBlank, clearTargets, takesPart, targetInBay, targetsThatTakePart, trustTargets } from './targets'
import { forgiveAll, isTargetParked, parkedIn, probe, probeTargets, unparkAll } from './transfer'
import { advanceVerify, beginVerify } from './verify'

/** A hole in a blank target costs no command: any length is one chunk. */
const HOLE_SECTORS_MAX: u64 = 0x40000000

/** Takes up what the NVRAM holds: a job that ran when the power was lost goes on by itself. */
export function bootJob(): void {
  if (loadRecord() === JOURNAL_LOST) {
    job.state = COPY_FAILED
    job.reason = REASON_NVRAM_LOST
    log(LOG_NVRAM_LOST, 0, 0)
    return
  }
  returnTo(durable)
  job.position = durable.position
  if (job.state === COPY_RUNNING) continueByItself()
}

export function forgetJob(): void {
  memory.fill(changetype<usize>(job), 0, offsetof<Job>())
  memory.fill(changetype<usize>(list), 0, offsetof<LostList>())
  dropAreas()
  clearTargets()
  clearRecords()
}

/** Begins with what the caller has put into `job`. */
export function beginJob(): void {
  clearTally()
  log(LOG_BEGUN, job.sectors, job.flags)
  job.state = COPY_IDENTIFYING
  job.reason = REASON_NONE
  identify(false)
}

/** Somebody wants it to go on, with the targets that are there. */
export function continueJob(): void {
  goOn(false)
}

/** Power or a drive came back: targets that are missing may yet come, too. */
function continueByItself(): void {
  goOn(hasSeveralTargets())
}

function goOn(isPatient: bool): void {
  log(LOG_RESUMED, durable.position, 0)
  job.state = COPY_IDENTIFYING
  job.reason = REASON_NONE
  identify(isPatient)
}

/** The drives are the right ones: copies from the durable position on. */
export function runJob(): void {
  if (job.known === 0) {
    if (isRescue()) prepareRescue()
    // Power cut before this: there is no job. After it: the job begins again by itself at boot.
    writeRecord(COPY_RUNNING, REASON_NONE, durable)
    job.known = 1
  }
  job.state = COPY_RUNNING
  trustTargets()
  // Reads with pointers and subchannels together are not known here.
  job.cannotPoint = job.sectorBytes === CD_SUBCHANNEL_SECTOR_BYTES ? 1 : 0
  forgiveAll()
  restartAtMark()
  resetScouts()
}

/** In order: what was read is written, flushed and recorded first. */
export function stopJob(): void {
  if (job.state === COPY_IDENTIFYING) {
    leave()
    if (job.known === 0) {
      endJob(COPY_IDLE, REASON_NONE)
      return
    }
    writeRecord(COPY_STOPPED, REASON_NONE, durable)
    endJob(COPY_STOPPED, REASON_NONE)
    return
  }
  job.state = COPY_STOPPING
  pump()
}

/** Waits for better times. What was written since the last checkpoint counts as lost: a drive that left may have forgotten it. */
export function suspendJob(reason: u32): void {
  leave()
  if (job.known === 0) endJob(COPY_FAILED, reason)
  else endJob(COPY_SUSPENDED, reason)
}

/** Gives up; the position stays, and COPY_RESUME may try again from there. */
export function failJob(reason: u32): void {
  leave()
  if (job.known !== 0) writeRecord(COPY_FAILED, reason, durable)
  endJob(COPY_FAILED, reason)
}

/** Forgets what is on its way; the next chunk begins at the durable position. */
export function restartAtMark(): void {
  dropCheckpoint()
  unparkAll()
  returnTo(durable)
  clearChunks(durable.position)
  if (isRescue()) restartRescue()
}

function leave(): void {
  abortAll()
  restartAtMark()
}

export function endJob(state: u32, reason: u32): void {
  abortAll()
  job.state = state
  job.reason = reason
  log(LOG_STATE, job.position, (reason << 8) | state)
  trace(EVENT_COPY_DONE, state, reason, <u32>list.sectors)
  answerEnd()
}

export function isActive(): bool {
  return job.state === COPY_IDENTIFYING || job.state === COPY_RUNNING || job.state === COPY_STOPPING
}

/** A drive was plugged in: if the job waits for one in this bay, it looks whether this is it. */
export function bayFilled(bay: u32): void {
  const isTarget = isTargetsBay(bay)
  if (isTarget && waitsForTargets()) return askAgain()
  if (job.state !== COPY_SUSPENDED) return
  const waitsForSource = job.reason === REASON_SOURCE_GONE || job.reason === REASON_SOURCE_DEAD
  const waitsForTarget = job.reason === REASON_TARGET_GONE || job.reason === REASON_TARGET_DEAD
  if ((waitsForSource && bay === job.sourceBay) || (waitsForTarget && isTarget)) continueByItself()
}

export function bayEmptied(bay: u32): void {
  if (!isActive()) return
  if (bay === job.sourceBay) {
    if (isRescue()) suspendRescue(REASON_SOURCE_GONE)
    else suspendJob(REASON_SOURCE_GONE)
    pump()
  } else if (isTargetsBay(bay)) {
    if (job.state === COPY_IDENTIFYING && targetsThatTakePart() > 1) return askAgain()
    targetFails(targetInBay(bay), REASON_TARGET_GONE)
    pump()
  }
}

/** The bay of a target that takes part. */
function isTargetsBay(bay: u32): bool {
  const index = targetInBay(bay)
  return index >= 0 && takesPart(index)
}

/** A drive command ended, by an answer or by its deadline. */
export function dispatch(slot: u32): void {
  if (slot >= SLOT_FLUSH) {
    advanceCheckpoint(slot - SLOT_FLUSH)
  } else if (slot >= SLOT_ASK) {
    const side = slot - SLOT_ASK
    if (job.state === COPY_IDENTIFYING) advanceIdentify(side)
    else if (!scoutAnswered(side)) {
      if (side === SIDE_SOURCE) suspendJob(REASON_SOURCE_GONE)
      else targetFails(side - SIDE_TARGET, REASON_TARGET_GONE)
    }
  } else {
    const chunk = chunkAt(slot / SIDES)
    const side = slot % SIDES
    if (isVerify()) advanceVerify(chunk, side)
    else if (side !== SIDE_SOURCE) advanceLeg(chunk, legAt(chunk, side - SIDE_TARGET))
    else if (isRescue()) advanceRescue(chunk)
    else advanceCopy(chunk)
  }
  pump()
}

/** Retires what is through, lets the next chunks write, sends new chunks off, and makes checkpoints, until all of it has to wait. */
export function pump(): void {
  let moved = true
  while (moved) {
    if (job.state !== COPY_RUNNING && job.state !== COPY_STOPPING) return
    if (isRescue()) {
      pumpRescue()
      moved = considerCheckpoint()
      continue
    }
    probe(job.sourceBay)
    probeTargets()
    moved = passTurns()
    if (retire()) moved = true
    if (job.state === COPY_RUNNING && launch()) moved = true
    if (considerCheckpoint()) moved = true
  }
}

/** Moves the position over chunks that are through, in order. */
function retire(): bool {
  let moved = false
  while (job.head !== job.tail) {
    const chunk = chunkAt(job.head)
    if (chunk.step !== STEP_RETIRE || isTurnOf(job.head)) return moved
    if (hasMarks(chunk)) listMarks(chunk)
    chunk.step = STEP_FREE
    job.head++
    job.position += chunk.sectors
    job.skipped += chunk.skipped
    moved = true
    if (job.errorLimit !== 0 || hasSeveralTargets()) considerLimits()
  }
  return moved
}

function launch(): bool {
  let moved = false
  // While late commands are tried alone, nothing new is sent.
  if (parkedIn(job.sourceBay) > 0 || isTargetParked()) return false
  while (job.next < job.sectors && hasFreeChunk()) {
    const next = job.next
    if (!knows(SIDE_SOURCE, next) || (isVerify() && !knows(SIDE_TARGET, next))) return moved
    const zeros = isVerify() ? min(zerosAt(SIDE_SOURCE, next), zerosAt(SIDE_TARGET, next)) : zerosAt(SIDE_SOURCE, next)
    const isFree = isVerify() || allAreBlank()
    // On a grid of whole chunks: tracks and pages of the drives lie on one, too.
    const grid = <u64>job.chunkSectors - (next % job.chunkSectors)
    const sectors = zeros > 0 ? min(zeros, isFree ? HOLE_SECTORS_MAX : grid) : min(grid, reach(next))
    const chunk = takeChunk(<u32>sectors, zeros > 0)
    if (isVerify()) beginVerify(chunk)
    else beginCopy(chunk)
    moved = true
  }
  return moved
}

/** Sectors from here to where what is known about either side ends. */
function reach(next: u64): u64 {
  const source = dataAt(SIDE_SOURCE, next)
  return isVerify() ? min(source, dataAt(SIDE_TARGET, next)) : source
}
