// The status words, brought up to date at every return from an entry point.

import {
  COPY_STATUS_DROPPED_LOW,
  COPY_STATUS_DURABLE_LOW,
  COPY_STATUS_FLAGS,
  COPY_STATUS_LIST_ENTRIES,
  COPY_STATUS_LOST_LOW,
  COPY_STATUS_POSITION_LOW,
  COPY_STATUS_REASON,
  COPY_STATUS_RETRIES,
  COPY_STATUS_SECTORS_LOW,
  COPY_STATUS_STATE,
  COPY_STATUS_TARGET_0,
  COPY_STATUS_TARGETS,
  COPY_STATUS_ZERO_LOW,
  TARGET_REASON_SHIFT,
  TARGETS_MAX,
} from '../abi/copier'
import { COPY_STATUS_CORRECTED, COPY_STATUS_DAMAGED_Q, COPY_STATUS_REREAD, COPY_STATUS_UNCHECKED } from '../abi/optical'
import {
  AREA_BAD,
  AREA_NON_TRIED,
  COPY_STATUS_AREAS,
  COPY_STATUS_BAD_LOW,
  COPY_STATUS_NON_TRIED_LOW,
  COPY_STATUS_PASS,
  COPY_STATUS_PHASE,
} from '../abi/rescue'
import { ARRAY_NONE, STATUS_ARRAY_STATE, STATUS_BUSY } from '../abi/status'
import { areaCount, sectorsThatAre } from './areas'
import { isActive } from './control'
import { commandsOutstanding } from './drive'
import { isRescue, job } from './job'
import { durable } from './journal'
import { status } from './layout'
import { list } from './list'
import { tally } from './optical/tally'
import { rescue } from './passes'
import { standingOf, targetAt, targetCount } from './targets'

function put(word: u32, value: u32): void {
  store<u32>(status + ((<usize>word) << 2), value)
}

/** A 64-bit value lies in two words, the low one first. */
function putLong(word: u32, value: u64): void {
  put(word, <u32>value)
  put(word + 1, <u32>(value >> 32))
}

export function publish(): void {
  // A copier is no array: it never claims redundancy.
  put(STATUS_ARRAY_STATE, ARRAY_NONE)
  put(STATUS_BUSY, commandsOutstanding() + (isActive() ? 1 : 0))
  put(COPY_STATUS_STATE, job.state)
  put(COPY_STATUS_REASON, job.reason)
  putLong(COPY_STATUS_POSITION_LOW, job.position)
  putLong(COPY_STATUS_DURABLE_LOW, durable.position)
  putLong(COPY_STATUS_SECTORS_LOW, job.sectors)
  putLong(COPY_STATUS_ZERO_LOW, job.skipped)
  putLong(COPY_STATUS_LOST_LOW, list.sectors)
  putLong(COPY_STATUS_DROPPED_LOW, list.dropped)
  put(COPY_STATUS_LIST_ENTRIES, list.entries)
  put(COPY_STATUS_RETRIES, job.commandsRepeated)
  put(COPY_STATUS_FLAGS, job.flags)
  put(COPY_STATUS_CORRECTED, tally.corrected)
  put(COPY_STATUS_REREAD, tally.reread)
  put(COPY_STATUS_UNCHECKED, tally.unchecked)
  put(COPY_STATUS_DAMAGED_Q, tally.damagedQ)
  put(COPY_STATUS_TARGETS, targetCount)
  // Also those that this job does not have: an earlier one had them.
  for (let index: u32 = 0; index < <u32>TARGETS_MAX; index++) put(COPY_STATUS_TARGET_0 + index, targetWord(index))
  if (isRescue()) publishRescue()
}

function targetWord(index: u32): u32 {
  if (index >= targetCount) return 0
  return standingOf(index, job.state) | (targetAt(index).dropped << TARGET_REASON_SHIFT)
}

function publishRescue(): void {
  put(COPY_STATUS_PHASE, rescue.phase)
  put(COPY_STATUS_PASS, rescue.pass)
  put(COPY_STATUS_AREAS, areaCount)
  putLong(COPY_STATUS_NON_TRIED_LOW, sectorsThatAre(AREA_NON_TRIED))
  putLong(COPY_STATUS_BAD_LOW, sectorsThatAre(AREA_BAD))
}
