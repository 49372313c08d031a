// An initiator that reads the LUNs of a snapshot (assembly/abi/scsi.ts, SNAPSHOT_LUN_FIRST), in the row of all LUNs: sectors, and which of
// them have changed. It knows neither when a snapshot is taken nor what becomes of what it reads.
//
// A UNIT ATTENTION is answered by sending the command again, NOT READY by trying it again later, unless it says that there is no medium. At a
// power cut everything in flight is forgotten, and sent again when the array is back: a snapshot stays what it is.

import {
  ASC_MEDIUM_NOT_PRESENT,
  CHANGES_DESCRIPTOR_BYTES,
  CHANGES_HEADER_BYTES,
  CHANGES_SINCE_BASE,
  OP_READ_10,
  OP_READ_16,
  OP_READ_CHANGES,
  SCSI_GOOD,
  SENSE_NOT_READY,
  SENSE_UNIT_ATTENTION,
  SNAPSHOT_LUN_FIRST,
} from '../../assembly/abi/scsi'
import type { Controller } from '../controller/controller'
import { TRACE_HOST_ACK, TRACE_HOST_SUBMIT, type Trace } from '../sim/trace'
import { IO_READ } from './io'
import type { LunMap } from './lunMap'
import { fillTransferCdb, senseInformation, senseWord } from './scsiCodec'

/** Room for the answer to READ CHANGES. */
const CHANGES_BYTES = 65_536
const SECTOR_BYTES = 512

export type SectorRun = readonly [lba: number, sectors: number]

/** What comes back, sector by sector in the row of LUNs. */
export interface SnapshotSink {
  /** The data begin at `byteOffset`; `bytes` and `words` are the same memory, which belongs to the controller. */
  read(run: SectorRun, bytes: Uint8Array, words: Uint32Array, byteOffset: number): void
  /** Changed sectors, ascending; told in regions of so many sectors. */
  changed(run: SectorRun, regionSectors: number): void
  /** READ CHANGES from the first sector of `asked` on was answered with `run`, which is not in it, or not behind the one before. */
  misanswered(asked: SectorRun, run: SectorRun): void
  /** `sense`: key << 16 | additional sense code << 8 | qualifier. `information`: the sector that the sense data name, -1: none. */
  failed(run: SectorRun, sense: number, submitNs: number, information: number): void
  /** A good answer to a read brought so many bytes, and not what was asked for. */
  mistransferred(run: SectorRun, bytes: number): void
}

interface Command {
  /** Of the row; of READ CHANGES: from here to the end of its LUN. */
  readonly run: SectorRun
  readonly asksChanges: boolean
  submitNs?: number
}

export interface SnapshotReaderOptions {
  readonly trace: Trace
  readonly nowNs: () => number
  readonly controller: () => Controller
  readonly luns: () => LunMap
  /** Whether commands may be sent now. */
  readonly isThere: () => boolean
}

export class SnapshotReader {
  /** Every command has ended. */
  isIdle = true
  readonly #options: SnapshotReaderOptions
  readonly #inFlight = new Map<number, Command>()
  #waiting: Command[] = []
  #runs: Iterator<SectorRun> | null = null
  #sink: SnapshotSink | null = null
  #sinceBase = false
  #depth = 1

  constructor(options: SnapshotReaderOptions) {
    this.#options = options
  }

  /** Reads runs, each of them in one LUN and not longer than a command may be, so many at once. */
  read(runs: Iterable<SectorRun>, depth: number, sink: SnapshotSink): void {
    this.#begin(sink, depth)
    this.#runs = runs[Symbol.iterator]()
    this.pump()
  }

  /** More of what is being read: at once. */
  alsoRead(runs: readonly SectorRun[]): void {
    this.#waiting.unshift(...runs.map((run) => ({ run, asksChanges: false })))
  }

  /** Asks all LUNs what has changed. */
  askChanges(sinceBase: boolean, sink: SnapshotSink): void {
    this.#begin(sink, 1)
    this.#sinceBase = sinceBase
    const luns = this.#options.luns()
    this.#waiting = luns.sizes.map((sectors, lun) => ({ run: [luns.firstOf(lun), sectors], asksChanges: true }))
    this.pump()
  }

  /** Nothing more of it is sent, and no answer is waited for. */
  stop(): void {
    this.#inFlight.clear()
    this.#waiting = []
    this.#runs = null
    this.isIdle = true
  }

  /** Power is lost, or the controller was reset: what was in flight has to be sent again. */
  abandon(): void {
    this.#waiting.unshift(...this.#inFlight.values())
    this.#inFlight.clear()
  }

  /** Sends what may be sent. */
  pump(): void {
    const { controller, isThere } = this.#options
    while (!this.isIdle && isThere() && this.#inFlight.size < this.#depth) {
      const slot = controller().freeHostSlot(0)
      const command = slot < 0 ? null : this.#next()
      if (!command) break
      this.#send(slot, command)
    }
    this.isIdle = this.#runs === null && this.#waiting.length === 0 && this.#inFlight.size === 0
  }

