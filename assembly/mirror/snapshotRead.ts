// A read of a snapshot, piece by piece: regions that are kept come from their slots, all others from where they still are. Each piece is a
// read like any other (read.ts): of the data space, or of what lies behind it.
//
// A piece that is read from where it still is holds its sectors, so no write changes them under it; but while it waited for them its region
// may have been kept: then it is found anew.

import {
  ASC_INSUFFICIENT_RESOURCES,
  ASC_MEDIUM_NOT_PRESENT,
  ASC_UNRECOVERED_READ_ERROR,
  SENSE_HARDWARE_ERROR,
  SENSE_MEDIUM_ERROR,
  SENSE_NOT_READY,
  SNAPSHOT_LUN_FIRST,
} from '../abi/scsi'
import { SNAPSHOT_BROKEN, SNAPSHOT_NONE } from '../abi/status'
import { NO_AREA_SLOT, slotOf } from './area'
import { lunSectors } from './array'
import { answerGood, answerSense } from './frontEnd'
import { HOST_SLOTS, hostBuffer, hostSlot, SECTOR_BYTES } from './memory'
import { indexOf, newRound, Operation } from './operation'
import { release } from './ranges'
import { startRead } from './read'
import { markEnd, markOf, markStart } from './remoteRecord'
import { areaSector, isThere } from './snapshot'
import { snapshotNumber, snapshotState } from './snapshotRecord'

@unmanaged
class Progress {
  /** Of the data space, as it was: the first sector of the command, that of the piece, and the end of the command. */
  first: u64
  at: u64
  end: u64
  /** The snapshot that is read. */
  number: u32
}

const PROGRESS_BYTES: u32 = 32
const PROGRESS: usize = memory.data(64 * 32, 16)

function progressOf(op: Operation): Progress {
  return changetype<Progress>(PROGRESS + indexOf(op) * PROGRESS_BYTES)
}

/** The command is to the LUN of a snapshot. */
export function isOfSnapshot(op: Operation): bool {
  return indexOf(op) < HOST_SLOTS && hostSlot(indexOf(op)).lun >= <u32>SNAPSHOT_LUN_FIRST
}

/** `op.lba` and `op.sectors`: of the data space, as it was. */
export function startSnapshotRead(op: Operation): void {
  const progress = progressOf(op)
  progress.first = op.lba
  progress.at = op.lba
  progress.end = op.lba + op.sectors
  progress.number = snapshotNumber
  readPiece(op)
}

/** As far as one place goes: to the end of a slot, or until a region is in one. */
function readPiece(op: Operation): void {
  const progress = progressOf(op)
  const region = markOf(progress.at)
  const slot = slotOf(region)
  let end = min(progress.end, markEnd(region))
  if (slot == NO_AREA_SLOT) {
    while (end < progress.end && slotOf(markOf(end)) == NO_AREA_SLOT) end = min(progress.end, markEnd(markOf(end)))
    op.lba = progress.at
  } else op.lba = areaSector(slot) + (progress.at - markStart(region))
  op.sectors = <u32>(end - progress.at)
  op.buffer = <u32>hostBuffer(indexOf(op)) + <u32>(progress.at - progress.first) * SECTOR_BYTES
  op.repair = 0
  op.cursor = 0
  op.badLba = u64.MAX_VALUE
  newRound(op)
  startRead(op)
}

/** Its sectors are the piece's now: whether they are still what is asked for. If not, the read goes on from there, or ends. */
export function isStillThere(op: Operation): bool {
  let moved = !isTheSame(op)
  if (op.lba < lunSectors) {
    const last = markOf(op.lba + op.sectors - 1)
    for (let region = markOf(op.lba); region <= last; region++) if (slotOf(region) != NO_AREA_SLOT) moved = true
  }
  if (!moved) return true
  release(op)
  if (isTheSame(op)) readPiece(op)
  else answerNoSnapshot(op)
  return false
}

/** A piece is in the buffer. */
export function pieceRead(op: Operation): void {
  const progress = progressOf(op)
  if (!isTheSame(op)) return answerNoSnapshot(op)
  progress.at += op.sectors
  if (progress.at < progress.end) return readPiece(op)
  answerGood(op, <u32>(progress.end - progress.first) * SECTOR_BYTES)
}

/** The snapshot that the read began with can be read. */
function isTheSame(op: Operation): bool {
  return isThere() && progressOf(op).number == snapshotNumber
}

/** What a sector of the piece is to the LUNs. */
export function originOf(op: Operation, lba: u64): u64 {
  return progressOf(op).at + (lba - op.lba)
}

/** There is none, or it cannot be read any more. */
export function answerNoSnapshot(op: Operation): void {
  if (snapshotState == SNAPSHOT_NONE || isThere()) return answerSense(op, SENSE_NOT_READY, ASC_MEDIUM_NOT_PRESENT)
  if (snapshotState == SNAPSHOT_BROKEN) return answerSense(op, SENSE_MEDIUM_ERROR, ASC_UNRECOVERED_READ_ERROR)
  answerSense(op, SENSE_HARDWARE_ERROR, ASC_INSUFFICIENT_RESOURCES)
}
