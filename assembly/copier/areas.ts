// The map of a rescue: which sectors are finished, failed, or not tried. A list of areas without gaps, neighbours of different status.
//
//   entry, 64 bits:  | first sector, 56 | status, 8 |     an area ends where the next one begins, the last one at `areasEnd`
//
// It lies in RAM; areasKept.ts takes it to the NVRAM. Sectors are the job's, from 0 on.
//
// A full map becomes less exact, never wrong: neighbours are merged where that changes the status of the fewest sectors, and the merged
// area counts as failed, so that it is read once more or listed: never as finished, and never as bad, which says that each sector was tried.

import {
  AREA_BAD,
  AREA_FINISHED,
  AREA_NON_SCRAPED,
  AREA_NON_TRIED,
  AREA_NON_TRIMMED,
  AREAS_CAPACITY,
} from '../abi/rescue'

/** Entries that one merging makes room for: it looks at all of them. */
const ROOM: u32 = 32
/** A mark inside one area makes three of it. */
const GROWTH_MAX: u32 = 2

/** A literal, as the compiler wants it: AREAS_CAPACITY entries of 8 bytes. */
export const areas: usize = memory.data(32000, 8)
export let areaCount: u32 = 0
let areasEnd: u64 = 0

/** Sectors of each status, by its character. */
const sums: usize = memory.data(512, 8)

/** What merged areas become: AREA_NON_TRIMMED as long as trimming is yet to come, then AREA_NON_SCRAPED. */
let mergedStatus: u32 = AREA_NON_TRIMMED

export function mergeInto(status: u32): void {
  mergedStatus = status
}

/** One area. */
export function clearAreas(sectors: u64, status: u32): void {
  areasEnd = sectors
  areaCount = 1
  put(0, 0, status)
  sumUp()
}

export function dropAreas(): void {
  areaCount = 0
  areasEnd = 0
  sumUp()
}

/** One more at the end; `takeAreas` says where the last one ends. Neighbours that are alike become one. */
export function addArea(start: u64, status: u32): void {
  if (areaCount > 0 && areaStatus(areaCount - 1) === status) return
  put(areaCount++, start, status)
}

/** After entries were added. */
export function takeAreas(sectors: u64): void {
  areasEnd = sectors
  sumUp()
}

/** Takes entries that were stored elsewhere. */
export function restoreAreas(from: usize, count: u32, sectors: u64): void {
  memory.copy(areas, from, (<usize>count) << 3)
  areaCount = count
  takeAreas(sectors)
}

export function areaStart(index: u32): u64 {
  return load<u64>(entryOf(index)) >> 8
}

export function areaStatus(index: u32): u32 {
  return <u32>(load<u64>(entryOf(index)) & 0xff)
}

export function areaEnd(index: u32): u64 {
  return index + 1 < areaCount ? areaStart(index + 1) : areasEnd
}

export function sectorsThatAre(status: u32): u64 {
  return load<u64>(sums + ((<usize>status) << 3))
}

/** Sectors that a read has failed on, so far as is known. */
export function sectorsFailed(): u64 {
  return sectorsThatAre(AREA_NON_TRIMMED) + sectorsThatAre(AREA_NON_SCRAPED) + sectorsThatAre(AREA_BAD)
}

/** The first sector that is not finished; the job's end if all are. */
export function firstUnfinished(): u64 {
  for (let index: u32 = 0; index < areaCount; index++) if (areaStatus(index) !== AREA_FINISHED) return areaStart(index)
  return areasEnd
}

/** Index of the area that holds a sector of the job. */
export function areaOf(sector: u64): u32 {
  let low: u32 = 0
  let high = areaCount
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (areaStart(middle) <= sector) low = middle
    else high = middle
  }
  return low
}

/** Gives sectors a status. */
export function markArea(first: u64, sectors: u64, status: u32): void {
  if (areaCount + GROWTH_MAX > <u32>AREAS_CAPACITY) makeRoom()
  replace(first, first + sectors, status)
}

function makeRoom(): void {
  while (areaCount + ROOM > <u32>AREAS_CAPACITY) mergeCheapest()
}

function mergeCheapest(): void {
  let best: u32 = 0
  let lowest = u64.MAX_VALUE
  for (let index: u32 = 0; index + 1 < areaCount; index++) {
    const cost = changeOf(index) + changeOf(index + 1)
    if (cost >= lowest) continue
    lowest = cost
    best = index
  }
  replace(areaStart(best), areaEnd(best + 1), mergedStatus)
}

/** Sectors whose status a merging would change. */
function changeOf(index: u32): u64 {
  return areaStatus(index) === mergedStatus ? 0 : areaEnd(index) - areaStart(index)
}

function replace(first: u64, last: u64, status: u32): void {
  let from = areaOf(first)
  let to = areaOf(last - 1)
  if (from === to && areaStatus(from) === status) return
  recount(from, to, first, last, status)
  let begin = areaStart(from)
  let leftStatus = areaStatus(from)
  let end = areaEnd(to)
  let rightStatus = areaStatus(to)
  // Neighbours of the same status become one area.
  if (begin === first && from > 0 && areaStatus(from - 1) === status) {
    from--
    begin = areaStart(from)
    leftStatus = status
  }
  if (end === last && to + 1 < areaCount && areaStatus(to + 1) === status) {
    to++
    end = areaEnd(to)
    rightStatus = status
  }
  const hasLeft = begin < first && leftStatus !== status
  const hasRight = end > last && rightStatus !== status
  const parts: u32 = 1 + (hasLeft ? 1 : 0) + (hasRight ? 1 : 0)
  const behind = to + 1
  memory.copy(entryOf(from + parts), entryOf(behind), (<usize>(areaCount - behind)) << 3)
  areaCount = areaCount - (behind - from) + parts
  if (hasLeft) put(from++, begin, leftStatus)
  put(from, hasLeft ? first : begin, status)
  if (hasRight) put(from + 1, last, rightStatus)
}

/** Moves the sums of sectors first to last - 1, which lie in areas `from` to `to`. */
function recount(from: u32, to: u32, first: u64, last: u64, status: u32): void {
  for (let index = from; index <= to; index++) {
    const sectors = min(areaEnd(index), last) - max(areaStart(index), first)
    add(areaStatus(index), -sectors)
  }
  add(status, last - first)
}

function sumUp(): void {
  memory.fill(sums, 0, 512)
  for (let index: u32 = 0; index < areaCount; index++) add(areaStatus(index), areaEnd(index) - areaStart(index))
}

function add(status: u32, sectors: u64): void {
  const at = sums + ((<usize>status) << 3)
  store<u64>(at, load<u64>(at) + sectors)
}

function entryOf(index: u32): usize {
  return areas + ((<usize>index) << 3)
}

function put(index: u32, start: u64, status: u32): void {
  store<u64>(entryOf(index), (start << 8) | <u64>status)
}

/** One of the five characters. */
export function isAreaStatus(status: u32): bool {
  return (
    status === AREA_NON_TRIED ||
    status === AREA_NON_TRIMMED ||
    status === AREA_NON_SCRAPED ||
    status === AREA_BAD ||
    status === AREA_FINISHED
  )
}
