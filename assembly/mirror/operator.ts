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
import { BAY_STATE_FAULTY } from '../abi/status'
import { bayOf } from './array'
import { BAYS, OPERATIONS } from './memory'
import { failMember } from './metadata'
import { operation } from './operation'
import { startProbe } from './probe'
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

/** Some drive is to be attached, and waits. */
export function isBringingBack(): bool {
  return returning != 0
}

/** A command that was sent before the drive was taken out must not end after it has come back: its answer would be taken for a new one's. */
export function bringBack(): void {
  for (let rest = returning; rest != 0; rest &= rest - 1) {
    const bay: u32 = ctz(rest)
    const wanted = bayOf(bay).state == BAY_STATE_FAULTY && !isStopping()
    if (wanted && isInUse(1 << bay)) continue
    returning &= ~(1 << bay)
    if (wanted) startProbe(bay)
  }
}

function isInUse(bit: u32): bool {
  for (let index: u32 = 0; index < OPERATIONS; index++) if (operation(index).pending & bit) return true
  return false
}
