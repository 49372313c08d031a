// One side of a chunk: a run of sectors that is read or written in as few commands as the drive allows, and in as many as its
// errors need. It finds out exactly which sectors fail:
//
//   medium error at sector b      what lies before b is sent again alone, then b alone, then the rest
//   b alone fails again           `retries` more times; then the sector is given up
//   aborted, hardware error       the same again; then halves; then the single sector is given up
//   no answer                     once more, alone; then the whole run is given up: every try costs a deadline
//
// Alone, because one command that hangs makes those behind it late, too: who is to blame shows when each is tried by itself. Until then
// a late transfer is parked, and nothing new goes to its bay.
//
// A side that failed too often in a row, without a single answer that shows life, is dead.

import { LOST_ABORTED, LOST_MEDIUM, LOST_TIMEOUT } from '../abi/copier'
import {
  DRIVE_ABORTED,
  DRIVE_GONE,
  DRIVE_HARDWARE_ERROR,
  DRIVE_MEDIUM_ERROR,
  DRIVE_OK,
  DRIVE_READ,
} from '../abi/driveSlots'
import { C2_BYTES, DRIVE_READ_C2 } from '../abi/optical'
import { badLbaOf, DRIVE_TIMEOUT, outstandingIn, send, statusOf } from './drive'
import { job } from './job'
import { SLOT_ASK } from './layout'
import { takesPart, targetAt, targetCount, targetInBay } from './targets'

/** Another command is on its way. */
export const TRANSFER_GOES_ON: u32 = 0
export const TRANSFER_ENDED: u32 = 1
/** Sectors cursor to cursor + span - 1 are given up because of `cause`: `pass` goes on behind them. */
export const TRANSFER_LOST: u32 = 2
export const TRANSFER_DEAD: u32 = 3
export const TRANSFER_GONE: u32 = 4
/** The drive calls the command illegal. */
export const TRANSFER_REFUSED: u32 = 5

const TRANSIENT_TRIES: u32 = 8
const HANGS_MAX: u32 = 2
/** Twelve late commands, or 96 aborted ones, with nothing else in between. */
const DEAD_AT: u32 = 96
export const HANG_WEIGHT: u32 = 8

@unmanaged
export class Transfer {
  slot: u32
  bay: u32
  op: u32
  /** Sectors of the chunk: where the run begins, what is on its way, where the run ends. */
  first: u32
  cursor: u32
  span: u32
  limit: u32
  attempts: u32
  hangs: u32
  isParked: u32
  cause: u32
  /** What a sector takes up in the buffer. */
  stride: u32
  /** LBA of the chunk's first sector. */
  lba: u64
  /** Buffer of the run's first sector. */
  buffer: usize
}

/** One for each side of each chunk. */
const transfers: usize = memory.data(4608, 8)
/** Failures in a row of each bay. */
const failuresInRow: usize = memory.data(64, 8)
/** Transfers that are parked, of each bay. */
const parked: usize = memory.data(64, 8)

export function transferAt(slot: u32): Transfer {
  const transfer = changetype<Transfer>(transfers + <usize>slot * offsetof<Transfer>())
  transfer.slot = slot
  return transfer
}

export function forgiveAll(): void {
  memory.fill(failuresInRow, 0, 64)
}

export function parkedIn(bay: u32): u32 {
  return load<u32>(parked + ((<usize>bay) << 2))
}

/** A late command of some target that takes part has to be tried alone. */
export function isTargetParked(): bool {
  for (let index: u32 = 0; index < targetCount; index++) {
    if (takesPart(index) && parkedIn(targetAt(index).bay) > 0) return true
  }
  return false
}

export function probeTargets(): void {
  for (let index: u32 = 0; index < targetCount; index++) if (takesPart(index)) probe(targetAt(index).bay)
}

/** No transfer waits any more: all of them were given up. */
export function unparkAll(): void {
  memory.fill(parked, 0, 64)
  for (let slot: u32 = 0; slot < SLOT_ASK; slot++) transferAt(slot).isParked = 0
}

/** None of a bay: it has left the job. */
export function unparkBay(bay: u32): void {
  store<u32>(parked + ((<usize>bay) << 2), 0)
  for (let slot: u32 = 0; slot < SLOT_ASK; slot++) {
    const transfer = transferAt(slot)
    if (transfer.bay === bay) transfer.isParked = 0
  }
}

/** Sends a parked transfer of a bay that has nothing else to do. */
export function probe(bay: u32): void {
  if (parkedIn(bay) === 0 || outstandingIn(bay) > 0) return
  for (let slot: u32 = 0; slot < SLOT_ASK; slot++) {
    const transfer = transferAt(slot)
    if (transfer.isParked === 0 || transfer.bay !== bay) continue
    again(transfer)
    return
  }
}

