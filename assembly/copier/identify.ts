// Before a job runs: who is in the bays, and do they fit? A job that goes on insists on the drives that it began with.
//
// Of several targets those that do not fit are dropped, if there is one that does. A job that goes on by itself, after a power cut say, waits a
// while for those that are missing: drives do not all come up at once.

import { CONFIG_DISCOVERY_MS } from '../abi/config'
import {
  COPY_IDENTIFYING,
  REASON_COMMAND_REFUSED,
  REASON_NONE,
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
import { cancelTimer, setTimer } from '../hal/hal'
import { failJob, runJob, suspendJob } from './control'
import { abortAll, DRIVE_TIMEOUT, isBusy, send, statusOf, TIMER_DISCOVERY } from './drive'
import { dropTarget, isCurable } from './drop'
import { isOptical, isRescue, job, SIDE_SOURCE, SIDE_TARGET } from './job'
import { CHUNK_BUFFER_BYTES, CHUNK_SECTORS_MAX, config, controlBuffer, SIDES, SLOT_ASK } from './layout'
import { OPTICAL_SECTORS_MAX } from './optical/kinds'
import { CD_SECTOR_BYTES, CD_SUBCHANNEL_SECTOR_BYTES } from './optical/layout'
import { settings } from './settings'
import { takesPart, targetAt, targetCount, targetsThatTakePart } from './targets'

const ABORTS_MAX: u32 = 4
const DEFAULT_CHUNK_BYTES: u32 = 0x80000
/** A rescue loses a whole read to one bad sector, at first: 128 sectors of 512 bytes, as GNU ddrescue's clusters. */
const DEFAULT_RESCUE_CHUNK_BYTES: u32 = 0x10000
const DEFAULT_ZERO_BYTES: u32 = 4096
const DEFAULT_DISCOVERY_MS: u32 = 2000
const NS_PER_MS: f64 = 1e6

/** Of each side: how often it was asked in vain, and why it cannot take part. */
const aborts: usize = memory.data(32, 8)
const faults: usize = memory.data(32, 8)

let isPatient: bool = false
let isWaiting: bool = false

/** `patient`: targets that are missing may yet come. */
export function identify(patient: bool): void {
  cancelTimer(TIMER_DISCOVERY)
  isPatient = patient
  askAll()
}

function askAll(): void {
  isWaiting = false
  memory.fill(aborts, 0, 32)
  memory.fill(faults, 0, 32)
  for (let side: u32 = 0; side <= targetCount; side++) if (isAsked(side)) ask(side)
}

/** A target's drive came or went while the drives say who they are: all are asked anew. */
export function askAgain(): void {
  abortAll()
  askAll()
}

export function waitsForTargets(): bool {
  return job.state === COPY_IDENTIFYING && isWaiting
}

/** TIMER_DISCOVERY: those that are still missing are dropped. */
export function patienceEnded(): void {
  if (!waitsForTargets()) return
  isPatient = false
  askAll()
}

function isAsked(side: u32): bool {
  return side === SIDE_SOURCE || takesPart(side - SIDE_TARGET)
}

function bayOf(side: u32): u32 {
  return side === SIDE_SOURCE ? job.sourceBay : targetAt(side - SIDE_TARGET).bay
}

function ask(side: u32): void {
  send(SLOT_ASK + side, bayOf(side), DRIVE_IDENTIFY, 0, 0, controlBuffer(side))
}

export function advanceIdentify(side: u32): void {
  const isSource = side === SIDE_SOURCE
  switch (statusOf(SLOT_ASK + side)) {
    case DRIVE_OK:
      break
    case DRIVE_ABORTED:
    case DRIVE_TIMEOUT:
      if (countAbort(side) <= ABORTS_MAX) return ask(side)
      if (!cannotTakePart(side, isSource ? REASON_SOURCE_DEAD : REASON_TARGET_DEAD)) return
      break
    case DRIVE_GONE:
      if (!cannotTakePart(side, isSource ? REASON_SOURCE_GONE : REASON_TARGET_GONE)) return
      break
    default:
      if (!cannotTakePart(side, isSource ? REASON_SOURCE_DEAD : REASON_TARGET_DEAD)) return
  }
  for (let other: u32 = 0; other < SIDES; other++) if (isBusy(SLOT_ASK + other)) return
  admit()
}

function countAbort(side: u32): u32 {
  const at = aborts + ((<usize>side) << 2)
  store<u32>(at, load<u32>(at) + 1)
  return load<u32>(at)
}

/** False: without this one there is no job. */
function cannotTakePart(side: u32, reason: u32): bool {
  if (side === SIDE_SOURCE || targetsThatTakePart() === 1) {
    suspendJob(reason)
    return false
  }
  store<u32>(faults + ((<usize>side) << 2), reason)
  return true
}

function sectorsOf(side: u32): u64 {
  return load<u64>(controlBuffer(side) + DRIVE_IDENTITY_SECTORS_LOW)
}

function idOf(side: u32): u32 {
  return load<u32>(controlBuffer(side) + DRIVE_IDENTITY_ID)
}

function sectorBytesOf(side: u32): u32 {
  return load<u32>(controlBuffer(side) + DRIVE_IDENTITY_SECTOR_BYTES)
}

/** Everybody has answered. */
function admit(): void {
  const sectorBytes = sectorBytesOf(SIDE_SOURCE)
  if (sectorBytes === 0 || sectorBytes % 8 !== 0 || sectorBytes > 65536) return failJob(REASON_COMMAND_REFUSED)
  if (isOptical() && !isCdSector(sectorBytes)) return failJob(REASON_NO_CD_SECTORS)
  if (job.known === 0) measure(sectorBytes)
  else if (idOf(SIDE_SOURCE) !== job.sourceDrive) return suspendJob(REASON_SOURCE_EXCHANGED)
  if (job.sourceLba > sectorsOf(SIDE_SOURCE) || job.sectors > sectorsOf(SIDE_SOURCE) - job.sourceLba)
    return failJob(REASON_SOURCE_TOO_SMALL)
  admitTargets()
}

function admitTargets(): void {
  let fit: u32 = 0
  let worst: u32 = REASON_NONE
  let areMissing = false
  for (let index: u32 = 0; index < targetCount; index++) {
    if (!takesPart(index)) continue
    const fault = faultOf(index)
    if (fault === REASON_NONE) fit++
    else if (worst === REASON_NONE || isCurable(fault)) worst = fault
    if (fault === REASON_TARGET_GONE) areMissing = true
  }
  if (fit === 0) return isCurable(worst) ? suspendJob(worst) : failJob(worst)
  if (areMissing && isPatient) return waitAWhile()
  for (let index: u32 = 0; index < targetCount; index++) {
    if (!takesPart(index)) continue
    const fault = faultOf(index)
    if (fault !== REASON_NONE) dropTarget(index, fault)
    else if (job.known === 0) targetAt(index).drive = idOf(SIDE_TARGET + index)
  }
  runJob()
}

/** REASON_NONE: it can be written. */
function faultOf(index: u32): u32 {
  const side = SIDE_TARGET + index
  const target = targetAt(index)
  const fault = load<u32>(faults + ((<usize>side) << 2))
  if (fault !== REASON_NONE) return fault
  if (sectorBytesOf(side) !== job.sectorBytes) return REASON_SECTOR_SIZES_DIFFER
  if (job.known !== 0 && idOf(side) !== target.drive) return REASON_TARGET_EXCHANGED
  if (target.lba > sectorsOf(side) || job.sectors > sectorsOf(side) - target.lba) return REASON_TARGET_TOO_SMALL
  return REASON_NONE
}

function waitAWhile(): void {
  isWaiting = true
  const configured = load<u32>(config + (CONFIG_DISCOVERY_MS << 2))
  setTimer(TIMER_DISCOVERY, <f64>(configured !== 0 ? configured : DEFAULT_DISCOVERY_MS) * NS_PER_MS)
}

function isCdSector(bytes: u32): bool {
  return bytes === CD_SECTOR_BYTES || bytes === CD_SUBCHANNEL_SECTOR_BYTES
}

/** Fills in what the job block left to the drives. */
function measure(sectorBytes: u32): void {
  job.sectorBytes = sectorBytes
  job.sourceDrive = idOf(SIDE_SOURCE)
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
