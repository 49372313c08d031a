// The slots of a snapshot go to a member that joins: before it counts as complete it has them as well, so that the snapshot is as safe as the
// LUNs are.
//
// Slots that are bound do not change any more, and those that come meanwhile are written to the new member, too (preserve.ts). So slot after
// slot is copied, window by window, with nothing to be locked. A cut: the member is not complete, and all of it begins again.

import { NO_AREA_SLOT, regionIn, slotLba, slotOf } from './area'
import { dataOffset, lunSectors, NO_SLOT } from './array'
import { isCopying, startCopy } from './copy'
import { BUFFER_BYTES, OP_COPY, SECTOR_BYTES } from './memory'
import { operation } from './operation'
import { hasSnapshots } from './remoteMode'
import { markEnd, markStart } from './remoteRecord'
import { isThere } from './snapshot'
import { snapshotNumber, snapshotSlots } from './snapshotRecord'

const WINDOW_SECTORS: u64 = BUFFER_BYTES / SECTOR_BYTES

let target: u32 = NO_SLOT
/** The snapshot that it gets, its next slot, and how much of that it has. */
let number: u32 = 0
let slot: u32 = 0
let copied: u64 = 0

/** A drive has joined: it has nothing of the area. */
export function forgetAreaCopy(): void {
  target = NO_SLOT
}

/** Whether a member has all slots; if not, the next window goes to it. */
export function hasArea(bay: u32): bool {
  if (!hasSnapshots() || !isThere()) return true
  if (target != bay || number != snapshotNumber) {
    target = bay
    number = snapshotNumber
    slot = 0
    copied = 0
  }
  while (slot < snapshotSlots && !isBound(slot)) slot++
  if (slot >= snapshotSlots) return true
  const left = slotSectors(slot) - copied
  startCopy(slotLba(slot) - dataOffset + copied, <u32>min(left, WINDOW_SECTORS), 1 << bay)
  return false
}

function isBound(slot: u32): bool {
  const region = regionIn(slot)
  return region != NO_AREA_SLOT && slotOf(region) == slot
}

function slotSectors(slot: u32): u64 {
  return markEnd(regionIn(slot)) - markStart(regionIn(slot))
}

/** A window behind the LUNs is on the member, or the member is out. */
export function areaWindowCopied(sectors: u32): void {
  if (target == NO_SLOT || number != snapshotNumber || !isThere()) return
  copied += sectors
  if (copied < slotSectors(slot)) return
  slot++
  copied = 0
}

export function isCopyingArea(): bool {
  return isCopying() && operation(OP_COPY).lba >= lunSectors
}
