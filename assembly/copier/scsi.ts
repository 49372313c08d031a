// The initiator's side: SCSI commands in host slots. The copier is a processor device (SPC-5 peripheral device type 03h) that knows one
// vendor specific command; abi/copier.ts has its layout. Nothing fails without sense data.

import {
  ASC_COMMAND_SEQUENCE_ERROR,
  ASC_INVALID_FIELD_IN_PARAMETER_LIST,
  ASC_MISCOMPARE_DURING_VERIFY,
  ASC_MULTIPLE_READ_ERRORS,
  ASC_THIRD_PARTY_DEVICE_FAILURE,
  COPY_ACTION_MASK,
  COPY_DONE,
  COPY_ENTRY_BYTES,
  COPY_FAILED,
  COPY_FORGET,
  COPY_IMMED,
  COPY_LIST_DROPPED,
  COPY_LIST_ENTRIES,
  COPY_LIST_FOLLOW,
  COPY_LIST_HEADER_BYTES,
  COPY_LIST_SECTORS,
  COPY_REPORT_SECTORS,
  COPY_RESUME,
  COPY_RUNNING,
  COPY_START,
  COPY_STOP,
  COPY_STOPPED,
  COPY_SUSPENDED,
  JOB_BYTES,
  JOB_CHECKPOINT_SECTORS,
  JOB_CHUNK_SECTORS,
  JOB_ERROR_LIMIT,
  JOB_FLAG_READ_BACK,
  JOB_FLAG_TARGET_BLANK,
  JOB_FLAG_TARGETS,
  JOB_FLAG_VERIFY,
  JOB_FLAGS,
  JOB_RETRIES,
  JOB_SECTORS,
  JOB_SOURCE_BAY,
  JOB_SOURCE_LBA,
  JOB_TARGET_BAY,
  JOB_TARGET_LBA,
  JOB_ZERO_SECTORS,
  LOST_DIFFERS,
  OP_COPY,
  REASON_FLUSH_FAILS,
  REASON_SECTOR_SIZES_DIFFER,
  REASON_SOURCE_EXCHANGED,
  REASON_SOURCE_GONE,
  REASON_SOURCE_TOO_SMALL,
  REASON_TARGET_EXCHANGED,
  REASON_TARGET_GONE,
  REASON_TARGET_TOO_SMALL,
  REASON_TARGETS_DROPPED,
  REASON_TOO_MANY_LOST,
  SENSE_COPY_ABORTED,
  SENSE_MISCOMPARE,
} from '../abi/copier'
import { HOST_SLOT_CDB, HOST_SLOT_DATA_IN_BYTES, HOST_SLOT_DATA_OUT_BYTES } from '../abi/hostSlots'
import {
  JOB_FLAG_ALL_AUDIO,
  JOB_FLAG_ALL_DATA,
  JOB_FLAG_OPTICAL,
  OPTICAL_BYTES,
  OPTICAL_FIRST_FRAME,
  REASON_NO_CD_SECTORS,
} from '../abi/optical'
import { COPY_REPORT_AREAS, JOB_FLAG_RESCUE, REASON_TARGET_REFUSES } from '../abi/rescue'
import {
  ASC_INTERNAL_TARGET_FAILURE,
  ASC_INVALID_COMMAND_OPERATION_CODE,
  ASC_INVALID_FIELD_IN_CDB,
  ASC_MANUAL_INTERVENTION_REQUIRED,
  ASC_NONE,
  ASC_PARAMETER_LIST_LENGTH_ERROR,
  ASC_UNRECOVERED_READ_ERROR,
  ASC_WRITE_ERROR,
  OP_INQUIRY,
  OP_REPORT_LUNS,
  OP_REQUEST_SENSE,
  OP_TEST_UNIT_READY,
  SENSE_ABORTED_COMMAND,
  SENSE_FIXED_BYTES,
  SENSE_FIXED_CURRENT,
  SENSE_HARDWARE_ERROR,
  SENSE_ILLEGAL_REQUEST,
  SENSE_MEDIUM_ERROR,
  SENSE_NOT_READY,
} from '../abi/scsi'
import { answerCheck, answerGood } from './answer'
import { firstUnfinished } from './areas'
import { longWord, putLongWord, putWord, word } from './bigEndian'
import { beginJob, continueJob, forgetJob, isActive, stopJob } from './control'
import { isRescue, job } from './job'
import { BAYS, HOST_SLOTS, hostBuffer, hostSlotAddress } from './layout'
import { entryLba, entrySectors, entryWhy, list } from './list'
import { LEAD_FRAMES } from './optical/layout'
import { reportAreas, takeRescueBlock } from './rescueCommand'
import { settings } from './settings'
import { addTarget, takeTargets, targetsHold } from './targets'

