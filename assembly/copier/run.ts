// What a chunk consists of for a target, from a sector on: data, zeros, or sectors that were lost. Neighbours of one kind are one run, one command.

import { JOB_FLAG_ZERO_LOST } from '../abi/copier'
import { LOST_BUT_READ } from '../abi/optical'
import { Chunk, job } from './job'
import { isZero } from './longRanges'
import { isBlank, Target } from './targets'

/** Written as it is: data, or zeros for a target that cannot be told in a shorter way. */
export const RUN_DATA: u32 = 0
export const RUN_ZERO: u32 = 1
/** Zeros where the target is known to read as zeros. */
export const RUN_SKIPPED: u32 = 2
export const RUN_TO_MARK_LOST: u32 = 3

@unmanaged
class Run {
  kind: u32
  end: u32
}

/** The answer of `runAt`: valid until it is called again. */
const run: Run = changetype<Run>(memory.data(8, 8))

export function runAt(chunk: Chunk, target: Target, at: u32): Run {
  if (chunk.isHole !== 0) {
    run.kind = kindOfZeros(target)
    // Without TRIM the zeros come from the buffer, which holds a chunk's worth.
    run.end = run.kind === RUN_DATA ? min(chunk.sectors, at + job.chunkSectors) : chunk.sectors
    if (run.kind === RUN_DATA) memory.fill(chunk.buffer, 0, <usize>(run.end - at) * job.sectorBytes)
    return run
  }
  let end = at
  run.kind = pieceAt(chunk, target, at)
  end = pieceEnd
  while (end < chunk.sectors && pieceAt(chunk, target, end) === run.kind) end = pieceEnd
  run.end = end
  return run
}

let pieceEnd: u32 = 0

/** The kind of the piece that begins at `at`; its end goes to `pieceEnd`. Pieces lie on a grid, and lost sectors cut them. */
function pieceAt(chunk: Chunk, target: Target, at: u32): u32 {
  const grid = min(chunk.sectors, at - (at % job.zeroSectors) + job.zeroSectors)
  if (chunk.lost === 0) {
    pieceEnd = grid
    return kindOfBytes(chunk, target, at, grid)
  }
  const isLost = isGone(chunk, at)
  let end = at + 1
  while (end < grid && isGone(chunk, end) === isLost) end++
  pieceEnd = end
  if (!isLost) return kindOfBytes(chunk, target, at, end)
  // The content is not known. Zeros in its place are written even where the target is blank: an earlier attempt may have left other bytes.
  return (target.flags & JOB_FLAG_ZERO_LOST) !== 0 || target.cannotMarkLost !== 0 ? RUN_DATA : RUN_TO_MARK_LOST
}

/** Lost, and nothing was read in its place. */
function isGone(chunk: Chunk, at: u32): bool {
  const why = <u32>load<u8>(chunk.reasons + at)
  return why !== 0 && (why & 0xf) < <u32>LOST_BUT_READ
}

function kindOfBytes(chunk: Chunk, target: Target, at: u32, end: u32): u32 {
  const sectorBytes = <usize>job.sectorBytes
  return isZero(chunk.buffer + <usize>at * sectorBytes, <usize>(end - at) * sectorBytes)
    ? kindOfZeros(target)
    : RUN_DATA
}

function kindOfZeros(target: Target): u32 {
  if (isBlank(target)) return RUN_SKIPPED
  return target.cannotTrim !== 0 ? RUN_DATA : RUN_ZERO
}
