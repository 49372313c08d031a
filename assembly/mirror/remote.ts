// The session with the other site: who is there, who has what, and what follows from that.
//
//   LOST     nothing is heard: HELLO is said again and again
//   hello    each side has heard the other one say its session's number: both know the same of each other, and decide alike
//   TARGET   sends its marks; is not consistent from SYNC_BEGIN on, until it is IN_STEP
//   SOURCE   has the marks of both; sends every new write, and copies what is marked
//   UP       nothing is marked: the sites differ in writes in flight alone
//   DATED    mode scheduled, in place of that: the other site holds the LUN as it was at a point in time
//
// A session ends when nothing was heard for too long, when a frame is missing, or when a side changes its role. A primary that is left
// alone marks what it writes, durably and before its members get it; the first such write begins a new generation. So whoever comes back
// is known for what it is: behind, ahead, or changed on its own (SPLIT), which only an operator resolves.

import { CONFIG_LINK_LOSS, CONFIG_LINK_TIMEOUT_MS } from '../abi/config'
import { EVENT_GENERATION, EVENT_REMOTE_STATE } from '../abi/events'
import {
  REMOTE_BEHIND,
  REMOTE_DATED,
  REMOTE_LOST,
  REMOTE_NONE,
  REMOTE_REFUSED,
  REMOTE_SOURCE,
  REMOTE_SPLIT,
  REMOTE_UP,
  ROLE_PRIMARY,
  ROLE_SECONDARY,
} from '../abi/status'
import { now, offerFrame, setTimer } from '../hal/hal'
import { writeCacheEnabled } from './array'
import { checkpoint } from './checkpoint'
import { flushedThere, forgetFlushesThere } from './flush'
import { giveUpJournal, hasUnsent } from './journal'
import { goOnReplaying, isReplaying } from './journalReplay'
import { endStreaming, isTracking, streamAgeNs, streamArrived } from './journalSend'
import { note } from './log'
import { BUFFER_BYTES, config, frameSlot, REMOTE_SLOTS, remoteBuffer } from './memory'
import { begun, frameBytesMax, gather, gatherNoMore, MISFIT, NO_FRAME } from './parts'
import {
  AHEAD,
  APART,
  BEHIND,
  introduce,
  notePeer,
  peerCurrent,
  peerIsPrimary,
  peerStepsDown,
  relation,
  UNRELATED,
} from './peer'
import { giveUpPoint, pointAgeNs, track } from './point'
import { forgetQueue } from './received'
import { isServing } from './recovery'
import { beginRemoteSync, endRemoteCopy, sourceHears } from './remoteCopy'
import {
  FRAME_COPY,
  FRAME_FLUSHED,
  FRAME_HELLO,
  FRAME_MARKS,
  FRAME_PART,
  FRAME_PING,
  FRAME_RECEIVED,
  FRAME_STORED,
  FRAME_SUM,
  FRAME_WRITE,
  Header,
  headerOf,
  isWhole,
  newFrame,
  send,
} from './remoteFrames'
import { hasRemote, isAsync, isScheduled } from './remoteMode'
import {
  beginGeneration,
  bootNumber,
  current,
  isApart,
  leftWith,
  mayBeAlone,
  role,
  setMayBeAlone,
  setRole,
} from './remoteRecord'
import { markWritten } from './remoteStart'
import { becomeTarget, isUsed, targetHears } from './remoteTarget'
import { isLate, lateTickNs } from './rpo'
import { giveUpShipments, markShipment, received, shipmentsOnTheWay, stored } from './ship'
import { endStaging } from './stage'
import { isStopping } from './stop'
import { goOnSwitching } from './switch'
import { TIMER_LINK } from './timers'

const DEFAULT_TIMEOUT_MS: u32 = 1000
/** Of a timeout: how often the link is looked after. */
const TICKS: u32 = 4
/** After a boot a primary looks for the other site for so many timeouts before it serves alone. */
const BOOT_TIMEOUTS: f64 = 3

export let remoteState: u32 = REMOTE_NONE
export let session: u32 = 0
let sessions: u32 = 0
let peerSession: u32 = 0
export let isConnected: bool = false
let sentNumber: u32 = 0
let heardNumber: u32 = 0
let heardNs: f64 = 0
/** A primary does not serve alone before that; 0: nobody is waited for. */
export let waitsUntilNs: f64 = 0

/** The array is put together. `isNew`: it was formatted; there is nobody to wait for. */
export function startRemote(isNew: bool): void {
  if (!hasRemote() || remoteState != REMOTE_NONE) return
  waitsUntilNs = isNew ? 0 : now() + timeoutNs() * BOOT_TIMEOUTS
  for (let frame: u32 = 0; frame < REMOTE_SLOTS; frame++) offer(frame)
  setRemoteState(REMOTE_LOST)
  newSession()
  linkTick()
}

