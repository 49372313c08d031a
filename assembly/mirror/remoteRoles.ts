// Who serves the LUN, and the changes of that which an operator asks for: promotion, demotion, and giving up what is here.
//
// A promotion waits until what has come from the other site is on the members, so that nothing lands after a host has read. A demotion
// refuses new commands, lets those in flight end, and hands over what the other site does not have yet.

import { CONFIG_LINK_LOSS } from '../abi/config'
import { OPERATOR_DEMOTE, OPERATOR_DISCARD, OPERATOR_PROMOTE, OPERATOR_PROMOTE_FORCED } from '../abi/operator'
import { REMOTE_SPLIT, REMOTE_TARGET, ROLE_PRIMARY, ROLE_SECONDARY } from '../abi/status'
import { now } from '../hal/hal'
import { writeCacheEnabled } from './array'
import { askForFlush, checkpoint, isFlushed } from './checkpoint'
import { beginStream, giveUpJournal, hasUnflushed } from './journal'
import { isReplaying } from './journalReplay'
import { isAllSent } from './journalSend'
import { config } from './memory'
import { peerIsPrimary } from './peer'
import { goAlone, isConnected, remoteState, renewSession, waitNoMore, waitsUntilNs } from './remote'
import { hasRemote, isAsync, isScheduled } from './remoteMode'
import {
  acceptContents,
  becomePrimary,
  discard,
  isConsistent,
  markedRegions,
  mayBeAlone,
  role,
  setRole,
} from './remoteRecord'
import { markWritten } from './remoteStart'
import { writesUnderWay } from './remoteTarget'
import { isHandedOver, takePointSoon } from './schedule'
import { shipmentsOnTheWay } from './ship'
import { hostsAreIdle } from './stop'
import { isSwitching } from './switch'

/** Asked to take over: the request, or 0. */
let takingOver: u32 = 0
/** Asked to give the LUN up. */
export let isSteppingDown: bool = false
/** The flush that comes before that (checkpoint.ts), or 0. */
let flush: u32 = 0

/** Whether the LUN's commands are carried out here. */
export function mayServe(): bool {
  if (!hasRemote()) return true
  if (role != ROLE_PRIMARY || isSteppingDown || isReplaying()) return false
  if (isConnected || remoteState == REMOTE_SPLIT || waitsUntilNs == 0) return true
  // Somebody else may serve it by now.
  return (config(CONFIG_LINK_LOSS) == 0 || mayBeAlone) && now() >= waitsUntilNs
}

export function changeRole(request: u32): void {
  if (!hasRemote()) return
  if (request == OPERATOR_DEMOTE) {
    isSteppingDown = role == ROLE_PRIMARY
    flush = 0
  } else if (request == OPERATOR_DISCARD) giveUpContents()
  else if (request == OPERATOR_PROMOTE || request == OPERATOR_PROMOTE_FORCED) {
    // What was asked for last counts.
    isSteppingDown = false
    takingOver = request
  }
}

/** Called before every return to the hardware. */
export function goOnChanging(): void {
  if (takingOver != 0 && writesUnderWay == 0 && !isSwitching() && !isReplaying() && isOutOfJournal()) takeOver()
  if (isSteppingDown && hostsAreIdle() && !isHandedOver()) takePointSoon()
  // A link that is lost now leaves the other site behind, and it is known for that.
  if (isSteppingDown && hostsAreIdle() && shipmentsOnTheWay() == 0 && isAllSent() && isHandedOver()) {
    if (flush == 0) flush = askForFlush()
    if (isFlushed(flush)) stepDown()
  }
}

/** What hosts are going to write is not in the journal that a copy keeps: after a cut nothing must be done over it. */
function isOutOfJournal(): bool {
  if (!hasUnflushed()) return true
  checkpoint()
  return false
}

/** What is here is known to be a state of the LUN, or an operator says that it has to do. */
function takeOver(): void {
  const forced = takingOver == OPERATOR_PROMOTE_FORCED
  takingOver = 0
  if (role == ROLE_PRIMARY || (isConnected && peerIsPrimary())) return
  // As a target it knows that the other site has newer contents.
  if (!forced && (!isConsistent || remoteState == REMOTE_TARGET)) return
  acceptContents()
  if (isAsync()) beginStream()
  becomePrimary()
  waitNoMore()
  if (!isConnected) goAlone()
  renewSession()
}

function stepDown(): void {
  isSteppingDown = false
  // Mode scheduled, and the other site could not be given all of it.
  if (isScheduled() && markedRegions != 0) goAlone()
  giveUpJournal()
  setRole(ROLE_SECONDARY)
  renewSession()
}

function giveUpContents(): void {
  giveUpJournal()
  if (writeCacheEnabled && role == ROLE_PRIMARY) markWritten()
  discard()
  renewSession()
}
