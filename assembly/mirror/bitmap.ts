// The write-intent bitmap: which regions of the LUN may differ between members.
//
// A region is marked, durably and on every member that is written to, before the first write to it goes to any member, and stays
// marked until every write to it is on every member and all slots are filled. Clearing a mark late costs a needless copy after a crash;
// clearing it early costs data. Format on the members: md's internal bitmap (md.ts).
//
// One block (4 KiB) is written at a time; marks that arrive meanwhile share the next write. A mark is durable when a write of its block
// that began after the mark was made has ended on all members. Which came first is told by the versions of blocks, which wrap.

import { CONFIG_FIRST_COUNTERS } from '../abi/config'
import { DRIVE_FLAG_FUA, DRIVE_WRITE } from '../abi/driveSlots'
import { EVENT_BITMAP_BEGIN, EVENT_BITMAP_DONE } from '../abi/events'
import { ARRAY_OPTIMAL } from '../abi/status'
import { isAfter, isAtOrAfter } from '../lib/serial'
import { arrayState, events, inSync, lunSectors, uuid0, uuid1, writeTargets } from './array'
import { note } from './log'
import {
  BITMAP_MAGIC,
  BITMAP_SECTOR,
  BITMAP_VERSION,
  BM_BITS,
  BM_CHUNK_BYTES,
  BM_DAEMON_SLEEP,
  BM_EVENTS,
  BM_EVENTS_CLEARED,
  BM_MAGIC,
  BM_SECTORS_RESERVED,
  BM_SYNC_SIZE,
  BM_UUID,
  BM_VERSION,
} from './md'
import { BITMAP_BYTES, BITMAP_IMAGE, config, OP_BITMAP } from './memory'
import { failMember, headerIsDue, headerMayGo, retryLater } from './metadata'
import { begin, KIND_BITMAP, KIND_WRITE, Operation, operation, sendAll, wakeAt } from './operation'
import { afterCommit } from './recovery'
import { chunkSectors, forgetRegions, regionCount, regionOf } from './regions'
import { isSealed } from './stop'
import { startSweeping } from './sweep'
import { WRITE_MARKING } from './write'

/** The region's bit is set in the image. */
const SET: u32 = 1
/** Replicas may differ, and a copy will decide. */
const UNDECIDED: u32 = 2
/** No write since the last sweep. */
const IDLE: u32 = 4

const BLOCK_SHIFT: u32 = 12
const BLOCKS: u32 = BITMAP_BYTES >> BLOCK_SHIFT
const BLOCK_SECTORS: u32 = 8
const FLAGS: usize = memory.data(131072, 16)
/** Writes in flight per region. */
const WRITERS: usize = memory.data(131072 * 2, 16)
/** Version of the block in which the region's mark was made. */
const MARKED_IN: usize = memory.data(131072 * 4, 16)
const BLOCK_VERSION: usize = memory.data(16 * 4, 16)
const BLOCK_WRITING: usize = memory.data(16 * 4, 16)
const BLOCK_DURABLE: usize = memory.data(16 * 4, 16)

export let dirtyRegions: u32 = 0
export let undecidedRegions: u32 = 0
/** Counts calls of markUndecided: who copies a region sees whether it must start again. */
export let undecidedMarks: u32 = 0
/** Blocks whose image is newer than the members'. */
let blocksWaiting: u32 = 0
let blocksUrgent: u32 = 0
export let eventsCleared: u64 = 0
/** Counts failures of the last trusted member to store a mark: writes that wait for one must fail. */
export let markFailures: u32 = 0

function flags(region: u32): u32 {
  return load<u8>(FLAGS + region)
}

function setFlags(region: u32, value: u32): void {
  store<u8>(FLAGS + region, <u8>value)
}

function blockOf(region: u32): u32 {
  return (BM_BITS + (region >> 3)) >> BLOCK_SHIFT
}

function word(table: usize, index: u32): u32 {
  return load<u32>(table + (index << 2))
}

