// Assembly: which drives make up the array, and whose word counts.
//
// The reference is the newest superblock among drives that hold all data: a spare or a half-rebuilt member may have received the latest
// superblock too, and is never asked. What the reference says about the others decides. A member with an older event count missed
// something: by the bitmap if no mark was cleared since, else all of it. The union of the trusted members' bitmaps is what may
// differ. The NVRAM knows the newest event count that this controller has seen: older members alone are not enough. Where it was lost
// nobody can tell old members from new ones: then all that the reference promises must be here, as `mdadm --assemble` demands without --run.

import { CONFIG_DISCOVERY_MS } from '../abi/config'
import { DRIVE_READ } from '../abi/driveSlots'
import {
  ARRAY_DISCOVERING,
  ARRAY_FAILED,
  ARRAY_NONE,
  BAY_STATE_CATCHING_UP,
  BAY_STATE_EMPTY,
  BAY_STATE_FAULTY,
  BAY_STATE_FOREIGN,
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
  BAY_STATE_SPARE,
  BAY_STATE_UNKNOWN,
} from '../abi/status'
import { setTimer } from '../hal/hal'
import {
  arrayState,
  bayOf,
  deviceCount,
  events,
  forgetMembers,
  inSync,
  memberCount,
  NO_SLOT,
  newDevice,
  ours,
  role,
  setArrayState,
  setBayState,
  setEvents,
  setIdentity,
  setRole,
  setShape,
  uuid0,
  uuid1,
  writeTargets,
} from './array'
import {
  adopt,
  chunkOf,
  eventsCleared,
  markedBecomeUndecided,
  presetAll,
  reset,
  rewriteAll,
  setEventsCleared,
} from './bitmap'
import { formatIfComplete, isFormatting } from './format'
import {
  BITMAP_SECTOR,
  FEATURE_RECOVERY_BITMAP,
  FEATURE_RECOVERY_OFFSET,
  ROLE_FAULTY,
  ROLE_SPARE,
  SB_CTIME,
  SB_DATA_OFFSET,
  SB_DEV_ROLES,
  SB_EVENTS,
  SB_MAX_DEV,
  SB_RAID_DISKS,
  SB_SET_UUID,
  SB_SIZE,
} from './md'
import {
  BAYS,
  BITMAP_BYTES,
  BITMAP_READ,
  config,
  HOST_SLOTS,
  OP_ASSEMBLE,
  OP_PROBE,
  OPERATIONS,
  SECTOR_BYTES,
} from './memory'
import { requestCommit, resetCommits } from './metadata'
import { forgetNvram, nvramKnows, rememberedEvents, triedEvents } from './nvramRecord'
import { begin, KIND_ASSEMBLE, KIND_NONE, KIND_WRITE, newRound, Operation, operation, send } from './operation'
import { isBlank, PROBE_DONE, PROBE_SILENT, probeSilent, superblockOf } from './probe'
import { isAboutToServe, joinSlot, scheduleCopy, serveAfter } from './recovery'
import { allArePresent, findReference, hasIdentity, holdsAllData, isOfSet, isProbed } from './reference'
import { chooseCoarseChunk, regionCount, setChunk } from './regions'
import { shipmentsOnTheWay } from './ship'
import { TIMER_DISCOVERY } from './timers'

const DEFAULT_DISCOVERY_MS: u32 = 2000

/** Bays whose bitmap is still to be read. */
let bitmapsLeft: u32 = 0
let bitmapsAdopted: u32 = 0
let discoveryOver: bool = false

export function startDiscovery(): void {
  setArrayState(ARRAY_DISCOVERING)
  discoveryOver = false
  startDiscoveryTimer()
}

function startDiscoveryTimer(): void {
  const configured = config(CONFIG_DISCOVERY_MS)
  setTimer(TIMER_DISCOVERY, <f64>(configured != 0 ? configured : DEFAULT_DISCOVERY_MS) * 1e6)
}

