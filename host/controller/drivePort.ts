// A controller's way to its drives: a command slot of the microcode becomes a command of a drive, with its data, and the other way round.

import {
  DRIVE_FLUSH,
  DRIVE_IDENTIFY,
  DRIVE_IDENTITY_BYTES,
  DRIVE_READ,
  DRIVE_SLOT_BYTES,
  DRIVE_WRITE,
} from '../../assembly/abi/driveSlots'
import { C2_BYTES, DRIVE_READ_C2 } from '../../assembly/abi/optical'
import type { DriveCommand } from '../hardware/driveCommand'
import { Bus } from './bus'
import { captureWrite, twinOf } from './capture'
import { ControllerFault } from './controllerFault'
import { checkBuffer, readCommand } from './driveSlotAccess'
import { identityOf } from './identity'
import { MemoryViews } from './memoryViews'
import type { MicrocodeMemory } from './microcodeMemory'
import type { SlotList } from './slotList'
import type { ControllerWiring } from './wiring'

export class DrivePort {
  readonly #wiring: ControllerWiring
  readonly #memory: MicrocodeMemory
  /** All data cross it. */
  readonly bus: Bus
  readonly #views = new MemoryViews(12)

  /** `hostBus`: in place of a controller's own bus. */
  constructor(wiring: ControllerWiring, memory: MicrocodeMemory, hostBus: Bus | null) {
    this.bus = hostBus ?? new Bus()
    this.#wiring = wiring
    this.#memory = memory
  }

  /** A fresh microcode. */
  reset(): void {
    this.bus.reset()
  }

  /**
   * Gives the command in a drive slot to its drive, which gets it over the bus from `nowNs` on; false: there is no drive. `position`: which of
   * the `issued` ones it is. Throws ControllerFault.
   */
  start(slot: number, position: number, commands: readonly DriveCommand[], issued: SlotList, nowNs: number): boolean {
    const { bytes, words, descriptor } = this.#memory
    const at = descriptor.driveSlotsAddress + slot * DRIVE_SLOT_BYTES
    const bay = words[at >>> 2]!
    if (bay >= descriptor.bayCount) throw new ControllerFault(`drive slot ${slot} names bay ${bay}`)
    const drive = this.#wiring.bays[bay] ?? null
    const command = commands[slot]!
    readCommand(words, at, command)
    if (!drive) return false
    let busBytes = 64
    if (command.op === DRIVE_READ || command.op === DRIVE_WRITE) {
      busBytes = command.sectors * drive.medium.sectorBytes
      checkBuffer(descriptor, 'drive', slot, command.bufferAddress, busBytes)
      if (command.op === DRIVE_WRITE && command.lba + command.sectors <= drive.sectorCount) {
        const twin = twinOf(commands, issued, position, drive.medium.sectorsPerPage)
        captureWrite(drive.medium, command, bytes, this.#views, twin)
      }
    } else if (command.op === DRIVE_READ_C2) {
      busBytes = command.sectors * (drive.medium.sectorBytes + C2_BYTES)
      checkBuffer(descriptor, 'drive', slot, command.bufferAddress, busBytes)
    } else if (command.op === DRIVE_IDENTIFY) {
      checkBuffer(descriptor, 'drive', slot, command.bufferAddress, DRIVE_IDENTITY_BYTES)
    } else if (command.op === DRIVE_FLUSH) {
      command.lba = 0
      command.sectors = 0
    }
    command.arrivalNs = this.bus.transfer(nowNs, busBytes)
    this.#wiring.hooks.driveIssued(bay, command)
    drive.submit(command)
    return true
  }

  /** Puts what a drive delivers into the microcode's memory. */
  fetch(bay: number, command: DriveCommand): void {
    const drive = this.#wiring.bays[bay]!
    const { bytes } = this.#memory
    if (command.op === DRIVE_READ) {
      this.#memory.touched(command.bufferAddress, command.sectors * drive.medium.sectorBytes)
      drive.transfer(command, bytes)
    } else if (command.op === DRIVE_READ_C2) {
      this.#memory.touched(command.bufferAddress, command.sectors * (drive.medium.sectorBytes + C2_BYTES))
      drive.transfer(command, bytes)
    } else if (command.op === DRIVE_IDENTIFY) {
      this.#memory.touched(command.bufferAddress, DRIVE_IDENTITY_BYTES)
      bytes.set(identityOf(drive), command.bufferAddress)
    }
  }
}
