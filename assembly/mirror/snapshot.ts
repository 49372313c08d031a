// A snapshot: all LUNs as they were at one instant, readable while hosts go on, until it is given up.
//
// Taking one costs nothing at first. A write of a host to a region waits until what the region was is in a slot of the members' area, on every
// member (preserve.ts), and the NVRAM says so: copy on write. From then on the region is read from its slot, all others from where they are.
//
//   taken      the record in the NVRAM. A cut before it: there is no snapshot. From it on: there is one, at every boot
//   kept       the slot is written on all members (FUA), those that missed it are recorded as failed, and the entry of the table is durable.
//              A cut before that: the region is where it was, for the write that waits has not been sent
//   changed    the write goes to its legs
//
// With write cache enabled all members flush first (snapshotFlush.ts).
//
// What was in flight when it was taken is in it: whoever reads a region, or keeps it, waits for the writes that were there before. With no
// slot left the snapshot cannot be read any more, and says so; hosts go on.

import {
  EVENT_SNAPSHOT_INVALID,
  EVENT_SNAPSHOT_KEPT,
  EVENT_SNAPSHOT_RECALLED,
  EVENT_SNAPSHOT_RELEASED,
  EVENT_SNAPSHOT_TAKEN,
} from '../abi/events'
import {
  OPERATOR_SNAPSHOT,
  OPERATOR_SNAPSHOT_BASE,
  OPERATOR_SNAPSHOT_DROP,
  OPERATOR_SNAPSHOT_IMAGED,
} from '../abi/operator'
import { SNAPSHOT_BROKEN, SNAPSHOT_NONE, SNAPSHOT_OVERFLOWED, SNAPSHOT_THERE } from '../abi/status'
import { NO_BIT } from '../lib/bits'
import { bind, clearArea, NO_AREA_SLOT, restoreArea, restoreSlot, slotCount, slotLba, slotOf } from './area'
import { isCopyingArea } from './areaCopy'
import { bayOf, dataOffset, writeCacheEnabled, writeTargets } from './array'
import { mediumMayHaveChanged } from './frontEnd'
import { note } from './log'
import { OP_PRESERVE } from './memory'
import { KIND_NONE, KIND_WRITE, Operation, operation, wakeAt } from './operation'
import { isServing } from './recovery'
import { hasSnapshots } from './remoteMode'
import { markedRegions, markOf, markSectors } from './remoteRecord'
import { flushForSnapshot } from './snapshotFlush'
import {
  formatSnapshotRecord,
  markChanged,
  readSnapshotRecord,
  recordDropped,
  recordedRegion,
  recordImaged,
  recordSlot,
  recordSnapshotState,
  recordTaken,
  snapshotNumber,
  snapshotSlots,
  snapshotState,
} from './snapshotRecord'
import { WRITE_PRESERVING } from './write'

/** Asked for, and not taken yet: something is on its way to the area, or from it. */
let isDue: bool = false
/** How often: who has flushed for one that was given up since has flushed too early for the next. */
export let asked: u32 = 0

/** It is there, and reads as it should. */
export function isThere(): bool {
  return snapshotState == SNAPSHOT_THERE
}

/** The array serves for the first time since the boot. */
export function startSnapshots(isNew: bool): void {
  if (isNew) return formatSnapshotRecord()
  readSnapshotRecord()
  if (snapshotState == SNAPSHOT_NONE) return
  restoreArea(snapshotSlots)
  for (let slot: u32 = 0; slot < snapshotSlots; slot++) {
    const region = recordedRegion(slot)
    if (region != 0) restoreSlot(slot, region - 1)
  }
  for (let rest = writeTargets; rest != 0; rest &= rest - 1) checkRoom(ctz(rest))
  note(EVENT_SNAPSHOT_RECALLED, snapshotNumber, snapshotState, 0)
}

/** An operator asks; false: it is nothing of this. */
export function snapshotRequest(request: u32): bool {
  if (request < <u32>OPERATOR_SNAPSHOT || request > <u32>OPERATOR_SNAPSHOT_BASE) return false
  if (!hasSnapshots()) return true
  if (request == OPERATOR_SNAPSHOT) ask()
  else release(request)
  return true
}

