// At the secondary, in the modes that keep an order: a write of the other site goes into the journal first, and is received then. It goes to
// the members at once, together with others: a cut leaves some of them there and lacks earlier ones, and the journal makes that good.
//
// With the write cache enabled a write stays in the journal until a checkpoint. A write that finds no room waits, and those behind it do. When the session ends before that it was never received: it comes again.

import { DRIVE_FLAG_FUA } from '../abi/driveSlots'
import { checkpoint } from './checkpoint'
import { hasEntries, take, writeEnded } from './journal'
import { hasRoomFor, ringSectors, ringStart, setHeld, tail } from './journalRing'
import { REMOTE_BASE, REMOTE_SLOTS } from './memory'
import { indexOf, KIND_NONE, KIND_QUEUED, KIND_WRITE, Operation, operation } from './operation'
import { giveBack, loseSession } from './remote'
import { FRAME_RECEIVED } from './remoteFrames'
import { markRange, setConsistent } from './remoteRecord'
import { answer, wroteNothing } from './remoteTarget'
import { isStopping } from './stop'
import { startWrite } from './write'

const QUEUE: usize = memory.data(32 * 4, 16)
/** 1 / that of the ring is full: a checkpoint is due. */
const CHECKPOINT_FRACTION: u32 = 16

let first: u32 = 0
let count: u32 = 0

/** A write has come. `op.cursor` and `op.retries` have its position in the other site's stream. */
export function receive(op: Operation): void {
  if (count == 0 && hasRoom(op)) return accept(op)
  op.kind = KIND_QUEUED
  store<u32>(QUEUE + (((first + count++) % REMOTE_SLOTS) << 2), indexOf(op))
}

function hasRoom(op: Operation): bool {
  return hasEntries() && hasRoomFor(op.sectors)
}

function accept(op: Operation): void {
  const origin = originOf(op)
  op.kind = KIND_WRITE
  op.flags = op.flags & DRIVE_FLAG_FUA
  take(op, origin)
  if (origin != 0) setHeld(origin)
  answer(op, FRAME_RECEIVED, 0)
  op.cursor = 0
  op.retries = 0
  startWrite(op)
}

export function setOrigin(op: Operation, position: u64): void {
  op.cursor = <u32>position
  op.retries = <u32>(position >> 32)
}

function originOf(op: Operation): u64 {
  return ((<u64>op.retries) << 32) | op.cursor
}

/** A write that was received is on the members, or they did not take it: then what is here lacks it, and that is known before anything else. */
export function receivedEnded(op: Operation, isStored: bool): void {
  if (!isStored) {
    markRange(op.lba, op.sectors)
    setConsistent(false)
  }
  writeEnded(op, isStored)
  // A new session brings it again.
  if (!isStored && !isStopping()) loseSession()
  acceptWaiting()
  if (count != 0 || isFilling()) checkpoint()
}

function isFilling(): bool {
  return tail - ringStart() > <u64>(ringSectors() / CHECKPOINT_FRACTION)
}

/** There may be room. */
export function acceptWaiting(): void {
  while (count != 0) {
    const next = operation(load<u32>(QUEUE + (first << 2)))
    if (!hasRoom(next)) return
    first = (first + 1) % REMOTE_SLOTS
    count--
    accept(next)
  }
}

/** The session is over: what waits was never received. */
export function forgetQueue(): void {
  while (count != 0) {
    const op = operation(load<u32>(QUEUE + (first << 2)))
    first = (first + 1) % REMOTE_SLOTS
    count--
    op.kind = KIND_NONE
    wroteNothing()
    giveBack(indexOf(op) - REMOTE_BASE)
  }
}
