// The room behind the data space on every member: for points in time (area.ts), or for the journal (journalSpill.ts).

import { bayOf, dataOffset, inSync, lunSectors } from './array'

/** Where it begins on each member: at a whole block of 4 KiB. */
export function roomStart(): u64 {
  return dataOffset + ((lunSectors + 7) & ~7)
}

/** How many sectors of it every member in sync has: to the end of the smallest drive. */
export function roomSectors(): u64 {
  return roomOf(inSync)
}

/** How many of it some bays have, all of them. */
export function roomOf(bays: u32): u64 {
  let end: u64 = bays == 0 ? 0 : u64.MAX_VALUE
  for (let rest = bays; rest != 0; rest &= rest - 1) end = min(end, bayOf(ctz(rest)).capacity)
  return end <= roomStart() ? 0 : end - roomStart()
}
