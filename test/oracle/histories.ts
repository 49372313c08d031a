// Random histories of one small LUN or two, told to the oracle and to the reference model at once.

import { Oracle } from '../../host/oracle/oracle'
import { LunMap } from '../../host/workload/lunMap'
import { fillStamp } from '../../host/workload/stamp'
import { ReferenceSector } from './referenceModel'

export const LUN_SECTORS = 3
const SECTOR_BYTES = 32

export interface HistoryStep {
  readonly kind: 'write' | 'read' | 'flush' | 'end' | 'fail' | 'cut'
  readonly first: number
  readonly sectors: number
  readonly fua: boolean
  /** Chooses which command ends, and what a read returns. */
  readonly choice: number
}

interface InFlight {
  readonly kind: 'write' | 'read' | 'flush'
  readonly tag: number
  readonly first: number
  readonly sectors: number
  readonly fua: boolean
}

export class History {
  readonly oracle: Oracle
  readonly sectors: ReferenceSector[]
  #inFlight: InFlight[] = []
  #tag = 0
  #nowNs = 0
  #versions: number[][] = Array.from({ length: LUN_SECTORS }, () => [0])

  readonly #luns: LunMap

  /** `luns`: sectors of each. */
  constructor(writeCacheEnabled: boolean, luns: readonly number[] = [LUN_SECTORS]) {
    this.#luns = new LunMap(luns)
    this.oracle = new Oracle({ lunSectors: LUN_SECTORS, sectorBytes: SECTOR_BYTES, writeCacheEnabled })
    this.sectors = Array.from({ length: LUN_SECTORS }, () => new ReferenceSector(writeCacheEnabled))
  }

  get inFlight(): number {
    return this.#inFlight.length
  }

  get readsInFlight(): number {
    return this.#inFlight.filter(({ kind }) => kind === 'read').length
  }

  step(step: HistoryStep): void {
    this.#nowNs += 1000
    const sectors = Math.min(step.sectors, this.#luns.endOf(this.#luns.lunAt(step.first)) - step.first)
    if (step.kind === 'cut') this.#cut()
    else if (step.kind === 'end' || step.kind === 'fail') {
      const command = this.#inFlight[step.choice % Math.max(1, this.#inFlight.length)]
      if (!command) return
      this.#inFlight = this.#inFlight.filter((other) => other !== command)
      if (command.kind === 'read') this.finishRead(command, (allowed) => allowed[step.choice % allowed.length]!)
      else this.#finishStore(command, step.kind === 'end')
    } else this.#submit(step.kind, step.first, sectors, step.fua)
  }

  /** Reads one sector alone; returns whether the oracle and the reference let it be this version. */
  probe(first: number, version: number): { readonly oracle: boolean; readonly reference: boolean } {
    this.#submit('read', first, 1, false)
    const command = this.#inFlight.pop()!
    const reference = this.sectors[first]!.allowed(command.tag).has(version)
    const before = this.oracle.violationCount
    this.#answerRead(command, [version])
    return { oracle: this.oracle.violationCount === before, reference }
  }

  versionsOf(lba: number): readonly number[] {
    return this.#versions[lba]!
  }

  /** Where the LUN of a sector begins and ends. */
  #lunOf(lba: number): [first: number, end: number] {
    const lun = this.#luns.lunAt(lba)
    return [this.#luns.firstOf(lun), this.#luns.endOf(lun)]
  }

  #each(command: InFlight, visit: (sector: ReferenceSector, lba: number) => void): void {
    for (let lba = command.first; lba < command.first + command.sectors; lba++) visit(this.sectors[lba]!, lba)
  }

  #submit(kind: 'write' | 'read' | 'flush', first: number, sectors: number, fua: boolean): void {
    if (kind === 'write') {
      const tag = this.oracle.submitWrite(first, sectors, fua, null, this.#nowNs)
      const command = { kind, tag, first, sectors, fua }
      this.#each(command, (sector, lba) => {
        sector.submitWrite(tag)
        this.#versions[lba]!.push(tag)
      })
      this.#inFlight.push(command)
    } else {
      const command = { kind, tag: ++this.#tag, first, sectors, fua }
      if (kind === 'read') {
        this.oracle.submitRead(command.tag, first, sectors, this.#nowNs)
        this.#each(command, (sector) => sector.submitRead(command.tag))
      } else {
        const [from, end] = this.#lunOf(first)
        this.oracle.submitFlush(command.tag, this.#nowNs, from, end)
        for (const sector of this.sectors.slice(from, end)) sector.submitFlush(command.tag)
      }
      this.#inFlight.push(command)
    }
  }

  finishRead(command: InFlight, choose: (allowed: readonly number[]) => number): void {
    const versions: number[] = []
    this.#each(command, (sector) => {
      const version = choose([...sector.allowed(command.tag)].sort((a, b) => a - b))
      versions.push(version)
      sector.readDone(command.tag, version)
    })
    this.#answerRead(command, versions)
  }

  #answerRead(command: InFlight, versions: readonly number[]): void {
    const words = new Uint32Array((versions.length * SECTOR_BYTES) / 4)
    for (const [i, version] of versions.entries()) {
      if (version > 0) fillStamp(words, (i * SECTOR_BYTES) / 4, command.first + i, 1, SECTOR_BYTES, version)
    }
    this.oracle.readDone(command.tag, true, 0, new Uint8Array(words.buffer), words, 0, this.#nowNs)
  }

  #finishStore(command: InFlight, good: boolean): void {
    if (command.kind === 'flush') {
      this.oracle.flushDone(command.tag, good, 0, this.#nowNs)
      for (const sector of this.sectors.slice(...this.#lunOf(command.first))) sector.flushDone(command.tag, good)
      return
    }
    this.oracle.writeDone(command.tag, good, 0, this.#nowNs)
    this.#each(command, (sector) => {
      if (good) sector.acknowledge(command.tag, command.fua)
      else sector.fail(command.tag)
    })
  }

  #cut(): void {
    this.oracle.powerCut(this.#nowNs)
    for (const sector of this.sectors) sector.powerCut()
    this.#inFlight = []
  }
}
