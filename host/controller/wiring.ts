// What a controller is wired to, and what it tells.

import type { Drive } from '../hardware/drive'
import type { DriveCommand } from '../hardware/driveCommand'
import type { LinkEnd } from '../hardware/linkEnd'
import type { Nvram } from '../hardware/nvram'
import type { EventQueue } from '../sim/eventQueue'
import type { ProgressCell } from './progressCell'
import type { SocketSource } from './socket'

/** What the rig wants to know. Called between entries, never from within one. */
export interface ControllerHooks {
  /** The microcode has answered the command in a host slot; the answer is on its way at `timeNs`. */
  hostDone(slot: number, timeNs: number): void
  /** A drive command is about to be given to its drive. */
  driveIssued(bay: number, command: DriveCommand): void
  /** A drive command has been answered. */
  driveDone(bay: number, command: DriveCommand): void
  /** The microcode says that something happened. */
  microcodeEvent(code: number, a: number, b: number, c: number): void
  nvramCommitted(offset: number, bytes: number): void
  /** The microcode broke a rule, trapped, or called panic. It is stopped. */
  crashed(reason: string): void
}

export interface ControllerWiring {
  readonly events: EventQueue
  readonly coreEvent: number
  readonly timerEvent: number
  readonly bays: readonly (Drive | null)[]
  readonly nvram: Nvram
  readonly hooks: ControllerHooks
  readonly progress: ProgressCell
  readonly sockets: SocketSource
  /** Null: there is no other site. */
  readonly link?: LinkEnd | null
  readonly placement?: Placement
}

/**
 * Where the microcode runs, and the bus of the initiators' machine. In a `controller` each command's data cross it once, on their way to the
 * controller or back. In the `host` itself the data of commands are there already, and what goes to drives and to the link crosses it.
 */
export interface Placement {
  readonly where: 'controller' | 'host'
  /** Absent: as a controller's own (bus.ts). */
  readonly hostBusBytesPerNs?: number
}

/** The exports of a microcode that the hardware calls. */
export interface EntryPoints {
  readonly memory: WebAssembly.Memory
  describe(): number
  boot(reason: number): void
  doorbell(slot: number): void
  interrupt(slot: number): void
  receive(frame: number): void
  timer(id: number): void
  hotplug(bay: number, state: number): void
  /** Absent: the microcode takes no requests of an operator. */
  operator?(request: number, bay: number): void
}
