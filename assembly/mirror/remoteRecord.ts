// What this site knows of itself and the other one, and keeps over power cuts: its role, the generation of its contents, and which
// regions the other site may have otherwise. All of it lies in the NVRAM: a mark costs no write to a drive.
//
//   byte 256      320      384                2048                    4096
//        +--------+--------+- - - - - - - - - +-----------------------+
//        | record | record |                  | marks, a bit a region |
//        +--------+--------+- - - - - - - - - +-----------------------+
//
// Generations tell whose contents go back to whose, as DRBD's data generation identifiers do: `current` names the contents, `base` those
// that the other site has been left with, 0 = it has the same. `offered` is what it was told to have now, and has not said yet that it
// took notice of: it has been left with either. Records are written in turns; the newest valid one counts. Without
// one (a new controller, or an NVRAM that was lost) the site knows nothing, so it is no primary, and all of it may differ. What its members
// hold may be the newest there is all the same: only an operator, who gives up one of the two, says whose contents count.

import { CONFIG_SITE } from '../abi/config'
import { ROLE_NONE, ROLE_PRIMARY, ROLE_SECONDARY } from '../abi/status'
import { commitNvram } from '../hal/hal'
import { clearBit, countBits, hasBit, nextBit, setBit } from '../lib/bits'
import { crc32c } from '../lib/crc32c'
import { isAfter } from '../lib/serial'
import { events, lunSectors, uuid0 } from './array'
import { config, NVRAM } from './memory'

const MAGIC: u32 = 0x31544d52
const RECORDS: u32 = 256
const RECORD_BYTES: u32 = 64
const CHECKED_BYTES: u32 = 56
const MARKS: u32 = 2048
export const MARKS_BYTES: u32 = 2048
const MARKS_MAX: u64 = 16384
/** 64 KiB. */
const MARK_SHIFT_MIN: u32 = 7

/** Of generations: one with the event count of the members in it, which no boot shares with another; and one that nobody has. */
const NAMED_ANEW: u64 = 1 << 62
const UNKNOWN: u64 = 1 << 63

const FLAG_CONSISTENT: u32 = 1
const FLAG_DISCARD: u32 = 2
const FLAG_ALONE: u32 = 4
const FLAG_FORGOTTEN: u32 = 8

export let role: u32 = ROLE_NONE
export let current: u64 = 0
export let base: u64 = 0
export let offered: u64 = 0
export let isConsistent: bool = false
/** An operator has given up what is here and not there. */
export let isDiscarded: bool = false
/** What was known of the contents is lost: they may be anything. Until they are the other site's, or an operator says that they have to do. */
export let isForgotten: bool = false
/** An operator has asked for service here, whatever is with the other site. Until both hold the same. */
export let mayBeAlone: bool = false
export let markedRegions: u32 = 0
/** Mode scheduled: the point in time that is here, or was when this site was a copy last. */
export let heldPoint: u32 = 0
let boots: u32 = 0
let sequence: u32 = 0
let markShift: u32 = 7

/** A new array: site 0 is its primary. `equal`: the drives of both sites are known to be equal. */
export function formatRecord(equal: bool): void {
  const isFirst = config(CONFIG_SITE) == 0
  role = isFirst ? ROLE_PRIMARY : ROLE_SECONDARY
  isConsistent = isFirst || equal
  current = isConsistent ? 1 : 0
  base = 0
  offered = 0
  isDiscarded = false
  boots = 1
  chooseShift()
  if (equal) clearMarks()
  else markAll()
  saveRecord()
}

