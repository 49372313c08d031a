// The targets of a job that has several, in the NVRAM: two copies behind the list, one for each record of the journal.
//
//   offset 0          256         512                            66048       66304
//          +----------+-----------+------------------------------+-----------+-----------+
//          | record A | record B  | entries of the list, 16 each | targets A | targets B |
//          +----------+-----------+------------------------------+-----------+-----------+
//
// A copy is written over the older one and committed before its record, whose checksum covers it. So which targets were dropped and how far
// the others are is one statement: a position is never believed of a target that had left when it was made.

import { TARGETS_MAX } from '../abi/copier'
import { commitNvram } from '../hal/hal'
import { crc32c } from '../lib/crc32c'
import { JOURNAL_TARGETS, JOURNAL_TARGETS_BYTES, nvram } from './layout'
import { setTargetCount, Target, targetAt, targetCount } from './targets'

/** How many there are; the entries follow. */
const HEAD_BYTES: u32 = 8

function copyAt(slot: u32): usize {
  return nvram + JOURNAL_TARGETS + <usize>(slot * JOURNAL_TARGETS_BYTES)
}

function entryBytes(): u32 {
  return offsetof<Target>('turn')
}

/** Writes and commits the targets as copy `slot`. */
export function keepTargets(slot: u32): void {
  const copy = copyAt(slot)
  memory.fill(copy, 0, JOURNAL_TARGETS_BYTES)
  store<u32>(copy, targetCount)
  for (let index: u32 = 0; index < targetCount; index++) {
    memory.copy(copy + HEAD_BYTES + index * entryBytes(), changetype<usize>(targetAt(index)), entryBytes())
  }
  commitNvram(JOURNAL_TARGETS + slot * JOURNAL_TARGETS_BYTES, JOURNAL_TARGETS_BYTES)
}

/** The checksum of what a record counts, and of copy `slot`. */
export function withTargets(crc: u32, slot: u32): u32 {
  return crc32c(copyAt(slot), JOURNAL_TARGETS_BYTES, crc)
}

export function loadTargets(slot: u32): void {
  const count = min(load<u32>(copyAt(slot)), <u32>TARGETS_MAX)
  setTargetCount(count)
  for (let index: u32 = 0; index < count; index++) {
    memory.copy(changetype<usize>(targetAt(index)), copyAt(slot) + HEAD_BYTES + index * entryBytes(), entryBytes())
  }
}