export function beginTransfer(
  transfer: Transfer,
  bay: u32,
  op: u32,
  lba: u64,
  first: u32,
  limit: u32,
  buffer: usize,
): void {
  transfer.bay = bay
  transfer.op = op
  transfer.lba = lba
  transfer.first = first
  transfer.cursor = first
  transfer.limit = limit
  transfer.buffer = buffer
  transfer.stride = op === DRIVE_READ_C2 ? job.sectorBytes + C2_BYTES : job.sectorBytes
  sendRest(transfer)
}

/** For a command that the caller sends, and settles, by itself. */
export function prepareTransfer(transfer: Transfer, bay: u32, op: u32): void {
  transfer.bay = bay
  transfer.op = op
}

/** The command of a transfer ended: what now? */
export function settle(transfer: Transfer): u32 {
  if (transfer.isParked !== 0) {
    transfer.isParked = 0
    store<u32>(parked + ((<usize>transfer.bay) << 2), parkedIn(transfer.bay) - 1)
  }
  // Counted when it ends, not when it is sent: a flush covers what had ended before it, and nothing else.
  if (transfer.op !== DRIVE_READ && transfer.op !== DRIVE_READ_C2) countUnflushed(transfer)
  switch (statusOf(transfer.slot)) {
    case DRIVE_OK:
      showsLife(transfer)
      return pass(transfer)
    case DRIVE_MEDIUM_ERROR:
      showsLife(transfer)
      return afterMediumError(transfer)
    case DRIVE_ABORTED:
    case DRIVE_HARDWARE_ERROR:
      return afterAbort(transfer)
    case DRIVE_TIMEOUT:
      return afterHang(transfer)
    case DRIVE_GONE:
      return TRANSFER_GONE
    default:
      return TRANSFER_REFUSED
  }
}

function countUnflushed(transfer: Transfer): void {
  const target = targetInBay(transfer.bay)
  if (target >= 0) targetAt(target).unflushed++
}

/** Goes on behind the sectors that were on their way. */
export function pass(transfer: Transfer): u32 {
  transfer.cursor += transfer.span
  if (transfer.cursor === transfer.limit) return TRANSFER_ENDED
  sendRest(transfer)
  return TRANSFER_GOES_ON
}

function afterMediumError(transfer: Transfer): u32 {
  const bad = badLbaOf(transfer.slot) - transfer.lba
  const cursor = <u64>transfer.cursor
  if (transfer.span > 1) {
    if (bad > cursor && bad < cursor + transfer.span) transfer.span = <u32>(bad - cursor)
    else transfer.span = bad === cursor ? 1 : transfer.span / 2
    transfer.attempts = 0
    return again(transfer)
  }
  if (transfer.attempts++ < job.retries) return again(transfer)
  transfer.cause = LOST_MEDIUM
  return TRANSFER_LOST
}

function afterAbort(transfer: Transfer): u32 {
  if (hasDied(transfer, 1)) return TRANSFER_DEAD
  if (++transfer.attempts < TRANSIENT_TRIES) return again(transfer)
  if (transfer.span > 1) {
    transfer.span /= 2
    transfer.attempts = 0
    return again(transfer)
  }
  transfer.cause = LOST_ABORTED
  return TRANSFER_LOST
}

function afterHang(transfer: Transfer): u32 {
  if (hasDied(transfer, HANG_WEIGHT)) return TRANSFER_DEAD
  if (++transfer.hangs < HANGS_MAX) {
    transfer.isParked = 1
    store<u32>(parked + ((<usize>transfer.bay) << 2), parkedIn(transfer.bay) + 1)
    return TRANSFER_GOES_ON
  }
  transfer.cause = LOST_TIMEOUT
  return TRANSFER_LOST
}

/** The drive failed once more with nothing good in between: is that too often? */
export function hasDied(transfer: Transfer, weight: u32): bool {
  const failures = load<u32>(failuresOf(transfer)) + weight
  store<u32>(failuresOf(transfer), failures)
  return failures > DEAD_AT
}

/** An answer that only a living drive gives. */
export function showsLife(transfer: Transfer): void {
  store<u32>(failuresOf(transfer), 0)
}

function failuresOf(transfer: Transfer): usize {
  return failuresInRow + ((<usize>transfer.bay) << 2)
}

function again(transfer: Transfer): u32 {
  job.commandsRepeated++
  sendSpan(transfer)
  return TRANSFER_GOES_ON
}

function sendRest(transfer: Transfer): void {
  transfer.span = transfer.limit - transfer.cursor
  transfer.attempts = 0
  transfer.hangs = 0
  sendSpan(transfer)
}

function sendSpan(transfer: Transfer): void {
  const offset = <usize>(transfer.cursor - transfer.first) * transfer.stride
  send(
    transfer.slot,
    transfer.bay,
    transfer.op,
    transfer.lba + transfer.cursor,
    transfer.span,
    transfer.buffer + offset,
  )
}
