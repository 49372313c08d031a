// The copy switches to a point in time that has come completely.
//
//   sealing    the table of what is in the slots goes to the area. A cut here: the point is forgotten, and sent again
//   sealed     the NVRAM says so: this is the switch. A cut from here on: the next boot goes on with what follows
//   applying   slot after slot goes to its place in the LUN, which nobody reads meanwhile. Doing it twice does no harm
//   done       the generation is adopted, and the seal is broken
//
// A slot that no member has as it was ends that: what is in the LUN is no state that it ever had, and it says so.

import { DRIVE_FLAG_FUA, DRIVE_READ, DRIVE_WRITE } from '../abi/driveSlots'
import { EVENT_POINT_HELD } from '../abi/events'
import { commitNvram } from '../hal/hal'
import { crc32c } from '../lib/crc32c'
import { regionIn, slotLba, slotSum, slotsUsed, sumOf, sumOfTable, tableLba, tableSectors } from './area'
import { inSync, uuid0 } from './array'
import { note } from './log'
import { APPLY_BUFFER, AREA_TABLE, NVRAM, OP_SWITCH } from './memory'
import { begin, KIND_NONE, KIND_SWITCH, newRound, Operation, operation, send, sendAll } from './operation'
import { isServing, WINDOW_SECTORS } from './recovery'
import { isConnected, loseSession, session } from './remote'
import { adoptGeneration, markAll, markEnd, markRange, markStart, setConsistent } from './remoteRecord'
import { areaIsFree, becomeFollower, storeOwn } from './remoteTarget'
import { endStaging } from './stage'
import { isStopping } from './stop'

const SEALING: u32 = 0
const READING_TABLE: u32 = 1
const NEXT: u32 = 2
const READING: u32 = 3
const WRITING: u32 = 4

// The seal, behind the records of remoteRecord.ts.
const SEAL: u32 = 384
const SEAL_BYTES: u32 = 40
const CHECKED_BYTES: u32 = 32
const MAGIC: u32 = 0x4c414553

let isSealed: bool = false
let generation: u64 = 0
let point: u32 = 0
/** The session that waits for it. */
let waitingSession: u32 = 0
let slots: u32 = 0
let tableSum: u32 = 0
let slot: u32 = 0
let nextLba: u64 = 0
let sum: u32 = 0
/** Members that did not have this slot as it was. */
let wrong: u32 = 0
let isBroken: bool = false

/** From the other site's word that all of the point has been sent until it is in its place. */
export function isSwitching(): bool {
  return isSealed || operation(OP_SWITCH).kind == KIND_SWITCH
}

/** All of the point is staged. */
export function seal(newGeneration: u64, newPoint: u32): void {
  generation = newGeneration
  point = newPoint
  waitingSession = session
  slots = slotsUsed
  tableSum = sumOfTable(slots)
  endStaging()
  const op = begin(OP_SWITCH, KIND_SWITCH)
  op.step = SEALING
  sendAll(op, inSync, DRIVE_WRITE, DRIVE_FLAG_FUA, tableLba(), tableSectors(slots), <u32>AREA_TABLE)
}

/** The array is stopped: the next boot goes on. */
export function abandonSwitch(): void {
  operation(OP_SWITCH).kind = KIND_NONE
}

/** After a boot: a switch that was broken off goes on. */
export function resumeSwitch(): void {
  const at = NVRAM + SEAL
  isSealed = load<u32>(at) == MAGIC && load<u64>(at + 24) == uuid0 && load<u32>(at + 32) == crc32c(at, CHECKED_BYTES)
  if (!isSealed) return
  point = load<u32>(at + 4)
  generation = load<u64>(at + 8)
  slots = load<u32>(at + 16)
  tableSum = load<u32>(at + 20)
  waitingSession = 0
  const op = begin(OP_SWITCH, KIND_SWITCH)
  op.step = READING_TABLE
  readTable(op)
}

/** The link is looked after: what had to wait for members goes on. */
export function goOnSwitching(): void {
  const op = operation(OP_SWITCH)
  if (op.kind == KIND_SWITCH && op.pending == 0 && op.step != WRITING) advanceSwitch(op)
}

export function advanceSwitch(op: Operation): void {
  if (op.pending != 0 || !isServing() || isStopping()) return
  switch (op.step) {
    case SEALING:
      return (op.succeeded & inSync) != 0 ? sealed(op) : giveUp(op)
    case READING_TABLE:
      return tableRead(op)
    case NEXT:
      return readWindow(op)
    case READING:
      return windowRead(op)
  }
}

