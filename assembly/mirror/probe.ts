// Discovery: what is the drive in this bay, and what does it say about itself?
//
// Identity, superblock, both backups of the superblock. The newest valid one counts; a sector that cannot be read is no superblock. A drive that
// does not answer is not taken for an empty one: it is faulty, and asked again while the array lacks a member.

import {
  DRIVE_IDENTIFY,
  DRIVE_IDENTITY_ID,
  DRIVE_IDENTITY_SECTORS_LOW,
  DRIVE_MEDIUM_ERROR,
  DRIVE_OK,
  DRIVE_READ,
} from '../abi/driveSlots'
import { BAY_STATE_EMPTY, BAY_STATE_FAULTY, BAY_STATE_UNKNOWN } from '../abi/status'
import { Bay, bayOf, NO_SLOT, setBayState } from './array'
import { bayProbed, baySilent } from './assemble'
import {
  BACKUP_SECTOR_A,
  BACKUP_SECTOR_B,
  FEATURE_RECOVERY_OFFSET,
  SB_DEV_NUMBER,
  SB_DEV_ROLES,
  SB_DEVICE_UUID,
  SB_EVENTS,
  SB_FEATURE_MAP,
  SB_RECOVERY_OFFSET,
  SUPERBLOCK_SECTOR,
} from './md'
import { BAYS, OP_PROBE, PROBE_BUFFERS, SECTOR_BYTES } from './memory'
import { begin, KIND_NONE, KIND_PROBE, operation, send } from './operation'
import { isValid } from './superblock'

/** Nobody has asked yet. */
export const PROBE_NONE: u32 = 0
const PROBE_IDENTITY: u32 = 1
const PROBE_SUPERBLOCK: u32 = 2
const PROBE_BACKUP_A: u32 = 3
const PROBE_BACKUP_B: u32 = 4
export const PROBE_DONE: u32 = 5
/** The drive did not answer. */
export const PROBE_SILENT: u32 = 6

// A bay's probe buffer: what each step reads.
const IDENTITY_AT: u32 = 0
const SUPERBLOCK_AT: u32 = 512
const BACKUP_A_AT: u32 = 1024
const BACKUP_B_AT: u32 = 1536

function bufferOf(index: u32): usize {
  return PROBE_BUFFERS + (index << 12)
}

/** The superblock that counts for a drive, or 0 if it has none. */
export function superblockOf(index: u32): usize {
  const buffer = bufferOf(index)
  let best: usize = 0
  for (let offset = SUPERBLOCK_AT; offset <= BACKUP_B_AT; offset += SECTOR_BYTES) {
    const at = buffer + offset
    if (!isValid(at)) continue
    if (best == 0 || load<u64>(at + SB_EVENTS) > load<u64>(best + SB_EVENTS)) best = at
  }
  return best
}

/** Whether the drive's metadata area is as it left the factory. */
export function isBlank(index: u32): bool {
  const buffer = bufferOf(index)
  for (let offset = SUPERBLOCK_AT; offset < BACKUP_B_AT + SECTOR_BYTES; offset += 8) {
    if (load<u64>(buffer + offset) != 0) return false
  }
  return true
}

export function startProbe(index: u32): void {
  const op = operation(OP_PROBE)
  if (op.kind == KIND_NONE) begin(OP_PROBE, KIND_PROBE)
  const bay = bayOf(index)
  memory.fill(bufferOf(index), 0, 4096)
  bay.probe = PROBE_IDENTITY
  bay.slot = NO_SLOT
  bay.known = 0
  bay.reads = 0
  setBayState(index, BAY_STATE_UNKNOWN)
  op.retries &= ~(3 << (index << 1))
  send(op, index, DRIVE_IDENTIFY, 0, 0, 0, <u32>bufferOf(index) + IDENTITY_AT)
}

