// The controller's log: the last events as numbers, turned into lines only when somebody reads them.

import {
  EVENT_ASSEMBLED,
  EVENT_BAY_STATE,
  EVENT_BITMAP_BEGIN,
  EVENT_BITMAP_DONE,
  EVENT_COMMIT_BEGIN,
  EVENT_COMMIT_DONE,
  EVENT_DEADLINE,
  EVENT_LEG_ERROR,
  EVENT_PUNCTURE,
  EVENT_READ_REPAIR,
  EVENT_REBUILD_BEGIN,
  EVENT_REBUILD_CHECKPOINT,
  EVENT_REBUILD_DONE,
  EVENT_RESYNC_BEGIN,
  EVENT_RESYNC_DONE,
  EVENT_SCRUB_BEGIN,
  EVENT_SCRUB_DONE,
  EVENT_SCRUB_MISMATCH,
  EVENT_STOPPED,
} from '../abi/events'
import { now, trace } from '../hal/hal'

@unmanaged
class Entry {
  timeNs: f64
  code: u32
  a: u32
  b: u32
  c: u32
}

const ENTRY_BYTES: u32 = 24
const ENTRIES: u32 = 128
const RING: usize = memory.data(128 * 24, 16)
/** Number of the next entry, which wraps, and how many are kept. */
let next: u32 = 0
let kept: u32 = 0

/** Counters begin where the configuration says. */
export function startLog(first: u32): void {
  next = first
}

/** Tells the hardware what happened, and keeps it for the panel's log. */
export function note(code: u32, a: u32, b: u32, c: u32): void {
  trace(code, a, b, c)
  if (code == EVENT_BITMAP_BEGIN || code == EVENT_BITMAP_DONE || code == EVENT_COMMIT_BEGIN) return
  const entry = changetype<Entry>(RING + (next++ & (ENTRIES - 1)) * ENTRY_BYTES)
  kept = min(kept + 1, ENTRIES)
  entry.timeNs = now()
  entry.code = code
  entry.a = a
  entry.b = b
  entry.c = c
}

function sentence(entry: Entry): string {
  const a = entry.a.toString()
  const b = entry.b.toString()
  const c = entry.c.toString()
  switch (entry.code) {
    case EVENT_ASSEMBLED:
      return 'array is served, state ' + a
    case EVENT_BAY_STATE:
      return 'bay ' + a + ' is now in state ' + b
    case EVENT_COMMIT_DONE:
      return 'superblocks committed, event count ' + a
    case EVENT_RESYNC_BEGIN:
      return 'resync of ' + a + ' regions begins'
    case EVENT_RESYNC_DONE:
      return 'resync done'
    case EVENT_REBUILD_BEGIN:
      return 'rebuild of bay ' + a + ' begins at sector ' + b
    case EVENT_REBUILD_CHECKPOINT:
      return 'rebuild of bay ' + a + ' checkpointed at sector ' + b
    case EVENT_REBUILD_DONE:
      return 'rebuild of bay ' + a + ' done'
    case EVENT_LEG_ERROR:
      return 'bay ' + a + ' failed with drive status ' + b + ' at its sector ' + c
    case EVENT_READ_REPAIR:
      return 'bay ' + a + ' gets sectors ' + b + ' + ' + c + ' back'
    case EVENT_DEADLINE:
      return 'bay ' + a + ' did not answer in time, operation ' + b
    case EVENT_PUNCTURE:
      return 'sector ' + b + ' is lost; bay ' + a + ' is told so'
    case EVENT_SCRUB_BEGIN:
      return 'scrub begins'
    case EVENT_SCRUB_MISMATCH:
      return 'scrub: bay ' + a + ' differs from another member at sector ' + b
    case EVENT_SCRUB_DONE:
      return 'scrub done, ' + a + ' sectors differ'
    case EVENT_STOPPED:
      return 'array stopped by the operator'
    default:
      return 'event ' + entry.code.toString() + ' ' + a + ' ' + b + ' ' + c
  }
}

/** The kept entries, oldest first. */
export function logLines(): string[] {
  const lines: string[] = []
  for (let age = kept; age > 0; age--) {
    const entry = changetype<Entry>(RING + ((next - age) & (ENTRIES - 1)) * ENTRY_BYTES)
    lines.push((entry.timeNs / 1e6).toString() + ' ms: ' + sentence(entry))
  }
  return lines
}
