// The status words (abi/status.ts), brought up to date before every return to the hardware.

import {
  BAY_STATE_REBUILDING,
  REMOTE_LOST,
  REMOTE_WRITES_REFUSED,
  ROLE_PRIMARY,
  ROLE_SECONDARY,
  SNAPSHOT_NONE,
  STATUS_ARRAY_STATE,
  STATUS_BAY_CURSOR_HIGH,
  STATUS_BAY_CURSOR_LOW,
  STATUS_BAY_SLOT,
  STATUS_BAY_STATE,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
  STATUS_BITMAP_CHUNK_SECTORS,
  STATUS_BUSY,
  STATUS_CHANGED_REGIONS,
  STATUS_DATA_OFFSET_SECTORS,
  STATUS_DIRTY_REGIONS,
  STATUS_EVENTS_HIGH,
  STATUS_EVENTS_LOW,
  STATUS_LUN_SECTORS_HIGH,
  STATUS_LUN_SECTORS_LOW,
  STATUS_POINT_ARRIVED,
  STATUS_POINT_HELD,
  STATUS_POINT_TAKEN,
  STATUS_REMOTE_CONSISTENT,
  STATUS_REMOTE_DIRTY_REGIONS,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
  STATUS_SCRUB_MISMATCHES,
  STATUS_SCRUBBING,
  STATUS_SNAPSHOT,
  STATUS_SNAPSHOT_SLOTS,
  STATUS_SNAPSHOT_SLOTS_USED,
  STATUS_SNAPSHOT_STATE,
  STATUS_UNDECIDED_REGIONS,
} from '../abi/status'
import { slotsUsed } from './area'
import { arrayState, bayOf, baysChanged, dataOffset, events, lunSectors } from './array'
import { isAwaitingMembers } from './assemble'
import { dirtyRegions, undecidedRegions } from './bitmap'
import { hasUnsent } from './journal'
import { journaledRegions } from './journalRegions'
import { isReplaying } from './journalReplay'
import { isAllSent } from './journalSend'
import {
  BAYS,
  HOST_SLOTS,
  OP_PRESERVE,
  OP_PROBE,
  OP_REMOTE_COPY,
  OP_SPILL,
  OP_SWITCH,
  OWN_END,
  setStatus,
} from './memory'
import { KIND_NONE, operation } from './operation'
import { lastArrived, pointTaken } from './point'
import { isPausing, isServing } from './recovery'
import { chunkSectors } from './regions'
import { refusesWrites, remoteState } from './remote'
import { hasRemote, hasSnapshots } from './remoteMode'
import { heldPoint, isConsistent, markedRegions, role } from './remoteRecord'
import { isSteppingDown } from './remoteRoles'
import { writesUnderWay } from './remoteTarget'
import { isScrubbing, scrubMismatches } from './scrub'
import { shipmentsOnTheWay } from './ship'
import { snapshotNumber, snapshotSlots, snapshotState } from './snapshotRecord'

let shownChanges: u32 = 0xffffffff

/** What is done between the sites, and needs members: it goes on when some are back. */
function waitsForMembers(index: u32): bool {
  return !isServing() && (index == OP_REMOTE_COPY || index == OP_PRESERVE || index == OP_SWITCH || index == OP_SPILL)
}

export function refreshStatus(): void {
  setStatus(STATUS_ARRAY_STATE, arrayState)
  setStatus(STATUS_DIRTY_REGIONS, dirtyRegions)
  setStatus(STATUS_UNDECIDED_REGIONS, undecidedRegions)
  setStatus(STATUS_EVENTS_LOW, <u32>events)
  setStatus(STATUS_EVENTS_HIGH, <u32>(events >> 32))
  let busy: u32 = isPausing() ? 1 : 0
  if (isAwaitingMembers()) busy++
  if (writesUnderWay != 0 || shipmentsOnTheWay() != 0 || !isAllSent()) busy++
  // It needs members, too.
  if (isReplaying() && isServing()) busy++
  for (let index: u32 = HOST_SLOTS; index < OWN_END; index++) {
    const op = operation(index)
    if (op.pending != 0 || (op.kind != KIND_NONE && index != OP_PROBE && !waitsForMembers(index))) busy++
  }
  setStatus(STATUS_BUSY, busy)
  setStatus(STATUS_SCRUBBING, isScrubbing() ? 1 : 0)
  setStatus(STATUS_SCRUB_MISMATCHES, scrubMismatches)
  if (hasRemote()) {
    const refuses = remoteState == REMOTE_LOST && role == ROLE_PRIMARY && refusesWrites()
    setStatus(STATUS_REMOTE_STATE, refuses ? REMOTE_WRITES_REFUSED : remoteState)
    // Who steps down serves no more.
    setStatus(STATUS_REMOTE_ROLE, isSteppingDown ? ROLE_SECONDARY : role)
    setStatus(STATUS_REMOTE_DIRTY_REGIONS, markedRegions + (hasUnsent() ? journaledRegions() : 0))
    setStatus(STATUS_REMOTE_CONSISTENT, isConsistent ? 1 : 0)
    setStatus(STATUS_POINT_TAKEN, pointTaken)
    setStatus(STATUS_POINT_HELD, heldPoint)
    setStatus(STATUS_POINT_ARRIVED, lastArrived)
  }
  if (hasSnapshots()) {
    setStatus(STATUS_SNAPSHOT, snapshotNumber)
    setStatus(STATUS_SNAPSHOT_STATE, snapshotState)
    setStatus(STATUS_SNAPSHOT_SLOTS, snapshotSlots)
    setStatus(STATUS_SNAPSHOT_SLOTS_USED, snapshotState != SNAPSHOT_NONE ? slotsUsed : 0)
    setStatus(STATUS_CHANGED_REGIONS, markedRegions)
  }
  if (shownChanges == baysChanged) return
  shownChanges = baysChanged
  setStatus(STATUS_LUN_SECTORS_LOW, <u32>lunSectors)
  setStatus(STATUS_LUN_SECTORS_HIGH, <u32>(lunSectors >> 32))
  setStatus(STATUS_DATA_OFFSET_SECTORS, <u32>dataOffset)
  setStatus(STATUS_BITMAP_CHUNK_SECTORS, chunkSectors())
  for (let index: u32 = 0; index < BAYS; index++) {
    const bay = bayOf(index)
    const at = STATUS_BAYS + index * STATUS_BAY_WORDS
    setStatus(at + STATUS_BAY_STATE, bay.state)
    setStatus(at + STATUS_BAY_SLOT, bay.slot)
    const cursor = bay.state == BAY_STATE_REBUILDING ? bay.cursor : 0
    setStatus(at + STATUS_BAY_CURSOR_LOW, <u32>cursor)
    setStatus(at + STATUS_BAY_CURSOR_HIGH, <u32>(cursor >> 32))
  }
}
