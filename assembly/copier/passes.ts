// Which sectors a rescue reads next, and what becomes of them: the phases of GNU ddrescue (its manual, chapter "Algorithm").
//
//   copying    1  large reads of what is non-tried; behind a failed or slow one it skips, ever further       ->  +  *
//              2  the other way: each skipped area from its far end, up to the first read that fails
//              3, 4  as 2, and slow areas are no reason to skip; only if 1 or 2 met any
//              5  what is left, without skipping
//   trimming   each failed area, sector by sector from its edges inwards, until one fails                    ->  +  -  /
//   scraping   what lies between, sector by sector                                                           ->  +  -
//   retrying   bad sectors once more in each pass                                                            ->  +  -
//
// The direction changes with each pass of copying and retrying. `rescue` is all that a pass has to remember beside the map: it goes to the
// NVRAM with it (areasKept.ts). Nothing here sends commands; rescue.ts does, one read at a time.

import {
  AREA_BAD,
  AREA_FINISHED,
  AREA_NON_SCRAPED,
  AREA_NON_TRIED,
  AREA_NON_TRIMMED,
  PHASE_COPYING,
  PHASE_FINISHED,
  PHASE_RETRYING,
  PHASE_SCRAPING,
  PHASE_TRIMMING,
  RESCUE_NO_SCRAPE,
  RESCUE_NO_SKIP,
  RESCUE_NO_TRIM,
  RESCUE_REVERSE,
  RESCUE_UNIDIRECTIONAL,
} from '../abi/rescue'
import { areaCount, areaEnd, areaOf, areaStart, areaStatus, markArea, mergeInto, sectorsThatAre } from './areas'
import { job } from './job'
import { LOG_PHASE, log } from './log'

/** The copying passes that skip behind slow reads; the last of those that leave an area at its first error; the one that leaves nothing. */
const PASS_SKIPS_SLOW: u32 = 2
const PASS_LEAVES: u32 = 4
const PASS_SWEEPS: u32 = 5

@unmanaged
export class Rescue {
  flags: u32
  phase: u32
  pass: u32
  /** The last pass of retrying. */
  passLimit: u32
  retryPasses: u32
  minRateKib: u32
  readDeadlineMs: u32
  /** Skipped something because it was slow. */
  sawSlow: u32
  skipFirst: u64
  skipMax: u64
  /** Where the pass is: it has been through everything below (or, backwards, above). */
  cursor: u64
}

export const rescue: Rescue = changetype<Rescue>(memory.data(56, 8))

/** The sectors that `nextBlock` found, and the area that they lie in. */
export let blockFirst: u64 = 0
export let blockSectors: u32 = 0
let blockAreaStart: u64 = 0
let blockAreaEnd: u64 = 0

/** What the next failed or slow read skips. RAM: after a power cut it grows anew. */
let skip: u64 = 0

export function forgetSkip(): void {
  skip = 0
}

export function beginPass(phase: u32, pass: u32): void {
  rescue.phase = phase
  rescue.pass = pass
  rescue.cursor = isForward() ? 0 : job.sectors
  skip = 0
  tellMap()
  log(LOG_PHASE, job.position, (pass << 8) | phase)
}

/** Goes on where an earlier rescue was; its passes of retrying are counted anew. */
export function continuePass(phase: u32, pass: u32, cursor: u64): void {
  beginPass(phase, pass)
  rescue.cursor = cursor
  if (phase === PHASE_RETRYING) rescue.passLimit = pass + rescue.retryPasses - 1
}

/** What a full map merges into depends on what is still to come: nothing may fall behind. */
export function tellMap(): void {
  mergeInto(rescue.phase === PHASE_COPYING ? AREA_NON_TRIMMED : AREA_NON_SCRAPED)
}

function isForward(): bool {
  const isTurned =
    (rescue.flags & RESCUE_UNIDIRECTIONAL) === 0 &&
    (rescue.phase === PHASE_COPYING || rescue.phase === PHASE_RETRYING) &&
    (rescue.pass & 1) === 0
  return isTurned === ((rescue.flags & RESCUE_REVERSE) !== 0)
}

/** Finds what to read next, in this pass or in a later one; false when the rescue is through. */
export function nextBlock(): bool {
  while (rescue.phase !== PHASE_FINISHED) {
    if (findBlock()) return true
    nextPass()
  }
  return false
}

function findBlock(): bool {
  switch (rescue.phase) {
    case PHASE_COPYING:
      return findFromCursor(AREA_NON_TRIED, job.chunkSectors)
    case PHASE_TRIMMING:
      return findEdge()
    case PHASE_SCRAPING:
      return findFromCursor(AREA_NON_SCRAPED, 1)
    default:
      return findFromCursor(AREA_BAD, 1)
  }
}