export function discoveryEnded(): void {
  discoveryOver = true
  if (mayAssemble()) assembleIfComplete()
  // One that was asked too early may answer now.
  probeSilent()
}

function silentStayFaulty(): void {
  for (let index: u32 = 0; index < BAYS; index++) {
    if (bayOf(index).state == BAY_STATE_UNKNOWN && bayOf(index).probe == PROBE_SILENT) {
      setBayState(index, BAY_STATE_FAULTY)
    }
  }
}

/** A drive did not answer: it may be the one that is missing, and is asked again in a while. */
export function baySilent(): void {
  if (discoveryOver && lacksMembers()) startDiscoveryTimer()
}

function lacksMembers(): bool {
  return mayAssemble() || (arrayState == ARRAY_NONE && !isAboutToServe())
}

export function bayProbed(index: u32): void {
  if (lacksMembers()) assembleIfComplete()
  else adoptDrive(index)
}

/** More members may come in time: until then the array is not put together with fewer, unless it was before. */
export function isAwaitingMembers(): bool {
  return !discoveryOver && mayAssemble()
}

/** An array that is put together and waits for its commit is not taken apart again: what was read of the drives is older than it. */
function mayAssemble(): bool {
  return (arrayState == ARRAY_DISCOVERING || arrayState == ARRAY_FAILED) && !isAboutToServe()
}

function assembleIfComplete(): void {
  if (operation(OP_ASSEMBLE).kind == KIND_ASSEMBLE) return
  if (isUnderWay()) {
    // The array failed under it. Counts of writes must be back at zero before the bitmap is read anew, and nothing old may land later.
    setTimer(TIMER_DISCOVERY, 10e6)
    return
  }
  if (isFormatting()) return formatIfComplete(discoveryOver)
  const best = findReference()
  if (best == NO_SLOT) {
    if (discoveryOver) setArrayState(ARRAY_NONE)
    return
  }
  const reference = superblockOf(best)
  const areAllHere = allArePresent(reference)
  if (!discoveryOver && !areAllHere) return
  const first = load<u64>(reference + SB_SET_UUID)
  const second = load<u64>(reference + SB_SET_UUID + 8)
  const newest = bayOf(best).events
  const isKnown = nvramKnows(first, second, newest)
  if (newest < rememberedEvents(first, second) || (!isKnown && !areAllHere)) {
    // Only members that missed something are here, or may have. Serving them would be lying.
    if (discoveryOver) setArrayState(ARRAY_FAILED)
    return
  }
  if (!isKnown) forgetNvram()
  assemble(reference)
}

/** Whether something is on its way yet, or a host's write has not ended. */
function isUnderWay(): bool {
  for (let index: u32 = 0; index < OPERATIONS; index++) {
    const op = operation(index)
    if (index < HOST_SLOTS && op.kind == KIND_WRITE) return true
    if (index != OP_PROBE && op.pending != 0) return true
  }
  return shipmentsOnTheWay() != 0
}

function assemble(reference: usize): void {
  // One that had failed becomes ready by itself now, or fails again.
  setArrayState(ARRAY_DISCOVERING)
  forgetMembers()
  silentStayFaulty()
  resetCommits()
  setIdentity(load<u64>(reference + SB_SET_UUID), load<u64>(reference + SB_SET_UUID + 8))
  setEvents(load<u64>(reference + SB_EVENTS))
  const devices = load<u32>(reference + SB_MAX_DEV)
  setShape(
    load<u32>(reference + SB_RAID_DISKS),
    load<u64>(reference + SB_SIZE),
    load<u64>(reference + SB_DATA_OFFSET),
    devices,
    load<u64>(reference + SB_CTIME),
  )
  for (let device: u32 = 0; device < devices; device++)
    setRole(device, load<u16>(reference + SB_DEV_ROLES + (device << 1)))
  reset()
  bitmapsLeft = 0
  bitmapsAdopted = 0
  for (let index: u32 = 0; index < BAYS; index++) {
    if (!isProbed(index) || !isOfSet(index, reference) || !holdsAllData(index)) continue
    const bay = bayOf(index)
    if (
      bay.events == events &&
      bay.device < devices &&
      load<u16>(reference + SB_DEV_ROLES + (bay.device << 1)) == <u16>bay.recordedSlot
    ) {
      bitmapsLeft |= 1 << index
    }
  }
  begin(OP_ASSEMBLE, KIND_ASSEMBLE)
  readBitmap()
}