function offer(frame: u32): void {
  const slot = frameSlot(frame)
  slot.dataAddress = <u32>remoteBuffer(frame)
  slot.dataBytes = BUFFER_BYTES
  offerFrame(frame)
}

/** Whether writes are refused because the other site cannot have them. */
export function refusesWrites(): bool {
  return hasRemote() && config(CONFIG_LINK_LOSS) != 0 && !mayBeAlone && !isTied()
}

/** Whether writes are sent to the other site. */
export function isShipping(): bool {
  return isTied() && !isScheduled() && !isTracking
}

/** Whether the other site is being kept up to what the mode promises, or brought there. */
export function isTied(): bool {
  if (role != ROLE_PRIMARY) return false
  return remoteState == inStepState() || remoteState == REMOTE_BEHIND || remoteState == REMOTE_SOURCE
}

/** What is so between the sites when the other one has what the mode promises. */
export function inStepState(): u32 {
  return isScheduled() ? REMOTE_DATED : REMOTE_UP
}

/** A write that is not sent: what it changes is known to be missing there before anybody has it. A cut from here on: a mark too many. */
export function trackUnsent(lba: u64, sectors: u32): void {
  // Of points in time the other site is to lack what came after them.
  if (!isTied() || !isScheduled()) goAlone()
  track(lba, sectors)
}

export function setRemoteState(state: u32): void {
  if (remoteState == state) return
  remoteState = state
  if (state == inStepState()) setMayBeAlone(false)
  note(EVENT_REMOTE_STATE, state, role, 0)
}

function timeoutNs(): f64 {
  const configured = config(CONFIG_LINK_TIMEOUT_MS)
  return <f64>(configured != 0 ? configured : DEFAULT_TIMEOUT_MS) * 1e6
}

/** The link is looked after. */
export function linkTick(): void {
  setTimer(TIMER_LINK, min(timeoutNs() / <f64>TICKS, lateTickNs()))
  lookWhetherBehind(remoteState)
  goOnSwitching()
  if (isReplaying()) goOnReplaying()
  checkpoint()
  if (!isConnected) return sayHello()
  // Who has no member left carries out nothing of what the other one waits for.
  if (now() - heardNs > timeoutNs() || (!isServing() && !isStopping())) return loseSession()
  sendNumbered(newFrame(FRAME_PING), 0, 0)
}

/** The other site has what the mode promises, or lags behind. `state`: what was so until now. */
export function lookWhetherBehind(state: u32): void {
  if (state == inStepState() || state == REMOTE_BEHIND) setRemoteState(isBehind() ? REMOTE_BEHIND : inStepState())
}

/** The other site is about to lack more than it may. */
function isBehind(): bool {
  return role == ROLE_PRIMARY && (isTracking || isLate(isScheduled() ? pointAgeNs() : streamAgeNs()))
}

function newSession(): void {
  sessions++
  session = (bootNumber() << 12) | (sessions & 0xfff)
  peerSession = 0
  isConnected = false
  isLeading = false
  sentNumber = 0
  heardNumber = 0
}

/** The session is over. What was on its way is marked; hosts get their answers, as far as the configuration lets them. */
export function loseSession(): void {
  const wasConnected = isConnected
  newSession()
  const unfinished = gatherNoMore()
  if (unfinished != NO_FRAME) offer(unfinished)
  if (remoteState != REMOTE_SPLIT && remoteState != REMOTE_REFUSED) setRemoteState(REMOTE_LOST)
  endRemoteCopy()
  giveUpPoint()
  endStaging()
  // Hosts are going to be told "done" of writes that the other site may lack.
  const mayLack = shipmentsOnTheWay() != 0 || hasUnsent()
  if (role == ROLE_PRIMARY && wasConnected && mayLack && !refusesWrites()) goAlone()
  forgetQueue()
  endStreaming()
  giveUpShipments()
  forgetFlushesThere()
}

/** Begins the generation that tells this site from the other one. */
export function goAlone(): void {
  if (isApart()) return
  beginGeneration()
  note(EVENT_GENERATION, <u32>current, 0, 0)
}

/** Nobody is waited for any more: this site is to serve. */
export function waitNoMore(): void {
  waitsUntilNs = 0
}

/** This site has changed its role, or what it has: the other one is told by a new session. */
export function renewSession(): void {
  loseSession()
  setRemoteState(REMOTE_LOST)
  sayHello()
}

/** Sends a frame of the session, and what it cannot carry right behind it. */
export function sendNumbered(header: Header, data: u32, bytes: u32): void {
  const most = frameBytesMax()
  header.size = bytes
  sendNext(header, data, min(bytes, most))
  for (let done = most; done < bytes; done += most) sendNext(newFrame(FRAME_PART), data + done, min(bytes - done, most))
}

function sendNext(header: Header, data: u32, bytes: u32): void {
  header.sequence = ++sentNumber
  header.to = peerSession
  header.from = session
  send(header, data, bytes)
}

