// The SCSI front end: commands come in, answers go out. Check once, here; the protocols get requests that make sense.
//
// SPC-5 and SBC-4 of direct-access block devices, one for each LUN (luns.ts). What is not supported ends in CHECK CONDITION with the sense data that say
// so. Sense data are in fixed format (SPC-5 4.5.3); a failed sector is named in the INFORMATION field.

import { DRIVE_FLAG_FUA } from '../abi/driveSlots'
import { HOST_SLOT_BYTES, HOST_SLOT_CDB, HOST_SLOT_SENSE } from '../abi/hostSlots'
import {
  ASC_BECOMING_READY,
  ASC_INITIALIZING_COMMAND_REQUIRED,
  ASC_INVALID_COMMAND_OPERATION_CODE,
  ASC_INVALID_FIELD_IN_CDB,
  ASC_LBA_OUT_OF_RANGE,
  ASC_LOGICAL_UNIT_NOT_SUPPORTED,
  ASC_MANUAL_INTERVENTION_REQUIRED,
  ASC_MEDIUM_MAY_HAVE_CHANGED,
  ASC_NONE,
  ASC_PARAMETER_LIST_LENGTH_ERROR,
  ASC_POWER_ON,
  ASC_STANDBY,
  ASC_WRITE_PROTECTED,
  CDB_FUA,
  CDB_PROTECT_MASK,
  OP_INQUIRY,
  OP_MODE_SENSE_6,
  OP_MODE_SENSE_10,
  OP_READ_6,
  OP_READ_10,
  OP_READ_12,
  OP_READ_16,
  OP_READ_CAPACITY_10,
  OP_READ_CHANGES,
  OP_REPORT_LUNS,
  OP_REQUEST_SENSE,
  OP_SERVICE_ACTION_IN_16,
  OP_SYNCHRONIZE_CACHE_10,
  OP_SYNCHRONIZE_CACHE_16,
  OP_TEST_UNIT_READY,
  OP_WRITE_6,
  OP_WRITE_10,
  OP_WRITE_12,
  OP_WRITE_16,
  SA_READ_CAPACITY_16,
  SCSI_CHECK_CONDITION,
  SCSI_GOOD,
  SENSE_DATA_PROTECT,
  SENSE_FIXED_BYTES,
  SENSE_ILLEGAL_REQUEST,
  SENSE_NO_SENSE,
  SENSE_NOT_READY,
  SENSE_UNIT_ATTENTION,
} from '../abi/scsi'
import { ARRAY_DEGRADED, ARRAY_DISCOVERING, ARRAY_OPTIMAL } from '../abi/status'
import { complete } from '../hal/hal'
import { arrayState } from './array'
import { startFlush } from './flush'
import { inquiry, modeSense, readCapacity10, readCapacity16, reportLuns } from './inquiry'
import { firstOf, isLun, LUNS, sectorsOf } from './luns'
import { BUFFER_BYTES, HOST_SLOT_TABLE, hostBuffer, hostSlot, SECTOR_BYTES } from './memory'
import { begin, indexOf, KIND_FLUSH, KIND_NONE, KIND_READ, KIND_WRITE, Operation, operation } from './operation'
import { NO_RANGE } from './ranges'
import { startRead } from './read'
import { readChanges } from './readChanges'
import { isServing } from './recovery'
import { mayServe } from './remoteRoles'
import { isRemote, remoteWriteEnded } from './remoteTarget'
import { writeSense } from './sense'
import { isThere } from './snapshot'
import { answerNoSnapshot, isOfSnapshot, startSnapshotRead } from './snapshotRead'
import { isStopping } from './stop'
import { startWrite } from './write'

/** Byte 1 of REQUEST SENSE: descriptor format is asked for. */
const REQUEST_SENSE_DESC: u32 = 0x01

