// What the controller knows of its array: bays, members, counters. Plain state, and the questions that all protocols ask.

import { EVENT_BAY_STATE } from '../abi/events'
import {
  ARRAY_DEGRADED,
  ARRAY_DISCOVERING,
  ARRAY_FAILED,
  ARRAY_OPTIMAL,
  BAY_STATE_CATCHING_UP,
  BAY_STATE_EMPTY,
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
  BAY_STATE_SPARE,
  BAY_STATE_UNKNOWN,
} from '../abi/status'
import { note } from './log'
import { ROLE_FAULTY, SUPERBLOCK_DEVICES_MAX } from './md'
import { BAYS } from './memory'

@unmanaged
export class Bay {
  /** BAY_STATE_* */
  state: u32
  /** Slot of the array that the drive fills, or NO_SLOT. */
  slot: u32
  /** md: permanent number of the device in the array; index into the role table. */
  device: u32
  /** Discovery: how far it is (probe.ts). */
  probe: u32
  /** What the drive's own superblock says. */
  events: u64
  recordedSlot: u32
  recordedFeatures: u32
  recordedCursor: u64
  capacity: u64
  /** LUN sectors below this one hold data, for a member that is rebuilt. */
  cursor: u64
  uuid0: u64
  uuid1: u64
  /** Reads that are outstanding: what read balancing looks at. */
  reads: u32
  /** 1 = the superblock found belongs to this array's set. */
  known: u32
  /** Which backup slot the next commit goes to: not the one with the newest record. */
  backup: u32
}

const BAY_BYTES: u32 = 96
export const NO_SLOT: u32 = 0xffffffff

const BAY_TABLE: usize = memory.data(16 * 96, 16)
/** md's dev_roles: role of each device number. */
const ROLES: usize = memory.data(128 * 2, 16)

export let arrayState: u32 = ARRAY_DISCOVERING
/** Slots of the array. */
export let memberCount: u32 = 0
export let events: u64 = 0
/** Of the data space: of all LUNs together, and of what none of them has (luns.ts). */
export let lunSectors: u64 = 0
export let dataOffset: u64 = 0
export let uuid0: u64 = 0
export let uuid1: u64 = 0
/** Device numbers that were ever given out. */
export let deviceCount: u32 = 0
export let createdSeconds: u64 = 0
/** Write cache enabled towards the initiator: acknowledged writes need not be durable. */
export let writeCacheEnabled: bool = false

// Bits per bay, derived from the bay states at every change.
/** Holds all data: may be read. */
export let inSync: u32 = 0
/** Is written to: in sync, being rebuilt, or catching up. */
export let writeTargets: u32 = 0
/** Is ours: gets superblocks. */
export let ours: u32 = 0

/** Counts changes of bay states, slots and cursors: who shows them sees whether it must look again. */
export let baysChanged: u32 = 0

export function noteBaysChanged(): void {
  baysChanged++
}

export function bayOf(index: u32): Bay {
  return changetype<Bay>(BAY_TABLE + index * BAY_BYTES)
}

export function role(device: u32): u32 {
  return load<u16>(ROLES + (device << 1))
}

export function setRole(device: u32, value: u32): void {
  store<u16>(ROLES + (device << 1), <u16>value)
}

export function setIdentity(first: u64, second: u64): void {
  uuid0 = first
  uuid1 = second
}

export function setShape(members: u32, sectors: u64, offset: u64, devices: u32, created: u64): void {
  memberCount = members
  lunSectors = sectors
  dataOffset = offset
  deviceCount = devices
  createdSeconds = created
}

export function setDevices(count: u32): void {
  deviceCount = count
}

export function setEvents(value: u64): void {
  events = value
}

export function setWriteCache(enabled: bool): void {
  writeCacheEnabled = enabled
}

/** Gives a drive that is new to the array a device number of its own; numbers are not used again. */
export function newDevice(): u32 {
  return deviceCount < SUPERBLOCK_DEVICES_MAX ? deviceCount++ : NO_SLOT
}

export function setBayState(index: u32, state: u32): void {
  const bay = bayOf(index)
  if (bay.state != state) note(EVENT_BAY_STATE, index, state, 0)
  bay.state = state
  baysChanged++
  inSync = 0
  writeTargets = 0
  ours = 0
  for (let i: u32 = 0; i < BAYS; i++) {
    const bit: u32 = 1 << i
    switch (bayOf(i).state) {
      case BAY_STATE_IN_SYNC:
        inSync |= bit
        writeTargets |= bit
        ours |= bit
        break
      case BAY_STATE_REBUILDING:
      case BAY_STATE_CATCHING_UP:
        writeTargets |= bit
        ours |= bit
        break
      case BAY_STATE_SPARE:
        ours |= bit
        break
    }
  }
}

/** Removes a drive from its slot; its device number is recorded as faulty from the next commit on. */
export function vacate(index: u32, state: u32): void {
  const bay = bayOf(index)
  if (bay.known) setRole(bay.device, ROLE_FAULTY)
  bay.slot = NO_SLOT
  setBayState(index, state)
}

/** Forgets which drive fills which slot; what probing found out about the drives stays. */
export function forgetMembers(): void {
  for (let i: u32 = 0; i < BAYS; i++) {
    const bay = bayOf(i)
    bay.slot = NO_SLOT
    bay.known = 0
    if (bay.state != BAY_STATE_EMPTY) setBayState(i, BAY_STATE_UNKNOWN)
  }
}

export function setArrayState(state: u32): void {
  arrayState = state
}

/** The array's state as it follows from its members. */
export function refreshArrayState(): void {
  if (arrayState != ARRAY_OPTIMAL && arrayState != ARRAY_DEGRADED) return
  arrayState = inSync == 0 ? ARRAY_FAILED : popcnt(inSync) == memberCount ? ARRAY_OPTIMAL : ARRAY_DEGRADED
}

/** A slot that no drive fills, or NO_SLOT. */
export function vacantSlot(): u32 {
  let filled: u32 = 0
  for (let i: u32 = 0; i < BAYS; i++) {
    if (writeTargets & (1 << i)) filled |= 1 << bayOf(i).slot
  }
  for (let slot: u32 = 0; slot < memberCount; slot++) if (!(filled & (1 << slot))) return slot
  return NO_SLOT
}

/** A bay in a state, or NO_SLOT. */
export function bayInState(state: u32): u32 {
  for (let i: u32 = 0; i < BAYS; i++) if (bayOf(i).state == state) return i
  return NO_SLOT
}
