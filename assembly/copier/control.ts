// The life of a job: begin, identify the drives, run, stop, suspend, end; and the pump that keeps chunks on their way.

import {
  COPY_FAILED,
  COPY_IDENTIFYING,
  COPY_IDLE,
  COPY_RUNNING,
  COPY_STOPPED,
  COPY_STOPPING,
  COPY_SUSPENDED,
  JOB_FLAG_TARGET_BLANK,
  REASON_NONE,
  REASON_NVRAM_LOST,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_GONE,
  REASON_TARGET_DEAD,
  REASON_TARGET_GONE,
  REASON_TOO_MANY_LOST,
} from '../abi/copier'
import { EVENT_COPY_BAD_SECTOR, EVENT_COPY_DONE } from '../abi/events'
import { trace } from '../hal/hal'
import { dropAreas } from './areas'
import { advanceCheckpoint, considerCheckpoint, dropCheckpoint } from './checkpoint'
import { advanceCopy, beginCopy } from './copy'
import { abortAll } from './drive'
import { advanceIdentify, identify } from './identify'
import {
  Chunk,
  chunkAt,
  clearChunks,
  hasFreeChunk,
  isAscending,
  isRescue,
  isVerify,
  Job,
  job,
  SIDE_SOURCE,
  SIDE_TARGET,
  STEP_FREE,
  STEP_RETIRE,
  STEP_TURN,
  takeChunk,
} from './job'
import { clearRecords, durable, JOURNAL_LOST, loadRecord, returnTo, writeRecord } from './journal'
import { CHUNK_SECTORS_MAX, SLOT_ASK, SLOT_FLUSH } from './layout'
import { appendLost, LostList, list } from './list'
import { LOG_BEGUN, LOG_LOST, LOG_NVRAM_LOST, LOG_RESUMED, LOG_STATE, log } from './log'
import { CD_SUBCHANNEL_SECTOR_BYTES } from './optical/layout'
import { clearTally } from './optical/tally'
import { advanceRescue, prepareRescue, pumpRescue, restartRescue, suspendRescue } from './rescue'
import { dataAt, knows, resetScouts, scoutAnswered, zerosAt } from './scout'
import { answerEnd } from './scsi'
import { forgiveAll, parkedIn, probe, unparkAll } from './transfer'
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
  if (job.state === COPY_RUNNING) continueJob()
}

export function forgetJob(): void {
  memory.fill(changetype<usize>(job), 0, offsetof<Job>())
  memory.fill(changetype<usize>(list), 0, offsetof<LostList>())
  dropAreas()
  clearRecords()
}

/** Begins with what the caller has put into `job`. */
export function beginJob(): void {
  clearTally()
  log(LOG_BEGUN, job.sectors, job.flags)
  job.state = COPY_IDENTIFYING
  job.reason = REASON_NONE
  identify()
}

export function continueJob(): void {
  log(LOG_RESUMED, durable.position, 0)
  job.state = COPY_IDENTIFYING
  job.reason = REASON_NONE
  identify()
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
  job.cannotTrim = 0
  job.cannotMarkLost = 0
  // Reads with pointers and subchannels together are not known here.
  job.cannotPoint = job.sectorBytes === CD_SUBCHANNEL_SECTOR_BYTES ? 1 : 0
  job.flushFailures = 0
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
  if (job.state !== COPY_SUSPENDED) return
  const waitsForSource = job.reason === REASON_SOURCE_GONE || job.reason === REASON_SOURCE_DEAD
  const waitsForTarget = job.reason === REASON_TARGET_GONE || job.reason === REASON_TARGET_DEAD
  if ((waitsForSource && bay === job.sourceBay) || (waitsForTarget && bay === job.targetBay)) continueJob()
}

export function bayEmptied(bay: u32): void {
  if (!isActive()) return
  if (bay === job.sourceBay) {
    if (isRescue()) suspendRescue(REASON_SOURCE_GONE)
    else suspendJob(REASON_SOURCE_GONE)
    pump()
  } else if (bay === job.targetBay) suspendJob(REASON_TARGET_GONE)
}