/** After a boot, when the array is put together. */
export function readRecord(): void {
  chooseShift()
  const a = recordAt(0)
  const b = recordAt(1)
  const at = a != 0 && b != 0 ? (isAfter(load<u32>(a + 4), load<u32>(b + 4)) ? a : b) : a != 0 ? a : b
  if (at == 0) {
    role = ROLE_SECONDARY
    current = 0
    base = 0
    offered = 0
    isConsistent = false
    isForgotten = true
    boots = 1
    markAll()
  } else {
    sequence = load<u32>(at + 4)
    current = load<u64>(at + 8)
    base = load<u64>(at + 16)
    role = load<u32>(at + 24)
    isConsistent = (load<u32>(at + 28) & FLAG_CONSISTENT) != 0
    isDiscarded = (load<u32>(at + 28) & FLAG_DISCARD) != 0
    mayBeAlone = (load<u32>(at + 28) & FLAG_ALONE) != 0
    isForgotten = (load<u32>(at + 28) & FLAG_FORGOTTEN) != 0
    boots = load<u32>(at + 32) + 1
    heldPoint = load<u32>(at + 36)
    offered = load<u64>(at + 48)
    countMarks()
  }
  saveRecord()
}

function recordAt(slot: u32): usize {
  const at = NVRAM + RECORDS + slot * RECORD_BYTES
  const valid = load<u32>(at) == MAGIC && load<u32>(at + CHECKED_BYTES) == crc32c(at, CHECKED_BYTES)
  return valid && load<u64>(at + 40) == uuid0 ? at : 0
}

function saveRecord(): void {
  sequence++
  const offset = RECORDS + (sequence & 1) * RECORD_BYTES
  const at = NVRAM + offset
  store<u32>(at, MAGIC)
  store<u32>(at + 4, sequence)
  store<u64>(at + 8, current)
  store<u64>(at + 16, base)
  store<u32>(at + 24, role)
  store<u32>(
    at + 28,
    (isConsistent ? FLAG_CONSISTENT : 0) |
      (isDiscarded ? FLAG_DISCARD : 0) |
      (mayBeAlone ? FLAG_ALONE : 0) |
      (isForgotten ? FLAG_FORGOTTEN : 0),
  )
  store<u32>(at + 32, boots)
  store<u32>(at + 36, heldPoint)
  store<u64>(at + 40, uuid0)
  store<u64>(at + 48, offered)
  store<u32>(at + CHECKED_BYTES, crc32c(at, CHECKED_BYTES))
  commitNvram(offset, RECORD_BYTES)
}

/** Differs from one boot to the next, and between the sites. */
export function bootNumber(): u32 {
  return (boots << 1) | config(CONFIG_SITE)
}

/** This site follows the other one. */
export function isCopy(): bool {
  return role == ROLE_SECONDARY
}

export function setRole(value: u32): void {
  role = value
  saveRecord()
}

/** An operator's word: this site serves, alone too until both hold the same. One record says both: a power cut leaves both, or neither. */
export function becomePrimary(): void {
  role = ROLE_PRIMARY
  mayBeAlone = true
  saveRecord()
}

export function setConsistent(value: bool): void {
  if (isConsistent == value) return
  isConsistent = value
  saveRecord()
}

/** An operator says that what is here has to do. Its name, where that is not known any more, is one that no contents ever had. */
export function acceptContents(): void {
  if (isConsistent && !isForgotten) return
  if (isForgotten) {
    current = NAMED_ANEW | (events << 20) | <u64>config(CONFIG_SITE)
    base = UNKNOWN
    offered = 0
  }
  isForgotten = false
  isConsistent = true
  saveRecord()
}

export function setMayBeAlone(value: bool): void {
  if (mayBeAlone == value) return
  mayBeAlone = value
  saveRecord()
}

export function discard(): void {
  isDiscarded = true
  role = ROLE_SECONDARY
  saveRecord()
}

/** What is written from now on the other site does not have. It is left with what it has, if it was not left behind before. */
export function beginGeneration(): void {
  if (base == 0) base = current
  const newest = current > base ? current : base
  // Both sites may do this at once: their numbers must differ.
  current = (((newest >> 1) + 1) << 1) | <u64>config(CONFIG_SITE)
  saveRecord()
}

/** The other site has said what it has, which is not what is here. */
export function leftWith(generation: u64): void {
  if (base == 0 || base == generation || generation == 0) return
  base = generation
  offered = 0
  saveRecord()
}