function readBitmap(): void {
  const op = operation(OP_ASSEMBLE)
  newRound(op)
  op.cursor = ctz(bitmapsLeft)
  memory.fill(BITMAP_READ, 0, BITMAP_BYTES)
  send(op, op.cursor, DRIVE_READ, 0, BITMAP_SECTOR, BITMAP_BYTES / SECTOR_BYTES, <u32>BITMAP_READ)
}

/** A trusted member's bitmap was read, or not. */
export function advanceAssemble(op: Operation): void {
  if (op.pending != 0) return
  const index = op.cursor
  bitmapsLeft &= ~(1 << index)
  if (op.succeeded != 0) {
    const chunk = chunkOf(BITMAP_READ)
    if (regionCount == 0 && chunk != 0) setChunk(chunk)
    if (regionCount != 0 && adopt(BITMAP_READ, events)) bitmapsAdopted |= 1 << index
  }
  if (bitmapsLeft != 0) return readBitmap()
  op.kind = KIND_NONE
  if (bayOf(index).state == BAY_STATE_EMPTY) return assembleIfComplete()
  fillSlots()
}

/** Gives every drive of the set its place: whom the reference trusts first, then who was on the way, then everybody else. */
function fillSlots(): void {
  if (regionCount == 0) chooseCoarseChunk()
  if (bitmapsAdopted == 0) presetAll()
  for (let index: u32 = 0; index < BAYS; index++) if (isProbed(index)) recognise(index)
  for (let index: u32 = 0; index < BAYS; index++) if (isAsRecorded(index) && holdsAllData(index)) placeTrusted(index)
  for (let index: u32 = 0; index < BAYS; index++) if (isAsRecorded(index)) placeReturning(index)
  for (let index: u32 = 0; index < BAYS; index++) if (isUnplaced(index)) placeReturning(index)
  if (inSync == 0) {
    setArrayState(ARRAY_FAILED)
    return
  }
  const isOneMissing = recordMissing()
  for (let index: u32 = 0; index < BAYS; index++) {
    if (isProbed(index) && bayOf(index).state == BAY_STATE_UNKNOWN && !bayOf(index).known) adoptDrive(index)
  }
  if (popcnt(writeTargets) > 1) markedBecomeUndecided()
  // Two steps ahead of the reference, and beyond all that was tried: a member that is not here may have taken a commit that nobody here
  // knows of. Its count must never be equal to one of ours.
  setEvents(max(events, triedEvents(uuid0, uuid1)) + 1)
  // It may also have taken writes whose marks were on it alone: it is copied to from the start.
  if (isOneMissing) setEventsCleared(events + 1)
  serveAfter(requestCommit())
  rewriteAll()
}

/** Tells our drives from others. One whose device number does not count is ours, and gets another one later (adoptDrive). */
function recognise(index: u32): void {
  const bay = bayOf(index)
  bay.known = belongs(index) && bay.device < deviceCount && !isNumberGivenAgain(index) ? 1 : 0
  if (!belongs(index) && !isBlank(index)) setBayState(index, BAY_STATE_FOREIGN)
}

/** Nobody but the drive knew of its number, so another drive was given it later. */
function isNumberGivenAgain(index: u32): bool {
  const bay = bayOf(index)
  for (let other: u32 = 0; other < BAYS; other++) {
    if (!isProbed(other) || !belongs(other) || bayOf(other).device != bay.device) continue
    if (bayOf(other).events > bay.events) return true
  }
  return false
}