/** Host slots whose command is answered when the job ends; one byte each. */
const waiting: usize = memory.data(8, 8)

export function command(slot: u32): void {
  const cdb = hostSlotAddress(slot) + HOST_SLOT_CDB
  switch (<u32>load<u8>(cdb)) {
    case OP_COPY:
      copyCommand(slot, cdb)
      return
    case OP_TEST_UNIT_READY:
      answerGood(slot, 0)
      return
    case OP_INQUIRY:
      inquire(slot, cdb)
      return
    case OP_REQUEST_SENSE:
      requestSense(slot, cdb)
      return
    case OP_REPORT_LUNS:
      reportLuns(slot, cdb)
      return
    default:
      answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_INVALID_COMMAND_OPERATION_CODE, 0)
  }
}

function copyCommand(slot: u32, cdb: usize): void {
  const byte1 = <u32>load<u8>(cdb, 1)
  const isImmediate = (byte1 & COPY_IMMED) !== 0
  switch (byte1 & COPY_ACTION_MASK) {
    case COPY_START:
      start(slot, isImmediate)
      return
    case COPY_STOP:
      if (!isActive()) return answerGood(slot, 0)
      waitForEnd(slot, isImmediate)
      stopJob()
      return
    case COPY_RESUME:
      resume(slot, isImmediate)
      return
    case COPY_FORGET:
      if (isActive()) return answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_COMMAND_SEQUENCE_ERROR, 0)
      forgetJob()
      answerGood(slot, 0)
      return
    case COPY_REPORT_SECTORS:
      reportSectors(slot, cdb)
      return
    case COPY_REPORT_AREAS:
      reportAreas(slot, cdb)
      return
    default:
      answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB, 0)
  }
}

function start(slot: u32, isImmediate: bool): void {
  if (isActive()) return answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_COMMAND_SEQUENCE_ERROR, 0)
  if (load<u32>(hostSlotAddress(slot) + HOST_SLOT_DATA_OUT_BYTES) < <u32>JOB_BYTES) {
    return answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_PARAMETER_LIST_LENGTH_ERROR, 0)
  }
  const block = hostBuffer(slot)
  const sourceBay = word(block + JOB_SOURCE_BAY)
  const targetBay = word(block + JOB_TARGET_BAY)
  const flags = word(block + JOB_FLAGS)
  const areBays = sourceBay < BAYS && targetBay < BAYS && sourceBay !== targetBay
  if (!areBays || !flagsHold(flags) || !furtherTargetsHold(slot, flags, sourceBay, targetBay)) {
    return answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_PARAMETER_LIST, 0)
  }
  forgetJob()
  job.flags = flags
  job.sourceBay = sourceBay
  addTarget(targetBay, flags, longWord(block + JOB_TARGET_LBA))
  if ((flags & JOB_FLAG_TARGETS) !== 0) takeTargets(block + targetsOffset(flags))
  job.firstFrame = firstFrameOf(slot)
  job.sourceLba = longWord(block + JOB_SOURCE_LBA)
  job.sectors = longWord(block + JOB_SECTORS)
  job.chunkSectors = word(block + JOB_CHUNK_SECTORS)
  job.checkpointSectors = orDefault(word(block + JOB_CHECKPOINT_SECTORS), settings.checkpointSectors)
  job.retries = orDefault(word(block + JOB_RETRIES), settings.retries)
  job.errorLimit = orDefault(word(block + JOB_ERROR_LIMIT), settings.errorLimit)
  job.zeroSectors = word(block + JOB_ZERO_SECTORS)
  if (isRescue() && !takeRescueBlock(block, load<u32>(hostSlotAddress(slot) + HOST_SLOT_DATA_OUT_BYTES))) {
    forgetJob()
    return answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_PARAMETER_LIST, 0)
  }
  waitForEnd(slot, isImmediate)
  beginJob()
}

