// The targets of a job: who they are, what they turned out not to know, and which of them were dropped.
//
// A target is dropped when it fails while another one goes on (drop.ts). Dropped is for good: the journal keeps it beside the position
// (targetsKept.ts), and only a new job makes a copy of that drive again. The last one is never dropped: its troubles are the job's.

import {
  COPY_DONE,
  JOB_FLAG_ASCENDING,
  JOB_FLAG_TARGET_BLANK,
  JOB_FLAG_ZERO_LOST,
  TARGET_BAY,
  TARGET_BYTES,
  TARGET_DROPPED,
  TARGET_FLAGS,
  TARGET_GOOD,
  TARGET_LBA,
  TARGET_TAKES_PART,
  TARGETS_COUNT,
  TARGETS_HEADER_BYTES,
  TARGETS_MAX,
} from '../abi/copier'
import { longWord, word } from './bigEndian'
import { BAYS } from './layout'

/** What of a job's flags speaks of a target. */
export const TARGET_FLAGS_ALL: u32 = JOB_FLAG_TARGET_BLANK | JOB_FLAG_ASCENDING | JOB_FLAG_ZERO_LOST

@unmanaged
export class Target {
  // What the journal keeps.
  bay: u32
  drive: u32
  flags: u32
  /** REASON_* for which it was dropped; 0: it takes part. */
  dropped: u32
  lba: u64
  // What is found out again after a power cut.
  /** Number of the chunk that may write now (ascending targets). */
  turn: u32
  /** Commands that ended since the last flush was sent: without any there is nothing to flush. */
  unflushed: u32
  flushFailures: u32
  /** What it turned out not to know. */
  cannotTrim: u32
  cannotMarkLost: u32
  /** Entries of the list that are its own, and their sectors. */
  entries: u32
  lost: u64
}

const targets: usize = memory.data(448, 8)
export let targetCount: u32 = 0

export function targetAt(index: u32): Target {
  return changetype<Target>(targets + <usize>index * offsetof<Target>())
}

export function clearTargets(): void {
  memory.fill(targets, 0, <usize>TARGETS_MAX * offsetof<Target>())
  targetCount = 0
}

export function setTargetCount(count: u32): void {
  targetCount = count
}

export function addTarget(bay: u32, flags: u32, lba: u64): void {
  const target = targetAt(targetCount++)
  target.bay = bay
  target.flags = flags & TARGET_FLAGS_ALL
  target.lba = lba
}

/** Whether the block of further targets can be: each in a bay of its own, with flags of its own. */
export function targetsHold(block: usize, bytes: u32, sourceBay: u32, firstBay: u32): bool {
  if (bytes < <u32>TARGETS_HEADER_BYTES) return false
  const count = word(block + TARGETS_COUNT)
  if (count === 0 || count >= <u32>TARGETS_MAX) return false
  if (bytes < <u32>TARGETS_HEADER_BYTES + count * TARGET_BYTES) return false
  let taken: u32 = (1 << sourceBay) | (1 << firstBay)
  let at = block + TARGETS_HEADER_BYTES
  for (let index: u32 = 0; index < count; index++, at += TARGET_BYTES) {
    const bay = word(at + TARGET_BAY)
    if (bay >= BAYS || ((taken >> bay) & 1) !== 0 || (word(at + TARGET_FLAGS) & ~TARGET_FLAGS_ALL) !== 0) return false
    taken |= 1 << bay
  }
  return true
}

export function takeTargets(block: usize): void {
  const count = word(block + TARGETS_COUNT)
  let at = block + TARGETS_HEADER_BYTES
  for (let index: u32 = 0; index < count; index++, at += TARGET_BYTES) {
    addTarget(word(at + TARGET_BAY), word(at + TARGET_FLAGS), longWord(at + TARGET_LBA))
  }
}

export function takesPart(index: u32): bool {
  return targetAt(index).dropped === 0
}

/** TARGET_*: what may be said of it, of a job in this state. Good is said at the end of the job, and not before. */
export function standingOf(index: u32, state: u32): u32 {
  if (!takesPart(index)) return TARGET_DROPPED
  return state === COPY_DONE ? TARGET_GOOD : TARGET_TAKES_PART
}

export function targetsThatTakePart(): u32 {
  let count: u32 = 0
  for (let index: u32 = 0; index < targetCount; index++) if (takesPart(index)) count++
  return count
}

/** The number of the target in a bay, dropped or not; -1: it is no target's. */
export function targetInBay(bay: u32): i32 {
  for (let index: u32 = 0; index < targetCount; index++) if (targetAt(index).bay === bay) return index
  return -1
}

export function isAscending(target: Target): bool {
  return (target.flags & JOB_FLAG_ASCENDING) !== 0
}

export function isBlank(target: Target): bool {
  return (target.flags & JOB_FLAG_TARGET_BLANK) !== 0
}

/** No target needs to be told of zeros. */
export function allAreBlank(): bool {
  for (let index: u32 = 0; index < targetCount; index++) {
    if (takesPart(index) && !isBlank(targetAt(index))) return false
  }
  return true
}

/** Before a job runs: nothing is held against a target that takes part. */
export function trustTargets(): void {
  for (let index: u32 = 0; index < targetCount; index++) {
    const target = targetAt(index)
    target.flushFailures = 0
    target.cannotTrim = 0
    target.cannotMarkLost = 0
  }
}

/** No chunk is on its way. */
export function restartTargets(): void {
  for (let index: u32 = 0; index < targetCount; index++) {
    const target = targetAt(index)
    target.turn = 0
    target.unflushed = 0
  }
}
