// What is kept of snapshots over power cuts, in the NVRAM: which one is there, what has changed since when, and the table of its slots.
//
//   byte 512       576       2048           4096         6144          8192        10240
//        +---------+---------+- - -+--------------+------------+-------------+-----------+---------------+
//        | record  | record  |     | marks: since | in it: the | since it    | since the | a slot each   |
//        | (turns) |         |     | the last     | marks when | was taken   | base      | (area.ts)     |
//        |         |         |     | image        | it was     |             |           |               |
//        +---------+---------+- - -+--------------+------------+-------------+-----------+---------------+
//
// A bit says "may have changed", never the opposite: it is set before a member has the write, and cleared after what needs it is recorded.
// Without a valid record (a new controller, or an NVRAM that was lost) all counts as changed, and there is no snapshot.

import { SNAPSHOT_NONE } from '../abi/status'
import { commitNvram } from '../hal/hal'
import { hasBit, setBit } from '../lib/bits'
import { crc32c } from '../lib/crc32c'
import { isAfter } from '../lib/serial'
import { uuid0 } from './array'
import { NVRAM } from './memory'
import { copyMarks, MARKS_BYTES, markOf, markRange, openMarks, setMarks } from './remoteRecord'

const MAGIC: u32 = 0x504e5331
const RECORDS: u32 = 512
const RECORD_BYTES: u32 = 64
const CHECKED_BYTES: u32 = 56
const FROZEN: u32 = 4096
const SINCE: u32 = 6144
const SINCE_BASE: u32 = 8192
const TABLE: u32 = 10240
const ENTRY_BYTES: u32 = 8

/** Of the snapshot that is there, or was last. */
export let snapshotNumber: u32 = 0
export let snapshotState: u32 = SNAPSHOT_NONE
/** How many slots it has. */
export let snapshotSlots: u32 = 0
let sequence: u32 = 0

/** A new array: no image of it was ever made, so all counts as changed. */
export function formatSnapshotRecord(): void {
  snapshotNumber = 0
  snapshotState = SNAPSHOT_NONE
  openMarks(false)
  fillSet(SINCE_BASE, 0xff)
  saveSnapshotRecord()
}

/** After a boot, when the array is put together. */
export function readSnapshotRecord(): void {
  const a = recordAt(0)
  const b = recordAt(1)
  const at = a != 0 && b != 0 ? (isAfter(load<u32>(a + 4), load<u32>(b + 4)) ? a : b) : a != 0 ? a : b
  if (at == 0) return formatSnapshotRecord()
  sequence = load<u32>(at + 4)
  snapshotNumber = load<u32>(at + 8)
  snapshotState = load<u32>(at + 12)
  snapshotSlots = load<u32>(at + 16)
  openMarks(true)
}

function recordAt(slot: u32): usize {
  const at = NVRAM + RECORDS + slot * RECORD_BYTES
  const valid = load<u32>(at) == MAGIC && load<u32>(at + CHECKED_BYTES) == crc32c(at, CHECKED_BYTES)
  return valid && load<u64>(at + 24) == uuid0 ? at : 0
}

function saveSnapshotRecord(): void {
  sequence++
  const offset = RECORDS + (sequence & 1) * RECORD_BYTES
  const at = NVRAM + offset
  store<u32>(at, MAGIC)
  store<u32>(at + 4, sequence)
  store<u32>(at + 8, snapshotNumber)
  store<u32>(at + 12, snapshotState)
  store<u32>(at + 16, snapshotSlots)
  store<u64>(at + 24, uuid0)
  store<u32>(at + CHECKED_BYTES, crc32c(at, CHECKED_BYTES))
  commitNvram(offset, RECORD_BYTES)
}

/** A new snapshot begins: its sets and its empty table are durable before the record says that it is there, and that is its instant. */
export function recordTaken(slots: u32, state: u32): void {
  copyMarks(NVRAM + FROZEN)
  commitNvram(FROZEN, MARKS_BYTES)
  fillSet(SINCE, 0)
  forgetSlots(slots)
  snapshotNumber++
  snapshotSlots = slots
  snapshotState = state
  saveSnapshotRecord()
}

export function recordSnapshotState(state: u32): void {
  snapshotState = state
  saveSnapshotRecord()
}

/** A write goes to the members: durable when this returns. `isTaken`: there is a snapshot, and it is not in it. */
export function markChanged(lba: u64, sectors: u32, isTaken: bool): void {
  markRange(lba, sectors)
  if (!isTaken) return
  for (let region = markOf(lba); region <= markOf(lba + sectors - 1); region++) {
    if (hasBit(NVRAM + SINCE, region)) continue
    setBit(NVRAM + SINCE, region)
    commitNvram((SINCE + (region >> 3)) & ~7, 8)
  }
}

/**
 * The snapshot is given up, and an image of it was made. What it had adds to what has changed since the base before the record says so; a cut
 * after the record leaves marks too many.
 */
export function recordImaged(isBase: bool): void {
  if (!isBase) addSet(SINCE_BASE, FROZEN)
  recordSnapshotState(SNAPSHOT_NONE)
  if (isBase) fillSet(SINCE_BASE, 0)
  setMarks(NVRAM + SINCE)
}

/** The snapshot is given up, and it is as if it had not been. */
export function recordDropped(): void {
  recordSnapshotState(SNAPSHOT_NONE)
}

/** Whether a region of the snapshot differs from the last image, or from the base. */
export function hasChanged(region: u32, sinceBase: bool): bool {
  return hasBit(NVRAM + FROZEN, region) || (sinceBase && hasBit(NVRAM + SINCE_BASE, region))
}

// The table: a word each, which is there or not.

function entryAt(slot: u32): usize {
  return NVRAM + TABLE + slot * ENTRY_BYTES
}

/** The region whose former content is in a slot + 1; 0: none. */
export function recordedRegion(slot: u32): u32 {
  return load<u32>(entryAt(slot))
}

/** From here on the slot counts: durable when this returns. */
export function recordSlot(slot: u32, region: u32): void {
  store<u64>(entryAt(slot), region + 1)
  commitNvram(TABLE + slot * ENTRY_BYTES, ENTRY_BYTES)
}

/** Whatever was there before, of this array or of another one. */
function forgetSlots(slots: u32): void {
  if (slots == 0) return
  memory.fill(NVRAM + TABLE, 0, slots * ENTRY_BYTES)
  commitNvram(TABLE, slots * ENTRY_BYTES)
}

function fillSet(set: u32, value: u8): void {
  memory.fill(NVRAM + set, value, MARKS_BYTES)
  commitNvram(set, MARKS_BYTES)
}

function addSet(to: u32, from: u32): void {
  for (let at: u32 = 0; at < MARKS_BYTES; at += 8) {
    store<u64>(NVRAM + to + at, load<u64>(NVRAM + to + at) | load<u64>(NVRAM + from + at))
  }
  commitNvram(to, MARKS_BYTES)
}
