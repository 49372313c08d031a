// Before a job runs: who is in the two bays, and do they fit? A job that goes on insists on the drives that it began with.

import {
  REASON_COMMAND_REFUSED,
  REASON_SECTOR_SIZES_DIFFER,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_EXCHANGED,
  REASON_SOURCE_GONE,
  REASON_SOURCE_TOO_SMALL,
  REASON_TARGET_DEAD,
  REASON_TARGET_EXCHANGED,
  REASON_TARGET_GONE,
  REASON_TARGET_TOO_SMALL,
} from '../abi/copier'
import {
  DRIVE_ABORTED,
  DRIVE_GONE,
  DRIVE_IDENTIFY,
  DRIVE_IDENTITY_ID,
  DRIVE_IDENTITY_SECTOR_BYTES,
  DRIVE_IDENTITY_SECTORS_LOW,
  DRIVE_OK,
} from '../abi/driveSlots'
import { REASON_NO_CD_SECTORS } from '../abi/optical'
import { failJob, runJob, suspendJob } from './control'
import { DRIVE_TIMEOUT, isBusy, send, statusOf } from './drive'
import { isOptical, isRescue, job, SIDE_SOURCE, SIDE_TARGET } from './job'
import { CHUNK_BUFFER_BYTES, CHUNK_SECTORS_MAX, controlBuffer, SLOT_ASK } from './layout'
import { OPTICAL_SECTORS_MAX } from './optical/kinds'
import { CD_SECTOR_BYTES, CD_SUBCHANNEL_SECTOR_BYTES } from './optical/layout'
import { settings } from './settings'

const ABORTS_MAX: u32 = 4
const DEFAULT_CHUNK_BYTES: u32 = 0x80000
/** A rescue loses a whole read to one bad sector, at first: 128 sectors of 512 bytes, as GNU ddrescue's clusters. */
const DEFAULT_RESCUE_CHUNK_BYTES: u32 = 0x10000
const DEFAULT_ZERO_BYTES: u32 = 4096

let aborts: u32 = 0

export function identify(): void {
  aborts = 0
  ask(SIDE_SOURCE)
  ask(SIDE_TARGET)
}

function ask(side: u32): void {
  const bay = side === SIDE_SOURCE ? job.sourceBay : job.targetBay
  send(SLOT_ASK + side, bay, DRIVE_IDENTIFY, 0, 0, controlBuffer(side))
}

export function advanceIdentify(side: u32): void {
  const isSource = side === SIDE_SOURCE
  switch (statusOf(SLOT_ASK + side)) {
    case DRIVE_OK:
      if (!isBusy(SLOT_ASK + (side ^ 1))) admit()
      return
    case DRIVE_ABORTED:
    case DRIVE_TIMEOUT:
      if (++aborts > ABORTS_MAX) suspendJob(isSource ? REASON_SOURCE_DEAD : REASON_TARGET_DEAD)
      else ask(side)
      return
    case DRIVE_GONE:
      suspendJob(isSource ? REASON_SOURCE_GONE : REASON_TARGET_GONE)
      return
    default:
      suspendJob(isSource ? REASON_SOURCE_DEAD : REASON_TARGET_DEAD)
  }
}

function sectorsOf(side: u32): u64 {
  return load<u64>(controlBuffer(side) + DRIVE_IDENTITY_SECTORS_LOW)
}

function idOf(side: u32): u32 {
  return load<u32>(controlBuffer(side) + DRIVE_IDENTITY_ID)
}

function admit(): void {
  const sectorBytes = load<u32>(controlBuffer(SIDE_SOURCE) + DRIVE_IDENTITY_SECTOR_BYTES)
  if (sectorBytes !== load<u32>(controlBuffer(SIDE_TARGET) + DRIVE_IDENTITY_SECTOR_BYTES))
    return failJob(REASON_SECTOR_SIZES_DIFFER)
  if (sectorBytes === 0 || sectorBytes % 8 !== 0 || sectorBytes > 65536) return failJob(REASON_COMMAND_REFUSED)
  if (isOptical() && !isCdSector(sectorBytes)) return failJob(REASON_NO_CD_SECTORS)
  if (job.known !== 0) {
    if (idOf(SIDE_SOURCE) !== job.sourceDrive) return suspendJob(REASON_SOURCE_EXCHANGED)
    if (idOf(SIDE_TARGET) !== job.targetDrive) return suspendJob(REASON_TARGET_EXCHANGED)
  } else {
    measure(sectorBytes)
  }
  if (job.sourceLba > sectorsOf(SIDE_SOURCE) || job.sectors > sectorsOf(SIDE_SOURCE) - job.sourceLba)
    return failJob(REASON_SOURCE_TOO_SMALL)
  if (job.targetLba > sectorsOf(SIDE_TARGET) || job.sectors > sectorsOf(SIDE_TARGET) - job.targetLba)
    return failJob(REASON_TARGET_TOO_SMALL)
  runJob()
}

function isCdSector(bytes: u32): bool {
  return bytes === CD_SECTOR_BYTES || bytes === CD_SUBCHANNEL_SECTOR_BYTES
}

/** Fills in what the job block left to the drives. */
function measure(sectorBytes: u32): void {
  job.sectorBytes = sectorBytes
  job.sourceDrive = idOf(SIDE_SOURCE)
  job.targetDrive = idOf(SIDE_TARGET)
  const available = sectorsOf(SIDE_SOURCE)
  if (job.sectors === 0 && job.sourceLba < available) job.sectors = available - job.sourceLba
  if (job.chunkSectors === 0) job.chunkSectors = settings.chunkSectors
  if (job.chunkSectors === 0)
    job.chunkSectors = (isRescue() ? DEFAULT_RESCUE_CHUNK_BYTES : DEFAULT_CHUNK_BYTES) / sectorBytes
  job.chunkSectors = max<u32>(1, min(job.chunkSectors, min(CHUNK_SECTORS_MAX, CHUNK_BUFFER_BYTES / sectorBytes)))
  // The other half of a chunk's buffer is for further reads.
  if (isOptical())
    job.chunkSectors = min(job.chunkSectors, min(OPTICAL_SECTORS_MAX, CHUNK_BUFFER_BYTES / 2 / sectorBytes))
  if (job.zeroSectors === 0) job.zeroSectors = settings.zeroSectors
  if (job.zeroSectors === 0) job.zeroSectors = max<u32>(1, DEFAULT_ZERO_BYTES / sectorBytes)
}
