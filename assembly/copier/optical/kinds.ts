// Which sectors of a chunk are sectors of data. A sync pattern, or enough of it and of the address, says so. A sector that has lost both is
// what its subchannel Q says, where there is one; else it is taken for data when sectors on both sides of it are: no track is shorter than
// four seconds (IEC 60908), which is more than a chunk.
//
// At a chunk's edge only one neighbour is known. Two sectors there count as data if that neighbour is: rather a sector of audio that
// is listed for nothing than one of data that nobody checked.

import { JOB_FLAG_ALL_AUDIO, JOB_FLAG_ALL_DATA } from '../../abi/optical'
import { Chunk, job } from '../job'
import { CHUNKS } from '../layout'
import { addressOf, CD_SUBCHANNEL_SECTOR_BYTES, HEADER, SYNC_BYTES } from './layout'
import { readQ, saysData } from './subchannelQ'
import { tally } from './tally'

/** Nothing is left to do about it. */
export const KIND_SOUND: u32 = 0
/** Has a code, not looked at yet. */
export const KIND_DATA: u32 = 1
/** Has no code: to be read twice. */
export const KIND_UNCHECKED: u32 = 2
/** More is wrong than its code can correct. */
export const KIND_DAMAGED: u32 = 3
export const KIND_MISPLACED: u32 = 4
/** Two reads of a sector without a code differ. */
export const KIND_DISPUTED: u32 = 5
/** While kinds are sought: shows no sign of being data. */
const KIND_UNKNOWN: u32 = 6

/** Sectors of the largest chunk of an optical job: half a buffer full. */
export const OPTICAL_SECTORS_MAX: u32 = 222
/** Sectors with pointers that the other half holds. */
export const POINTED_SECTORS_MAX: u32 = 198
const KINDS_STRIDE: u32 = 224
const EDGE_SECTORS: u32 = 2
/** Of 15 bytes that are known beforehand, so many right ones show data; fewer do if the address is whole. */
const SIGNS_ENOUGH: u32 = 12
const SIGNS_WITH_ADDRESS: u32 = 8

const kinds: usize = memory.data(8 * 224, 16)

export function kindAt(chunk: Chunk, at: u32): u32 {
  return <u32>load<u8>(kinds + chunk.index * KINDS_STRIDE + at)
}

export function setKind(chunk: Chunk, at: u32, kind: u32): void {
  store<u8>(kinds + chunk.index * KINDS_STRIDE + at, <u8>kind)
}

/** Whether the table has room for every chunk. */
export function kindsHold(): bool {
  return CHUNKS * KINDS_STRIDE <= 8 * 224 && OPTICAL_SECTORS_MAX <= KINDS_STRIDE
}

export function sectorAt(chunk: Chunk, at: u32): usize {
  return chunk.buffer + <usize>at * job.sectorBytes
}

/** The address that a sector should have, in frames. */
export function frameAt(chunk: Chunk, at: u32): u32 {
  return <u32>(job.sourceLba + chunk.position) + at + job.firstFrame
}

export function seekKinds(chunk: Chunk): void {
  if (hasSubchannel()) countDamagedQ(chunk)
  if ((job.flags & (JOB_FLAG_ALL_DATA | JOB_FLAG_ALL_AUDIO)) !== 0) {
    const kind = (job.flags & JOB_FLAG_ALL_DATA) !== 0 ? KIND_DATA : KIND_UNCHECKED
    for (let at: u32 = 0; at < chunk.sectors; at++) setKind(chunk, at, isLost(chunk, at) ? KIND_SOUND : kind)
    return
  }
  for (let at: u32 = 0; at < chunk.sectors; at++) {
    if (isLost(chunk, at)) setKind(chunk, at, KIND_SOUND)
    else setKind(chunk, at, kindBySigns(chunk, at))
  }
  for (let at: u32 = 0; at < chunk.sectors; ) at = max(at + 1, settleUnknown(chunk, at))
}

function hasSubchannel(): bool {
  return job.sectorBytes === CD_SUBCHANNEL_SECTOR_BYTES
}

function countDamagedQ(chunk: Chunk): void {
  for (let at: u32 = 0; at < chunk.sectors; at++) {
    if (!isLost(chunk, at) && !readQ(sectorAt(chunk, at))) tally.damagedQ++
  }
}

/** By the sector itself, or else by its subchannel Q. */
function kindBySigns(chunk: Chunk, at: u32): u32 {
  if (isData(sectorAt(chunk, at), frameAt(chunk, at))) return KIND_DATA
  if (!hasSubchannel() || !readQ(sectorAt(chunk, at))) return KIND_UNKNOWN
  return saysData() ? KIND_DATA : KIND_UNCHECKED
}

function isLost(chunk: Chunk, at: u32): bool {
  return load<u8>(chunk.reasons + at) !== 0
}

function isData(sector: usize, frame: u32): bool {
  let signs: u32 = 0
  for (let at: u32 = 0; at < SYNC_BYTES; at++) {
    const expected: u8 = at === 0 || at === SYNC_BYTES - 1 ? 0 : 0xff
    if (load<u8>(sector + at) === expected) signs++
  }
  const wrong = (load<u32>(sector, HEADER) ^ addressOf(frame)) & 0xffffff
  if ((wrong & 0xff) === 0) signs++
  if ((wrong & 0xff00) === 0) signs++
  if ((wrong & 0xff0000) === 0) signs++
  return signs >= SIGNS_ENOUGH || (wrong === 0 && signs >= SIGNS_WITH_ADDRESS)
}

/** The run of unknown and lost sectors that begins at `at` becomes what its neighbours are; returns its end. */
function settleUnknown(chunk: Chunk, at: u32): u32 {
  if (kindAt(chunk, at) === KIND_DATA) return at
  let end = at
  while (end < chunk.sectors && kindAt(chunk, end) !== KIND_DATA) end++
  const hasLeft = at > 0
  const hasRight = end < chunk.sectors
  const isInside = hasLeft && hasRight
  const isEdge = (hasLeft || hasRight) && end - at <= EDGE_SECTORS
  const kind = isInside || isEdge ? KIND_DATA : KIND_UNCHECKED
  for (let sector = at; sector < end; sector++) if (kindAt(chunk, sector) === KIND_UNKNOWN) setKind(chunk, sector, kind)
  return end
}