/** Builds the header; the bits behind it stay. */
export function encodeHeader(): void {
  const at = BITMAP_IMAGE
  store<u32>(at + BM_MAGIC, BITMAP_MAGIC)
  store<u32>(at + BM_VERSION, BITMAP_VERSION)
  store<u64>(at + BM_UUID, uuid0)
  store<u64>(at + BM_UUID + 8, uuid1)
  store<u64>(at + BM_EVENTS, events)
  store<u64>(at + BM_EVENTS_CLEARED, eventsCleared)
  store<u64>(at + BM_SYNC_SIZE, lunSectors)
  store<u32>(at + BM_CHUNK_BYTES, chunkSectors() << 9)
  store<u32>(at + BM_DAEMON_SLEEP, 5)
  store<u32>(at + BM_SECTORS_RESERVED, BITMAP_BYTES >> 9)
}

export function setEventsCleared(count: u64): void {
  eventsCleared = count
}

/** Counts a write into its regions and marks them. True: all marks are durable already. */
export function beginWrite(lba: u64, sectors: u32): bool {
  const last = regionOf(lba + sectors - 1)
  let durable = true
  for (let region = regionOf(lba); region <= last; region++) {
    const at = WRITERS + (region << 1)
    store<u16>(at, load<u16>(at) + 1)
    if (!mark(region)) durable = false
  }
  return durable
}

/** Asks once more for the marks of a write that has been counted already. */
export function demandMarks(lba: u64, sectors: u32): void {
  const last = regionOf(lba + sectors - 1)
  for (let region = regionOf(lba); region <= last; region++) mark(region)
}

/** Whether the marks of these sectors are durable. */
export function isMarked(lba: u64, sectors: u32): bool {
  const last = regionOf(lba + sectors - 1)
  for (let region = regionOf(lba); region <= last; region++) if (!isDurable(region)) return false
  return true
}

export function endWrite(lba: u64, sectors: u32): void {
  const last = regionOf(lba + sectors - 1)
  for (let region = regionOf(lba); region <= last; region++) {
    const at = WRITERS + (region << 1)
    store<u16>(at, load<u16>(at) - 1)
  }
}

function isDurable(region: u32): bool {
  return isAtOrAfter(word(BLOCK_DURABLE, blockOf(region)), word(MARKED_IN, region))
}

function isBlockMoving(block: u32): bool {
  const op = operation(OP_BITMAP)
  return op.kind == KIND_BITMAP && op.cursor == block
}

/** Marks a region in memory. */
function setBit(region: u32): void {
  setFlags(region, (flags(region) | SET) & ~IDLE)
  dirtyRegions++
  const bit = BITMAP_IMAGE + BM_BITS + (region >> 3)
  store<u8>(bit, load<u8>(bit) | <u8>((<u32>1) << (region & 7)))
}

/** Sets the mark of a region; true when it is durable. */
function mark(region: u32): bool {
  const old = flags(region)
  if (old & SET) {
    setFlags(region, old & ~IDLE)
    if (isDurable(region)) return true
    // Its block is on the way with the mark in it, unless the last attempt failed.
    if (isAfter(word(MARKED_IN, region), word(BLOCK_WRITING, blockOf(region))) || !isBlockMoving(blockOf(region))) {
      blocksUrgent |= 1 << blockOf(region)
      writeNextBlock()
    }
    return false
  }
  setBit(region)
  const block = blockOf(region)
  const version = word(BLOCK_VERSION, block) + 1
  store<u32>(BLOCK_VERSION + (block << 2), version)
  store<u32>(MARKED_IN + (region << 2), version)
  blocksUrgent |= 1 << block
  writeNextBlock()
  startSweeping()
  return false
}

/** Marks a region whose replicas may differ; the next resync copies it. */
function markUndecided(region: u32): void {
  undecidedMarks++
  mark(region)
  const old = flags(region)
  if (old & UNDECIDED) return
  setFlags(region, old | UNDECIDED)
  undecidedRegions++
}

export function markUndecidedRange(lba: u64, sectors: u32): void {
  const last = regionOf(lba + sectors - 1)
  for (let region = regionOf(lba); region <= last; region++) markUndecided(region)
}

/** A member has come (back): every marked region may differ on it, and its own bitmap must become this one. */
export function markedBecomeUndecided(): void {
  for (let region: u32 = 0; region < regionCount; region++) if (flags(region) & SET) markUndecided(region)
}

/** The region is marked: something in it may have been on its way when power failed. */
export function hasWriteIntent(region: u32): bool {
  return (flags(region) & SET) != 0
}

export function isUndecided(region: u32): bool {
  return (flags(region) & UNDECIDED) != 0
}

