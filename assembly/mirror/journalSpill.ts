// The journal has more than the NVRAM holds: its oldest part goes to the members, into the area behind the LUN, and comes back from there
// when the line has room for it. Only what is on the members already: so a replay needs nothing of it.
//
//   member  | metadata | LUN … | position % areaSectors |
//
// The area goes round as the ring does, and as a whole number of rings: no record goes over its end. Each record is known by its position and
// its sums: a member that was away, or rebuilt, cannot pass something else for it. A cut while it is written: `spilled` does not count it.

import { DRIVE_FLAG_FUA, DRIVE_READ, DRIVE_WRITE } from '../abi/driveSlots'
import { EVENT_JOURNAL_SPILL } from '../abi/events'
import { fletcher } from '../lib/fletcher'
import { bayOf, inSync } from './array'
import { roomSectors, roomStart } from './behindLun'
import { doneUntil } from './journal'
import {
  areaSectors,
  head,
  inRing,
  isRecordOf,
  lengthOf,
  RECORD_CHECKED_BYTES,
  Record,
  recordAt,
  ringSectors,
  ringStart,
  setAreaSectors,
  setSpilled,
  spilled,
  tail,
  untilRingEnd,
} from './journalRing'
import { pump, readEnded } from './journalSend'
import { note } from './log'
import { BUFFER_STRIDE, JOURNAL_BUFFER, OP_JOURNAL, OP_SPILL, SECTOR_BYTES, SPILL_BUFFER } from './memory'
import { failMember } from './metadata'
import {
  begin,
  KIND_JOURNAL,
  KIND_NONE,
  KIND_SPILL,
  KIND_WRITE,
  newRound,
  Operation,
  operation,
  send,
  sendAll,
  wakeAt,
} from './operation'
import { WRITE_BEHIND } from './write'

const CHUNK_SECTORS: u32 = BUFFER_STRIDE / SECTOR_BYTES

/** Members in sync that the area fits on. */
function areaBays(): u32 {
  let bays: u32 = 0
  for (let rest = inSync; rest != 0; rest &= rest - 1) {
    if (bayOf(ctz(rest)).capacity >= roomStart() + areaSectors) bays |= 1 << ctz(rest)
  }
  return bays
}

/** While nothing is in it: as large as there is room on every member in sync. */
function measureArea(): void {
  const sectors = roomSectors()
  const rounds = sectors - (sectors % ringSectors())
  if (rounds != areaSectors) setAreaSectors(rounds)
}

function isSpilling(): bool {
  return operation(OP_SPILL).kind != KIND_NONE
}

/** Makes room in the ring. False: there is none to be made, neither now nor when those writes are done that are under way. */
export function spill(): bool {
  if (isSpilling()) return true
  if (spilled <= head) measureArea()
  const from = ringStart()
  const until = min(doneUntil, from + untilRingEnd(from))
  let end = from
  while (end < until && end - from + lengthOf(recordAt(end)) <= CHUNK_SECTORS) end += lengthOf(recordAt(end))
  // What is the oldest is being written to the members just now.
  if (end == from) return doneUntil < tail && areaSectors != 0
  if (areaBays() == 0 || end - head > areaSectors) return false
  const op = begin(OP_SPILL, KIND_SPILL)
  op.lba = from
  op.sectors = <u32>(end - from)
  memory.copy(SPILL_BUFFER, inRing(from), op.sectors * SECTOR_BYTES)
  seal(SPILL_BUFFER, op.sectors)
  const at = roomStart() + (from % areaSectors)
  sendAll(op, areaBays(), DRIVE_WRITE, DRIVE_FLAG_FUA, at, op.sectors, <u32>SPILL_BUFFER)
  return true
}

/** Records get their sums. */
function seal(at: usize, sectors: u32): void {
  for (const end = at + sectors * SECTOR_BYTES; at < end; ) {
    const record = changetype<Record>(at)
    record.dataSum = dataSumOf(at)
    record.sum = sumOf(at)
    at += lengthOf(record) * SECTOR_BYTES
  }
}

