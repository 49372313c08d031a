// A mirrored LUN to send single SCSI commands to, on ideal drives: for tests of the front end.

import { readFileSync } from 'node:fs'
import { ProgressCell } from '../../host/controller/progressCell'
import { Site } from '../../host/rig/site'
import { DriveFactory } from '../../host/scenario/buildDrives'
import { configurator } from '../../host/scenario/configure'
import { parseScenario } from '../../host/scenario/parse'
import { EventQueue } from '../../host/sim/eventQueue'
import { RandomStream } from '../../host/sim/random'
import { Trace } from '../../host/sim/trace'
import { senseWord } from '../../host/workload/scsiCodec'

export interface ScsiAnswer {
  readonly status: number
  /** Key << 16 | ASC << 8 | ASCQ. */
  readonly sense: number
  readonly senseBytes: Uint8Array
  readonly data: Uint8Array
}

export class ScsiTarget {
  readonly site: Site
  /** Commands that each drive was given, and has answered. */
  readonly issued: number[] = Array.from({ length: 16 }, () => 0)
  readonly answered: number[] = Array.from({ length: 16 }, () => 0)
  readonly #events = new EventQueue()
  #done = -1

  constructor(array = 'members: 2, driveCapacity: 16 MiB') {
    const text = `name: scsi\narray: { ${array} }\nworkload: [ { pattern: { rw: read, count: 1 } } ]\n`
    const parsed = parseScenario(text, 'scsi.yaml')
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
    const { scenario } = parsed
    const factory = new DriveFactory(1)
    const nothing = (): void => {}
    this.site = new Site({
      events: this.#events,
      trace: new Trace(),
      random: RandomStream.fromSeed(1, 'power'),
      module: new WebAssembly.Module(readFileSync(new URL('../../build/mirror.wasm', import.meta.url))),
      bays: scenario.bays.map((spec) => spec && factory.make(spec)),
      nvramBytes: 262_144,
      progress: new ProgressCell(),
      configure: configurator(scenario, 1),
      observer: {
        hostDone: (slot) => {
          this.#done = slot
        },
        driveIssued: (bay) => {
          this.issued[bay]!++
        },
        driveDone: (bay) => {
          this.answered[bay]!++
        },
        microcodeEvent: nothing,
        nvramCommitted: nothing,
        crashed: (reason) => {
          throw new Error(reason)
        },
      },
    })
  }

  /** Switches on and waits until the LUN is ready; UNIT ATTENTION is still due. */
  start(): this {
    this.site.format()
    return this.settle()
  }

  /** Lets the array do what it has to do by itself. */
  settle(): this {
    for (let i = 0; i < 2000 && this.#step(); i++) {}
    return this
  }

  /** Goes on until something is so; it must become so. */
  until(isSo: () => boolean): this {
    while (!isSo()) if (!this.#step()) throw new Error('nothing happens any more')
    return this
  }

  get nowNs(): number {
    return this.#events.nowNs
  }

  /** All status words. */
  status(): number[] {
    return [...this.site.controller.status]
  }

  command(cdb: readonly number[], { dataOut = new Uint8Array(0), dataIn = 0, lun = 0 } = {}): ScsiAnswer {
    const { controller } = this.site
    const padded = new Uint8Array(16)
    padded.set(cdb)
    const address = controller.hostBufferAddress(0)
    // What a command leaves untouched must not look like an answer.
    controller.bytes.fill(0xee, address, address + 4096)
    controller.bytes.set(dataOut, address)
    this.#done = -1
    controller.submit(0, padded, cdb.length, dataOut.length, dataIn, lun)
    while (this.#done < 0 && this.#step()) {}
    if (this.#done !== 0) throw new Error('the command must be answered')
    const senseBytes = controller.hostSense(0).slice()
    return {
      status: controller.hostStatus(0),
      sense: senseWord(senseBytes),
      senseBytes,
      data: controller.bytes.slice(address, address + controller.hostTransferred(0)),
    }
  }

  #step(): boolean {
    const events = this.#events
    if (!events.pop()) return false
    this.site.handle(events.kind, events.a, events.b)
    return true
  }
}