  /** A command in a slot is answered; false: it is none of this reader's. */
  hostDone(slot: number): boolean {
    const command = this.#inFlight.get(slot)
    if (!command) return false
    const controller = this.#options.controller()
    this.#inFlight.delete(slot)
    const good = controller.hostStatus(slot) === SCSI_GOOD
    const sense = good ? 0 : senseWord(controller.hostSense(slot))
    this.#options.trace.add(this.#options.nowNs(), TRACE_HOST_ACK, (slot << 8) | IO_READ, sense, command.run[0] | 0)
    if (good) this.#take(slot, command)
    else if (sense >>> 16 === SENSE_UNIT_ATTENTION) this.#send(slot, command)
    else if (sense >>> 16 === SENSE_NOT_READY && (sense & 0xffff) !== ASC_MEDIUM_NOT_PRESENT) {
      this.#waiting.unshift(command)
      return true
    } else {
      const named = senseInformation(controller.hostSense(slot))
      const luns = this.#options.luns()
      const information = named < 0 ? -1 : named + luns.firstOf(luns.lunAt(command.run[0]))
      this.#sink!.failed(command.run, sense, command.submitNs!, information)
    }
    this.pump()
    return true
  }

  #begin(sink: SnapshotSink, depth: number): void {
    this.stop()
    this.isIdle = false
    this.#sink = sink
    this.#depth = depth
  }

  #next(): Command | null {
    const waiting = this.#waiting.shift()
    if (waiting || this.#runs === null) return waiting ?? null
    const step = this.#runs.next()
    if (!step.done) return { run: step.value, asksChanges: false }
    this.#runs = null
    return null
  }

  #send(slot: number, command: Command): void {
    const { controller, luns, trace, nowNs } = this.#options
    const { run, asksChanges } = command
    const lun = luns().lunAt(run[0])
    const lba = run[0] - luns().firstOf(lun)
    const cdb = new Uint8Array(16)
    fillTransferCdb(cdb, lba, asksChanges ? CHANGES_BYTES : run[1], OP_READ_10, OP_READ_16, false)
    if (asksChanges) changesCdb(cdb, lba, this.#sinceBase)
    command.submitNs = nowNs()
    this.#inFlight.set(slot, command)
    trace.add(nowNs(), TRACE_HOST_SUBMIT, (slot << 8) | IO_READ, run[0] | 0, run[1])
    controller().submit(slot, cdb, 16, 0, asksChanges ? CHANGES_BYTES : run[1] * SECTOR_BYTES, SNAPSHOT_LUN_FIRST + lun)
  }

  #take(slot: number, command: Command): void {
    const controller = this.#options.controller()
    const from = controller.hostBufferAddress(slot)
    const bytes = controller.hostTransferred(slot)
    if (command.asksChanges) {
      this.#takeChanges(command.run, controller.bytes.slice(from, from + Math.max(CHANGES_HEADER_BYTES, bytes)))
      return
    }
    if (bytes !== command.run[1] * SECTOR_BYTES) this.#sink!.mistransferred(command.run, bytes)
    this.#sink!.read(command.run, controller.bytes, controller.words, from)
  }

  #takeChanges([first, sectors]: SectorRun, answer: Uint8Array): void {
    const luns = this.#options.luns()
    const lunFirst = luns.firstOf(luns.lunAt(first))
    const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength)
    const end = Math.min(view.getUint32(0) + 4, answer.length)
    const regionSectors = view.getUint32(4)
    let next = first
    for (let at = CHANGES_HEADER_BYTES; at + CHANGES_DESCRIPTOR_BYTES <= end; at += CHANGES_DESCRIPTOR_BYTES) {
      const lba = lunFirst + Number(view.getBigUint64(at))
      const count = view.getUint32(at + 8)
      // From here on nothing is known of the answer: nor is it asked for the rest.
      if (lba !== next || count === 0 || count > first + sectors - next) {
        this.#sink!.misanswered([first, sectors], [lba, count])
        return
      }
      if (answer[at + 12] === 1) this.#sink!.changed([lba, count], regionSectors)
      next = lba + count
    }
    const left = first + sectors - next
    if (next === first) this.#sink!.misanswered([first, sectors], [first, 0])
    else if (left > 0) this.#waiting.unshift({ run: [next, left], asksChanges: true })
  }
}

/** READ CHANGES (assembly/abi/scsi.ts). */
function changesCdb(cdb: Uint8Array, lba: number, sinceBase: boolean): void {
  const view = new DataView(cdb.buffer)
  cdb.fill(0)
  cdb[0] = OP_READ_CHANGES
  cdb[1] = sinceBase ? CHANGES_SINCE_BASE : 0
  view.setBigUint64(2, BigInt(lba))
  view.setUint32(10, CHANGES_BYTES)
}
