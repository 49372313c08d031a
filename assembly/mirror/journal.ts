// The journal: writes, in their order, from before the members get them until all have them.
//
//   taken      in the NVRAM (journalRing.ts). A cut from here on: the next boot does it again (journalReplay.ts)
//   done       on the members here. At a copy with the write cache enabled: in their caches, until a checkpoint (checkpoint.ts)
//   arrived    in the NVRAM of the other site. Mode async, at a primary: the others need not be sent (journalSend.ts)
//
// What is done and has arrived is dropped, from the oldest on. Writes are done in any order, and each is done again after a cut, until all
// before it are done: so what the members hold is always a prefix of the order, once the journal has been gone through.

import { ROLE_SECONDARY } from '../abi/status'
import { writeCacheEnabled } from './array'
import { forgetRegions, noteRegions, openRegions, regionsArrived, regionsToMarks } from './journalRegions'
import {
  appendRecord,
  head,
  lengthOf,
  makeVoid,
  openRing,
  recordAt,
  ringStart,
  setHead,
  setHeldStream,
  setStream,
  stream,
  tail,
} from './journalRing'
import { Operation } from './operation'
import { bootNumber, current, role } from './remoteRecord'
import { isRemote } from './remoteTarget'

/** Records that are in the ring and not known to be done: at least two sectors each. */
const ENTRIES: u32 = 4096
const ENTRY_BYTES: u32 = 24

@unmanaged
class Entry {
  position: u64
  end: u64
  done: u32
}

const TABLE: usize = memory.data(4096 * 24, 16)

let first: u32 = 0
let count: u32 = 0

/** All before it is on the members here. */
export let doneUntil: u64 = 0
/** All before it is on the members' media, or need not be. */
let flushedUntil: u64 = 0
/** All before it the other site has; u64.MAX_VALUE: it is to be sent nothing of what is in here. */
export let arrivedUntil: u64 = u64.MAX_VALUE

function entry(index: u32): Entry {
  return changetype<Entry>(TABLE + (index % ENTRIES) * ENTRY_BYTES)
}

/** After a boot. `sends`: what is in here is for the other site. False: nothing is known of what was in here. */
export function openJournal(sends: bool): bool {
  const isKnown = openRing()
  openRegions()
  doneUntil = ringStart()
  flushedUntil = doneUntil
  arrivedUntil = sends ? head : u64.MAX_VALUE
  return isKnown
}

export function hasEntries(): bool {
  return count < ENTRIES
}

/** Takes a write that has room (hasRoomFor, hasEntries). `origin`: a write of the other site, and the position behind it there; else 0. */
export function take(op: Operation, origin: u64): u64 {
  if (arrivedUntil != u64.MAX_VALUE) noteRegions(op.lba, op.sectors)
  const position = appendRecord(op.lba, op.sectors, <usize>op.buffer, op.flags, origin)
  const index = (first + count++) % ENTRIES
  const own = entry(index)
  own.position = position
  own.end = tail
  own.done = 0
  op.journal = index + 1
  return position
}

/** The write is on the members here, or (`isStored` is false) has failed: then it is not to be done again. */
export function writeEnded(op: Operation, isStored: bool): void {
  if (op.journal == 0) return
  const own = entry(op.journal - 1)
  op.journal = 0
  own.done = 1
  // Writes that are not in here may follow: after a cut it must not be done over them. What is in the caches of a copy is to be done again,
  // and nothing follows before they are flushed (remoteTarget.ts, remoteRoles.ts).
  const waits = own.position != entry(first).position && !(writeCacheEnabled && isRemote(op))
  if (!isStored || (waits && arrivedUntil == u64.MAX_VALUE)) makeVoid(own.position)
  while (count != 0 && entry(first).done != 0) {
    doneUntil = entry(first).end
    first = (first + 1) % ENTRIES
    count--
  }
  drop()
}

/** All before this position is on the members' media. How much of it was not before. */
export function flushed(until: u64): u32 {
  const sectors = <u32>(until - flushedUntil)
  flushedUntil = until
  drop()
  return sectors
}

/** Something is in the caches of the members alone. */
export function hasUnflushed(): bool {
  return keepsUnflushed() && flushedUntil < doneUntil
}

/** It may be lost, and is not to be done any more: what it touches is marked. */
export function giveUpUnflushed(): void {
  if (!hasUnflushed()) return
  for (let at = ringStart(); at < doneUntil; at += lengthOf(recordAt(at))) makeVoid(at)
  flushed(doneUntil)
}

function keepsUnflushed(): bool {
  return writeCacheEnabled && role == ROLE_SECONDARY
}

/** All that was in here when the site booted is on the members. */
export function replayed(until: u64): void {
  doneUntil = until
  flushedUntil = until
  drop()
}

export function arrived(until: u64): void {
  arrivedUntil = until
  regionsArrived(until)
  drop()
}

function drop(): void {
  if (!keepsUnflushed()) flushedUntil = doneUntil
  const until = min(flushedUntil, arrivedUntil)
  if (until > head) setHead(until)
}

/** Whether the other site is to be sent something, or it is not known that it has it. */
export function hasUnsent(): bool {
  return arrivedUntil < tail
}

/** What is in here and has not arrived is marked for the other site instead. */
export function giveUpJournal(): void {
  if (arrivedUntil == u64.MAX_VALUE) return
  if (hasUnsent()) regionsToMarks()
  else forgetRegions()
  arrivedUntil = u64.MAX_VALUE
  for (let index: u32 = 0; index < count; index++) {
    const own = entry(first + index)
    if (own.done != 0) makeVoid(own.position)
  }
  drop()
}

/** From here on what is taken is for the other site. */
export function beginJournal(): void {
  arrivedUntil = tail
  forgetRegions()
}

/** This site serves the LUN: what it sends is another stream than all before, and nothing is received. */
export function beginStream(): void {
  setHeldStream(0, 0)
  setStream((current << 24) | bootNumber())
  beginJournal()
}

/** Of what this site sends, the other one has all before this position, and nothing behind it. */
export function mayGoOnFrom(name: u64, position: u64): bool {
  return arrivedUntil != u64.MAX_VALUE && name == stream && position >= arrivedUntil && position <= tail
}