function dataSumOf(at: usize): u32 {
  return folded(at + SECTOR_BYTES, changetype<Record>(at).sectors * SECTOR_BYTES)
}

function sumOf(at: usize): u32 {
  return folded(at, RECORD_CHECKED_BYTES)
}

function folded(at: usize, bytes: usize): u32 {
  const sum = fletcher(at, bytes)
  return <u32>sum ^ <u32>(sum >> 32)
}

export function advanceSpill(op: Operation): void {
  if (op.pending != 0) return
  op.kind = KIND_NONE
  for (let rest = op.failed; rest != 0 && op.succeeded != 0; rest &= rest - 1) failMember(ctz(rest))
  if ((op.succeeded & inSync) != 0) {
    const end = op.lba + op.sectors
    if (end > spilled) setSpilled(end)
    note(EVENT_JOURNAL_SPILL, op.sectors, <u32>(spilled > head ? spilled - head : 0), 0)
  }
  wakeAt(KIND_WRITE, WRITE_BEHIND)
  pump()
}

/** Where in the buffer the journal is, from `bufferStart` to `bufferEnd`. */
let bufferStart: u64 = 0
let bufferEnd: u64 = 0
/** Members that did not have it as it was. */
let wrong: u32 = 0

/** In memory that frames may be sent from, the record at a position; 0: it is not there. All of it is, if its beginning is. */
export function fetched(position: u64): usize {
  if (position < bufferStart || position >= bufferEnd) return 0
  const at = JOURNAL_BUFFER + <usize>(position - bufferStart) * SECTOR_BYTES
  const isWhole = isRecordOf(at, position) && position + lengthOf(changetype<Record>(at)) <= bufferEnd
  return isWhole ? at : 0
}

/** Brings the record at a position into the buffer: at once from the ring (true), or from the drives (`readEnded` tells). */
export function fetch(position: u64): bool {
  if (operation(OP_JOURNAL).kind != KIND_NONE) return false
  if (position >= ringStart()) {
    const most = min<u64>(CHUNK_SECTORS, min<u64>(tail - position, untilRingEnd(position)))
    memory.copy(JOURNAL_BUFFER, inRing(position), <usize>most * SECTOR_BYTES)
    bufferStart = position
    bufferEnd = position + most
    return true
  }
  wrong = 0
  const op = begin(OP_JOURNAL, KIND_JOURNAL)
  op.lba = position
  op.sectors = <u32>min<u64>(CHUNK_SECTORS, min<u64>(spilled - position, untilRingEnd(position)))
  bufferEnd = bufferStart
  read(op)
  return false
}

function read(op: Operation): void {
  const bays = areaBays() & ~wrong
  if (bays == 0) return end(op, false)
  newRound(op)
  const at = roomStart() + (op.lba % areaSectors)
  send(op, ctz(bays), DRIVE_READ, 0, at, op.sectors, <u32>JOURNAL_BUFFER)
}

export function advanceJournalRead(op: Operation): void {
  if (op.pending != 0) return
  if (op.succeeded != 0 && isIntact(op)) return end(op, true)
  wrong |= op.succeeded | op.failed
  read(op)
}

/** As much as is whole in the buffer is what was put there, and it is something. */
function isIntact(op: Operation): bool {
  bufferStart = op.lba
  bufferEnd = op.lba
  let at = JOURNAL_BUFFER
  for (let left = op.sectors; left != 0; ) {
    const record = changetype<Record>(at)
    if (!isRecordOf(at, bufferEnd) || record.sum != sumOf(at)) return false
    const length = lengthOf(record)
    if (length > left) break
    if (record.dataSum != dataSumOf(at)) return false
    bufferEnd += length
    left -= length
    at += length * SECTOR_BYTES
  }
  return bufferEnd != bufferStart
}

function end(op: Operation, isThere: bool): void {
  op.kind = KIND_NONE
  if (!isThere) bufferEnd = bufferStart
  readEnded(isThere)
}