function sealed(op: Operation): void {
  const at = NVRAM + SEAL
  store<u32>(at, MAGIC)
  store<u32>(at + 4, point)
  store<u64>(at + 8, generation)
  store<u32>(at + 16, slots)
  store<u32>(at + 20, tableSum)
  store<u64>(at + 24, uuid0)
  store<u32>(at + 32, crc32c(at, CHECKED_BYTES))
  commitNvram(SEAL, SEAL_BYTES)
  isSealed = true
  apply(op)
}

/** Nobody could take the table: the point is sent again. */
function giveUp(op: Operation): void {
  op.kind = KIND_NONE
  loseSession()
  areaIsFree()
}

function readTable(op: Operation): void {
  if (inSync == 0) return
  newRound(op)
  wrong = 0
  sendTableRead(op)
}

function sendTableRead(op: Operation): void {
  send(op, ctz(inSync & ~wrong), DRIVE_READ, 0, tableLba(), tableSectors(slots), <u32>AREA_TABLE)
}

function tableRead(op: Operation): void {
  // Nobody was there to be asked.
  if ((op.succeeded | op.failed) == 0) return readTable(op)
  if (op.succeeded != 0 && sumOfTable(slots) == tableSum) return apply(op)
  wrong |= op.succeeded | op.failed
  newRound(op)
  if ((inSync & ~wrong) != 0) return sendTableRead(op)
  // Nobody knows any more what was to be changed, and some of it has been: all of it may differ.
  isBroken = true
  markAll()
  finish(op)
}

function apply(op: Operation): void {
  isBroken = false
  slot = 0
  beginSlot()
  op.step = NEXT
  readWindow(op)
}

function beginSlot(): void {
  wrong = 0
  nextLba = slot < slots ? markStart(regionIn(slot)) : 0
  sum = 0
}

function readWindow(op: Operation): void {
  op.step = NEXT
  if (slot == slots) return finish(op)
  if (inSync == 0) return
  if ((inSync & ~wrong) == 0) return giveUpSlots(op)
  newRound(op)
  op.step = READING
  op.lba = nextLba
  op.sectors = <u32>min<u64>(markEnd(regionIn(slot)) - nextLba, WINDOW_SECTORS)
  const at = slotLba(slot) + (nextLba - markStart(regionIn(slot)))
  send(op, ctz(inSync & ~wrong), DRIVE_READ, 0, at, op.sectors, <u32>APPLY_BUFFER)
}

function windowRead(op: Operation): void {
  const asked = op.succeeded | op.failed
  if (op.succeeded != 0) sum += sumOf(op.lba, op.sectors, APPLY_BUFFER)
  const isLast = op.lba + op.sectors == markEnd(regionIn(slot))
  // Windows before the last one are checked with it: nobody reads the LUN before all is done.
  if (op.succeeded == 0 || (isLast && sum != slotSum(slot))) {
    const others = wrong | asked
    beginSlot()
    wrong = others
    return readWindow(op)
  }
  op.step = WRITING
  storeOwn(op.lba, op.sectors)
}

/** The window is in its place, or the members did not take it. */
export function stagedIsStored(isStored: bool): void {
  const op = operation(OP_SWITCH)
  op.step = NEXT
  if (isStored) {
    nextLba += op.sectors
    if (nextLba == markEnd(regionIn(slot))) {
      slot++
      beginSlot()
    }
  } else {
    // From its beginning, when the link is looked after.
    beginSlot()
    return
  }
  if (isServing() && !isStopping()) readWindow(op)
}

/** What is in its place may be of either point; and what follows is of the last one. */
function giveUpSlots(op: Operation): void {
  isBroken = true
  for (; slot < slots; slot++) {
    const region = regionIn(slot)
    markRange(markStart(region), <u32>(markEnd(region) - markStart(region)))
  }
  finish(op)
}

function finish(op: Operation): void {
  if (isBroken) setConsistent(false)
  else adoptGeneration(generation, point)
  memory.fill(NVRAM + SEAL, 0, SEAL_BYTES)
  commitNvram(SEAL, SEAL_BYTES)
  isSealed = false
  op.kind = KIND_NONE
  if (isBroken) loseSession()
  else {
    note(EVENT_POINT_HELD, point, 0, 0)
    if (isConnected && waitingSession == session) becomeFollower()
  }
  areaIsFree()
}