function ask(): void {
  if (isDue || snapshotState != SNAPSHOT_NONE) return
  isDue = true
  asked++
  takeSnapshotIfDue()
}

/** Slots of the last one must be out of use: what is on its way to them must not land in those of the next. */
export function takeSnapshotIfDue(): void {
  if (!isDue || !isServing() || isCopyingArea() || operation(OP_PRESERVE).kind != KIND_NONE) return
  if (writeCacheEnabled) flushForSnapshot()
  else take()
}

/** What hosts have been told is on the media, and the next one is to be taken before they are told more. */
export function holdsWrites(): bool {
  return isDue && writeCacheEnabled
}

/** All is on the media that was acknowledged when it was asked for the n-th time, and nothing has been since. */
export function takeFlushed(n: u32): void {
  if (isDue && n == asked) take()
}

/** It is asked for in vain. */
export function cannotTake(): void {
  isDue = false
}

function take(): void {
  isDue = false
  clearArea()
  recordTaken(slotCount, SNAPSHOT_THERE)
  note(EVENT_SNAPSHOT_TAKEN, snapshotNumber, markedRegions, 0)
  mediumMayHaveChanged()
}

function release(request: u32): void {
  if (holdsWrites()) wakeAt(KIND_WRITE, WRITE_PRESERVING)
  isDue = false
  if (snapshotState == SNAPSHOT_NONE) return
  if (request == OPERATOR_SNAPSHOT_DROP) recordDropped()
  else recordImaged(request != OPERATOR_SNAPSHOT_IMAGED)
  note(EVENT_SNAPSHOT_RELEASED, snapshotNumber, request, 0)
  wakeAt(KIND_WRITE, WRITE_PRESERVING)
}

/** It cannot be read any more: it says so from now on, durably, before any host's write changes what it would need. */
export function invalidateSnapshot(state: u32): void {
  if (!isThere()) return
  recordSnapshotState(state)
  note(EVENT_SNAPSHOT_INVALID, snapshotNumber, state, 0)
  wakeAt(KIND_WRITE, WRITE_PRESERVING)
}

export function overflowSnapshot(): void {
  invalidateSnapshot(SNAPSHOT_OVERFLOWED)
}

export function breakSnapshot(): void {
  invalidateSnapshot(SNAPSHOT_BROKEN)
}

/** A region that a write would change, and that is nowhere else yet; or NO_BIT. */
export function regionToKeep(op: Operation): u32 {
  if (!isThere()) return NO_BIT
  for (let region = markOf(op.lba); region <= markOf(op.lba + op.sectors - 1); region++) {
    if (slotOf(region) == NO_AREA_SLOT) return region
  }
  return NO_BIT
}

/** It belongs to the snapshot with this number, and is not kept yet. */
export function isToBeKept(region: u32, number: u32): bool {
  return isThere() && number == snapshotNumber && slotOf(region) == NO_AREA_SLOT
}

/** All of a region is in a slot, on all members that count. */
export function regionKept(region: u32, slot: u32): void {
  recordSlot(slot, region)
  bind(slot)
  note(EVENT_SNAPSHOT_KEPT, region, slot, 0)
}

/** A host's write goes to the members. */
export function noteChange(lba: u64, sectors: u32): void {
  markChanged(lba, sectors, snapshotState != SNAPSHOT_NONE)
}

/** Where a slot lies, in the row of the data space that it is behind. */
export function areaSector(slot: u32): u64 {
  return slotLba(slot) - dataOffset
}

/** A drive joins. The snapshot is worth nothing on one that ends before its slots do, and every member must be able to take it over. */
export function checkRoom(bay: u32): void {
  if (!hasSnapshots() || !isThere() || snapshotSlots == 0) return
  if (bayOf(bay).capacity < slotLba(snapshotSlots - 1) + markSectors()) breakSnapshot()
}
