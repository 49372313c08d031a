// Writes of hosts on their way to the other site: what was sent, and what has come back of it.
//
// A shipment is remembered until the other site has it on its members, also where the host is told "done" earlier: when the link is lost
// before that, its region is marked, and the other site gets it again. So nothing that was sent is forgotten, whatever the mode.

import { CONFIG_REMOTE_MODE, REMOTE_MODE_ONE_BEHIND, REMOTE_MODE_RECEIVED, REMOTE_MODE_SYNC } from '../abi/config'
import { config } from './memory'
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
/** More than host slots: in mode `received` slots are free before their shipments are. */
const SHIPMENTS: u32 = 256
const TABLE: usize = memory.data(256 * 24, 16)

let next: u32 = 0
/** Shipments that the other controller has not received. */
let unreceived: u32 = 0
let unstored: u32 = 0

function shipmentAt(index: u32): Shipment {
  return changetype<Shipment>(TABLE + index * SHIPMENT_BYTES)
}

/** In mode `one-behind` a write waits until the other controller has the last one. And there is room for so many on the way. */
export function mustWaitToShip(): bool {
  return unstored == SHIPMENTS || (unreceived != 0 && config(CONFIG_REMOTE_MODE) == REMOTE_MODE_ONE_BEHIND)
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
  const header = newFrame(FRAME_WRITE)
  header.lba = op.lba
  header.sectors = op.sectors
  header.tag = next
  header.flags = op.flags
  sendNumbered(header, op.buffer, op.sectors << 9)
  op.remote = config(CONFIG_REMOTE_MODE) == REMOTE_MODE_ONE_BEHIND ? NO_REMOTE : REMOTE_AWAITED
  next = (next + 1) % SHIPMENTS
}

/** The other controller has the write with this tag. */
export function received(tag: u32): void {
  const shipment = shipmentAt(tag)
  if (tag >= SHIPMENTS || shipment.state != SENT) return
  shipment.state = RECEIVED
  unreceived--
  if (config(CONFIG_REMOTE_MODE) == REMOTE_MODE_RECEIVED) tellOwner(shipment, NO_REMOTE)
  wakeAt(KIND_WRITE, WRITE_BEHIND)
}

/** The other site's members have it. */
export function stored(tag: u32): void {
  const shipment = shipmentAt(tag)
  if (tag >= SHIPMENTS || shipment.state == FREE) return
  if (shipment.state == SENT) received(tag)
  shipment.state = FREE
  unstored--
  if (config(CONFIG_REMOTE_MODE) == REMOTE_MODE_SYNC) tellOwner(shipment, NO_REMOTE)
  wakeAt(KIND_WRITE, WRITE_BEHIND)
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
      shipment.state = FREE
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
