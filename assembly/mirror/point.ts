// A point in time at its source: the LUN as it was when it was frozen, on its way to the other site while hosts go on.
//
//   WAITING   its regions that are not sent yet. A host's write to one of them waits until the region is in a slot of the members' area
//             (preserve.ts), or is sent
//   WRITTEN   what hosts have written to since: it stays marked for the next point
//
// All of it is forgotten with the session; the marks in the NVRAM stay until the other site has the whole point.

import { EVENT_POINT_HELD, EVENT_POINT_TAKEN } from '../abi/events'
import { now } from '../hal/hal'
import { clearBit, hasBit, NO_BIT, nextBit, setBit } from '../lib/bits'
import { clearArea, freeSlot, NO_AREA_SLOT, slotOf } from './area'
import { note } from './log'
import { KIND_WRITE, Operation, wakeAt } from './operation'
import { preserve } from './preserve'
import {
  bootNumber,
  copyMarks,
  MARKS_BYTES,
  markCount,
  markedRegions,
  markOf,
  markRange,
  removeMark,
} from './remoteRecord'
import { WRITE_PRESERVING } from './write'

const TAKEN: usize = memory.data(2048, 16)
const WAITING: usize = memory.data(2048, 16)
const WRITTEN: usize = memory.data(2048, 16)

/** One is on its way. */
export let isTaken: bool = false
/** Its number; of the last one, if none is on its way. */
export let pointTaken: u32 = 0
/** Number of the last one of which the other site has said that it has it. */
export let lastArrived: u32 = 0
/** The other site stays what it is until it has all of it; else it is not consistent meanwhile. */
export let isStaged: bool = false
let points: u32 = 0
let takenNs: f64 = 0
/** What the other site may lack is no older than that, as far as is known. */
let sinceNs: f64 = 0
/** How many regions the other site can stage. */
let room: u32 = 0
/** What it has is a state of the LUN: only then it is worth while to keep it until the next one is there. */
let otherIsConsistent: bool = false
/** A write waits for it, and it cannot be preserved: it is sent first. */
let urgent: u32 = NO_BIT

/** The other site has said how much it can keep beside what it has, and whether that is a state of the LUN. */
export function setRoom(regions: u32, consistent: bool): void {
  room = regions
  otherIsConsistent = consistent
}

/** Freezes what the other site lacks. From here on hosts' writes do not change it. */
export function takePoint(): void {
  copyMarks(TAKEN)
  copyMarks(WAITING)
  memory.fill(WRITTEN, 0, MARKS_BYTES)
  clearArea()
  urgent = NO_BIT
  isTaken = true
  isStaged = otherIsConsistent && markedRegions <= room
  if (!isStaged) otherIsConsistent = false
  pointTaken = (bootNumber() << 16) | (++points & 0xffff)
  takenNs = now()
  note(EVENT_POINT_TAKEN, pointTaken, markedRegions, 0)
}

/** A write of a host goes to the members: what it changes is in no point that was taken before. */
export function track(lba: u64, sectors: u32): void {
  if (markedRegions == 0) sinceNs = now()
  if (isTaken) for (let region = markOf(lba); region <= markOf(lba + sectors - 1); region++) setBit(WRITTEN, region)
  markRange(lba, sectors)
}

/** A region that a host's write would change, that is to be sent as it was, and that is nowhere else yet; or NO_BIT. */
export function regionToPreserve(op: Operation): u32 {
  if (!isTaken) return NO_BIT
  for (let region = markOf(op.lba); region <= markOf(op.lba + op.sectors - 1); region++) {
    if (hasBit(WAITING, region) && slotOf(region) == NO_AREA_SLOT) return region
  }
  return NO_BIT
}

export function sendFirst(region: u32): void {
  if (urgent == NO_BIT) urgent = region
}

/** Some region has to be sent before anything else is preserved. */
export function hasUrgent(): bool {
  return urgent != NO_BIT
}

/** It belongs to the point with this number, and is not sent yet. */
export function isWaiting(region: u32, point: u32): bool {
  return isTaken && point == pointTaken && hasBit(WAITING, region)
}

/** The next region of the point to be sent, or NO_BIT. */
export function nextWaiting(): u32 {
  return urgent != NO_BIT ? urgent : nextBit(WAITING, 0, markCount())
}

/** All of a region is on its way. */
export function regionSent(region: u32): void {
  if (!isTaken) return
  clearBit(WAITING, region)
  freeSlot(slotOf(region))
  if (urgent == region) urgent = NO_BIT
  wakeAt(KIND_WRITE, WRITE_PRESERVING)
  preserve()
}

/**
 * A region that the other site has stored keeps its mark: it belongs to a point that is staged, and counts with the rest of it, or hosts
 * have written to it since.
 */
export function isKeptMarked(region: u32): bool {
  return isTaken && (isStaged || hasBit(WRITTEN, region))
}

/** The other site has switched to the point, if one was on its way. */
export function pointArrived(): void {
  if (!isTaken) return
  for (
    let region = nextBit(TAKEN, 0, markCount());
    region != NO_BIT;
    region = nextBit(TAKEN, region + 1, markCount())
  ) {
    if (!hasBit(WRITTEN, region)) removeMark(region)
  }
  sinceNs = takenNs
  isTaken = false
  lastArrived = pointTaken
  otherIsConsistent = true
  note(EVENT_POINT_HELD, pointTaken, 0, 0)
}

/** The session is over. What is marked stays marked. */
export function giveUpPoint(): void {
  if (!isTaken) return
  isTaken = false
  wakeAt(KIND_WRITE, WRITE_PRESERVING)
}

/** How old an acknowledged write may be that the other site lacks. */
export function pointAgeNs(): f64 {
  return markedRegions != 0 ? now() - sinceNs : 0
}