function isUnplaced(index: u32): bool {
  return bayOf(index).state == BAY_STATE_UNKNOWN && bayOf(index).known != 0
}

/** The reference says the same of the drive as the drive itself. */
function isAsRecorded(index: u32): bool {
  return isUnplaced(index) && role(bayOf(index).device) == bayOf(index).recordedSlot
}

function placeTrusted(index: u32): void {
  const bay = bayOf(index)
  if (bay.events != events || !slotIsFree(bay.recordedSlot)) return
  bay.slot = bay.recordedSlot
  setBayState(index, BAY_STATE_IN_SYNC)
}

/** A drive that missed something, or was not complete yet: by bitmap if that covers it, else from its checkpoint or from the start. */
function placeReturning(index: u32): void {
  const bay = bayOf(index)
  if (!slotIsFree(bay.recordedSlot)) {
    setRole(bay.device, ROLE_SPARE)
    setBayState(index, BAY_STATE_SPARE)
    return
  }
  const covered = bay.events >= eventsCleared && bitmapsAdopted != 0
  bay.slot = bay.recordedSlot
  bay.cursor = covered ? bay.recordedCursor : 0
  setRole(bay.device, bay.slot)
  const partial =
    (bay.recordedFeatures & FEATURE_RECOVERY_OFFSET) != 0 && (bay.recordedFeatures & FEATURE_RECOVERY_BITMAP) == 0
  setBayState(index, covered && !partial ? BAY_STATE_CATCHING_UP : BAY_STATE_REBUILDING)
}

/** A member that is not here is recorded as missing from now on: what follows happens without it. Whether there is one that was not before. */
function recordMissing(): bool {
  let found = false
  for (let device: u32 = 0; device < deviceCount; device++) {
    let here = false
    for (let index: u32 = 0; index < BAYS; index++)
      if (ours & (1 << index) && bayOf(index).device == device) here = true
    if (here) continue
    if (role(device) < ROLE_FAULTY) found = true
    setRole(device, ROLE_FAULTY)
  }
  return found
}

function isOurs(index: u32): bool {
  return hasIdentity(index, uuid0, uuid1)
}

/** A drive of this array that knows of nothing which the array does not. */
function belongs(index: u32): bool {
  return isOurs(index) && bayOf(index).events <= events
}

/** A slot is free if no drive that is written to fills it. */
function slotIsFree(slot: u32): bool {
  for (let index: u32 = 0; index < BAYS; index++) {
    if (writeTargets & (1 << index) && bayOf(index).slot == slot) return false
  }
  return slot < memberCount
}

/** The device number was given to the drive by a commit that counts, and to no other drive since. */
function hasOwnNumber(index: u32): bool {
  const device = bayOf(index).device
  for (let other: u32 = 0; other < BAYS; other++) {
    if (other != index && ours & (1 << other) && bayOf(other).device == device) return false
  }
  return device < deviceCount
}

/** A drive has come into a bay of an array that is being served. */
function adoptDrive(index: u32): void {
  const bay = bayOf(index)
  if (belongs(index) && hasOwnNumber(index)) {
    bay.known = 1
    const slot = bay.recordedSlot
    if (holdsAllData(index) && bay.events >= eventsCleared && slotIsFree(slot)) {
      return joinSlot(index, slot, BAY_STATE_CATCHING_UP)
    }
  } else if (belongs(index) || isBlank(index)) {
    const device = newDevice()
    if (device == NO_SLOT) return setBayState(index, BAY_STATE_FOREIGN)
    bay.device = device
    bay.known = 1
  } else {
    return setBayState(index, BAY_STATE_FOREIGN)
  }
  setRole(bay.device, ROLE_SPARE)
  setBayState(index, BAY_STATE_SPARE)
  requestCommit()
  scheduleCopy()
}
