// Several reads of one sector, and what they say together. They lie in the upper half of the chunk's buffer:
//
//   read i at i x 2,656:   | sector, 2352 | C2 pointers, 294: a bit for each byte that the drive's decoder could not vouch for | 10 |
//
// Read 0 is the one that came with the chunk, without pointers.

import { C2_BYTES } from '../../abi/optical'
import { Chunk } from '../job'
import { CHUNK_BUFFER_BYTES } from '../layout'
import { CD_SECTOR_BYTES } from './layout'

const READ_BYTES: u32 = 2656
export const READS_MAX: u32 = 16

/** What all reads together make of the sector, and which of its bytes are doubtful. */
export const combined: usize = memory.data(2352, 16)
export const doubts: usize = memory.data(2352, 16)

export function readAt(chunk: Chunk, index: u32): usize {
  return chunk.buffer + CHUNK_BUFFER_BYTES / 2 + <usize>(index * READ_BYTES)
}

export function keepFirstRead(chunk: Chunk, sector: usize): void {
  memory.copy(readAt(chunk, 0), sector, CD_SECTOR_BYTES)
  clearPointers(readAt(chunk, 0))
}

/** For a drive that has no pointers. */
export function clearPointers(read: usize): void {
  memory.fill(read + CD_SECTOR_BYTES, 0, C2_BYTES)
}

/** Whether any pointer of a sector is set; `pointers`: where they lie. */
export function isPointed(pointers: usize): bool {
  for (let at: u32 = 0; at < <u32>C2_BYTES; at++) if (load<u8>(pointers + at) !== 0) return true
  return false
}

export function isPointedAt(read: usize, offset: u32): bool {
  return ((load<u8>(read + CD_SECTOR_BYTES + (offset >> 3)) << (<u8>(offset & 7))) & 0x80) !== 0
}

/** The bytes that one read's pointers call doubtful, into `doubts`. */
export function doubtsOf(read: usize): void {
  for (let offset: u32 = 0; offset < CD_SECTOR_BYTES; offset++) {
    store<u8>(doubts + offset, isPointedAt(read, offset) ? 1 : 0)
  }
}

/**
 * Byte by byte, what most of reads `first` to `end` - 1 say; those with a pointer at the byte have no vote unless all have one. A byte is
 * doubtful where the votes differ, or where not even two count. Returns the number of bytes on which no two reads agree, or as many on another value.
 */
export function combine(chunk: Chunk, first: u32, end: u32): u32 {
  let open: u32 = 0
  for (let offset: u32 = 0; offset < CD_SECTOR_BYTES; offset++) {
    const voters = countVoters(chunk, first, end, offset)
    let best: u32 = 0
    let bestVotes: u32 = 0
    let isTied = false
    for (let index = first; index < end; index++) {
      const read = readAt(chunk, index)
      if (voters > 0 && isPointedAt(read, offset)) continue
      const value = <u32>load<u8>(read + offset)
      const votes = countVotes(chunk, first, end, offset, value)
      if (votes === bestVotes && value !== best) isTied = true
      if (votes <= bestVotes) continue
      best = value
      bestVotes = votes
      isTied = false
    }
    store<u8>(combined + offset, <u8>best)
    store<u8>(doubts + offset, bestVotes < 2 || bestVotes < voters || voters === 0 ? 1 : 0)
    if (bestVotes < 2 || isTied) open++
  }
  return open
}

function countVoters(chunk: Chunk, first: u32, end: u32, offset: u32): u32 {
  let voters: u32 = 0
  for (let index = first; index < end; index++) if (!isPointedAt(readAt(chunk, index), offset)) voters++
  return voters
}

/** Reads without a pointer at a byte that have this value there; of all reads where none is without. */
function countVotes(chunk: Chunk, first: u32, end: u32, offset: u32, value: u32): u32 {
  let votes: u32 = 0
  for (let index = first; index < end; index++) {
    const read = readAt(chunk, index)
    if (<u32>load<u8>(read + offset) === value && !isPointedAt(read, offset)) votes++
  }
  return votes
}
