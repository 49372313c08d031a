// The job and the chunks that are on their way: all the copier's state between two calls.
//
//   job-relative sectors   0 ....... durable ...... position ................. next ............ sectors
//                          | survives a |  on the target,  | chunks head to tail:  |  not looked  |
//                          | power cut  |  not yet flushed | read, written, waiting|  at yet      |
//
// RAM: a power cut clears it. What is needed after one is in the NVRAM (journal.ts).

import { JOB_FLAG_READ_BACK, JOB_FLAG_TARGETS, JOB_FLAG_VERIFY } from '../abi/copier'
import { JOB_FLAG_OPTICAL } from '../abi/optical'
import { JOB_FLAG_RESCUE } from '../abi/rescue'
import { CHUNK_SECTORS_MAX, CHUNKS, chunkBuffer, reasonsAt, SIDES } from './layout'
import { restartTargets, targetCount } from './targets'
import { Transfer, transferAt } from './transfer'

export const SIDE_SOURCE: u32 = 0
/** The first target's; the others follow. */
export const SIDE_TARGET: u32 = 1

@unmanaged
export class Job {
  state: u32
  reason: u32
  flags: u32
  sourceBay: u32
  sectorBytes: u32
  chunkSectors: u32
  retries: u32
  zeroSectors: u32
  sourceDrive: u32
  /** Numbers of the oldest chunk, and of the next one. */
  head: u32
  tail: u32
  commandsRepeated: u32
  /** The source has no pointers to the bytes that its decoder could not vouch for. */
  cannotPoint: u32
  /** Optical: the address on the disc, in frames, of the source's LBA 0. */
  firstFrame: u32
  /** The job is in the NVRAM: it can be gone on with. */
  known: u32
  sourceLba: u64
  sectors: u64
  checkpointSectors: u64
  errorLimit: u64
  position: u64
  next: u64
  /** Sectors of zeros below the position that were not sent to any target as data. */
  skipped: u64
}

export const job: Job = changetype<Job>(memory.data(192, 8))

export const STEP_FREE: u32 = 0
/** Sides that are still reading. */
export const STEP_READ: u32 = 1
/** Optical: read; some of its sectors are read again (optical/judge.ts). */
export const STEP_JUDGE: u32 = 2
/** Read; its legs write it, each to its target (leg.ts). */
export const STEP_WRITE: u32 = 3
/** Through; waits for the chunks before it, so that the position moves in order. */
export const STEP_RETIRE: u32 = 4

@unmanaged
export class Chunk {
  step: u32
  /** Which buffers and slots are its own. */
  index: u32
  /** Ever-growing: the order of the chunks. */
  number: u32
  sectors: u32
  /** Known to be zeros without having been read: the buffer holds nothing. */
  isHole: u32
  /** Sectors that are marked in `reasons`: the source's; those of a target are its leg's. */
  lost: u32
  reading: u32
  /** Sectors of zeros that were not sent to any target as data. */
  skipped: u32
  position: u64
  buffer: usize
  reasons: usize
  source: Transfer
}

/** What happens to a chunk on its way to one target; leg.ts has the steps. */
@unmanaged
export class Leg {
  step: u32
  /** Which target's. */
  target: u32
  /** Sectors that are marked in `reasons`. */
  lost: u32
  /** Sectors of zeros that were not sent to the target as data. */
  skipped: u32
  /** Times that something was written again because it differed. */
  rewrites: u32
  /** Verify, or reading back: what the target holds. */
  buffer: usize
  reasons: usize
  transfer: Transfer
}

const chunks: usize = memory.data(512, 8)
const legs: usize = memory.data(1792, 8)

export function chunkAt(number: u32): Chunk {
  return changetype<Chunk>(chunks + <usize>(number % chunksInUse()) * offsetof<Chunk>())
}

export function legAt(chunk: Chunk, target: u32): Leg {
  return changetype<Leg>(legs + <usize>(chunk.index * (SIDES - 1) + target) * offsetof<Leg>())
}

export function isVerify(): bool {
  return (job.flags & JOB_FLAG_VERIFY) !== 0
}

