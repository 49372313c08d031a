// Drives that come into bays, or back to the array: when it is time to look at them.
//
// A command that was sent before a drive was taken out must not end after it has come back: its answer would be taken for a new one's. And
// what the drive before this one failed at must not be held against this one.

import { BAY_STATE_FAULTY, BAY_STATE_UNKNOWN } from '../abi/status'
import { bayOf, setBayState } from './array'
import { OP_PROBE, OPERATIONS } from './memory'
import { KIND_NONE, operation } from './operation'
import { PROBE_NONE, startProbe } from './probe'
import { isStopping } from './stop'

/** Bays into which a drive has come that is looked at as soon as nobody speaks of the one before it any more. */
let arriving: u32 = 0
/** Bays whose drive shall come back as soon as nothing is under way to it. */
let returning: u32 = 0

/** A drive has come into a bay. */
export function driveArrived(bay: u32): void {
  arriving |= 1 << bay
  bayOf(bay).probe = PROBE_NONE
  setBayState(bay, BAY_STATE_UNKNOWN)
}

/** A drive has left its bay. */
export function driveLeft(bay: u32): void {
  arriving &= ~(1 << bay)
}

/** An operator wants the drive back. */
export function bringBack(bay: u32): void {
  returning |= 1 << bay
}

/** An operator does not want it. */
export function keepOut(bay: u32): void {
  returning &= ~(1 << bay)
}

/** Some drive is to be looked at, and waits. */
export function isAwaitingProbe(): bool {
  return (returning | arriving) != 0
}

/** Looks at those whose time has come. */
export function probeArrivals(): void {
  for (let rest = arriving; rest != 0; rest &= rest - 1) {
    const bay: u32 = ctz(rest)
    if (hasAnswers(1 << bay)) continue
    arriving &= ~(1 << bay)
    if (!isStopping()) startProbe(bay)
  }
  for (let rest = returning; rest != 0; rest &= rest - 1) {
    const bay: u32 = ctz(rest)
    const wanted = bayOf(bay).state == BAY_STATE_FAULTY && !isStopping()
    if (wanted && isInUse(1 << bay)) continue
    returning &= ~(1 << bay)
    if (wanted) startProbe(bay)
  }
}

/** Whoever still has an answer of the drive before judges it first. */
function hasAnswers(bit: u32): bool {
  for (let index: u32 = 0; index < OPERATIONS; index++) {
    const op = operation(index)
    if (op.pending & bit) return true
    if (op.failed & bit && op.kind != KIND_NONE && index != OP_PROBE) return true
  }
  return false
}

function isInUse(bit: u32): bool {
  for (let index: u32 = 0; index < OPERATIONS; index++) if (operation(index).pending & bit) return true
  return false
}
