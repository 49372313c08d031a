// The list of sectors that were not copied, or that differ: ascending, because chunks retire in order, and append-only, because it lives
// in the NVRAM window: what a durable record of the journal counts is never touched again. A full list counts what it drops.

import { COPY_ENTRY_BYTES, COPY_ENTRY_LBA, COPY_ENTRY_SECTORS, COPY_ENTRY_WHY, COPY_LIST_CAPACITY } from '../abi/copier'
import { JOURNAL_LIST, nvram } from './layout'

@unmanaged
export class LostList {
  entries: u32
  /** Entries below this one are in a record that is durable or on its way: they don't grow any more. */
  sealed: u32
  /** All sectors that were lost, and those of them that found no room. */
  sectors: u64
  dropped: u64
}

export const list: LostList = changetype<LostList>(memory.data(24, 8))

export function entryAt(index: u32): usize {
  return nvram + JOURNAL_LIST + <usize>index * COPY_ENTRY_BYTES
}

export function entryLba(index: u32): u64 {
  return load<u64>(entryAt(index) + COPY_ENTRY_LBA)
}

export function entrySectors(index: u32): u32 {
  return load<u32>(entryAt(index) + COPY_ENTRY_SECTORS)
}

export function entryWhy(index: u32): u32 {
  return load<u32>(entryAt(index) + COPY_ENTRY_WHY)
}

export function appendLost(lba: u64, sectors: u32, why: u32): void {
  list.sectors += sectors
  if (list.entries > list.sealed) {
    const last = list.entries - 1
    if (entryWhy(last) === why && entryLba(last) + entrySectors(last) === lba) {
      store<u32>(entryAt(last) + COPY_ENTRY_SECTORS, entrySectors(last) + sectors)
      return
    }
  }
  if (list.entries === COPY_LIST_CAPACITY) {
    list.dropped += sectors
    return
  }
  const entry = entryAt(list.entries++)
  store<u64>(entry + COPY_ENTRY_LBA, lba)
  store<u32>(entry + COPY_ENTRY_SECTORS, sectors)
  store<u32>(entry + COPY_ENTRY_WHY, why)
}
