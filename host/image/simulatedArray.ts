// A site with a copier and simulated drives, as something that copies: to drives what FileController is to files.
//
// Time is simulated; what happens is a function of the drives, the commands and the seed. Faults are filters that the caller puts over the
// drives. Not here: initiators other than the caller, and a judge.

import type { Controller } from '../controller/controller'
import { ProgressCell } from '../controller/progressCell'
import type { Drive } from '../hardware/drive'
import { Site, type SiteObserver } from '../rig/site'
import { EventQueue } from '../sim/eventQueue'
import { RandomStream } from '../sim/random'
import { Trace } from '../sim/trace'
import type { CommandAnswer, CopyPort } from './copyJob'

/** More than the window of any copier. */
const NVRAM_BYTES = 1 << 18

export class SimulatedArray implements CopyPort {
  /** Drive commands, their answers, and commits of NVRAM so far: the instants between which a power cut makes a difference. */
  effects = 0
  /** Why the microcode was stopped, or ''. */
  crash = ''
  readonly site: Site
  readonly #events = new EventQueue()
  readonly #waiting = new Map<number, (answer: CommandAnswer) => void>()
  readonly #sectorBytes: number

  constructor(module: WebAssembly.Module, drives: readonly Drive[], seed: number) {
    this.#sectorBytes = drives[0]!.medium.sectorBytes
    this.site = new Site({
      events: this.#events,
      trace: new Trace(),
      random: RandomStream.fromSeed(seed, 'array of a copy'),
      module,
      bays: drives,
      nvramBytes: NVRAM_BYTES,
      progress: new ProgressCell(),
      observer: this.#observer(),
      configure: () => {},
    })
    this.site.powerOn()
  }

  get nowNs(): number {
    return this.#events.nowNs
  }

  /** When the next thing happens; Infinity: never. */
  get nextTimeNs(): number {
    return this.#events.nextTimeNs
  }

  get sectorBytes(): number {
    return this.#sectorBytes
  }

  get bufferBytes(): number {
    return this.site.controller.descriptor.bufferBytes
  }

  /** Power goes and comes back; commands that waited for an answer get none. `meanwhile`: what is done to the drives in the dark. */
  powerCycle(meanwhile: () => void = () => {}): void {
    this.site.powerCut(this.site.seededCut(false))
    this.#waiting.clear()
    this.#events.clear()
    meanwhile()
    this.site.powerOn()
  }

  send(cdb: Uint8Array, dataOut: Uint8Array, dataInBytes: number, answered: (answer: CommandAnswer) => void): void {
    const { controller } = this.site
    const slot = controller.freeHostSlot(0)
    if (slot < 0) throw new Error('a host slot must be free')
    this.#waiting.set(slot, answered)
    controller.bytes.set(dataOut, controller.hostBufferAddress(slot))
    controller.submit(slot, cdb, cdb.length, dataOut.length, dataInBytes)
  }

  run(steps: number): boolean {
    const events = this.#events
    for (let step = 0; step < steps; step++) {
      if (!events.pop()) return false
      this.site.handle(events.kind, events.a, events.b)
    }
    return true
  }

  status(word: number): number {
    return this.site.controller.statusWord(word)
  }

  /** A simulated drive knows no hurry: its flushes always reach the medium. */
  makeDurable(): void {}

  #observer(): SiteObserver {
    const effect = () => {
      this.effects++
    }
    return {
      hostDone: (slot) => this.#hostDone(this.site.controller, slot),
      driveIssued: effect,
      driveDone: effect,
      microcodeEvent: () => {},
      nvramCommitted: effect,
      crashed: (reason) => {
        this.crash = reason
      },
    }
  }

  #hostDone(controller: Controller, slot: number): void {
    const address = controller.hostBufferAddress(slot)
    const answered = this.#waiting.get(slot)
    this.#waiting.delete(slot)
    answered?.({
      status: controller.hostStatus(slot),
      sense: controller.hostSense(slot).slice(),
      dataIn: controller.bytes.slice(address, address + controller.hostTransferred(slot)),
    })
  }
}