/** Bit per LUN: after a boot the first command to each that is not exempt learns of it (SAM-5 5.14). */
const ATTENTION_ALL: u32 = (1 << (2 * LUNS)) - 1
const ATTENTION_SNAPSHOTS: u32 = ATTENTION_ALL & ~((1 << LUNS) - 1)
let attentions: u32 = ATTENTION_ALL
/** The same, of snapshots: one has been taken (SPC-5 5.14, removable medium). */
let mediumAttentions: u32 = 0

export function mediumMayHaveChanged(): void {
  mediumAttentions = ATTENTION_SNAPSHOTS
}

/** What was acknowledged into caches may be lost: initiators are told as after a boot. */
export function raiseAttention(): void {
  attentions = ATTENTION_ALL
}

function cdb8(slot: u32, at: u32): u32 {
  return load<u8>(HOST_SLOT_TABLE + slot * HOST_SLOT_BYTES + HOST_SLOT_CDB + at)
}

function cdb16(slot: u32, at: u32): u32 {
  return bswap<u16>(load<u16>(HOST_SLOT_TABLE + slot * HOST_SLOT_BYTES + HOST_SLOT_CDB + at))
}

function cdb32(slot: u32, at: u32): u32 {
  return bswap<u32>(load<u32>(HOST_SLOT_TABLE + slot * HOST_SLOT_BYTES + HOST_SLOT_CDB + at))
}

function cdb64(slot: u32, at: u32): u64 {
  return bswap<u64>(load<u64>(HOST_SLOT_TABLE + slot * HOST_SLOT_BYTES + HOST_SLOT_CDB + at))
}

/** The LUN that a command is for. */
function lunOf(op: Operation): u32 {
  return hostSlot(indexOf(op)).lun
}

/** A command has arrived in a host slot. */
export function dispatchCommand(slot: u32): void {
  const op = begin(slot, KIND_NONE)
  op.range = NO_RANGE
  op.buffer = <u32>hostBuffer(slot)
  const code = cdb8(slot, 0)
  if (!isLun(lunOf(op)) && code != OP_INQUIRY && code != OP_REPORT_LUNS && code != OP_REQUEST_SENSE) {
    return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_LOGICAL_UNIT_NOT_SUPPORTED)
  }
  switch (code) {
    case OP_WRITE_10:
      return transfer(op, KIND_WRITE, cdb32(slot, 2), cdb16(slot, 7), cdb8(slot, 1))
    case OP_READ_10:
      return transfer(op, KIND_READ, cdb32(slot, 2), cdb16(slot, 7), cdb8(slot, 1))
    case OP_WRITE_16:
      return transfer(op, KIND_WRITE, cdb64(slot, 2), cdb32(slot, 10), cdb8(slot, 1))
    case OP_READ_16:
      return transfer(op, KIND_READ, cdb64(slot, 2), cdb32(slot, 10), cdb8(slot, 1))
    case OP_WRITE_12:
      return transfer(op, KIND_WRITE, cdb32(slot, 2), cdb32(slot, 6), cdb8(slot, 1))
    case OP_READ_12:
      return transfer(op, KIND_READ, cdb32(slot, 2), cdb32(slot, 6), cdb8(slot, 1))
    case OP_WRITE_6:
      return transfer(op, KIND_WRITE, cdb32(slot, 0) & 0x1fffff, length6(slot), 0)
    case OP_READ_6:
      return transfer(op, KIND_READ, cdb32(slot, 0) & 0x1fffff, length6(slot), 0)
    case OP_SYNCHRONIZE_CACHE_10:
      return synchronize(op, cdb32(slot, 2), cdb16(slot, 7))
    case OP_SYNCHRONIZE_CACHE_16:
      return synchronize(op, cdb64(slot, 2), cdb32(slot, 10))
    default:
      return dispatchControl(op, slot, code)
  }
}

/** SBC-4: in READ(6) and WRITE(6) a length of 0 means 256. */
function length6(slot: u32): u32 {
  const length = cdb8(slot, 4)
  return length != 0 ? length : 256
}

