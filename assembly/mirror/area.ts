// The members' area behind the LUN: slots, a region each, and a table of what is in them.
//
//   member  | metadata | LUN … | table | slot 0 | slot 1 | … |
//
// At a primary a slot holds what a region was when a point in time was taken, and hosts have written to it since (preserve.ts). At a copy
// it holds what a region is going to be when all of the next point in time is there (stage.ts). Every member in sync has it. A slot is
// known by a sum of its sectors: a member that was away in between, or rebuilt, cannot pass something else for it.
//
// Without a second site it is a snapshot's (snapshot.ts), whose table is in the NVRAM. A member has its slots before it counts (areaCopy.ts).

import { fletcher } from '../lib/fletcher'
import { writeTargets } from './array'
import { roomOf, roomSectors, roomStart } from './behindLun'
import { AREA_TABLE, BUFFER_BYTES, SECTOR_BYTES } from './memory'
import { hasSnapshots } from './remoteMode'
import { markSectors } from './remoteRecord'

@unmanaged
class Entry {
  /** Of all its sectors. */
  sum: u32
  /** The region + 1; 0: the slot is free. */
  region: u32
}

const ENTRY_BYTES: u32 = 8
const SLOTS_MAX: u32 = BUFFER_BYTES / ENTRY_BYTES
const TABLE_SECTORS: u32 = BUFFER_BYTES / SECTOR_BYTES
export const NO_AREA_SLOT: u32 = 0xffffffff

/** Slot + 1 of each region; 0: none. */
const SLOT_OF: usize = memory.data(16384 * 2, 16)

export let slotCount: u32 = 0
export let slotsUsed: u32 = 0
let nextSlot: u32 = 0

function entry(slot: u32): Entry {
  return changetype<Entry>(AREA_TABLE + slot * ENTRY_BYTES)
}

/** All slots are free. */
export function clearArea(): void {
  memory.fill(AREA_TABLE, 0, BUFFER_BYTES)
  memory.fill(SLOT_OF, 0, SLOTS_MAX * 2)
  slotsUsed = 0
  nextSlot = 0
  slotCount = countSlots()
}

/** As many as every member in sync has room for; of a snapshot, also those that will be in sync. */
function countSlots(): u32 {
  const room = hasSnapshots() ? roomOf(writeTargets) : roomSectors()
  return room <= TABLE_SECTORS ? 0 : <u32>min<u64>((room - TABLE_SECTORS) / markSectors(), SLOTS_MAX)
}

/** Where the table lies on each member, and how long it is for so many slots. */
export function tableLba(): u64 {
  return roomStart()
}

export function tableSectors(slots: u32): u32 {
  return max<u32>(1, (slots * ENTRY_BYTES + SECTOR_BYTES - 1) / SECTOR_BYTES)
}

/** Where a slot lies on each member. */
export function slotLba(slot: u32): u64 {
  return tableLba() + TABLE_SECTORS + <u64>slot * markSectors()
}

/** The slot of a region, or NO_AREA_SLOT. */
export function slotOf(region: u32): u32 {
  return <u32>load<u16>(SLOT_OF + (region << 1)) - 1
}

export function regionIn(slot: u32): u32 {
  return entry(slot).region - 1
}

export function areaIsFull(): bool {
  return slotsUsed >= slotCount
}

/** A slot, the area not being full, that is to hold a region. `bind` tells that it does. */
export function takeSlot(region: u32): u32 {
  while (entry(nextSlot % slotCount).region != 0) nextSlot++
  const slot = nextSlot++ % slotCount
  entry(slot).region = region + 1
  entry(slot).sum = 0
  slotsUsed++
  return slot
}

export function bind(slot: u32): void {
  store<u16>(SLOT_OF + (regionIn(slot) << 1), <u16>(slot + 1))
}

/** After a boot: so many as there were. */
export function restoreArea(slots: u32): void {
  clearArea()
  slotCount = slots
}

/** After a boot: a slot holds a region. */
export function restoreSlot(slot: u32, region: u32): void {
  entry(slot).region = region + 1
  slotsUsed++
  bind(slot)
}

export function freeSlot(slot: u32): void {
  if (slot == NO_AREA_SLOT) return
  if (slotOf(regionIn(slot)) == slot) store<u16>(SLOT_OF + (regionIn(slot) << 1), 0)
  entry(slot).region = 0
  slotsUsed--
}

export function slotSum(slot: u32): u32 {
  return entry(slot).sum
}

/** The region comes from its beginning, perhaps not for the first time. */
export function beginAgain(slot: u32): void {
  entry(slot).sum = 0
}

/** Sectors are on their way into a slot. */
export function addToSlot(slot: u32, lba: u64, sectors: u32, buffer: usize): void {
  entry(slot).sum += sumOf(lba, sectors, buffer)
}

/** A sum that does not depend on the order in which parts of a region come. `lba`: what the first sector is to the LUN. */
export function sumOf(lba: u64, sectors: u32, buffer: usize): u32 {
  let sum: u32 = 0
  for (let sector: u32 = 0; sector < sectors; sector++) {
    const own = fletcher(buffer + sector * SECTOR_BYTES, SECTOR_BYTES) * ((lba + sector) * 2 + 1)
    sum += <u32>own ^ <u32>(own >> 32)
  }
  return sum
}

export function sumOfTable(slots: u32): u32 {
  return sumOf(0, tableSectors(slots), AREA_TABLE)
}
