// What the controller knows of its array, in the NVRAM: two records, written in turns.
//
//   byte 0      4          8       16      24     32      40
//        +------+----------+-------+-------+------+-------+--------+
//        | magic| sequence | uuid0 | uuid1 |events| tried | crc32c |
//        +------+----------+-------+-------+------+-------+--------+
//
// `events` is the newest count that was durable: whoever has less has missed something. `tried` is the newest that was on its way to a
// member: no other history of the array may use it again. It is durable here before any member has it, and each boot commits a count of
// its own. So an NVRAM that knows of fewer counts than a member has is not the one that this array had at its latest boot: its
// battery was empty, the board was exchanged, or what was saved before was put back. Then nothing in it counts.

import { CONFIG_FIRST_COUNTERS } from '../abi/config'
import { EVENT_NVRAM_LOST } from '../abi/events'
import { commitNvram } from '../hal/hal'
import { crc32c } from '../lib/crc32c'
import { isAfter } from '../lib/serial'
import { events, uuid0, uuid1 } from './array'
import { note } from './log'
import { config, fittedNvram, NVRAM } from './memory'

const NVRAM_MAGIC: u32 = 0x4d525650
const NVRAM_RECORD_BYTES: u32 = 64
const NVRAM_CHECKED_BYTES: u32 = 40

function nvramRecordIsValid(at: usize): bool {
  return load<u32>(at) == NVRAM_MAGIC && load<u32>(at + NVRAM_CHECKED_BYTES) == crc32c(at, NVRAM_CHECKED_BYTES)
}

/** The newest event count that this controller has seen durable for an array, or 0. */
export function rememberedEvents(first: u64, second: u64): u64 {
  return newestOf(first, second, 24)
}

/** The newest event count that a member of the array may have from this controller, or 0. */
export function triedEvents(first: u64, second: u64): u64 {
  return newestOf(first, second, 32)
}

function newestOf(first: u64, second: u64, field: u32): u64 {
  let newest: u64 = 0
  for (let slot: u32 = 0; slot < 2; slot++) {
    const at = NVRAM + slot * NVRAM_RECORD_BYTES
    if (!nvramRecordIsValid(at)) continue
    if (load<u64>(at + 8) != first || load<u64>(at + 16) != second) continue
    newest = max(newest, load<u64>(at + field))
  }
  return newest
}

/** The number after the newest valid record's; even numbers lie in the first slot, so the newest record is never overwritten. */
function nextNvramSequence(): u32 {
  const first = nvramRecordIsValid(NVRAM)
  const second = nvramRecordIsValid(NVRAM + NVRAM_RECORD_BYTES)
  const a = load<u32>(NVRAM + 4)
  const b = load<u32>(NVRAM + NVRAM_RECORD_BYTES + 4)
  if (first && second) return (isAfter(a, b) ? a : b) + 1
  if (first) return a + 1
  return second ? b + 1 : config(CONFIG_FIRST_COUNTERS)
}

export function rememberInNvram(durableEvents: u64): void {
  const sequence = nextNvramSequence()
  const offset = (sequence & 1) * NVRAM_RECORD_BYTES
  const at = NVRAM + offset
  store<u32>(at, NVRAM_MAGIC)
  store<u32>(at + 4, sequence)
  store<u64>(at + 8, uuid0)
  store<u64>(at + 16, uuid1)
  store<u64>(at + 24, durableEvents)
  store<u64>(at + 32, events)
  store<u32>(at + NVRAM_CHECKED_BYTES, crc32c(at, NVRAM_CHECKED_BYTES))
  commitNvram(offset, NVRAM_RECORD_BYTES)
}

/** Whether the NVRAM is the one that an array had at its latest boot; `memberEvents`: the newest count of its members. */
export function nvramKnows(first: u64, second: u64, memberEvents: u64): bool {
  return triedEvents(first, second) >= memberEvents
}

/** Nothing in it is true of this array: the role of the site, marks, the journal, the snapshot. */
export function forgetNvram(): void {
  note(EVENT_NVRAM_LOST, 0, 0, 0)
  memory.fill(NVRAM, 0, fittedNvram())
  commitNvram(0, fittedNvram())
}
