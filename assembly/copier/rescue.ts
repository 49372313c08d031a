// A rescue on its way: one read at a time, so that each one's end decides about the next (passes.ts), and writes beside it.
//
//   read ends well      its sectors are finished in the map in RAM, and are written from their buffer as any chunk is (leg.ts)
//   read fails          its sectors are failed: a rescue goes on, and comes back to them in a later phase
//   checkpoint          no new reads; when every write has ended: the target's flush, then the map into the NVRAM (checkpoint.ts)
//
// So the durable map never says "finished" of a sector that is not on the target's medium. What the target does not take ends the job: the
// source is not to be read in vain. A source that leaves or dies suspends it, after a checkpoint: what was read may be the last that it gave.

import {
  COPY_RUNNING,
  COPY_STOPPING,
  LOST_MEDIUM,
  REASON_COMMAND_REFUSED,
  REASON_NONE,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_GONE,
} from '../abi/copier'
import {
  DRIVE_ABORTED,
  DRIVE_GONE,
  DRIVE_HARDWARE_ERROR,
  DRIVE_MEDIUM_ERROR,
  DRIVE_OK,
  DRIVE_READ,
} from '../abi/driveSlots'
import { EVENT_COPY_BAD_SECTOR } from '../abi/events'
import { AREA_FINISHED, AREA_NON_TRIED, PHASE_COPYING, PHASE_FINISHED, REASON_TARGET_REFUSES } from '../abi/rescue'
import { now, trace } from '../hal/hal'
import { areaCount, clearAreas, sectorsFailed, sectorsThatAre } from './areas'
import { isCheckpointing } from './checkpoint'
import { failJob, suspendJob } from './control'
import { DRIVE_TIMEOUT, send, statusOf } from './drive'
import { Chunk, chunkAt, chunksInUse, job, legAt, STEP_FREE, STEP_READ, STEP_RETIRE } from './job'
import { durable } from './journal'
import { beginLegs, takeTurnOf } from './leg'
import { list } from './list'
import { beginPass, blockFailed, blockFirst, blockRead, blockSectors, nextBlock, rescue } from './passes'
import { HANG_WEIGHT, hasDied, isTargetParked, prepareTransfer, probeTargets, showsLife } from './transfer'

/** An aborted command may succeed when it is sent again; more often than this, it is a failed read. */
const ABORTS_MAX: u32 = 4
/** A dying drive may spend seconds on each sector: a checkpoint is due after so long, and after so many reads that failed. */
const CHECKPOINT_NS: f64 = 30e9
const CHECKPOINT_FAILURES: u32 = 1024

const NS_PER_MS: f64 = 1e6
const NS_PER_SECOND: f64 = 1e9
const KIB: f64 = 1024
const SKIP_BYTES_MIN: u64 = 65536

/** The chunk that reads; -1: none does. */
let reading: i32 = -1
let readSentNs: f64 = 0
let aborts: u32 = 0
/** Since the last checkpoint. */
let gained: u64 = 0
let failures: u32 = 0
let keptNs: f64 = 0

/** A new rescue, whose job is measured. Without a map from the host all of it is non-tried. */
export function prepareRescue(): void {
  const first = max(SKIP_BYTES_MIN / job.sectorBytes, job.sectors / 100_000)
  if (rescue.skipFirst === 0) rescue.skipFirst = max<u64>(1, first)
  if (rescue.skipMax === 0) rescue.skipMax = job.sectors / 100
  rescue.skipMax = max(rescue.skipMax, rescue.skipFirst)
  if (areaCount === 0) clearAreas(job.sectors, AREA_NON_TRIED)
  if (rescue.phase === 0) beginPass(PHASE_COPYING, 1)
  count()
  durable.position = job.position
  durable.lostSectors = list.sectors
}

/** From the durable map on; nothing is on its way. */
export function restartRescue(): void {
  reading = -1
  rescueKept()
  count()
}

/** The read ended. */
export function advanceRescue(chunk: Chunk): void {
  if (chunk.step === STEP_READ) readEnded(chunk)
}

/** Retires what is written, and reads on, until all of it has to wait. The checkpoint is the caller's. */
export function pumpRescue(): void {
  probeTargets()
  const inUse = chunksInUse()
  for (let index: u32 = 0; index < inUse; index++) {
    const chunk = chunkAt(index)
    // It had to wait while a late command of the target was tried alone.
    takeTurnOf(chunk, 0)
    if (chunk.step !== STEP_RETIRE) continue
    if (legAt(chunk, 0).lost > 0) return failJob(REASON_TARGET_REFUSES)
    chunk.step = STEP_FREE
    job.skipped += chunk.skipped
  }
  launch(inUse)
}

