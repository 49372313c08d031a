// A drive with ideal timing on its own event queue, and ways to give it one command and wait.

import { DRIVE_FLUSH, DRIVE_READ, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { FaultFilter } from '../../host/faults/faultFilter'
import { Drive } from '../../host/hardware/drive'
import { DriveCommand } from '../../host/hardware/driveCommand'
import { Medium, sectorsPerPage } from '../../host/hardware/medium'
import { PageArena } from '../../host/hardware/pageArena'
import { IDEAL_DEFAULTS, IdealModel } from '../../host/hardware/timing/idealModel'
import { EventQueue } from '../../host/sim/eventQueue'
import { fillStamp } from '../../host/workload/stamp'

const FINISH = 1
const IDLE = 2

export class Bench {
  readonly events = new EventQueue()
  readonly arena: PageArena
  readonly drive: Drive
  readonly filter: FaultFilter
  readonly sectorBytes: number
  #slot = 0

  constructor({ sectorBytes = 512, sectorCount = 1024, volatileCache = false, seed = 1, id = 7 } = {}) {
    this.sectorBytes = sectorBytes
    this.arena = new PageArena(sectorsPerPage(sectorBytes) * sectorBytes)
    const medium = Medium.blank(this.arena, sectorBytes, sectorCount)
    this.drive = new Drive(id, 'bench', medium, new IdealModel(IDEAL_DEFAULTS), volatileCache)
    this.filter = new FaultFilter({ seed, driveId: id, sectorBytes, sectorCount })
    this.drive.filters.push(this.filter)
    this.drive.connect({ events: this.events, finishEvent: FINISH, idleEvent: IDLE, eventIndex: 0 }, () => {})
  }

  /** Serves one command to its end; undefined: it was never answered. */
  #run(op: number, lba: number, sectors: number, prepare: (command: DriveCommand) => void): number | undefined {
    const command = new DriveCommand(this.#slot++)
    command.op = op
    command.lba = lba
    command.sectors = sectors
    command.arrivalNs = this.events.nowNs
    prepare(command)
    this.drive.submit(command)
    while (this.events.pop()) {
      if (this.events.kind !== FINISH) continue
      this.drive.finishSlot(this.events.b & 0xfff, this.events.b >>> 12)
      return command.status
    }
    return undefined
  }

  write(lba: number, sectors: number, writeId: number, fua = false): number | undefined {
    return this.#run(DRIVE_WRITE, lba, sectors, (command) => {
      command.fua = fua
      const perPage = sectorsPerPage(this.sectorBytes)
      const first = lba - (lba % perPage)
      const count = Math.ceil((lba + sectors - first) / perPage)
      command.reservePages(count)
      for (let i = 0; i < count; i++) {
        const page = this.arena.allocate()
        command.pages[i] = page
        const slab = this.arena.slabOf(page)
        const words = new Uint32Array(slab.buffer, this.arena.offsetOf(page), this.arena.pageBytes / 4)
        fillStamp(words, 0, first + i * perPage, perPage, this.sectorBytes, writeId)
      }
    })
  }

  read(lba: number, sectors: number): number | undefined {
    return this.#run(DRIVE_READ, lba, sectors, () => {})
  }

  flush(): number | undefined {
    return this.#run(DRIVE_FLUSH, 0, 0, () => {})
  }

  /** What a read would deliver. */
  content(lba: number): Uint32Array {
    const bytes = new Uint8Array(this.sectorBytes)
    this.drive.peek(lba, 1, bytes, 0)
    return new Uint32Array(bytes.buffer)
  }
}
