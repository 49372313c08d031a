// The map of a rescue in the NVRAM: two copies in the place where other jobs have their list, one for each record of the journal.
//
//   offset 0          256         512                        33280
//          +----------+-----------+--------------------------+--------------------------+
//          | record A | record B  | pass, map of record A    | pass, map of record B    |
//          +----------+-----------+--------------------------+--------------------------+
//
// A copy is written over the older one and committed before its record, which holds its checksum: the same protocol as the record's own.

import { AREAS_CAPACITY } from '../abi/rescue'
import { commitNvram } from '../hal/hal'
import { crc32c } from '../lib/crc32c'
import { areaCount, areas, restoreAreas } from './areas'
import { job } from './job'
import { JOURNAL_LIST, nvram } from './layout'
import { forgetSkip, Rescue, rescue, tellMap } from './passes'

const COPY_BYTES: u32 = 0x8000
const HEAD_BYTES: u32 = 128
const COUNT: u32 = 64

function copyAt(slot: u32): usize {
  return nvram + JOURNAL_LIST + <usize>(slot * COPY_BYTES)
}

function bytesOf(slot: u32): u32 {
  return HEAD_BYTES + load<u32>(copyAt(slot) + COUNT) * 8
}

/** Writes and commits the map as copy `slot`; returns its checksum. Power cut before the record: the other record, and its copy, count. */
export function keepAreas(slot: u32): u32 {
  const copy = copyAt(slot)
  memory.fill(copy, 0, HEAD_BYTES)
  memory.copy(copy, changetype<usize>(rescue), offsetof<Rescue>())
  store<u32>(copy + COUNT, areaCount)
  memory.copy(copy + HEAD_BYTES, areas, (<usize>areaCount) << 3)
  commitNvram(JOURNAL_LIST + slot * COPY_BYTES, bytesOf(slot))
  return keptCrc(slot)
}

/** 0 when there cannot be a map. */
export function keptCrc(slot: u32): u32 {
  const count = load<u32>(copyAt(slot) + COUNT)
  return count === 0 || count > <u32>AREAS_CAPACITY ? 0 : crc32c(copyAt(slot), bytesOf(slot))
}

/** Goes back to what copy `slot` says. */
export function loadAreas(slot: u32): void {
  const copy = copyAt(slot)
  memory.copy(changetype<usize>(rescue), copy, offsetof<Rescue>())
  const count = load<u32>(copy + COUNT)
  restoreAreas(copy + HEAD_BYTES, count, job.sectors)
  forgetSkip()
  tellMap()
}

/** For reports: a copy's entries, and how a rescue was when it was kept. */
export function keptCount(slot: u32): u32 {
  return load<u32>(copyAt(slot) + COUNT)
}

export function keptEntry(slot: u32, index: u32): u64 {
  return load<u64>(copyAt(slot) + HEAD_BYTES + ((<usize>index) << 3))
}

export function keptRescue(slot: u32): Rescue {
  return changetype<Rescue>(copyAt(slot))
}