/** Known flags, in combinations that make sense: a rescue reads from anywhere, and writes what it can; CD sectors have buffers of their own. */
function flagsHold(all: u32): bool {
  if ((all & JOB_FLAG_TARGETS) !== 0 && (all & (JOB_FLAG_VERIFY | JOB_FLAG_RESCUE)) !== 0) return false
  const flags = all & ~JOB_FLAG_TARGETS
  const optical = flags & (JOB_FLAG_OPTICAL | JOB_FLAG_ALL_DATA | JOB_FLAG_ALL_AUDIO)
  if (optical !== 0) return opticalHolds(optical) && (flags & ~optical) <= 15 && (flags & JOB_FLAG_VERIFY) === 0
  if ((flags & JOB_FLAG_VERIFY) !== 0) return flags <= 15
  const rest = flags & ~JOB_FLAG_READ_BACK
  return (rest & JOB_FLAG_RESCUE) === 0 ? rest <= 15 : (rest & ~(JOB_FLAG_RESCUE | JOB_FLAG_TARGET_BLANK)) === 0
}

function opticalHolds(optical: u32): bool {
  if ((optical & JOB_FLAG_OPTICAL) === 0) return false
  return (optical & JOB_FLAG_ALL_DATA) === 0 || (optical & JOB_FLAG_ALL_AUDIO) === 0
}

/** Behind the job block and the optical block, of which there is one where CD sectors are copied. */
function targetsOffset(flags: u32): u32 {
  return (flags & JOB_FLAG_OPTICAL) !== 0 ? <u32>(JOB_BYTES + OPTICAL_BYTES) : <u32>JOB_BYTES
}

function furtherTargetsHold(slot: u32, flags: u32, sourceBay: u32, targetBay: u32): bool {
  if ((flags & JOB_FLAG_TARGETS) === 0) return true
  const offset = targetsOffset(flags)
  const bytes = load<u32>(hostSlotAddress(slot) + HOST_SLOT_DATA_OUT_BYTES)
  return bytes >= offset && targetsHold(hostBuffer(slot) + offset, bytes - offset, sourceBay, targetBay)
}

/** From the optical block behind the job block, if there is one. */
function firstFrameOf(slot: u32): u32 {
  const bytes = load<u32>(hostSlotAddress(slot) + HOST_SLOT_DATA_OUT_BYTES)
  const given = bytes < <u32>(JOB_BYTES + OPTICAL_BYTES) ? 0 : word(hostBuffer(slot) + OPTICAL_FIRST_FRAME)
  return orDefault(given, LEAD_FRAMES)
}

function resume(slot: u32, isImmediate: bool): void {
  if (isActive()) return waitForEnd(slot, isImmediate)
  if (job.known === 0 || (job.state !== COPY_STOPPED && job.state !== COPY_SUSPENDED && job.state !== COPY_FAILED)) {
    return answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_COMMAND_SEQUENCE_ERROR, 0)
  }
  waitForEnd(slot, isImmediate)
  continueJob()
}

function waitForEnd(slot: u32, isImmediate: bool): void {
  if (isImmediate) answerGood(slot, 0)
  else store<u8>(waiting + slot, 1)
}

/** Answers every command that waits for the job's end. STOP wants the job stopped, and that it is. */
export function answerEnd(): void {
  for (let slot: u32 = 0; slot < HOST_SLOTS; slot++) {
    if (load<u8>(waiting + slot) === 0) continue
    store<u8>(waiting + slot, 0)
    const action = <u32>load<u8>(hostSlotAddress(slot) + HOST_SLOT_CDB, 1) & COPY_ACTION_MASK
    if (action === COPY_STOP) answerGood(slot, 0)
    else answerOutcome(slot)
  }
}

function answerOutcome(slot: u32): void {
  if (job.state === COPY_DONE) {
    if (job.reason === REASON_TARGETS_DROPPED)
      return answerCheck(slot, SENSE_COPY_ABORTED, ASC_THIRD_PARTY_DEVICE_FAILURE, 0)
    if (list.sectors === 0) return answerGood(slot, 0)
    const first = isRescue() ? job.sourceLba + firstUnfinished() : list.entries > 0 ? entryLba(0) : 0
    if (anyDiffers()) return answerCheck(slot, SENSE_MISCOMPARE, ASC_MISCOMPARE_DURING_VERIFY, first)
    return answerCheck(slot, SENSE_MEDIUM_ERROR, ASC_UNRECOVERED_READ_ERROR, first)
  }
  switch (job.reason) {
    case REASON_TOO_MANY_LOST:
      return answerCheck(slot, SENSE_MEDIUM_ERROR, ASC_MULTIPLE_READ_ERRORS, 0)
    case REASON_SOURCE_GONE:
    case REASON_TARGET_GONE:
    case REASON_SOURCE_EXCHANGED:
    case REASON_TARGET_EXCHANGED:
      return answerCheck(slot, SENSE_NOT_READY, ASC_MANUAL_INTERVENTION_REQUIRED, 0)
    case REASON_SOURCE_TOO_SMALL:
    case REASON_TARGET_TOO_SMALL:
    case REASON_SECTOR_SIZES_DIFFER:
    case REASON_NO_CD_SECTORS:
      return answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_PARAMETER_LIST, 0)
    case REASON_FLUSH_FAILS:
    case REASON_TARGET_REFUSES:
      return answerCheck(slot, SENSE_MEDIUM_ERROR, ASC_WRITE_ERROR, 0)
    default:
      if (job.state === COPY_SUSPENDED || job.state === COPY_FAILED) {
        return answerCheck(slot, SENSE_HARDWARE_ERROR, ASC_INTERNAL_TARGET_FAILURE, 0)
      }
      return answerCheck(slot, SENSE_ABORTED_COMMAND, ASC_NONE, 0)
  }
}

