// Which regions the part of the journal touches that the other site may not have: what is marked instead when the journal is given up.
//
// Two sets: writes go into the younger one. When the other site has everything from before the younger one began, the older one is
// cleared, and they change places. So the sets tell of a few regions too many, and never of one too few. After a boot all of it is of one age.

import { commitNvram } from '../hal/hal'
import { countBits, hasBit, NO_BIT, nextBit, setBit } from '../lib/bits'
import { JOURNAL_REGIONS, tail } from './journalRing'
import { NVRAM } from './memory'
import { MARKS_BYTES, markCount, markEnd, markOf, markRange, markStart } from './remoteRecord'

const SET_BYTES: u32 = MARKS_BYTES

let younger: u32 = 0
/** Where the younger set begins. */
let began: u64 = 0
let count: u32 = 0

function setOf(which: u32): u32 {
  return JOURNAL_REGIONS + which * SET_BYTES
}

/** After a boot: what is in both is from before this position. */
export function openRegions(): void {
  began = tail
  count = countOf(0) + countOf(1)
}

function countOf(which: u32): u32 {
  return countBits(NVRAM + setOf(which), markCount())
}

/** Before the write is in the journal. */
export function noteRegions(lba: u64, sectors: u32): void {
  const set = setOf(younger)
  for (let region = markOf(lba); region <= markOf(lba + sectors - 1); region++) {
    if (hasBit(NVRAM + set, region)) continue
    setBit(NVRAM + set, region)
    commitNvram((set + (region >> 3)) & ~7, 8)
    count++
  }
}

/** The other site has all that is before this position. */
export function regionsArrived(position: u64): void {
  if (position < began || count == 0) return
  const older = younger ^ 1
  count -= countOf(older)
  clear(older)
  younger = older
  began = tail
}

export function forgetRegions(): void {
  if (count == 0) return
  clear(0)
  clear(1)
  count = 0
}

function clear(which: u32): void {
  memory.fill(NVRAM + setOf(which), 0, SET_BYTES)
  commitNvram(setOf(which), SET_BYTES)
}

/** They are marked for the other site; in the journal nothing is looked for any more. A cut on the way: a few marks too many. */
export function regionsToMarks(): void {
  for (let which: u32 = 0; which < 2; which++) {
    const set = NVRAM + setOf(which)
    for (let bit = nextBit(set, 0, markCount()); bit != NO_BIT; bit = nextBit(set, bit + 1, markCount())) {
      markRange(markStart(bit), <u32>(markEnd(bit) - markStart(bit)))
    }
  }
  forgetRegions()
}

/** How many, as far as is known. */
export function journaledRegions(): u32 {
  return count
}
