// The job and the chunks that are on their way: all the copier's state between two calls.
//
//   job-relative sectors   0 ....... durable ...... position ................. next ............ sectors
//                          | survives a |  on the target,  | chunks head to tail:  |  not looked  |
//                          | power cut  |  not yet flushed | read, written, waiting|  at yet      |
//
// RAM: a power cut clears it. What is needed after one is in the NVRAM (journal.ts).

import { JOB_FLAG_ASCENDING, JOB_FLAG_READ_BACK, JOB_FLAG_VERIFY } from '../abi/copier'
import { JOB_FLAG_OPTICAL } from '../abi/optical'
import { JOB_FLAG_RESCUE } from '../abi/rescue'
import { CHUNK_SECTORS_MAX, CHUNKS, chunkBuffer, chunkReasons } from './layout'
import { Transfer, transferAt } from './transfer'

export const SIDE_SOURCE: u32 = 0
export const SIDE_TARGET: u32 = 1

@unmanaged
export class Job {
  state: u32
  reason: u32
  flags: u32
  sourceBay: u32
  targetBay: u32
  sectorBytes: u32
  chunkSectors: u32
  retries: u32
  zeroSectors: u32
  sourceDrive: u32
  targetDrive: u32
  /** Numbers of the oldest chunk, of the one that may write now (ascending targets), and of the next one. */
  head: u32
  turn: u32
  tail: u32
  /** Target commands that ended since the last flush was sent: without any there is nothing to flush. */
  unflushed: u32
  flushFailures: u32
  commandsRepeated: u32
  /** What the target turned out not to know. */
  cannotTrim: u32
  cannotMarkLost: u32
  /** The source has no pointers to the bytes that its decoder could not vouch for. */
  cannotPoint: u32
  /** Optical: the address on the disc, in frames, of the source's LBA 0. */
  firstFrame: u32
  /** The job is in the NVRAM: it can be gone on with. */
  known: u32
  sourceLba: u64
  targetLba: u64
  sectors: u64
  checkpointSectors: u64
  errorLimit: u64
  position: u64
  next: u64
  /** Sectors of zeros below the position that were not sent to the target as data. */
  skipped: u64
}

export const job: Job = changetype<Job>(memory.data(192, 8))

export const STEP_FREE: u32 = 0
/** Sides that are still reading. */
export const STEP_READ: u32 = 1
/** Read; waits for the chunks before it to be written (ascending targets). */
export const STEP_TURN: u32 = 2
export const STEP_WRITE: u32 = 3
/** Through; waits for the chunks before it, so that the position moves in order. */
export const STEP_RETIRE: u32 = 4
/** Written; is read back (readBack.ts), and written again where it differs. */
export const STEP_CHECK: u32 = 5
export const STEP_REWRITE: u32 = 6
/** Optical: read; some of its sectors are read again (optical/judge.ts). */
export const STEP_JUDGE: u32 = 7

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
  /** Sectors that are marked in `reasons`. */
  lost: u32
  reading: u32
  /** Sectors of zeros that were not sent to the target as data. */
  skipped: u32
  position: u64
  /** Times that something was written again because it differed. */
  rewrites: u32
  buffer: usize
  /** Verify, or reading back: what the target holds. */
  otherBuffer: usize
  reasons: usize
  source: Transfer
  target: Transfer
}

const chunks: usize = memory.data(512, 8)

export function chunkAt(number: u32): Chunk {
  return changetype<Chunk>(chunks + <usize>(number % chunksInUse()) * offsetof<Chunk>())
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

export function isAscending(): bool {
  return (job.flags & JOB_FLAG_ASCENDING) !== 0
}

/** Comparing fills two buffers for each chunk. */
export function chunksInUse(): u32 {
  return comparesTwo() ? CHUNKS / 2 : CHUNKS
}

function comparesTwo(): bool {
  return isVerify() || isReadBack()
}

/** Forgets all chunks; the next one begins at `position`. Their commands must have ended or been aborted. */
export function clearChunks(position: u64): void {
  const inUse = chunksInUse()
  for (let index: u32 = 0; index < inUse; index++) {
    const chunk = chunkAt(index)
    chunk.step = STEP_FREE
    chunk.index = index
    chunk.buffer = chunkBuffer(comparesTwo() ? 2 * index : index)
    chunk.otherBuffer = comparesTwo() ? chunkBuffer(2 * index + 1) : 0
    chunk.reasons = chunkReasons(index)
    chunk.source = transferAt(2 * index)
    chunk.target = transferAt(2 * index + 1)
    chunk.lost = 0
    memory.fill(chunk.reasons, 0, CHUNK_SECTORS_MAX)
  }
  job.head = 0
  job.turn = 0
  job.tail = 0
  job.unflushed = 0
  job.position = position
  job.next = position
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

/** Marks sectors of a chunk as lost; `fill` puts zeros where their content should be. */
export function markLost(chunk: Chunk, first: u32, sectors: u32, why: u32, fill: bool): void {
  for (let at = first; at < first + sectors; at++) {
    if (load<u8>(chunk.reasons + at) !== 0) continue
    store<u8>(chunk.reasons + at, <u8>why)
    chunk.lost++
  }
  if (fill) memory.fill(chunk.buffer + <usize>first * job.sectorBytes, 0, <usize>sectors * job.sectorBytes)
}
