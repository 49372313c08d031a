// The microcode's code for one CD sector, as functions of the test.

import {
  EXAMINED_BAD,
  EXAMINED_CORRECTED,
  EXAMINED_GOOD,
  EXAMINED_MISPLACED,
  EXAMINED_UNCHECKED,
} from '../../../assembly/abi/optical'
import { FIRST_FRAME } from '../../../host/hardware/optical/cdSector'
import { compileFixture } from '../../support/compileFixture'

interface SectorCodeExports {
  readonly memory: WebAssembly.Memory
  sectorAddress(): number
  marksAddress(): number
  examineSector(frame: number, isMarked: boolean): number
  edc(bytes: number): number
}

const NAMES = new Map<number, string>([
  [EXAMINED_GOOD, 'good'],
  [EXAMINED_CORRECTED, 'corrected'],
  [EXAMINED_BAD, 'bad'],
  [EXAMINED_MISPLACED, 'misplaced'],
  [EXAMINED_UNCHECKED, 'unchecked'],
])

export class SectorCode {
  readonly #exports: SectorCodeExports
  readonly #sector: Uint8Array
  readonly #marks: Uint8Array

  constructor(module: WebAssembly.Module) {
    this.#exports = new WebAssembly.Instance(module, { hal: {}, env: {} }).exports as unknown as SectorCodeExports
    const { memory } = this.#exports
    this.#sector = new Uint8Array(memory.buffer, this.#exports.sectorAddress(), 2352)
    this.#marks = new Uint8Array(memory.buffer, this.#exports.marksAddress(), 2352)
  }

  static async load(): Promise<SectorCode> {
    return new SectorCode(new WebAssembly.Module(await compileFixture('opticalCode')))
  }

  /** What the microcode says of a sector at this LBA, and what it leaves. `marks`: offsets that are doubtful. */
  examine(sector: Uint8Array, lba: number, marks?: Iterable<number>): { verdict: string; sector: Uint8Array } {
    this.#sector.set(sector)
    this.#marks.fill(0)
    for (const offset of marks ?? []) this.#marks[offset] = 1
    const verdict = this.#exports.examineSector(lba + FIRST_FRAME, marks !== undefined)
    return { verdict: NAMES.get(verdict) ?? `verdict ${verdict}`, sector: this.#sector.slice() }
  }

  edc(bytes: Uint8Array): number {
    this.#sector.set(bytes)
    return this.#exports.edc(bytes.length) >>> 0
  }
}