/** Asks drives that did not answer once more. */
export function probeSilent(): void {
  for (let index: u32 = 0; index < BAYS; index++) {
    if (bayOf(index).state != BAY_STATE_EMPTY && bayOf(index).probe == PROBE_SILENT) startProbe(index)
  }
}

/** One step of one bay has its answer. */
export function probeAnswered(index: u32, status: u32): void {
  const bay = bayOf(index)
  if (bay.state == BAY_STATE_EMPTY) return
  const answers = status == DRIVE_OK || (status == DRIVE_MEDIUM_ERROR && bay.probe != PROBE_IDENTITY)
  if (!answers) {
    bay.probe = PROBE_SILENT
    setBayState(index, BAY_STATE_FAULTY)
    baySilent()
  } else if (bay.probe == PROBE_IDENTITY) {
    bay.capacity = load<u64>(bufferOf(index) + DRIVE_IDENTITY_SECTORS_LOW)
    readNext(index, PROBE_SUPERBLOCK, SUPERBLOCK_SECTOR, SUPERBLOCK_AT)
  } else if (bay.probe == PROBE_SUPERBLOCK) {
    if (status != DRIVE_OK) wipe(index, SUPERBLOCK_AT)
    readNext(index, PROBE_BACKUP_A, BACKUP_SECTOR_A, BACKUP_A_AT)
  } else if (bay.probe == PROBE_BACKUP_A) {
    if (status != DRIVE_OK) wipe(index, BACKUP_A_AT)
    readNext(index, PROBE_BACKUP_B, BACKUP_SECTOR_B, BACKUP_B_AT)
  } else if (bay.probe == PROBE_BACKUP_B) {
    if (status != DRIVE_OK) wipe(index, BACKUP_B_AT)
    bay.probe = PROBE_DONE
    noteRecord(bay, index)
    bayProbed(index)
  }
}

function readNext(index: u32, step: u32, sector: u64, at: u32): void {
  const op = operation(OP_PROBE)
  op.retries &= ~(3 << (index << 1))
  bayOf(index).probe = step
  send(op, index, DRIVE_READ, 0, sector, 1, <u32>bufferOf(index) + at)
}

/** What could not be read is no superblock. */
function wipe(index: u32, at: u32): void {
  memory.fill(bufferOf(index) + at, 0, SECTOR_BYTES)
}

/** Takes over what the drive says of itself; whether it is believed is decided at assembly. */
function noteRecord(bay: Bay, index: u32): void {
  const buffer = bufferOf(index)
  const at = superblockOf(index)
  bay.events = 0
  bay.recordedSlot = NO_SLOT
  bay.recordedFeatures = 0
  bay.recordedCursor = 0
  bay.backup = 0
  // A drive without a superblock gets an identity made of its serial number.
  bay.uuid0 = 0x6c72657474616c70
  bay.uuid1 = <u64>load<u32>(buffer + DRIVE_IDENTITY_ID) + 1
  if (at == 0) return
  bay.events = load<u64>(at + SB_EVENTS)
  bay.device = load<u32>(at + SB_DEV_NUMBER)
  bay.recordedSlot = load<u16>(at + SB_DEV_ROLES + (bay.device << 1))
  bay.recordedFeatures = load<u32>(at + SB_FEATURE_MAP)
  if (bay.recordedFeatures & FEATURE_RECOVERY_OFFSET) bay.recordedCursor = load<u64>(at + SB_RECOVERY_OFFSET)
  bay.uuid0 = load<u64>(at + SB_DEVICE_UUID)
  bay.uuid1 = load<u64>(at + SB_DEVICE_UUID + 8)
  // The next commit spares the backup that is valid and newest.
  const a = buffer + BACKUP_A_AT
  const b = buffer + BACKUP_B_AT
  if (!isValid(a)) return
  bay.backup = isValid(b) && load<u64>(b + SB_EVENTS) > load<u64>(a + SB_EVENTS) ? 0 : 1
}
