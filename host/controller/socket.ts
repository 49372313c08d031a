// Where a controller gets its microcode from: an instance with RAM as it is before boot.
//
// A new instance for every boot is the plain way; whoever boots thousands of times a second keeps them (keptSockets.ts).

import { DRIVE_SLOT_BYTES } from '../../assembly/abi/driveSlots'
import { HOST_SLOT_BYTES } from '../../assembly/abi/hostSlots'
import type { Descriptor } from './descriptor'
import type { ProgressCell } from './progressCell'
import { startInstance } from './startInstance'
import type { EntryPoints } from './wiring'

/** The functions of assembly/hal/hal.ts. */
export type Hal = Record<string, (...args: number[]) => unknown>

export interface Socket {
  readonly instance: WebAssembly.Instance
  /** The module that the instance was made of. */
  readonly module: WebAssembly.Module
  readonly entries: EntryPoints
  readonly descriptor: Descriptor
  /** The hardware has written to the microcode's memory. */
  touched(address: number, bytes: number): void
  /** The controller does not need it any more. */
  release(): void
}

export interface SocketSource {
  /** An instance that has described itself and has not booted. Throws MicrocodeRefused. */
  open(hal: Hal, progress: ProgressCell, nowNs: number): Socket
}

const NOTHING = (): void => {}

export function newSockets(module: WebAssembly.Module): SocketSource {
  return {
    open(hal, progress, nowNs) {
      const imports = { hal, env: { abort: () => hal.panic!(0) } }
      return { module, ...startInstance(module, imports, progress, nowNs), touched: NOTHING, release: NOTHING }
    },
  }
}

/** Where the hardware writes without being told an address; buffers are touched one by one. */
export function touchAreas(socket: Socket, d: Descriptor): void {
  socket.touched(d.hostSlotsAddress, d.hostSlotCount * HOST_SLOT_BYTES)
  socket.touched(d.driveSlotsAddress, d.driveSlotCount * DRIVE_SLOT_BYTES)
  socket.touched(d.nvramAddress, d.nvramBytes)
  socket.touched(d.configAddress, d.configWords * 4)
}
