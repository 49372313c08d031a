// What a running microcode asks the hardware for: the imports of assembly/hal/hal.ts, checked at the door and noted.
//
// Nothing happens before the entry returns: commands and answers are listed in the order in which they were asked for, and the controller
// takes them from here. Timers, NVRAM and trace have no effect that the entry could see, so they are served at once. A broken rule
// throws ControllerFault through the microcode, which ends it.

import type { DriveCommand } from '../hardware/driveCommand'
import { COMMAND_FREE } from '../hardware/driveCommand'
import { ControllerFault } from './controllerFault'
import type { Descriptor } from './descriptor'
import { LinkPort } from './linkPort'
import { SlotList } from './slotList'
import type { ControllerWiring } from './wiring'

export interface RequestsOwner {
  /** A command leaves its drive, and its answer the core. */
  takeBack(command: DriveCommand): void
  /** A range of NVRAM is about to become durable. */
  beforeCommit(): void
}

export class Requests {
  issued = new SlotList(0)
  completed = new SlotList(0)
  /** Imports that the running entry has called: each costs time. */
  importCount = 0
  /** Host slots: 1 = the microcode owes an answer. */
  hostBusy = new Uint8Array(0)
  #timerGenerations = new Uint32Array(0)
  /** Null: there is no microcode that may use the hardware. */
  #descriptor: Descriptor | null = null
  #commands: readonly DriveCommand[] = []
  readonly #wiring: ControllerWiring
  readonly #bytes: () => Uint8Array
  readonly #owner: RequestsOwner
  readonly port: LinkPort

  /** `bytes`: the microcode's memory as it is now. */
  constructor(wiring: ControllerWiring, bytes: () => Uint8Array, owner: RequestsOwner) {
    this.#wiring = wiring
    this.#bytes = bytes
    this.#owner = owner
    this.port = new LinkPort(wiring.link ?? null)
  }

  /** A fresh microcode: nobody owes anything, and timers of the one before are stale. `commands`: one for each drive slot. */
  reset(descriptor: Descriptor, commands: readonly DriveCommand[]): void {
    const { driveSlotCount, hostSlotCount, timerCount } = descriptor
    this.#descriptor = descriptor
    this.#commands = commands
    if (this.issued.capacity !== driveSlotCount) this.issued = new SlotList(driveSlotCount)
    if (this.completed.capacity !== hostSlotCount) {
      this.completed = new SlotList(hostSlotCount)
      this.hostBusy = new Uint8Array(hostSlotCount)
    }
    this.#forgetOwed()
    this.port.reset(descriptor)
    if (this.#timerGenerations.length < timerCount) this.#timerGenerations = new Uint32Array(timerCount)
  }

  /** The microcode is gone. */
  forget(): void {
    this.#descriptor = null
    this.#forgetOwed()
    this.port.forget()
    for (let i = 0; i < this.#timerGenerations.length; i++) this.#timerGenerations[i]!++
  }

  #forgetOwed(): void {
    this.issued.clear()
    this.completed.clear()
    this.hostBusy.fill(0)
  }

  isTimerDue(id: number, generation: number): boolean {
    return this.#timerGenerations[id] === generation
  }

  imports(): Record<string, (...args: number[]) => unknown> {
    const { events, hooks } = this.#wiring
    return {
      issue: (slot) => this.#issue(slot!),
      abort: (slot) => this.#abort(slot!),
      complete: (slot) => this.#complete(slot!),
      setTimer: (id, delayNs) => this.#setTimer(id!, delayNs!),
      cancelTimer: (id) => {
        this.importCount++
        if (id! >>> 0 < this.#booted().timerCount) this.#timerGenerations[id!]!++
      },
      sendFrame: (frame) => {
        this.importCount++
        this.port.sendFrame(frame!)
      },
      offerFrame: (frame) => {
        this.importCount++
        this.port.offerFrame(frame!)
      },
      commitNvram: (offset, bytes) => this.#commitNvram(offset! >>> 0, bytes! >>> 0),
      now: () => events.nowNs,
      trace: (code, a, b, c) => hooks.microcodeEvent(code!, a!, b!, c!),
      panic: (code) => {
        throw new ControllerFault(`panic(${code})`)
      },
    }
  }

  #booted(): Descriptor {
    if (!this.#descriptor) throw new ControllerFault('a call to the hardware before boot')
    return this.#descriptor
  }

  #issue(slot: number): void {
    this.importCount++
    if (slot >>> 0 >= this.#booted().driveSlotCount) throw new ControllerFault(`issue(${slot >>> 0}): no such slot`)
    if (this.#commands[slot]!.state !== COMMAND_FREE || this.issued.includes(slot)) {
      throw new ControllerFault(`issue(${slot}): the slot is in use`)
    }
    this.issued.add(slot)
  }

  #abort(slot: number): void {
    this.importCount++
    this.#booted()
    const command = this.#commands[slot]
    if (!command) throw new ControllerFault(`abort(${slot}): no such slot`)
    this.issued.remove(slot)
    this.#owner.takeBack(command)
  }

  #complete(slot: number): void {
    this.importCount++
    if (this.hostBusy[slot] !== 1) throw new ControllerFault(`complete(${slot}): nothing is owed there`)
    this.hostBusy[slot] = 0
    this.completed.add(slot)
  }

  #setTimer(id: number, delayNs: number): void {
    this.importCount++
    if (!(id >>> 0 < this.#booted().timerCount)) throw new ControllerFault(`setTimer(${id}): no such timer`)
    if (!(delayNs >= 0 && delayNs < 1e18)) throw new ControllerFault(`setTimer(${id}, ${delayNs}): no such delay`)
    const { events, timerEvent } = this.#wiring
    events.push(events.nowNs + Math.round(delayNs), timerEvent, id, ++this.#timerGenerations[id]!)
  }

  #commitNvram(offset: number, bytes: number): void {
    this.importCount++
    const { nvramAddress, nvramBytes } = this.#booted()
    if (offset + bytes > nvramBytes) throw new ControllerFault(`commitNvram(${offset}, ${bytes}): outside the window`)
    const { nvram, hooks } = this.#wiring
    this.#owner.beforeCommit()
    nvram.commit(this.#bytes().subarray(nvramAddress, nvramAddress + nvramBytes), offset, bytes)
    hooks.nvramCommitted(offset, bytes)
  }
}