function anyDiffers(): bool {
  for (let entry: u32 = 0; entry < list.entries; entry++) if (entryWhy(entry) === LOST_DIFFERS) return true
  return false
}

function reportSectors(slot: u32, cdb: usize): void {
  const room = min(load<u32>(hostSlotAddress(slot) + HOST_SLOT_DATA_IN_BYTES), word(cdb + 10))
  if (room < <u32>COPY_LIST_HEADER_BYTES) return answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB, 0)
  const first = min(word(cdb + 2), list.entries)
  const fits = (room - COPY_LIST_HEADER_BYTES) / COPY_ENTRY_BYTES
  const follow = min(list.entries - first, fits)
  const buffer = hostBuffer(slot)
  putWord(buffer + COPY_LIST_ENTRIES, list.entries)
  putWord(buffer + COPY_LIST_FOLLOW, follow)
  putLongWord(buffer + COPY_LIST_SECTORS, list.sectors)
  putLongWord(buffer + COPY_LIST_DROPPED, list.dropped)
  for (let entry: u32 = 0; entry < follow; entry++) {
    const at = buffer + COPY_LIST_HEADER_BYTES + <usize>(entry * COPY_ENTRY_BYTES)
    putLongWord(at, entryLba(first + entry))
    putWord(at + 8, entrySectors(first + entry))
    putWord(at + 12, entryWhy(first + entry))
  }
  answerGood(slot, COPY_LIST_HEADER_BYTES + follow * COPY_ENTRY_BYTES)
}

/** SPC-5 6.7: standard INQUIRY data; vital product data pages are not offered. */
function inquire(slot: u32, cdb: usize): void {
  if ((load<u8>(cdb, 1) & 1) !== 0 || load<u8>(cdb, 2) !== 0) {
    return answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB, 0)
  }
  const buffer = hostBuffer(slot)
  memory.fill(buffer, 0, 36)
  // Peripheral device type 03h: processor; version 07h: SPC-5; response data format 2; 31 more bytes.
  store<u32>(buffer, 0x02070003)
  store<u8>(buffer, 31, 4)
  const text = 'PLABLAB COPIER          0001'
  for (let i = 0; i < text.length; i++) store<u8>(buffer + 8 + i, <u8>text.charCodeAt(i))
  const allocation = ((<u32>load<u8>(cdb, 3)) << 8) | <u32>load<u8>(cdb, 4)
  answerGood(slot, min(36, min(allocation, load<u32>(hostSlotAddress(slot) + HOST_SLOT_DATA_IN_BYTES))))
}

function requestSense(slot: u32, cdb: usize): void {
  const buffer = hostBuffer(slot)
  memory.fill(buffer, 0, SENSE_FIXED_BYTES)
  store<u8>(buffer, SENSE_FIXED_CURRENT)
  store<u8>(buffer, SENSE_FIXED_BYTES - 8, 7)
  answerGood(
    slot,
    min(<u32>SENSE_FIXED_BYTES, min(<u32>load<u8>(cdb, 4), load<u32>(hostSlotAddress(slot) + HOST_SLOT_DATA_IN_BYTES))),
  )
}

/** SPC-5 6.34: one logical unit, LUN 0. */
function reportLuns(slot: u32, cdb: usize): void {
  const buffer = hostBuffer(slot)
  memory.fill(buffer, 0, 16)
  putWord(buffer, 8)
  answerGood(slot, min(16, min(word(cdb + 6), load<u32>(hostSlotAddress(slot) + HOST_SLOT_DATA_IN_BYTES))))
}

function orDefault(value: u32, fallback: u32): u32 {
  return value !== 0 ? value : fallback
}
