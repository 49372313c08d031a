// Commands to the bays: one drive slot each, and a deadline, because a drive that hangs never answers.
//
// Not promised: that an aborted write was not carried out. Everything that the copier sends may be sent twice.

import { CONFIG_COMMAND_DEADLINE_MS } from '../abi/config'
import {
  DRIVE_SLOT_BAD_LBA_HIGH,
  DRIVE_SLOT_BAD_LBA_LOW,
  DRIVE_SLOT_BAY,
  DRIVE_SLOT_BUFFER,
  DRIVE_SLOT_FLAGS,
  DRIVE_SLOT_LBA_HIGH,
  DRIVE_SLOT_LBA_LOW,
  DRIVE_SLOT_OP,
  DRIVE_SLOT_SECTORS,
  DRIVE_SLOT_STATUS,
} from '../abi/driveSlots'
import { EVENT_DEADLINE } from '../abi/events'
import { abort, cancelTimer, issue, now, setTimer, trace } from '../hal/hal'
import { config, DRIVE_SLOTS, driveSlotAddress } from './layout'
import { settings } from './settings'

/** A status of our own, beside the drive's: the command was aborted because its deadline had passed. */
export const DRIVE_TIMEOUT: u32 = 0x100

/** Put into a slot before its command is sent: an interrupt that finds it there is an older command's, aborted meanwhile. */
const DRIVE_UNANSWERED: u32 = 0xffffffff

export const TIMER_SWEEP: u32 = 0
/** Targets that should be there are waited for (control.ts). */
export const TIMER_DISCOVERY: u32 = 1
const NS_PER_MS: f64 = 1e6

/** Per slot: when the command is given up; 0 = the slot is free. 79 of them: DRIVE_SLOTS. */
const deadlines: usize = memory.data(632, 16)
/** Commands on their way, per bay. */
const inBay: usize = memory.data(64, 8)
let outstanding: u32 = 0
let sweeping: bool = false
/** Between two looks at the deadlines: a quarter of the shortest one of the commands on their way. */
let sweepNs: f64 = f64.MAX_VALUE

function deadlineNs(): f64 {
  const jumper = load<u32>(config + (CONFIG_COMMAND_DEADLINE_MS << 2))
  return <f64>(jumper !== 0 ? jumper : settings.deadlineMs) * NS_PER_MS
}

export function isBusy(slot: u32): bool {
  return load<f64>(deadlines + ((<usize>slot) << 3)) !== 0
}

export function commandsOutstanding(): u32 {
  return outstanding
}

export function outstandingIn(bay: u32): u32 {
  return load<u32>(inBay + ((<usize>bay) << 2))
}

/** `ownPatienceNs`: a deadline for this command alone; 0 = that of all. */
export function send(
  slot: u32,
  bay: u32,
  op: u32,
  lba: u64,
  sectors: u32,
  buffer: usize,
  ownPatienceNs: f64 = 0,
): void {
  const at = driveSlotAddress(slot)
  store<u32>(at + DRIVE_SLOT_BAY, bay)
  store<u32>(at + DRIVE_SLOT_OP, op)
  store<u32>(at + DRIVE_SLOT_FLAGS, 0)
  store<u32>(at + DRIVE_SLOT_SECTORS, sectors)
  store<u32>(at + DRIVE_SLOT_LBA_LOW, <u32>lba)
  store<u32>(at + DRIVE_SLOT_LBA_HIGH, <u32>(lba >> 32))
  store<u32>(at + DRIVE_SLOT_BUFFER, <u32>buffer)
  store<u32>(at + DRIVE_SLOT_STATUS, DRIVE_UNANSWERED)
  const patience = ownPatienceNs !== 0 ? ownPatienceNs : deadlineNs()
  store<f64>(deadlines + ((<usize>slot) << 3), now() + patience)
  outstanding++
  store<u32>(inBay + ((<usize>bay) << 2), outstandingIn(bay) + 1)
  if (!sweeping || patience / 4 < sweepNs) {
    sweeping = true
    sweepNs = patience / 4
    setTimer(TIMER_SWEEP, sweepNs)
  }
  issue(slot)
}

/** The drive answered. False for an answer that nobody waits for. */
export function answered(slot: u32): bool {
  if (slot >= DRIVE_SLOTS || !isBusy(slot) || statusOf(slot) === DRIVE_UNANSWERED) return false
  release(slot)
  return true
}

export function statusOf(slot: u32): u32 {
  return load<u32>(driveSlotAddress(slot) + DRIVE_SLOT_STATUS)
}

export function badLbaOf(slot: u32): u64 {
  const at = driveSlotAddress(slot)
  return ((<u64>load<u32>(at + DRIVE_SLOT_BAD_LBA_HIGH)) << 32) | <u64>load<u32>(at + DRIVE_SLOT_BAD_LBA_LOW)
}

/** The next slot whose deadline has passed: its command is aborted and its status is DRIVE_TIMEOUT. -1: there is none. */
export function nextOverdue(): i32 {
  const time = now()
  for (let slot: u32 = 0; slot < DRIVE_SLOTS; slot++) {
    const deadline = load<f64>(deadlines + ((<usize>slot) << 3))
    if (deadline === 0 || deadline > time) continue
    const at = driveSlotAddress(slot)
    trace(
      EVENT_DEADLINE,
      load<u32>(at + DRIVE_SLOT_BAY),
      load<u32>(at + DRIVE_SLOT_OP),
      load<u32>(at + DRIVE_SLOT_LBA_LOW),
    )
    abort(slot)
    release(slot)
    store<u32>(at + DRIVE_SLOT_STATUS, DRIVE_TIMEOUT)
    return slot
  }
  return -1
}

/** After a sweep: looks again later as long as commands are on their way. */
export function sweepAgain(): void {
  sweeping = outstanding > 0
  if (sweeping) setTimer(TIMER_SWEEP, sweepNs)
}

export function abortAll(): void {
  if (outstanding === 0) return
  for (let slot: u32 = 0; slot < DRIVE_SLOTS; slot++) {
    if (!isBusy(slot)) continue
    abort(slot)
    release(slot)
  }
}

export function abortBay(bay: u32): void {
  for (let slot: u32 = 0; slot < DRIVE_SLOTS; slot++) {
    if (!isBusy(slot) || load<u32>(driveSlotAddress(slot) + DRIVE_SLOT_BAY) !== bay) continue
    abort(slot)
    release(slot)
  }
}

/** With nothing on its way no timer runs: an idle controller is quiet. */
export function rest(): void {
  if (!sweeping || outstanding > 0) return
  sweeping = false
  cancelTimer(TIMER_SWEEP)
}

function release(slot: u32): void {
  store<f64>(deadlines + ((<usize>slot) << 3), 0)
  outstanding--
  const bay = load<u32>(driveSlotAddress(slot) + DRIVE_SLOT_BAY)
  store<u32>(inBay + ((<usize>bay) << 2), outstandingIn(bay) - 1)
}
