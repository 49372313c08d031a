// Mode async, at the primary: the journal on its way to the other site, in its order, as fast as the line carries it.
//
//   head      arrived          sent            tail
//    |  there   |  on the way    |  waits        |
//
// What is on its way is sent again from `arrived` on in the next session: so a line that is lost, or a primary that loses its power, leaves
// the other site behind, but never without an order. A journal that is full is a matter of policy: hosts wait, or what is in it is marked
// instead, and copied when the line has got rid of what is on it.

import { CONFIG_JOURNAL_OVERFLOW } from '../abi/config'
import { EVENT_JOURNAL_OVERFLOW } from '../abi/events'
import { REMOTE_BEHIND, REMOTE_SOURCE, ROLE_PRIMARY } from '../abi/status'
import { now } from '../hal/hal'
import { arrived, arrivedUntil, beginJournal, giveUpJournal, hasEntries, hasUnsent, mayGoOnFrom, take } from './journal'
import { journaledRegions } from './journalRegions'
import {
  hasRoomFor,
  lengthOf,
  RECORD_WRITE,
  Record,
  recordAt,
  ringSectors,
  ringStart,
  stream,
  tail,
} from './journalRing'
import { fetch, fetched, spill } from './journalSpill'
import { note } from './log'
import { BUFFER_BYTES, config, SECTOR_BYTES } from './memory'
import { KIND_WRITE, Operation, wakeAt } from './operation'
import { goAlone, isTied, remoteState, renewSession, sendNumbered, setRemoteState } from './remote'
import { endRemoteCopy, goOnCopyingAway } from './remoteCopy'
import { FRAME_STREAM, FRAME_WRITE, newFrame } from './remoteFrames'
import { isAsync } from './remoteMode'
import { markedRegions, role } from './remoteRecord'
import { wakeNextToShip } from './ship'
import { isLateToHold, isWindowFull, resetWindow, windowArrived, windowSent } from './window'
import { WRITE_BEHIND } from './write'

const OVERFLOW_TRACK: u32 = 1
/** Less than 1 / that of the ring is free: its oldest part goes to the drives. */
const SPILL_FRACTION: u32 = 8
/** While the other site catches up, so many writes arrive there for one of a host that is taken. */
const CATCH_UP: u32 = 2

@unmanaged
class Flight {
  end: u64
  takenNs: f64
  sentNs: f64
  sectors: u32
}

const FLIGHT_BYTES: u32 = 32
const FLIGHTS: u32 = 4096
const TABLE: usize = memory.data(4096 * 32, 16)

let first: u32 = 0
let flights: u32 = 0
/** The next record to be sent. */
let sent: u64 = 0
/** The other site takes the stream. */
let isStreaming: bool = false
/** There was more to be sent than what hosts write, when the session began. */
let isCatchingUp: bool = false
let credits: u32 = 0
let arrivals: u32 = 0
/** Of the last write that arrived: when it was taken. */
let lastArrivedNs: f64 = 0
/** Frames of this entry of the hardware point into the buffer: it must stay as it is. */
let isBufferUsed: bool = false
/** Regions are marked, and nothing is taken into the journal. */
export let isTracking: bool = false

function flight(index: u32): Flight {
  return changetype<Flight>(TABLE + ((first + index) % FLIGHTS) * FLIGHT_BYTES)
}

/** Whether writes of hosts are taken into the journal. */
export function isJournaling(): bool {
  return isAsync() && role == ROLE_PRIMARY && !isTracking
}

/** A session begins in which the other site, which has this stream up to that position, is to get it. `isClean`: no region is marked. */
export function beginStreaming(isClean: bool, name: u64, position: u64): void {
  endStreaming()
  isTracking = false
  if (isClean && mayGoOnFrom(name, position)) arrived(position)
  else {
    giveUpJournal()
    beginJournal()
  }
  sent = arrivedUntil
  lastArrivedNs = 0
  isCatchingUp = sent < tail
  credits = 1
  isStreaming = true
  const header = newFrame(FRAME_STREAM)
  header.current = stream
  header.base = sent
  sendNumbered(header, 0, 0)
}

/** The session is over. */
export function endStreaming(): void {
  isStreaming = false
  isCatchingUp = false
  flights = 0
  resetWindow()
}

/** What a host writes goes into the journal, and on its way if it is its turn. */
export function journalAway(op: Operation): void {
  // Hosts are going to be told "done" of what the other site does not get.
  if (!isTied()) goAlone()
  const start = tail
  const position = take(op, 0)
  if (isCatchingUp && credits != 0) credits--
  if (isStreaming && sent == start && flights < FLIGHTS && !isWindowFull()) {
    sendRecord(recordAt(position), tail, <usize>op.buffer)
    sent = tail
  } else pump()
  if (tail - ringStart() > <u64>(ringSectors() - ringSectors() / SPILL_FRACTION)) spill()
}

