// Operations: what the controller is doing, each in a fixed record with a `step`.
//
// A protocol (write.ts, read.ts, …) is one function `advance…(operation)` that is called whenever something that the operation may be
// waiting for has happened: an answer of a drive, a commit, a range that became free. It looks at `step`, goes as far as it can, and
// returns. Nothing blocks; nothing is allocated.

import { CONFIG_COMMAND_DEADLINE_MS } from '../abi/config'
import { DRIVE_ABORTED, DRIVE_OK } from '../abi/driveSlots'
import { EVENT_DEADLINE } from '../abi/events'
import { abort, issue, setTimer } from '../hal/hal'
import { note } from './log'
import { BAY_SHIFT, BAYS, config, DRIVE_SLOTS, driveSlot, OPERATIONS } from './memory'
import { TIMER_DEADLINE } from './timers'

@unmanaged
export class Operation {
  /** KIND_…: which protocol; KIND_NONE = the record is free. */
  kind: u32
  step: u32
  /** LUN sectors. */
  lba: u64
  sectors: u32
  /** FUA towards the drives, or not. */
  flags: u32
  /** Where the data are. */
  buffer: u32
  /** Bit per bay: an answer is outstanding; it was good; it was not. */
  pending: u32
  succeeded: u32
  failed: u32
  /** Two bits per bay: how often the command was sent again. */
  retries: u32
  /** Entry of the range table (ranges.ts), or NO_RANGE. */
  range: u32
  /** Read: bays that failed it with a medium error and get the data back; sector that is tried; the first that was lost. */
  repair: u32
  cursor: u32
  badLba: u64
  /** Sense key << 16 | additional sense code and qualifier: why the operation ends badly. */
  sense: u32
  /** Waiting in the ready ring. */
  ready: u32
  /** Write or flush of a host: whether the other site's word is awaited (ship.ts, flush.ts). */
  remote: u32
  /** A write that is in the journal: its entry + 1 (journal.ts). */
  journal: u32
}

const OPERATION_BYTES: u32 = 88

export const KIND_NONE: u32 = 0
export const KIND_WRITE: u32 = 1
export const KIND_READ: u32 = 2
export const KIND_FLUSH: u32 = 3
export const KIND_METADATA: u32 = 4
export const KIND_BITMAP: u32 = 5
export const KIND_COPY: u32 = 6
export const KIND_PROBE: u32 = 7
export const KIND_ASSEMBLE: u32 = 8
export const KIND_SWEEP: u32 = 9
export const KIND_SCRUB: u32 = 10
export const KIND_STOP: u32 = 11
export const KIND_REMOTE_COPY: u32 = 12
export const KIND_PRESERVE: u32 = 13
export const KIND_STAGE: u32 = 14
export const KIND_SWITCH: u32 = 15
export const KIND_SPILL: u32 = 16
export const KIND_JOURNAL: u32 = 17
/** A write of the other site that waits for room in the journal (received.ts). */
export const KIND_QUEUED: u32 = 18
export const KIND_SUM: u32 = 19
export const KIND_CHECKPOINT: u32 = 20

/** `remote` of a host's write or flush: nothing is awaited; the other site's word is; it will not come. */
export const NO_REMOTE: u32 = 0
export const REMOTE_AWAITED: u32 = 1
export const REMOTE_FAILED: u32 = 2

/** Status of a command that was aborted because its deadline passed: next to the DRIVE_… statuses. */
export const DRIVE_TIMED_OUT: u32 = 100

/** A command that was given up by the drive is sent again this often; one that timed out, once. */
const RETRIES_ABORTED: u32 = 3
const RETRIES_TIMED_OUT: u32 = 1

const DEFAULT_DEADLINE_MS: u32 = 1000
/** A deadline is this many ticks: it passes after 4 to 5. */
const DEADLINE_TICKS: u32 = 4

const TABLE: usize = memory.data(OPERATIONS * OPERATION_BYTES, 16)
const ISSUED_TICKS: usize = memory.data(DRIVE_SLOTS * 4, 16)
const READY_RING: usize = memory.data(128 * 4, 16)

let readyHead: u32 = 0
let readyTail: u32 = 0
let tick: u32 = 0
let outstanding: u32 = 0
let ticking: bool = false

/** Counters begin where the configuration says. */
export function startTicks(first: u32): void {
  tick = first
  readyHead = first
  readyTail = first
}

export function operation(index: u32): Operation {
  return changetype<Operation>(TABLE + index * OPERATION_BYTES)
}