/** The other site is about to be told that it has all of it. A cut, or a lost line, from here on: it knows, or not. */
export function offerGeneration(): void {
  if (base == 0 || offered == current) return
  offered = current
  saveRecord()
}

/** The other site has all of it. */
export function generationIsShared(): void {
  base = 0
  offered = 0
  saveRecord()
}

/** Whether what is written from now on already counts as what the other site does not have. */
export function isApart(): bool {
  return base != 0 && offered != current
}

/** What is here is what the other site calls by this name. `point`: in mode scheduled, the number of the point in time; else 0. */
export function adoptGeneration(generation: u64, point: u32): void {
  current = generation
  heldPoint = point
  base = 0
  offered = 0
  isConsistent = true
  isDiscarded = false
  isForgotten = false
  clearMarks()
  saveRecord()
}

// Marks.

/** Without another site: the marks of what has changed since the last image (snapshotRecord.ts). Not known: all has. */
export function openMarks(areKnown: bool): void {
  chooseShift()
  if (areKnown) countMarks()
  else markAll()
}

/** In place of all marks. */
export function setMarks(from: usize): void {
  memory.copy(NVRAM + MARKS, from, MARKS_BYTES)
  commitNvram(MARKS, MARKS_BYTES)
  countMarks()
}

/** Both sites must take a bit for the same sectors, after every boot: it follows from the size of the LUN alone. */
function chooseShift(): void {
  markShift = MARK_SHIFT_MIN
  while (lunSectors > MARKS_MAX << markShift) markShift++
}

/** Of a region. */
export function markSectors(): u64 {
  return (<u64>1) << markShift
}

export function markOf(lba: u64): u32 {
  return <u32>(lba >> markShift)
}

export function markStart(region: u32): u64 {
  return (<u64>region) << markShift
}

export function markEnd(region: u32): u64 {
  return min(markStart(region + 1), lunSectors)
}

export function markCount(): u32 {
  return <u32>((lunSectors + (1 << markShift) - 1) >> markShift)
}

/** The other site may have these sectors otherwise: durable when this returns. */
export function markRange(lba: u64, sectors: u32): void {
  const last = markOf(lba + sectors - 1)
  for (let region = markOf(lba); region <= last; region++) setMark(region)
}

function setMark(region: u32): void {
  if (hasBit(NVRAM + MARKS, region)) return
  setBit(NVRAM + MARKS, region)
  markedRegions++
  commitMark(region)
}

export function removeMark(region: u32): void {
  if (!hasBit(NVRAM + MARKS, region)) return
  clearBit(NVRAM + MARKS, region)
  markedRegions--
  commitMark(region)
}

/** The word that it is in. */
function commitMark(region: u32): void {
  commitNvram((MARKS + (region >> 3)) & ~7, 8)
}

/** The first marked region at or after one, or NO_BIT. */
export function nextMark(from: u32): u32 {
  return nextBit(NVRAM + MARKS, from, markCount())
}

/** A copy of all marks, for the other site. */
export function copyMarks(to: usize): void {
  memory.copy(to, NVRAM + MARKS, MARKS_BYTES)
}

/** The other site's marks count here as well. */
export function addMarks(from: usize): void {
  for (let at: u32 = 0; at < MARKS_BYTES; at += 8) {
    store<u64>(NVRAM + MARKS + at, load<u64>(NVRAM + MARKS + at) | load<u64>(from + at))
  }
  commitNvram(MARKS, MARKS_BYTES)
  countMarks()
}

function clearMarks(): void {
  memory.fill(NVRAM + MARKS, 0, MARKS_BYTES)
  markedRegions = 0
  commitNvram(MARKS, MARKS_BYTES)
}

/** All of it may differ. */
export function markAll(): void {
  memory.fill(NVRAM + MARKS, 0xff, MARKS_BYTES)
  commitNvram(MARKS, MARKS_BYTES)
  countMarks()
}

function countMarks(): void {
  markedRegions = countBits(NVRAM + MARKS, markCount())
}