function dispatchControl(op: Operation, slot: u32, code: u32): void {
  switch (code) {
    case OP_TEST_UNIT_READY:
      if (ready(op)) answerGood(op, 0)
      return
    case OP_INQUIRY:
      return inquiry(op, cdb8(slot, 1), cdb8(slot, 2), cdb16(slot, 3), lunOf(op))
    case OP_REPORT_LUNS:
      return reportLuns(op, cdb8(slot, 2), cdb32(slot, 6))
    case OP_REQUEST_SENSE:
      return requestSense(op, cdb8(slot, 1), cdb8(slot, 4), lunOf(op))
    case OP_READ_CAPACITY_10:
      if (ready(op)) readCapacity10(op, sectorsOf(lunOf(op)))
      return
    case OP_SERVICE_ACTION_IN_16:
      if ((cdb8(slot, 1) & 0x1f) != SA_READ_CAPACITY_16)
        return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB)
      if (ready(op)) readCapacity16(op, sectorsOf(lunOf(op)), cdb32(slot, 10))
      return
    case OP_MODE_SENSE_6:
      if (!attention(op))
        modeSense(op, sectorsOf(lunOf(op)), false, cdb8(slot, 1), cdb8(slot, 2), cdb8(slot, 3), cdb8(slot, 4))
      return
    case OP_MODE_SENSE_10:
      if (!attention(op))
        modeSense(op, sectorsOf(lunOf(op)), true, cdb8(slot, 1), cdb8(slot, 2), cdb8(slot, 3), cdb16(slot, 7))
      return
    case OP_READ_CHANGES:
      if (!isOfSnapshot(op)) break
      if (ready(op)) readChanges(op, lunOf(op), cdb8(slot, 1), cdb64(slot, 2), cdb32(slot, 10))
      return
  }
  answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_COMMAND_OPERATION_CODE)
}

/** READ and WRITE of all lengths. */
function transfer(op: Operation, kind: u32, lba: u64, sectors: u32, control: u32): void {
  if (!ready(op)) return
  if (kind == KIND_WRITE && isOfSnapshot(op)) return answerSense(op, SENSE_DATA_PROTECT, ASC_WRITE_PROTECTED)
  if (control & CDB_PROTECT_MASK) return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB)
  if (!isInside(op, lba, sectors)) return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_LBA_OUT_OF_RANGE)
  if (sectors == 0) return answerGood(op, 0)
  if (sectors > BUFFER_BYTES / SECTOR_BYTES) return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB)
  const slot = hostSlot(indexOf(op))
  const room = kind == KIND_WRITE ? slot.dataOutBytes : slot.dataInBytes
  if (room < sectors * SECTOR_BYTES) return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_PARAMETER_LIST_LENGTH_ERROR)
  op.lba = firstOf(slot.lun) + lba
  op.sectors = sectors
  op.kind = kind
  op.flags = control & CDB_FUA ? DRIVE_FLAG_FUA : 0
  if (kind == KIND_WRITE) startWrite(op)
  else if (isOfSnapshot(op)) startSnapshotRead(op)
  else startRead(op)
}

function synchronize(op: Operation, lba: u64, sectors: u32): void {
  if (!ready(op)) return
  if (!isInside(op, lba, sectors)) return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_LBA_OUT_OF_RANGE)
  // Nothing is written to a snapshot.
  if (isOfSnapshot(op)) return answerGood(op, 0)
  op.kind = KIND_FLUSH
  startFlush(op)
}

/** Whether a place lies in the LUN that the command is for. */
function isInside(op: Operation, lba: u64, sectors: u32): bool {
  const end = sectorsOf(lunOf(op))
  return lba <= end && <u64>sectors <= end - lba
}

/** Reports a boot once to each LUN; true when the command is answered with that. */
function attention(op: Operation): bool {
  const bit: u32 = 1 << lunOf(op)
  if (!((attentions | mediumAttentions) & bit)) return false
  answerSense(op, SENSE_UNIT_ATTENTION, takeAttention(bit))
  return true
}

