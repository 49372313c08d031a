// The copy of one window: sectors from a member in sync to others. Resync and rebuild are made of these (recovery.ts).
//
// The window is locked against writes from before its first read until after its last write: a block that was read before a write can
// never land after it. A sector that no trusted member can read is made unreadable on the target as well: an honest hole, never
// invented data; the target goes on from there.

import {
  DRIVE_FLAG_FUA,
  DRIVE_MEDIUM_ERROR,
  DRIVE_READ,
  DRIVE_WRITE,
  DRIVE_WRITE_UNCORRECTABLE,
} from '../abi/driveSlots'
import { EVENT_PUNCTURE } from '../abi/events'
import { dataOffset, inSync, writeTargets } from './array'
import { note } from './log'
import { BAY_SHIFT, COPY_BUFFER, driveSlot, OP_COPY } from './memory'
import { failMember } from './metadata'
import { begin, indexOf, KIND_COPY, KIND_NONE, newRound, Operation, operation, send, sendAll } from './operation'
import { admit, isAdmitted, RANGE_COPY, release } from './ranges'
import { windowCopied, windowStalled } from './recovery'

const COPY_WAITING: u32 = 0
const COPY_READ: u32 = 1
const COPY_WRITE: u32 = 2
const COPY_SECTOR_READ: u32 = 3
const COPY_SECTOR_WRITE: u32 = 4

/** Copies a window to the bays in `targets`; the source is chosen among the members in sync that are no target of their own data. */
export function startCopy(lba: u64, sectors: u32, targets: u32): void {
  const op = begin(OP_COPY, KIND_COPY)
  op.lba = lba
  op.sectors = sectors
  op.repair = targets
  op.step = COPY_WAITING
  if (admit(op, lba, sectors, RANGE_COPY)) advanceCopy(op)
}

export function isCopying(): bool {
  return operation(OP_COPY).kind == KIND_COPY
}

export function advanceCopy(op: Operation): void {
  if (op.pending != 0) return
  switch (op.step) {
    case COPY_WAITING:
      if (!isAdmitted(op)) return
      op.step = COPY_READ
      readWindow(op)
      return
    case COPY_READ:
      if (op.succeeded == 0) {
        readWindow(op)
        return
      }
      op.step = COPY_WRITE
      write(op, op.succeeded, DRIVE_WRITE, op.lba, op.sectors, <u32>COPY_BUFFER)
      return
    case COPY_WRITE:
      dropFailed(op)
      finish(op)
      return
    case COPY_SECTOR_READ:
      if (op.succeeded == 0) {
        readSector(op)
        return
      }
      op.step = COPY_SECTOR_WRITE
      write(op, op.succeeded, DRIVE_WRITE, op.lba + op.cursor, 1, <u32>COPY_BUFFER)
      return
    case COPY_SECTOR_WRITE:
      dropFailed(op)
      nextSector(op)
      return
  }
}

/** Asks the next member in sync that has not failed; after all have, goes sector by sector. */
function readWindow(op: Operation): void {
  if (!mayGoOn(op)) return
  const sources = inSync & ~op.failed
  if (sources != 0) {
    send(op, ctz(sources), DRIVE_READ, 0, dataOffset + op.lba, op.sectors, <u32>COPY_BUFFER)
    return
  }
  op.cursor = 0
  op.step = COPY_SECTOR_READ
  newRound(op)
  readSector(op)
}

function readSector(op: Operation): void {
  if (!mayGoOn(op)) return
  const sources = inSync & ~op.failed
  if (sources != 0) {
    send(op, ctz(sources), DRIVE_READ, 0, dataOffset + op.lba + op.cursor, 1, <u32>COPY_BUFFER)
    return
  }
  // Lost on every trusted member: the targets shall say so too.
  op.step = COPY_SECTOR_WRITE
  note(EVENT_PUNCTURE, ctz(op.repair), <u32>(op.lba + op.cursor), 1)
  write(op, 0, DRIVE_WRITE_UNCORRECTABLE, op.lba + op.cursor, 1, <u32>COPY_BUFFER)
}

/** A read failed, or none was tried yet. A drive that does not answer is out; if it was the last, the copy waits for better times. */
function mayGoOn(op: Operation): bool {
  for (let rest = op.failed; rest != 0; rest &= rest - 1) {
    const bay: u32 = ctz(rest)
    if (driveSlot((indexOf(op) << BAY_SHIFT) | bay).status == DRIVE_MEDIUM_ERROR) continue
    if (!failMember(bay)) {
      stall(op)
      return false
    }
  }
  if (inSync != 0) return true
  stall(op)
  return false
}

function write(op: Operation, source: u32, command: u32, lba: u64, sectors: u32, buffer: u32): void {
  newRound(op)
  const targets = op.repair & writeTargets & ~source
  if (targets != 0) sendAll(op, targets, command, DRIVE_FLAG_FUA, dataOffset + lba, sectors, buffer)
  else advanceCopy(op)
}

function dropFailed(op: Operation): void {
  for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
}

function nextSector(op: Operation): void {
  op.cursor++
  newRound(op)
  if (op.cursor >= op.sectors) {
    finish(op)
    return
  }
  op.step = COPY_SECTOR_READ
  readSector(op)
}

function finish(op: Operation): void {
  op.kind = KIND_NONE
  release(op)
  windowCopied(op.lba, op.sectors)
}

function stall(op: Operation): void {
  op.kind = KIND_NONE
  release(op)
  windowStalled()
}