/** Whether reads of these sectors depend on which member answers. */
export function rangeIsUndecided(lba: u64, sectors: u32): bool {
  const last = regionOf(lba + sectors - 1)
  for (let region = regionOf(lba); region <= last; region++) if (flags(region) & UNDECIDED) return true
  return false
}

export function decide(region: u32): void {
  const old = flags(region)
  if (!(old & UNDECIDED)) return
  setFlags(region, old & ~UNDECIDED)
  undecidedRegions--
}

/** The first undecided region at or after one, or regionCount. */
export function nextUndecided(from: u32): u32 {
  let region = from
  while (region < regionCount && !(flags(region) & UNDECIDED)) region++
  return region
}

/** Every block goes to the members again: a new one needs them all. */
export function rewriteAll(): void {
  const used = blockOf(regionCount - 1) + 1
  blocksUrgent |= (1 << used) - 1
  writeNextBlock()
}

/** Counters begin where the configuration says. */
export function startBitmapCounters(first: u32): void {
  undecidedMarks = first
  markFailures = first
}

/** Nothing of the bitmap is on its way to the members, and nothing waits to be. */
export function isWritten(): bool {
  return blocksWaiting == 0 && isSettled()
}

/** Nothing of the bitmap that anybody waits for is on its way to the members. */
export function isSettled(): bool {
  return blocksUrgent == 0 && operation(OP_BITMAP).kind != KIND_BITMAP
}

export function isWriting(): bool {
  return operation(OP_BITMAP).pending != 0
}

/** Starts the next block if there is one and nothing is in the way. */
export function writeNextBlock(): void {
  if (operation(OP_BITMAP).kind == KIND_BITMAP || headerIsDue() || inSync == 0 || isSealed()) return
  const waiting = blocksUrgent != 0 ? blocksUrgent : blocksWaiting
  if (waiting == 0) return
  const block: u32 = ctz(waiting)
  const op = begin(OP_BITMAP, KIND_BITMAP)
  op.cursor = block
  const wasUrgent = (blocksUrgent >> block) & 1
  blocksUrgent &= ~(1 << block)
  blocksWaiting &= ~(1 << block)
  store<u32>(BLOCK_WRITING + (block << 2), word(BLOCK_VERSION, block))
  if (block == 0) encodeHeader()
  note(EVENT_BITMAP_BEGIN, block, wasUrgent, 0)
  const at = <u32>BITMAP_IMAGE + (block << BLOCK_SHIFT)
  sendAll(op, writeTargets, DRIVE_WRITE, DRIVE_FLAG_FUA, BITMAP_SECTOR + block * BLOCK_SECTORS, BLOCK_SECTORS, at)
}

/** The block is on its way, or has arrived. */
export function advanceBitmap(op: Operation): void {
  if (op.pending != 0) return
  const block = op.cursor
  op.kind = 0
  // A member that did not take the mark must not be trusted to know about the writes that follow.
  const stored = op.succeeded & inSync
  if (stored != 0) {
    for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
    store<u32>(BLOCK_DURABLE + (block << 2), word(BLOCK_WRITING, block))
    note(EVENT_BITMAP_DONE, block, 0, 0)
  } else {
    // No trusted member took it: whoever waits for a mark has to give up; the next write tries again.
    markFailures++
    blocksWaiting |= 1 << block
    retryLater()
  }
  wakeAt(KIND_WRITE, WRITE_MARKING)
  headerMayGo()
  if (stored != 0 || blocksUrgent != 0) writeNextBlock()
  if (isSettled()) afterCommit()
}

/** First half of a sweep: regions without a write since the last one are candidates. Returns how many are ready to be cleared. */
export function findIdle(): u32 {
  if (arrayState != ARRAY_OPTIMAL) return 0
  let ready: u32 = 0
  for (let region: u32 = 0; region < regionCount; region++) {
    const f = flags(region)
    if (!(f & SET)) continue
    // A mark that is durable stays so, however far the versions of its block have gone on since: it is not compared with old ones.
    if (isDurable(region)) store<u32>(MARKED_IN + (region << 2), word(BLOCK_DURABLE, blockOf(region)))
    if (isNeeded(region)) continue
    if (f & IDLE) ready++
    else setFlags(region, f | IDLE)
  }
  return ready
}

