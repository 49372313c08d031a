// With the write cache enabled: now and then, between two sites, everything goes from the drives' caches to the media.
//
//   copy that keeps an order   drops from its journal what was on the members when the flush began: a cut before its end, and the journal
//                              does all of it again
//   before marks are sent      what the copy had before the session is on its media: nothing needs to be sent of it for a cut to come
//   before a site steps down   what hosts wrote here is on the media: as a copy it has nothing in its caches that is not in a journal
//
// A member whose flush fails may have lost anything since the last one: it is out before anything is dropped. When it is the last one, all
// that may be missing is marked, as after a boot, and the other site is asked for it.

import { DRIVE_FLUSH } from '../abi/driveSlots'
import { EVENT_JOURNAL_CHECKPOINT } from '../abi/events'
import { ROLE_SECONDARY } from '../abi/status'
import { isAtOrAfter } from '../lib/serial'
import { inSync, writeCacheEnabled, writeTargets } from './array'
import { doneUntil, flushed, giveUpUnflushed, hasUnflushed } from './journal'
import { note } from './log'
import { OP_CHECKPOINT } from './memory'
import { commitsFail, failMember, lossesAreRecorded } from './metadata'
import { begin, KIND_CHECKPOINT, KIND_NONE, Operation, operation, sendAll } from './operation'
import { acceptWaiting } from './received'
import { isServing } from './recovery'
import { loseSession } from './remote'
import { role, setConsistent } from './remoteRecord'
import { markWritten } from './remoteStart'
import { areaIsFree, marksAreDue } from './remoteTarget'
import { isStopping } from './stop'

const FLUSHING: u32 = 0
const RECORDING: u32 = 1

/** Flushes that have begun, and those that have ended. They wrap. */
let begun: u32 = 0
let ended: u32 = 0
/** All before it in the journal is in the caches that are being flushed. */
let covers: u64 = 0

/** Asks for a flush that begins from now on: its number, for `isFlushed`. */
export function askForFlush(): u32 {
  const number = begun + 1
  start()
  return number
}

/** Whether that flush has ended, or is not needed. */
export function isFlushed(number: u32): bool {
  if (!writeCacheEnabled || isAtOrAfter(ended, number)) return true
  start()
  return false
}

/** What is in the journal and in caches only goes to the media. */
export function checkpoint(): void {
  if (hasUnflushed()) start()
}

function start(): void {
  if (!writeCacheEnabled || operation(OP_CHECKPOINT).kind != KIND_NONE || !isServing() || isStopping()) return
  const op = begin(OP_CHECKPOINT, KIND_CHECKPOINT)
  op.step = FLUSHING
  begun++
  // What is held back, or on its way to a member, no flush covers that begins now.
  covers = doneUntil
  sendAll(op, writeTargets, DRIVE_FLUSH, 0, 0, 0, 0)
}

export function advanceCheckpoint(op: Operation): void {
  if (op.pending != 0) return
  if (op.step == FLUSHING) {
    if ((op.succeeded & inSync) == 0) return refused(op)
    for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
    op.step = RECORDING
  }
  if (!lossesAreRecorded()) {
    if (!isServing() || commitsFail()) refused(op)
    return
  }
  if (hasUnflushed()) note(EVENT_JOURNAL_CHECKPOINT, flushed(covers), 0, 0)
  end(op)
}

function refused(op: Operation): void {
  cachesAreLost()
  end(op)
}

function end(op: Operation): void {
  op.kind = KIND_NONE
  ended = begun
  acceptWaiting()
  areaIsFree()
}

/** What the members had in their caches may be gone: what that may be is marked, and known before anything else is said. */
export function cachesAreLost(): void {
  markWritten()
  giveUpUnflushed()
  if (role == ROLE_SECONDARY) setConsistent(false)
  // Where marks are about to be sent they tell of it.
  if (!isStopping() && !marksAreDue) loseSession()
}
