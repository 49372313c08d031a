// A microcode driven by hand: the test is the hardware. Calls that the microcode makes are written down as text, in order, and have
// no effect of their own; what the hardware would write, the test writes.
import { DRIVE_SLOT_BYTES } from '../../assembly/abi/driveSlots'
import {
  HOST_SLOT_BYTES,
  HOST_SLOT_CDB,
  HOST_SLOT_CDB_LENGTH,
  HOST_SLOT_DATA_IN_BYTES,
  HOST_SLOT_STATUS,
} from '../../assembly/abi/hostSlots'
import { type Descriptor, readDescriptor } from '../../host/controller/descriptor'
import { compileModule, HAL_FUNCTIONS } from '../../host/controller/moduleCheck'

type Entry = 'boot' | 'doorbell' | 'interrupt' | 'receive' | 'timer' | 'hotplug'

export class HandDriven {
  /** `issue(3)`, `complete(0)`, …: what the microcode asked for since it was last looked at. */
  readonly asked: string[] = []
  /** What `now()` answers. */
  nowNs = 0
  readonly descriptor: Descriptor
  readonly memory: WebAssembly.Memory
  private readonly exports: Record<string, (...values: number[]) => number>

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    const ask =
      (name: string) =>
      (...values: number[]): number => {
        this.asked.push(`${name}(${values.join(', ')})`)
        return name === 'now' ? this.nowNs : 0
      }
    const hal = Object.fromEntries(HAL_FUNCTIONS.map((name) => [name, ask(name)]))
    const { exports } = new WebAssembly.Instance(compileModule(bytes), { hal, env: { abort: ask('abort') } })
    this.exports = exports as Record<string, (...values: number[]) => number>
    this.memory = exports.memory as WebAssembly.Memory
    this.descriptor = readDescriptor(this.memory, this.exports.describe())
  }

  call(entry: Entry, ...values: number[]): string[] {
    this.asked.length = 0
    this.exports[entry](...values)
    return [...this.asked]
  }

  get view(): DataView {
    return new DataView(this.memory.buffer)
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length)
  }

  hostSlot(slot: number): number {
    return this.descriptor.hostSlotsAddress + slot * HOST_SLOT_BYTES
  }

  driveSlot(slot: number): number {
    return this.descriptor.driveSlotsAddress + slot * DRIVE_SLOT_BYTES
  }

  buffer(slot: number): number {
    return this.descriptor.buffersAddress + slot * this.descriptor.bufferStrideBytes
  }

  /** Puts a command into a host slot, as the hardware does before `doorbell`. */
  putCommand(slot: number, cdb: readonly number[], dataInBytes = 0): void {
    const at = this.hostSlot(slot)
    // Only what the hardware writes: the answer of the command before stays where it is.
    this.bytes(at, HOST_SLOT_STATUS).fill(0)
    this.bytes(at + HOST_SLOT_CDB, cdb.length).set(cdb)
    this.view.setUint32(at + HOST_SLOT_CDB_LENGTH, cdb.length, true)
    this.view.setUint32(at + HOST_SLOT_DATA_IN_BYTES, dataInBytes, true)
  }

  word(address: number): number {
    return this.view.getUint32(address, true)
  }
}