function launch(inUse: u32): void {
  if (job.state !== COPY_RUNNING || reading >= 0 || isCheckpointing() || isOverdue() || isTargetParked()) return
  for (let index: u32 = 0; index < inUse; index++) {
    const chunk = chunkAt(index)
    if (chunk.step !== STEP_FREE) continue
    if (!nextBlock()) return
    chunk.step = STEP_READ
    chunk.position = blockFirst
    chunk.sectors = blockSectors
    chunk.isHole = 0
    chunk.skipped = 0
    reading = index
    aborts = 0
    sendRead(chunk)
    return
  }
}

function sendRead(chunk: Chunk): void {
  const lba = job.sourceLba + chunk.position
  prepareTransfer(chunk.source, job.sourceBay, DRIVE_READ)
  readSentNs = now()
  const patienceNs = <f64>rescue.readDeadlineMs * NS_PER_MS
  send(chunk.source.slot, job.sourceBay, DRIVE_READ, lba, chunk.sectors, chunk.buffer, patienceNs)
}

function readEnded(chunk: Chunk): void {
  const source = chunk.source
  switch (statusOf(source.slot)) {
    case DRIVE_OK:
      showsLife(source)
      reading = -1
      gained += chunk.sectors
      blockRead(isSlow(chunk))
      count()
      // Power cut from here on: the map in the NVRAM does not say that these sectors are finished. They are read and written again.
      beginLegs(chunk)
      return
    case DRIVE_MEDIUM_ERROR:
      showsLife(source)
      break
    case DRIVE_ABORTED:
    case DRIVE_HARDWARE_ERROR:
      if (hasDied(source, 1)) return sourceLeft(chunk, REASON_SOURCE_DEAD)
      if (++aborts < ABORTS_MAX) {
        job.commandsRepeated++
        return sendRead(chunk)
      }
      break
    case DRIVE_TIMEOUT:
      if (hasDied(source, HANG_WEIGHT)) return sourceLeft(chunk, REASON_SOURCE_DEAD)
      break
    case DRIVE_GONE:
      return sourceLeft(chunk, REASON_SOURCE_GONE)
    default:
      failJob(REASON_COMMAND_REFUSED)
      return
  }
  chunk.step = STEP_FREE
  reading = -1
  failures++
  blockFailed()
  count()
  if (chunk.sectors === 1) trace(EVENT_COPY_BAD_SECTOR, <u32>(job.sourceLba + chunk.position), 1, LOST_MEDIUM)
}

/** The read says nothing about its sectors. */
function sourceLeft(chunk: Chunk, reason: u32): void {
  chunk.step = STEP_FREE
  reading = -1
  suspendRescue(reason)
}

/** Writes, flushes and keeps what was read; the job is suspended when that is done. */
export function suspendRescue(reason: u32): void {
  if (job.state === COPY_RUNNING || (job.state === COPY_STOPPING && job.reason === REASON_NONE)) {
    job.state = COPY_STOPPING
    job.reason = reason
  } else if (job.state !== COPY_STOPPING) {
    suspendJob(reason)
  }
}

function isSlow(chunk: Chunk): bool {
  if (rescue.minRateKib === 0) return false
  const bytes = <f64>(chunk.sectors * job.sectorBytes)
  return bytes * NS_PER_SECOND < <f64>rescue.minRateKib * KIB * (now() - readSentNs)
}

/** The counters that everybody sees: for a rescue the position is how much is finished, and listed is what a read has failed on. */
function count(): void {
  job.position = sectorsThatAre(AREA_FINISHED)
  list.sectors = sectorsFailed()
}

/** Enough has happened since the last checkpoint. */
function isOverdue(): bool {
  if (gained === 0 && failures === 0) return false
  return gained >= job.checkpointSectors || failures >= CHECKPOINT_FAILURES || now() - keptNs >= CHECKPOINT_NS
}

/** A checkpoint can be made, and should be: nothing is on its way. */
export function isRescueDue(): bool {
  const inUse = chunksInUse()
  for (let index: u32 = 0; index < inUse; index++) if (chunkAt(index).step !== STEP_FREE) return false
  return isOverdue() || job.state === COPY_STOPPING || rescue.phase === PHASE_FINISHED
}

export function isRescueThrough(): bool {
  return rescue.phase === PHASE_FINISHED
}

export function rescueKept(): void {
  gained = 0
  failures = 0
  keptNs = now()
}