/** What is in the journal is on the members before anything is said of them. */
function mayTalk(): bool {
  return isServing() && !isReplaying()
}

function sayHello(): void {
  if (!mayTalk()) return
  const header = newFrame(FRAME_HELLO)
  header.to = peerSession
  header.from = session
  introduce(header)
  send(header, 0, 0)
}

/** The frame that is being listened to. */
let hearing: u32 = NO_FRAME

/** What a frame brought is not needed any more. */
export function giveBack(frame: u32): void {
  if (frame != hearing) offer(frame)
}

/** A frame has come. */
export function hear(frame: u32): void {
  const header = headerOf(frame)
  if (!isWhole(frame)) {
    // Damaged on the way: as good as lost.
    if (isConnected) loseSession()
  } else if (header.type == FRAME_HELLO) {
    hearHello(header)
  } else if (isConnected && header.to == session && header.from == peerSession) {
    hearNumbered(frame, header)
  }
  if (!isUsed(frame) && frame != begun) offer(frame)
}

function hearHello(header: Header): void {
  if (!mayTalk()) return
  // A session of the other site that I do not know: mine with it is over.
  if (header.from != peerSession) {
    if (isConnected) loseSession()
    peerSession = header.from
  }
  const knowsMe = header.to == session
  notePeer(header)
  if (isConnected) return
  if (knowsMe) {
    isConnected = true
    heardNs = now()
  }
  sayHello()
  if (isConnected) decide()
}

function hearNumbered(frame: u32, header: Header): void {
  // Twice the same: the first one counts.
  if (<i32>(header.sequence - heardNumber) <= 0) return
  if (header.sequence != heardNumber + 1) return loseSession()
  heardNumber = header.sequence
  heardNs = now()
  const whole = gather(frame)
  if (whole == MISFIT) return loseSession()
  if (whole == NO_FRAME) return
  hearing = whole
  carryOut(whole, headerOf(whole))
  hearing = NO_FRAME
  // Else `hear` looks after it.
  if (whole != frame && !isUsed(whole)) offer(whole)
}

function carryOut(frame: u32, header: Header): void {
  switch (header.type) {
    case FRAME_WRITE:
    case FRAME_COPY:
    case FRAME_SUM:
      return targetHears(frame, header)
    case FRAME_RECEIVED:
      return isAsync() ? streamArrived(header.current) : received(header.tag)
    case FRAME_STORED:
      return hearStored(header)
    case FRAME_MARKS:
      return sourceHears(header, frameSlot(frame).dataAddress)
    case FRAME_FLUSHED:
      return hearFlushed(header)
    default:
      if (isLeading) sourceHears(header, 0)
      else targetHears(frame, header)
  }
}

/** The other site could store the write, or not: then it has to come back, and get it again. */
function hearStored(header: Header): void {
  if (header.lba != u64.MAX_VALUE) return sourceHears(header, 0)
  if (header.flags == 0) return stored(header.tag)
  markShipment(header.tag)
  loseSession()
}

/** The other site's caches are empty, or may have lost something: it will ask for that in a new session. */
function hearFlushed(header: Header): void {
  if (header.flags == 0) flushedThere(header.tag)
  else loseSession()
}

/** Who is the source? Both sides decide by the same facts. */
function decide(): void {
  const how = relation()
  // Whatever it has: it is not who serves in this site's place.
  if (role == ROLE_PRIMARY && !peerIsPrimary()) waitNoMore()
  if (how == UNRELATED) return setRemoteState(REMOTE_REFUSED)
  if (how == APART) return setRemoteState(REMOTE_SPLIT)
  // It was away, and the other site has gone on: what it has is old, whoever serves now.
  if (role == ROLE_PRIMARY && how == BEHIND) stepAside()
  if (how == AHEAD) {
    peerStepsDown()
    leftWith(peerCurrent)
  }
  const serves = role == ROLE_PRIMARY
  const otherServes = peerIsPrimary()
  if (serves && otherServes) return setRemoteState(REMOTE_SPLIT)
  if (serves) waitNoMore()
  // A secondary follows who serves. Of two of them the one that has more leads; if they have the same they wait for an operator.
  if (otherServes || (!serves && how == BEHIND)) return becomeTarget()
  isLeading = serves || how == AHEAD
  setRemoteState(REMOTE_LOST)
}

/** What it has written and the other site does not have is given up: the other site is asked for those regions. */
function stepAside(): void {
  giveUpJournal()
  // As a copy it looks in its journal alone for what its caches had.
  if (writeCacheEnabled) markWritten()
  setRole(ROLE_SECONDARY)
}

/** Decided: this site has what the other one is to have. */
let isLeading: bool = false

/** The target's marks have come: from now on it gets every write. */
export function becomeSource(): void {
  if (remoteState != REMOTE_LOST || !isLeading) return
  setRemoteState(REMOTE_SOURCE)
  beginRemoteSync()
}