/** What a LUN has to tell, told once; a boot goes first. */
function takeAttention(bit: u32): u32 {
  if (attentions & bit) {
    attentions &= ~bit
    return ASC_POWER_ON
  }
  mediumAttentions &= ~bit
  return ASC_MEDIUM_MAY_HAVE_CHANGED
}

/** Whether the LUN can be accessed; answers the command if it cannot. */
function ready(op: Operation): bool {
  if (attention(op)) return false
  if (!isOpen()) answerNotReady(op)
  else if (isOfSnapshot(op) && !isThere()) answerNoSnapshot(op)
  else return true
  return false
}

/** Whether new commands to the LUN are taken. */
function isOpen(): bool {
  return isServing() && !isStopping() && mayServe()
}

/** SPC-5 6.39: in fixed format alone. SAM-5 5.11: of a LUN that there is not, the data say that. */
function requestSense(op: Operation, control: u32, allocation: u32, lun: u32): void {
  if (control & REQUEST_SENSE_DESC) return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB)
  if (!isLun(lun)) {
    writeSense(<usize>op.buffer, SENSE_ILLEGAL_REQUEST, ASC_LOGICAL_UNIT_NOT_SUPPORTED, u64.MAX_VALUE)
    return answerGood(op, min(allocation, SENSE_FIXED_BYTES))
  }
  const pending = ((attentions | mediumAttentions) & (1 << lun)) != 0
  const key = pending ? SENSE_UNIT_ATTENTION : SENSE_NO_SENSE
  writeSense(<usize>op.buffer, key, pending ? takeAttention(1 << lun) : ASC_NONE, u64.MAX_VALUE)
  answerGood(op, min(allocation, SENSE_FIXED_BYTES))
}

/** Status GOOD with `bytes` of data-in, or as many as the initiator has room for. */
export function answerGood(op: Operation, bytes: u32): void {
  if (isRemote(op)) return remoteWriteEnded(op, true)
  const index = indexOf(op)
  const slot = hostSlot(index)
  slot.status = SCSI_GOOD
  slot.transferred = min(bytes, slot.dataInBytes)
  slot.senseLength = 0
  op.kind = KIND_NONE
  complete(index)
}

export function answerSense(op: Operation, key: u32, code: u32): void {
  answerSenseAt(op, key, code, u64.MAX_VALUE)
}

/** CHECK CONDITION; `lba`, of the data space, goes into the INFORMATION field as the LUN counts, unless it is all ones. */
export function answerSenseAt(op: Operation, key: u32, code: u32, lba: u64): void {
  if (isRemote(op)) return remoteWriteEnded(op, false)
  const index = indexOf(op)
  const slot = hostSlot(index)
  slot.status = SCSI_CHECK_CONDITION
  slot.transferred = 0
  slot.senseLength = SENSE_FIXED_BYTES
  const named = lba == u64.MAX_VALUE ? lba : lba - firstOf(slot.lun)
  writeSense(changetype<usize>(slot) + HOST_SLOT_SENSE, key, code, named)
  op.kind = KIND_NONE
  complete(index)
}

/** The LUN cannot be accessed now: soon (members are still being looked for), when it is started again, or not without help. */
export function answerNotReady(op: Operation): void {
  if (isStopping()) return answerSense(op, SENSE_NOT_READY, ASC_INITIALIZING_COMMAND_REQUIRED)
  if (isServing() && !mayServe()) return answerSense(op, SENSE_NOT_READY, ASC_STANDBY)
  const soon = arrayState == ARRAY_DISCOVERING || arrayState == ARRAY_OPTIMAL || arrayState == ARRAY_DEGRADED
  answerSense(op, SENSE_NOT_READY, soon ? ASC_BECOMING_READY : ASC_MANUAL_INTERVENTION_REQUIRED)
}
