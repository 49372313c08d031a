// Mode async: how much may be on its way to the other site, so that none of it gets older than the RPO.
//
// What is on its way takes as long as the line needs for it. So the window grows while writes arrive early, and shrinks when they arrive
// late: it finds out what the line carries, as TCP does (RFC 5681: slow start, and backing off), but from the time that a write took and not from a loss.

import { now } from '../hal/hal'
import { BUFFER_BYTES, SECTOR_BYTES } from './memory'
import { rpoNs } from './rpo'

/** The largest write must have room. */
const WINDOW_SECTORS_MIN: u32 = BUFFER_BYTES / SECTOR_BYTES

// Of the RPO:
const EARLY: f64 = 0.4
const LATE: f64 = 0.5
/** The oldest write is so old: nothing more is acknowledged. */
const HOLD: f64 = 0.6

/** What a line is taken to carry before anything is known of it, in sectors a second: 4 MB/s. */
const ASSUMED_RATE: f64 = 8000

/** 0: nothing was sent yet. */
let window: u32 = 0
/** Up to here the window doubles with each round trip; from here on it grows by one write. */
let threshold: u32 = u32.MAX_VALUE
let shrunkNs: f64 = 0
/** Sectors on their way. */
let sent: u32 = 0

export function isWindowFull(): bool {
  return window != 0 && sent >= window
}

/** The oldest write that has not arrived is so old that no other may join it. */
export function isLateToHold(ageNs: f64): bool {
  return ageNs > rpoNs() * HOLD
}

export function windowSent(sectors: u32): void {
  if (window == 0) window = max(WINDOW_SECTORS_MIN, <u32>((ASSUMED_RATE * EARLY * rpoNs()) / 1e9))
  sent += sectors
}

/** A write has arrived that was sent at that time. */
export function windowArrived(sectors: u32, sentNs: f64): void {
  sent -= sectors
  const tookNs = now() - sentNs
  if (tookNs < rpoNs() * EARLY) window += window < threshold ? sectors : max<u32>(1, (sectors * sectors) / window)
  else if (tookNs > rpoNs() * LATE && sentNs > shrunkNs) shrink()
}

/** Once for all that is on its way: what was sent before is late for the same reason. */
function shrink(): void {
  shrunkNs = now()
  window = max(WINDOW_SECTORS_MIN, (window * 3) / 4)
  threshold = window
}

/** Nothing is on its way, and nothing is known of the line. */
export function resetWindow(): void {
  sent = 0
  window = 0
  threshold = u32.MAX_VALUE
  shrunkNs = 0
}