/** Second half: clears the marks of regions that are still idle. What they held is on every member's medium. */
export function clearIdle(): void {
  if (arrayState != ARRAY_OPTIMAL) return
  for (let region: u32 = 0; region < regionCount; region++) {
    if ((flags(region) & (SET | IDLE | UNDECIDED)) == (SET | IDLE)) clearBit(region)
  }
  writeNextBlock()
}

/** Clears every mark that is not needed, idle or not: no write is in flight, and what was written is on every member's medium. */
export function clearAll(): void {
  if (arrayState != ARRAY_OPTIMAL) return
  for (let region: u32 = 0; region < regionCount; region++) clearMark(region)
}

/** Clears the mark of a region that is known to be equal on the media of all members, unless a write or a resync needs it. */
export function clearMark(region: u32): void {
  if (!(flags(region) & SET) || isNeeded(region)) return
  clearBit(region)
  writeNextBlock()
}

/** A write to the region is in flight, or a copy will decide what it holds. */
function isNeeded(region: u32): bool {
  return (flags(region) & UNDECIDED) != 0 || load<u16>(WRITERS + (region << 1)) != 0
}

/** The event count goes into the header with the block: who has an older one does not find its way by the bitmap any more. */
function clearBit(region: u32): void {
  if (arrayState == ARRAY_OPTIMAL) eventsCleared = events
  setFlags(region, 0)
  dirtyRegions--
  const bit = BITMAP_IMAGE + BM_BITS + (region >> 3)
  store<u8>(bit, load<u8>(bit) & ~(<u8>((<u32>1) << (region & 7))))
  blocksWaiting |= (1 << blockOf(region)) | 1
}

/** Forgets everything: before an array is assembled. */
export function reset(): void {
  memory.fill(FLAGS, 0, regionCount)
  memory.fill(WRITERS, 0, regionCount << 1)
  memory.fill(MARKED_IN, 0, regionCount << 2)
  memory.fill(BITMAP_IMAGE, 0, BITMAP_BYTES)
  for (let block: u32 = 0; block < BLOCKS; block++) {
    store<u32>(BLOCK_VERSION + (block << 2), config(CONFIG_FIRST_COUNTERS))
    store<u32>(BLOCK_WRITING + (block << 2), config(CONFIG_FIRST_COUNTERS))
    store<u32>(BLOCK_DURABLE + (block << 2), config(CONFIG_FIRST_COUNTERS))
  }
  forgetRegions()
  dirtyRegions = 0
  undecidedRegions = 0
  blocksWaiting = 0
  blocksUrgent = 0
  eventsCleared = 0
}

/** Takes over a member's bitmap, at `at`: its bits are added. False: it is not this array's, or older than its superblock. */
export function adopt(at: usize, memberEvents: u64): bool {
  if (load<u32>(at + BM_MAGIC) != BITMAP_MAGIC || load<u32>(at + BM_VERSION) != BITMAP_VERSION) return false
  if (load<u64>(at + BM_UUID) != uuid0 || load<u64>(at + BM_UUID + 8) != uuid1) return false
  if (load<u64>(at + BM_EVENTS) < memberEvents || load<u64>(at + BM_SYNC_SIZE) != lunSectors) return false
  if (load<u32>(at + BM_CHUNK_BYTES) != chunkSectors() << 9) return false
  for (let region: u32 = 0; region < regionCount; region++) {
    if (load<u8>(at + BM_BITS + (region >> 3)) & (1 << (region & 7))) preset(region)
  }
  const cleared = load<u64>(at + BM_EVENTS_CLEARED)
  if (cleared > eventsCleared) eventsCleared = cleared
  return true
}

/** The region size that a member's bitmap has, or 0 if there is none. */
export function chunkOf(at: usize): u32 {
  const sectors = load<u32>(at + BM_CHUNK_BYTES) >> 9
  return load<u32>(at + BM_MAGIC) == BITMAP_MAGIC && sectors != 0 && (sectors & (sectors - 1)) == 0 ? sectors : 0
}

/** Nothing is known about what differs: everything may. */
export function presetAll(): void {
  for (let region: u32 = 0; region < regionCount; region++) preset(region)
}

/** A mark that is found or made before the array is served; `rewriteAll` brings it to the members. */
function preset(region: u32): void {
  if (flags(region) & SET) return
  setBit(region)
  store<u32>(MARKED_IN + (region << 2), word(BLOCK_DURABLE, blockOf(region)))
}
