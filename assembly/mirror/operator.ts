// What an operator may ask for (abi/operator.ts). Requests make sense while the array is served; at any other time they are ignored.

import {
  OPERATOR_ATTACH,
  OPERATOR_DEMOTE,
  OPERATOR_DETACH,
  OPERATOR_DISCARD,
  OPERATOR_PROMOTE,
  OPERATOR_PROMOTE_FORCED,
  OPERATOR_SCRUB,
  OPERATOR_STOP,
} from '../abi/operator'
import { BAY_STATE_FAULTY, BAY_STATE_UNKNOWN } from '../abi/status'
import { bayOf, setBayState } from './array'
import { BAYS, OP_PROBE, OPERATIONS } from './memory'
import { failMember } from './metadata'
import { KIND_NONE, operation } from './operation'
import { PROBE_NONE, startProbe } from './probe'
import { isServing } from './recovery'
import { beginToStepDown, giveUpContents, hasRemote, takeOver } from './remote'
import { writesUnderWay } from './remoteTarget'
import { requestScrub } from './scrub'
import { isStopping, requestStop } from './stop'

/** Bays whose drive shall come back as soon as nothing is under way to it. */
let returning: u32 = 0

export function operatorRequest(request: u32, bay: u32): void {
  if (!isServing() || isStopping()) return
  if (request == OPERATOR_SCRUB) requestScrub()
  else if (request == OPERATOR_STOP) requestStop()
  else if (request >= <u32>OPERATOR_PROMOTE) aboutOtherSite(request)
  else if (bay >= BAYS) return
  else if (request == OPERATOR_DETACH) detach(bay)
  else if (request == OPERATOR_ATTACH) attach(bay)
}

/** As a member that failed: no write is acknowledged before the others have it recorded. The last one in sync stays. */
function detach(bay: u32): void {
  returning &= ~(1 << bay)
  failMember(bay)
}

function attach(bay: u32): void {
  if (bayOf(bay).state == BAY_STATE_FAULTY) returning |= 1 << bay
}

/** Asked to take over: the request, or 0. Writes of the other site that have come end first: none may land after a host has read. */
let takingOver: u32 = 0

function aboutOtherSite(request: u32): void {
  if (!hasRemote()) return
  if (request == OPERATOR_DEMOTE) beginToStepDown()
  else if (request == OPERATOR_DISCARD) giveUpContents()
  else if (request == OPERATOR_PROMOTE || request == OPERATOR_PROMOTE_FORCED) takingOver = request
}

export function isTakingOver(): bool {
  return takingOver != 0
}

export function goOnTakingOver(): void {
  if (writesUnderWay != 0) return
  const forced = takingOver == OPERATOR_PROMOTE_FORCED
  takingOver = 0
  takeOver(forced)
}

/** Bays into which a drive has come that is looked at as soon as nobody speaks of the one before it any more. */
let arriving: u32 = 0

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

/** Some drive is to be looked at, and waits. */
export function isBringingBack(): bool {
  return (returning | arriving) != 0
}

/** A command that was sent before the drive was taken out must not end after it has come back: its answer would be taken for a new one's. */
export function bringBack(): void {
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

/** What the drive before this one failed at must not be held against this one: whoever still has such an answer judges it first. */
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
