// What a secondary does with what it is told: it stores writes in the order in which they come, and says so.
//
// A write of the other site is an operation like one of a host: it is marked in the write-intent bitmap, goes to all members, and takes
// its turn among those that touch the same sectors. Where a host would be answered, a frame goes back.

import { CONFIG_REMOTE_MODE, REMOTE_MODE_SYNC } from '../abi/config'
import { DRIVE_FLAG_FUA } from '../abi/driveSlots'
import { REMOTE_TARGET, REMOTE_UP } from '../abi/status'
import { lunSectors } from './array'
import { BUFFER_BYTES, config, frameSlot, MARKS_BUFFER, REMOTE_BASE, remoteBuffer, SECTOR_BYTES } from './memory'
import { begin, indexOf, KIND_NONE, KIND_WRITE, Operation, operation } from './operation'
import { NO_RANGE } from './ranges'
import { giveBack, loseSession, remoteState, sendNumbered, session, setRemoteState } from './remote'
import {
  FRAME_COPY,
  FRAME_IN_STEP,
  FRAME_IN_STEP_TAKEN,
  FRAME_MARKS,
  FRAME_RECEIVED,
  FRAME_STORED,
  FRAME_SYNC_BEGIN,
  FRAME_WRITE,
  Header,
  newFrame,
} from './remoteFrames'
import { adoptGeneration, copyMarks, MARKS_BYTES, setConsistent } from './remoteRecord'
import { isStopping } from './stop'
import { startWrite } from './write'

/** Writes of the other site that are not on the members yet. */
export let writesUnderWay: u32 = 0

// In a write of the other site, in the place of sense data: what it is.
const FROM_HOST: u32 = 0
const COPY: u32 = 1
/** Of sectors that the other site cannot read any more. */
const LOST_COPY: u32 = 2

/** Its sectors are to become unreadable. */
export function isOfLost(op: Operation): bool {
  return isRemote(op) && op.sense == LOST_COPY
}

/** The frame's buffer belongs to a write that is under way. */
export function isUsed(frame: u32): bool {
  return operation(REMOTE_BASE + frame).kind != KIND_NONE
}

export function isRemote(op: Operation): bool {
  return indexOf(op) >= REMOTE_BASE
}

/** First of all: what may be otherwise here. */
export function sendMarks(): void {
  copyMarks(MARKS_BUFFER)
  sendNumbered(newFrame(FRAME_MARKS), <u32>MARKS_BUFFER, MARKS_BYTES)
}

export function targetHears(frame: u32, header: Header): void {
  if (remoteState != REMOTE_TARGET && remoteState != REMOTE_UP) return
  switch (header.type) {
    case FRAME_WRITE:
    case FRAME_COPY:
      return store(frame, header)
    case FRAME_SYNC_BEGIN:
      // A cut from here on: no state that the LUN ever had, and it says so.
      return setConsistent(false)
    case FRAME_IN_STEP:
      adoptGeneration(header.current)
      setRemoteState(REMOTE_UP)
      sendNumbered(newFrame(FRAME_IN_STEP_TAKEN), 0, 0)
  }
}

function store(frame: u32, header: Header): void {
  const fits = header.sectors != 0 && header.sectors <= BUFFER_BYTES / SECTOR_BYTES
  if (!fits || header.lba > lunSectors || <u64>header.sectors > lunSectors - header.lba) return loseSession()
  const op = begin(REMOTE_BASE + frame, KIND_WRITE)
  op.range = NO_RANGE
  op.buffer = <u32>remoteBuffer(frame)
  op.lba = header.lba
  op.sectors = header.sectors
  op.flags = header.flags & DRIVE_FLAG_FUA
  op.sense = header.type == FRAME_WRITE ? FROM_HOST : frameSlot(frame).dataBytes == 0 ? LOST_COPY : COPY
  // Which answer to which session: the field is free in a write.
  op.badLba = ((<u64>header.tag) << 32) | session
  writesUnderWay++
  if (header.type == FRAME_WRITE && config(CONFIG_REMOTE_MODE) != REMOTE_MODE_SYNC) answer(op, FRAME_RECEIVED, 0)
  if (isStopping()) remoteWriteEnded(op, false)
  else startWrite(op)
}

/** The write is on the members here, or cannot be stored. */
export function remoteWriteEnded(op: Operation, isStored: bool): void {
  op.kind = KIND_NONE
  writesUnderWay--
  answer(op, FRAME_STORED, isStored ? 0 : 1)
  giveBack(indexOf(op) - REMOTE_BASE)
}

function answer(op: Operation, type: u32, flags: u32): void {
  // Of a session that is over: the other site has marked the write, and sends it again.
  if (<u32>op.badLba != session || (remoteState != REMOTE_TARGET && remoteState != REMOTE_UP)) return
  const header = newFrame(type)
  header.tag = <u32>(op.badLba >> 32)
  header.flags = flags
  // Copies are told apart by their place: they have no shipment.
  header.lba = op.sense == FROM_HOST ? u64.MAX_VALUE : op.lba
  sendNumbered(header, 0, 0)
}