export function isReadBack(): bool {
  return (job.flags & JOB_FLAG_READ_BACK) !== 0
}

/** With a map of areas instead of a position, which then counts the finished sectors, wherever they lie. */
export function isRescue(): bool {
  return (job.flags & JOB_FLAG_RESCUE) !== 0
}

/** CD sectors of 2,352 bytes, each checked before it is written. */
export function isOptical(): bool {
  return (job.flags & JOB_FLAG_OPTICAL) !== 0
}

export function hasSeveralTargets(): bool {
  return (job.flags & JOB_FLAG_TARGETS) !== 0
}

/** A power of two, so that chunk numbers may wrap. */
export function chunksInUse(): u32 {
  return CHUNKS / buffersOfChunk()
}

/** Comparing fills one more buffer for each target. Rounded up to a power of two. */
function buffersOfChunk(): u32 {
  if (!isVerify() && !isReadBack()) return 1
  let buffers: u32 = 2
  while (buffers < 1 + targetCount) buffers *= 2
  return buffers
}

/** Forgets all chunks; the next one begins at `position`. Their commands must have ended or been aborted. */
export function clearChunks(position: u64): void {
  const inUse = chunksInUse()
  for (let index: u32 = 0; index < inUse; index++) {
    const chunk = chunkAt(index)
    chunk.step = STEP_FREE
    chunk.index = index
    chunk.buffer = chunkBuffer(index * buffersOfChunk())
    chunk.reasons = reasonsAt(index, SIDE_SOURCE)
    chunk.source = transferAt(index * SIDES)
    chunk.lost = 0
    memory.fill(chunk.reasons, 0, CHUNK_SECTORS_MAX)
    for (let target: u32 = 0; target < targetCount; target++) clearLeg(chunk, target)
  }
  job.head = 0
  job.tail = 0
  job.position = position
  job.next = position
  restartTargets()
}

function clearLeg(chunk: Chunk, target: u32): void {
  const leg = legAt(chunk, target)
  leg.step = STEP_FREE
  leg.target = target
  leg.buffer = buffersOfChunk() > 1 ? chunkBuffer(chunk.index * buffersOfChunk() + 1 + target) : 0
  leg.reasons = reasonsAt(chunk.index, SIDE_TARGET + target)
  leg.transfer = transferAt(chunk.index * SIDES + SIDE_TARGET + target)
  forgetMarks(leg)
}

/** Nothing is said any more about what the target did not take. */
export function forgetMarks(leg: Leg): void {
  memory.fill(leg.reasons, 0, CHUNK_SECTORS_MAX)
  leg.lost = 0
}

/** Takes the next free chunk for `sectors` at the job's front. */
export function takeChunk(sectors: u32, isHole: bool): Chunk {
  const chunk = chunkAt(job.tail)
  chunk.number = job.tail++
  chunk.position = job.next
  chunk.sectors = sectors
  chunk.isHole = isHole ? 1 : 0
  chunk.skipped = 0
  job.next += sectors
  return chunk
}

export function hasFreeChunk(): bool {
  return job.tail - job.head < chunksInUse()
}

/** Marks sectors of a chunk that the source did not give; `fill` puts zeros where their content should be. */
export function markLost(chunk: Chunk, first: u32, sectors: u32, why: u32, fill: bool): void {
  chunk.lost += mark(chunk.reasons, first, sectors, why)
  if (fill) memory.fill(chunk.buffer + <usize>first * job.sectorBytes, 0, <usize>sectors * job.sectorBytes)
}

/** Marks sectors that a target did not take or give. */
export function markOnTarget(leg: Leg, first: u32, sectors: u32, why: u32): void {
  leg.lost += mark(leg.reasons, first, sectors, why)
}

/** The first cause counts. Returns how many sectors had none. */
function mark(reasons: usize, first: u32, sectors: u32, why: u32): u32 {
  let marked: u32 = 0
  for (let at = first; at < first + sectors; at++) {
    if (load<u8>(reasons + at) !== 0) continue
    store<u8>(reasons + at, <u8>why)
    marked++
  }
  return marked
}
