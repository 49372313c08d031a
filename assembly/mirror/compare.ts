// A resync that skips what is equal: the source sends the sums of a window in place of its sectors, the copy compares them with those of what it
// has, and only what differs is sent in full. Two sums, of different kinds: 96 bits together.

import { CONFIG_RESYNC_SUMS } from '../abi/config'
import { DRIVE_READ } from '../abi/driveSlots'
import { crc32c } from '../lib/crc32c'
import { fletcher } from '../lib/fletcher'
import { dataOffset, inSync } from './array'
import { rangeIsUndecided } from './bitmap'
import { config, REMOTE_BASE, SECTOR_BYTES } from './memory'
import { indexOf, KIND_SUM, newRound, Operation, send } from './operation'
import { admit, isAdmitted, RANGE_COPY, release } from './ranges'
import { sendNumbered } from './remote'
import { FRAME_DIFFERS, FRAME_STORED, FRAME_SUM, headerOf, newFrame } from './remoteFrames'
import { isScheduled } from './remoteMode'
import { sumEnded } from './remoteTarget'

const WAITING: u32 = 0
const READING: u32 = 1

/** Points in time are copied where they differ anyway. */
export function comparesSums(): bool {
  return config(CONFIG_RESYNC_SUMS) != 0 && !isScheduled()
}

/** At the source: sends the sums of a window. */
export function sendSums(lba: u64, sectors: u32, data: usize): void {
  const header = newFrame(FRAME_SUM)
  header.lba = lba
  header.sectors = sectors
  header.current = fletcher(data, sectors * SECTOR_BYTES)
  header.base = crc32c(data, sectors * SECTOR_BYTES)
  sendNumbered(header, 0, 0)
}

/** At the copy: the sums of a window have come; the operation has been begun. The frame keeps them until it ends. */
export function compare(op: Operation): void {
  op.kind = KIND_SUM
  op.step = WAITING
  // Behind the writes that came before it.
  if (admit(op, op.lba, op.sectors, RANGE_COPY)) advanceCompare(op)
}

export function advanceCompare(op: Operation): void {
  if (op.pending != 0) return
  if (op.step == WAITING) {
    if (!isAdmitted(op)) return
    op.step = READING
    newRound(op)
    if (popcnt(inSync) > 1 && rangeIsUndecided(op.lba, op.sectors)) return end(op, false)
  } else if (op.succeeded != 0) return end(op, isEqual(op))
  const others = inSync & ~op.failed
  // What cannot be read here is written anew.
  if (others == 0) return end(op, false)
  send(op, ctz(others), DRIVE_READ, 0, dataOffset + op.lba, op.sectors, op.buffer)
}

function isEqual(op: Operation): bool {
  const header = headerOf(indexOf(op) - REMOTE_BASE)
  const bytes = op.sectors * SECTOR_BYTES
  return fletcher(<usize>op.buffer, bytes) == header.current && <u64>crc32c(<usize>op.buffer, bytes) == header.base
}

function end(op: Operation, equal: bool): void {
  release(op)
  sumEnded(op, equal ? FRAME_STORED : FRAME_DIFFERS)
}