export function indexOf(op: Operation): u32 {
  return <u32>(changetype<usize>(op) - TABLE) / OPERATION_BYTES
}

/** Makes a record a new operation of a kind, at step 0. */
export function begin(index: u32, kind: u32): Operation {
  const op = operation(index)
  op.kind = kind
  op.step = 0
  op.pending = 0
  op.succeeded = 0
  op.failed = 0
  op.retries = 0
  op.repair = 0
  op.cursor = 0
  op.sense = 0
  op.remote = 0
  op.journal = 0
  op.badLba = u64.MAX_VALUE
  return op
}

/** Forgets answers, before the operation's next round of commands. */
export function newRound(op: Operation): void {
  op.succeeded = 0
  op.failed = 0
  op.retries = 0
}

/** Sends one command of an operation to a bay. `lba` counts the member's own sectors. */
export function send(op: Operation, bay: u32, command: u32, flags: u32, lba: u64, sectors: u32, buffer: u32): void {
  const slot = (indexOf(op) << BAY_SHIFT) | bay
  const drive = driveSlot(slot)
  drive.bay = bay
  drive.op = command
  drive.flags = flags
  drive.sectors = sectors
  drive.lba = lba
  drive.buffer = buffer
  op.pending |= 1 << bay
  dispatch(slot)
}

/** Sends the same command to every bay in a mask. */
export function sendAll(op: Operation, bays: u32, command: u32, flags: u32, lba: u64, sectors: u32, buffer: u32): void {
  for (let rest = bays; rest != 0; rest &= rest - 1) send(op, ctz(rest), command, flags, lba, sectors, buffer)
}

function dispatch(slot: u32): void {
  store<u32>(ISSUED_TICKS + (slot << 2), tick)
  outstanding++
  if (!ticking) {
    ticking = true
    startTick()
  }
  issue(slot)
}

/**
 * Takes an answer. Returns false when the command was sent again and there is nothing to tell yet; else notes it in `succeeded` or
 * `failed`, and the drive slot has the status.
 */
export function answered(op: Operation, slot: u32, status: u32): bool {
  const bay = slot & (BAYS - 1)
  const bit: u32 = 1 << bay
  outstanding--
  if (status == DRIVE_OK) {
    op.pending &= ~bit
    op.succeeded |= bit
    return true
  }
  const tries = (op.retries >> (bay << 1)) & 3
  const limit = status == DRIVE_ABORTED ? RETRIES_ABORTED : status == DRIVE_TIMED_OUT ? RETRIES_TIMED_OUT : 0
  if (tries < limit) {
    op.retries += 1 << (bay << 1)
    dispatch(slot)
    return false
  }
  op.pending &= ~bit
  op.failed |= bit
  return true
}

/** Deadlines are looked after in ticks: one timer for all commands. */
function startTick(): void {
  const configured = config(CONFIG_COMMAND_DEADLINE_MS)
  const deadlineMs = configured != 0 ? configured : DEFAULT_DEADLINE_MS
  setTimer(TIMER_DEADLINE, (<f64>deadlineMs * 1e6) / <f64>DEADLINE_TICKS)
}

/** A tick has passed: aborts what is overdue, and hands it to `expire` as timed out. */
export function deadlineTick(expire: (slot: u32) => void): void {
  tick++
  for (let index: u32 = 0; index < OPERATIONS; index++) {
    const op = operation(index)
    for (let rest = op.pending; rest != 0; rest &= rest - 1) {
      const slot = (index << BAY_SHIFT) | ctz(rest)
      if (tick - load<u32>(ISSUED_TICKS + (slot << 2)) <= DEADLINE_TICKS) continue
      abort(slot)
      note(EVENT_DEADLINE, ctz(rest), driveSlot(slot).op, 0)
      expire(slot)
    }
  }
  if (outstanding != 0) startTick()
  else ticking = false
}

/** Puts an operation into the ring of those to be advanced before the entry point returns. */
export function wake(op: Operation): void {
  if (op.ready) return
  op.ready = 1
  store<u32>(READY_RING + ((readyTail++ & 127) << 2), indexOf(op))
}

/** Wakes all operations of a kind that are at a step. */
export function wakeAt(kind: u32, step: u32): void {
  for (let index: u32 = 0; index < OPERATIONS; index++) {
    const op = operation(index)
    if (op.kind == kind && op.step == step) wake(op)
  }
}

/** The next operation to advance, or null. */
export function nextReady(): Operation | null {
  if (readyHead == readyTail) return null
  const op = operation(load<u32>(READY_RING + ((readyHead++ & 127) << 2)))
  op.ready = 0
  return op
}