/** Sends what there is, while the line has room. */
export function pump(): void {
  while (isStreaming && sent < tail && flights < FLIGHTS && !isWindowFull()) {
    let at = fetched(sent)
    if (at == 0) {
      // There will be answers to what has been sent just now.
      if (isBufferUsed || !fetch(sent)) return
      at = fetched(sent)
    }
    const record = changetype<Record>(at)
    sent += lengthOf(record)
    if (record.kind != RECORD_WRITE) {
      if (flights == 0) arrived(sent)
      continue
    }
    sendRecord(record, sent, at + SECTOR_BYTES)
    isBufferUsed = true
  }
  if (isStreaming && sent == tail) {
    isCatchingUp = false
    goOnCopyingAway()
  }
}

/** `end`: the position behind it. */
function sendRecord(record: Record, end: u64, data: usize): void {
  const own = flight(flights++)
  own.end = end
  own.sectors = record.sectors
  own.takenNs = record.takenNs
  own.sentNs = now()
  windowSent(record.sectors)
  const header = newFrame(FRAME_WRITE)
  header.lba = record.lba
  header.sectors = record.sectors
  header.flags = record.flags
  header.current = end
  sendNumbered(header, <u32>data, record.sectors * SECTOR_BYTES)
}

/** The other site has all that is before this position in its NVRAM. */
export function streamArrived(until: u64): void {
  while (flights != 0 && flight(0).end <= until) {
    const own = flight(0)
    windowArrived(own.sectors, own.sentNs)
    lastArrivedNs = own.takenNs
    first = (first + 1) % FLIGHTS
    flights--
    if (isCatchingUp && ++arrivals % CATCH_UP == 0) credits++
  }
  if (!isTracking) arrived(flights == 0 ? max(until, sent) : until)
  else if (flights == 0) return renewSession()
  pump()
  wakeNextToShip()
}

/** Part of the journal was read from the drives, or nobody has it any more: then it is given up. */
export function readEnded(isThere: bool): void {
  if (isThere) return pump()
  track()
}

/** A host's write has to wait: for room, or because the other site would be left behind too far. */
export function journalHolds(): bool {
  if (!hasRoom()) return true
  if (!isStreaming || isTracking) return false
  const copies = remoteState == REMOTE_SOURCE && markedRegions != 0
  if (config(CONFIG_JOURNAL_OVERFLOW) == OVERFLOW_TRACK && !copies) return false
  if (isCatchingUp) return credits == 0
  return isWindowFull() || isLateToHold(streamAgeNs()) || sent != tail
}

function hasRoom(): bool {
  return hasRoomFor(BUFFER_BYTES / SECTOR_BYTES) && hasEntries()
}

/** Before a write is to be taken: makes room for it, or gives the journal up where the policy says so. */
export function makeRoom(): void {
  if (isTracking || hasRoom() || spill()) return
  // Answers of the other site will make room.
  if (isStreaming && config(CONFIG_JOURNAL_OVERFLOW) != OVERFLOW_TRACK) return
  track()
}

/** Regions are marked from now on. A session goes on until the line is rid of what is on it: then what is marked is copied. */
function track(): void {
  note(EVENT_JOURNAL_OVERFLOW, journaledRegions(), 0, 0)
  goAlone()
  isTracking = true
  giveUpJournal()
  isStreaming = false
  // What the other site is about to be told, or has been, is not so any more: it is asked again in the next session.
  endRemoteCopy()
  wakeAt(KIND_WRITE, WRITE_BEHIND)
  if (!isTied()) return
  setRemoteState(REMOTE_BEHIND)
  if (flights == 0) renewSession()
}

/** How old the oldest write is that the other site does not have. */
export function streamAgeNs(): f64 {
  if (!hasUnsent()) return 0
  if (flights != 0) return now() - flight(0).takenNs
  // It waits to be sent; if it is on the drives, nothing is known but that it came after the last one that arrived.
  return now() - (sent >= ringStart() ? recordAt(sent).takenNs : lastArrivedNs)
}

/** The hardware gets control back: what was sent is on the line. */
export function buffersAreFree(): void {
  isBufferUsed = false
}

/** Nothing of the journal is on its way, or waits to be. */
export function isAllSent(): bool {
  return !isStreaming || !hasUnsent()
}

export function hasBacklog(): bool {
  return isStreaming && sent < tail
}