function nextPass(): void {
  const phase = rescue.phase
  const pass = rescue.pass
  if (phase === PHASE_COPYING && pass < PASS_SWEEPS && sectorsThatAre(AREA_NON_TRIED) > 0) {
    const isSkipped = pass === PASS_SKIPS_SLOW && rescue.sawSlow === 0
    beginPass(PHASE_COPYING, isSkipped ? PASS_SWEEPS : pass + 1)
  } else if (phase === PHASE_COPYING && (rescue.flags & RESCUE_NO_TRIM) === 0) {
    beginPass(PHASE_TRIMMING, 1)
  } else if ((phase === PHASE_COPYING || phase === PHASE_TRIMMING) && (rescue.flags & RESCUE_NO_SCRAPE) === 0) {
    beginPass(PHASE_SCRAPING, 1)
  } else if (phase !== PHASE_RETRYING && rescue.retryPasses > 0) {
    rescue.passLimit = rescue.retryPasses
    beginPass(PHASE_RETRYING, 1)
  } else if (phase === PHASE_RETRYING && pass < rescue.passLimit && sectorsThatAre(AREA_BAD) > 0) {
    beginPass(PHASE_RETRYING, pass + 1)
  } else {
    beginPass(PHASE_FINISHED, 1)
  }
}

/** The next sectors of a status in the pass's direction, at most `limit`, and on a grid of it: tracks of the drives lie on one, too. */
function findFromCursor(status: u32, limit: u32): bool {
  return isForward() ? findAbove(status, <u64>limit) : findBelow(status, <u64>limit)
}

function findAbove(status: u32, limit: u64): bool {
  const cursor = rescue.cursor
  if (cursor >= job.sectors) return false
  for (let index = areaOf(cursor); index < areaCount; index++) {
    if (areaStatus(index) !== status) continue
    takeArea(index)
    blockFirst = max(blockAreaStart, cursor)
    blockSectors = <u32>min(limit - (blockFirst % limit), blockAreaEnd - blockFirst)
    return true
  }
  return false
}

function findBelow(status: u32, limit: u64): bool {
  const cursor = rescue.cursor
  if (cursor === 0) return false
  for (let index = <i32>areaOf(cursor - 1); index >= 0; index--) {
    if (areaStatus(index) !== status) continue
    takeArea(index)
    const end = min(blockAreaEnd, cursor)
    const over = end % limit
    const sectors = min(over === 0 ? limit : over, end - blockAreaStart)
    blockFirst = end - sectors
    blockSectors = <u32>sectors
    return true
  }
  return false
}

function takeArea(index: u32): void {
  blockAreaStart = areaStart(index)
  blockAreaEnd = areaEnd(index)
}

/** A sector at an edge of a failed area that is not trimmed yet: an edge is when a bad sector lies beside it. */
function findEdge(): bool {
  while (sectorsThatAre(AREA_NON_TRIMMED) > 0) {
    const index = failedArea()
    takeArea(index)
    const isFirstTrimmed = index > 0 && areaStatus(index - 1) === AREA_BAD
    const isLastTrimmed = index + 1 < areaCount && areaStatus(index + 1) === AREA_BAD
    if (isFirstTrimmed && isLastTrimmed) {
      markArea(blockAreaStart, blockAreaEnd - blockAreaStart, AREA_NON_SCRAPED)
      continue
    }
    const takesFirst = isForward() ? !isFirstTrimmed : isLastTrimmed
    blockFirst = takesFirst ? blockAreaStart : blockAreaEnd - 1
    blockSectors = 1
    return true
  }
  return false
}

function failedArea(): u32 {
  if (isForward()) {
    let index: u32 = 0
    while (areaStatus(index) !== AREA_NON_TRIMMED) index++
    return index
  }
  let index = areaCount - 1
  while (areaStatus(index) !== AREA_NON_TRIMMED) index--
  return index
}

/** The block was read. Power cut from here on: the map in the NVRAM still has its old status, and it is read again. */
export function blockRead(isSlow: bool): void {
  markArea(blockFirst, blockSectors, AREA_FINISHED)
  moveOn()
  if (rescue.phase !== PHASE_COPYING) return
  if (!isSlow || rescue.pass > PASS_SKIPS_SLOW) {
    skip = 0
  } else if ((rescue.flags & RESCUE_NO_SKIP) === 0) {
    rescue.sawSlow = 1
    skipOn()
  }
}

export function blockFailed(): void {
  const isCopying = rescue.phase === PHASE_COPYING
  markArea(blockFirst, blockSectors, isCopying ? AREA_NON_TRIMMED : AREA_BAD)
  moveOn()
  if (!isCopying || (rescue.flags & RESCUE_NO_SKIP) !== 0) return
  if (rescue.pass === 1) skipOn()
  else if (rescue.pass <= PASS_LEAVES) rescue.cursor = isForward() ? blockAreaEnd : blockAreaStart
}

function moveOn(): void {
  rescue.cursor = isForward() ? blockFirst + blockSectors : blockFirst
}

/** From the end of the block that was just read: the bad area is left as fast as possible. */
function skipOn(): void {
  skip = skip === 0 ? rescue.skipFirst : min(2 * skip, rescue.skipMax)
  const cursor = rescue.cursor
  if (isForward()) rescue.cursor = min(cursor + skip, job.sectors)
  else rescue.cursor = cursor > skip ? cursor - skip : 0
}