/** A drive command ended, by an answer or by its deadline. */
export function dispatch(slot: u32): void {
  if (slot === SLOT_FLUSH) {
    advanceCheckpoint()
  } else if (slot >= SLOT_ASK) {
    const side = slot - SLOT_ASK
    if (job.state === COPY_IDENTIFYING) advanceIdentify(side)
    else if (!scoutAnswered(side)) suspendJob(side === SIDE_SOURCE ? REASON_SOURCE_GONE : REASON_TARGET_GONE)
  } else {
    const chunk = chunkAt(slot >> 1)
    if (isRescue()) advanceRescue(chunk)
    else if (isVerify()) advanceVerify(chunk, slot & 1)
    else advanceCopy(chunk)
  }
  pump()
}

/** Retires what is through, lets the next chunk write, sends new chunks off, and makes checkpoints, until all of it has to wait. */
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
    probe(job.targetBay)
    moved = passTurn()
    if (retire()) moved = true
    if (job.state === COPY_RUNNING && launch()) moved = true
    if (considerCheckpoint()) moved = true
  }
}

/** Lets chunks write that had to wait: for a late command of the target, or (ascending targets) for the chunks before them. */
function passTurn(): bool {
  if (!isAscending()) {
    for (let number = job.head; number !== job.tail; number++) {
      const chunk = chunkAt(number)
      if (chunk.step === STEP_TURN) advanceCopy(chunk)
    }
    return false
  }
  let moved = false
  while (job.turn !== job.tail) {
    const chunk = chunkAt(job.turn)
    if (chunk.step === STEP_TURN) advanceCopy(chunk)
    if (chunk.step !== STEP_RETIRE) return moved
    job.turn++
    moved = true
  }
  return moved
}

/** Moves the position over chunks that are through, in order. */
function retire(): bool {
  let moved = false
  while (job.head !== job.tail) {
    const chunk = chunkAt(job.head)
    if (chunk.step !== STEP_RETIRE) return moved
    if (isAscending() && job.turn === job.head) return moved
    if (chunk.lost > 0) listLost(chunk)
    chunk.step = STEP_FREE
    job.head++
    job.position += chunk.sectors
    job.skipped += chunk.skipped
    moved = true
    if (job.errorLimit !== 0 && list.sectors > job.errorLimit && job.state === COPY_RUNNING) {
      job.reason = REASON_TOO_MANY_LOST
      job.state = COPY_STOPPING
    }
  }
  return moved
}

/** Puts the marked sectors of a chunk into the list, run by run. */
function listLost(chunk: Chunk): void {
  let at: u32 = 0
  while (at < chunk.sectors) {
    const why = <u32>load<u8>(chunk.reasons + at)
    const first = at++
    if (why === 0) continue
    while (at < chunk.sectors && <u32>load<u8>(chunk.reasons + at) === why) at++
    const lba = job.sourceLba + chunk.position + first
    appendLost(lba, at - first, why)
    log(LOG_LOST, lba, ((at - first) << 8) | why)
    trace(EVENT_COPY_BAD_SECTOR, <u32>lba, at - first, why)
  }
  memory.fill(chunk.reasons, 0, CHUNK_SECTORS_MAX)
  chunk.lost = 0
}

function launch(): bool {
  let moved = false
  // While late commands are tried alone, nothing new is sent.
  if (parkedIn(job.sourceBay) > 0 || parkedIn(job.targetBay) > 0) return false
  while (job.next < job.sectors && hasFreeChunk()) {
    const next = job.next
    if (!knows(SIDE_SOURCE, next) || (isVerify() && !knows(SIDE_TARGET, next))) return moved
    const zeros = isVerify() ? min(zerosAt(SIDE_SOURCE, next), zerosAt(SIDE_TARGET, next)) : zerosAt(SIDE_SOURCE, next)
    const isFree = isVerify() || (job.flags & JOB_FLAG_TARGET_BLANK) !== 0
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
