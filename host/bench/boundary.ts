// The boundary as a benchmark: one mirrored write through the real mirror microcode, with hardware that answers at once.
//
// A doorbell, two drive commands, two interrupts, a completion; no clock, no bytes moved, no drives. What is left is the cost of calls between
// JavaScript and WebAssembly, and of the microcode itself.

import { CONFIG_ASSUME_CLEAN, CONFIG_MEMBERS, CONFIG_UUID_0 } from '../../assembly/abi/config'
import { BAY_PRESENT, BOOT_FORMAT } from '../../assembly/abi/descriptor'
import {
  DRIVE_IDENTIFY,
  DRIVE_IDENTITY_SECTOR_BYTES,
  DRIVE_IDENTITY_SECTORS_LOW,
  DRIVE_OK,
  DRIVE_SLOT_BUFFER,
  DRIVE_SLOT_BYTES,
  DRIVE_SLOT_OP,
  DRIVE_SLOT_STATUS,
} from '../../assembly/abi/driveSlots'
import { OP_TEST_UNIT_READY, OP_WRITE_10, SCSI_GOOD } from '../../assembly/abi/scsi'
import { type Descriptor, readDescriptor } from '../controller/descriptor'
import { putCommand, statusOf } from '../controller/hostSlotAccess'
import { HAL_FUNCTIONS } from '../controller/moduleCheck'
import type { EntryPoints } from '../controller/wiring'
import { fillTransferCdb } from '../workload/scsiCodec'

const DRIVE_SECTORS = 65_536
const WRITE_SECTORS = 8
/** Writes go to this many places in turn: their regions stay marked, as those of a busy array do. */
const PLACES = 64

/** An array of two members, ready; the returned function carries `count` mirrored writes out. */
export function boundaryWrites(microcode: Uint8Array): (count: number) => void {
  const machine = new BareMachine(microcode)
  machine.format()
  return (count) => {
    for (let i = 0; i < count; i++) machine.write((i % PLACES) * WRITE_SECTORS)
  }
}

class BareMachine {
  readonly #entries: EntryPoints
  readonly #descriptor: Descriptor
  readonly #bytes: Uint8Array
  readonly #words: Uint32Array
  readonly #issued: number[] = []
  readonly #cdb = new Uint8Array(16)

  constructor(microcode: Uint8Array) {
    const nothing = (): number => 0
    const issue = (slot: number): void => void this.#issued.push(slot)
    const hal = { ...Object.fromEntries(HAL_FUNCTIONS.map((name) => [name, nothing])), issue }
    const module = new WebAssembly.Module(new Uint8Array(microcode))
    const { exports } = new WebAssembly.Instance(module, { hal, env: { abort: nothing } })
    this.#entries = exports as unknown as EntryPoints
    this.#descriptor = readDescriptor(this.#entries.memory, this.#entries.describe())
    this.#bytes = new Uint8Array(this.#entries.memory.buffer)
    this.#words = new Uint32Array(this.#entries.memory.buffer)
  }

  format(): void {
    const config = this.#descriptor.configAddress >>> 2
    this.#words[config + CONFIG_MEMBERS] = 2
    this.#words[config + CONFIG_ASSUME_CLEAN] = 1
    this.#words[config + CONFIG_UUID_0] = 1
    this.#entries.boot(BOOT_FORMAT)
    for (const bay of [0, 1]) this.#entries.hotplug(bay, BAY_PRESENT)
    this.#answerAll()
    // The first command after a boot is told of it (UNIT ATTENTION).
    this.#cdb.fill(0)
    this.#cdb[0] = OP_TEST_UNIT_READY
    this.#ring(6, 0)
    for (let place = 0; place < PLACES; place++) this.write(place * WRITE_SECTORS)
    const at = this.#descriptor.hostSlotsAddress
    if (statusOf(this.#words, at) !== SCSI_GOOD) throw new Error('the bare machine must serve writes')
  }

  write(lba: number): void {
    fillTransferCdb(this.#cdb, lba, WRITE_SECTORS, OP_WRITE_10, OP_WRITE_10, false)
    this.#ring(10, WRITE_SECTORS * 512)
  }

  #ring(cdbLength: number, dataOutBytes: number): void {
    const at = this.#descriptor.hostSlotsAddress
    putCommand(this.#words, this.#bytes, at, 0, this.#cdb, cdbLength, dataOutBytes, 0)
    this.#entries.doorbell(0)
    this.#answerAll()
  }

  /** Every drive command has ended well. */
  #answerAll(): void {
    for (let slot = this.#issued.pop(); slot !== undefined; slot = this.#issued.pop()) {
      const word = (this.#descriptor.driveSlotsAddress + slot * DRIVE_SLOT_BYTES) >>> 2
      if (this.#words[word + DRIVE_SLOT_OP / 4] === DRIVE_IDENTIFY)
        this.#identify(this.#words[word + DRIVE_SLOT_BUFFER / 4]!)
      this.#words[word + DRIVE_SLOT_STATUS / 4] = DRIVE_OK
      this.#entries.interrupt(slot)
    }
  }

  #identify(buffer: number): void {
    this.#words[(buffer + DRIVE_IDENTITY_SECTORS_LOW) >>> 2] = DRIVE_SECTORS
    this.#words[(buffer + DRIVE_IDENTITY_SECTOR_BYTES) >>> 2] = 512
  }
}
