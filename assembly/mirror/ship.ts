// Writes of hosts on their way to the other site: what was sent, and what has come back of it.
//
// A shipment is remembered until the other site has it on its members, also where the host is told "done" earlier: when the link is lost
// before that, its region is marked, and the other site gets it again. So nothing that was sent is forgotten. Mode async has a journal
// in place of that (journalSend.ts), and mode scheduled sends no writes.

import { CONFIG_REMOTE_MODE, REMOTE_MODE_ONE_BEHIND, REMOTE_MODE_RECEIVED, REMOTE_MODE_SYNC } from '../abi/config'
import { beginWrite, endWrite } from './bitmap'
import { isJournaling, journalHolds } from './journalSend'
import { config, HOST_SLOTS } from './memory'
import {
  indexOf,
  KIND_WRITE,
  NO_REMOTE,
  Operation,
  operation,
  REMOTE_AWAITED,
  REMOTE_FAILED,
  wake,
  wakeAt,
} from './operation'
import { sendNumbered } from './remote'
import { FRAME_WRITE, newFrame } from './remoteFrames'
import { markRange } from './remoteRecord'
import { WRITE_BEHIND } from './write'

const FREE: u32 = 0
const SENT: u32 = 1
/** The other controller has it; its members do not yet. */
const RECEIVED: u32 = 2

@unmanaged
class Shipment {
  state: u32
  /** The operation of the host's write, which may be over. */
  owner: u32
  lba: u64
  sectors: u32
}

const SHIPMENT_BYTES: u32 = 24
/** More than host slots: but for mode `sync` slots are free before their shipments are. Writes that find no room wait. */
const SHIPMENTS: u32 = 2048
const TABLE: usize = memory.data(2048 * 24, 16)

let next: u32 = 0
/** Shipments that the other controller has not received. */
let unreceived: u32 = 0
let unstored: u32 = 0

function shipmentAt(index: u32): Shipment {
  return changetype<Shipment>(TABLE + index * SHIPMENT_BYTES)
}

/** In mode `one-behind` a write waits until the other controller has the last one; in mode `async` as the journal has it (journalSend.ts). */
function isHeldBack(): bool {
  if (isJournaling()) return journalHolds()
  return unstored == SHIPMENTS || (config(CONFIG_REMOTE_MODE) == REMOTE_MODE_ONE_BEHIND && unreceived != 0)
}

/** Writes that wait for their turn, in the order in which they came: `badLba` is a write's number. */
let parked: u32 = 0
let tickets: u64 = 0

/** Whether it is not a write's turn yet; then it is woken when it is. */
export function waitsToShip(op: Operation): bool {
  const isParked = op.step == WRITE_BEHIND
  if (!isHeldBack() && (isParked || parked == 0)) return false
  if (!isParked) {
    op.step = WRITE_BEHIND
    op.badLba = tickets++
    parked++
  }
  return true
}

/** A write that may have waited does not any more. */
export function leavesQueue(op: Operation): void {
  if (op.step != WRITE_BEHIND) return
  parked--
  op.badLba = u64.MAX_VALUE
}

/** The one that has waited longest may go, if one may. */
export function wakeNextToShip(): void {
  if (parked == 0 || isHeldBack()) return
  let oldest: u32 = u32.MAX_VALUE
  for (let index: u32 = 0; index < HOST_SLOTS; index++) {
    const op = operation(index)
    if (op.kind != KIND_WRITE || op.step != WRITE_BEHIND) continue
    if (oldest == u32.MAX_VALUE || op.badLba < operation(oldest).badLba) oldest = index
  }
  if (oldest != u32.MAX_VALUE) wake(operation(oldest))
}

/** Sends a host's write; whether its answer waits for the other site is up to the mode. */
export function ship(op: Operation): void {
  while (shipmentAt(next).state != FREE) next = (next + 1) % SHIPMENTS
  const shipment = shipmentAt(next)
  shipment.state = SENT
  shipment.owner = indexOf(op)
  shipment.lba = op.lba
  shipment.sectors = op.sectors
  unreceived++
  unstored++
  // Its regions stay marked until the other site has it, however early the host is answered: after a power cut the marks are all that tells.
  beginWrite(op.lba, op.sectors)
  const header = newFrame(FRAME_WRITE)
  header.lba = op.lba
  header.sectors = op.sectors
  header.tag = next
  header.flags = op.flags
  sendNumbered(header, op.buffer, op.sectors << 9)
  op.remote = config(CONFIG_REMOTE_MODE) >= <u32>REMOTE_MODE_ONE_BEHIND ? NO_REMOTE : REMOTE_AWAITED
  next = (next + 1) % SHIPMENTS
}

/** The other controller has the write with this tag. */
export function received(tag: u32): void {
  const shipment = shipmentAt(tag)
  if (tag >= SHIPMENTS || shipment.state != SENT) return
  shipment.state = RECEIVED
  unreceived--
  if (config(CONFIG_REMOTE_MODE) == REMOTE_MODE_RECEIVED) tellOwner(shipment, NO_REMOTE)
  wakeNextToShip()
}

/** The other site's members have it. */
export function stored(tag: u32): void {
  const shipment = shipmentAt(tag)
  if (tag >= SHIPMENTS || shipment.state == FREE) return
  if (shipment.state == SENT) received(tag)
  free(shipment)
  unstored--
  if (config(CONFIG_REMOTE_MODE) == REMOTE_MODE_SYNC) tellOwner(shipment, NO_REMOTE)
  wakeNextToShip()
}

function free(shipment: Shipment): void {
  shipment.state = FREE
  endWrite(shipment.lba, shipment.sectors)
}

/** The sectors of a write: of use when it could not be stored there. */
export function markShipment(tag: u32): void {
  const shipment = shipmentAt(tag)
  if (tag < SHIPMENTS && shipment.state != FREE) markRange(shipment.lba, shipment.sectors)
}

function tellOwner(shipment: Shipment, outcome: u32): void {
  const op = operation(shipment.owner)
  if (op.kind != KIND_WRITE || op.remote != REMOTE_AWAITED) return
  if (op.lba != shipment.lba || op.sectors != shipment.sectors) return
  op.remote = outcome
  wake(op)
}

/** Nothing more is heard of the other site: all that is on its way may be there or not. Nobody waits for it any more. */
export function giveUpShipments(): void {
  if (unstored != 0) {
    for (let tag: u32 = 0; tag < SHIPMENTS; tag++) {
      const shipment = shipmentAt(tag)
      if (shipment.state == FREE) continue
      markRange(shipment.lba, shipment.sectors)
      free(shipment)
      tellOwner(shipment, REMOTE_FAILED)
    }
  }
  unreceived = 0
  unstored = 0
  wakeAt(KIND_WRITE, WRITE_BEHIND)
}

export function shipmentsOnTheWay(): u32 {
  return unstored
}
