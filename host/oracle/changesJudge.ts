// What counts as changed in a snapshot, held against what hosts wrote (law PIT): a region counts as changed since the last image, or since the
// base, only if a host may have written to it since that one's snapshot was taken. Less than changed shows in what is left out of an image.
//
// Which image is the last one, the array knows by the word with which its snapshot was given up. Where several words were asked for it is
// not known which of them counted, nor where power failed meanwhile: then what an image covers is taken to be in the next one, too.

import { OPERATOR_SNAPSHOT_BASE, OPERATOR_SNAPSHOT_DROP, OPERATOR_SNAPSHOT_IMAGED } from '../../assembly/abi/operator'
import type { CaseFile } from './caseFile'
import { WrittenRegions } from './writtenRegions'

/** No image is known: everything may count as changed. */
const UNKNOWN = 0

export class ChangesJudge {
  readonly #case: CaseFile
  /** The first write that need not be in the last image, and in the base. */
  #sinceImage = UNKNOWN
  #sinceBase = UNKNOWN
  /** The first write that need not be in the snapshot that is there. */
  #firstWrite = UNKNOWN
  /** What it was asked to be given up with; 0: not yet, -1: in several ways. */
  #word = 0
  /** How often power had failed when it was asked. */
  #interruptions = 0
  /** An NVRAM that lost its content, or holds an old one, may count anything as changed. */
  #isOver = false
  #written = new WrittenRegions(UNKNOWN, 1)

  constructor(caseFile: CaseFile) {
    this.#case = caseFile
  }

  copyFrom(other: ChangesJudge): void {
    this.#sinceImage = other.#sinceImage
    this.#sinceBase = other.#sinceBase
    this.#firstWrite = other.#firstWrite
    this.#word = other.#word
    this.#interruptions = other.#interruptions
    this.#isOver = other.#isOver
  }

  /** A snapshot was taken; writes before `firstWrite` are in it. */
  taken(firstWrite: number): void {
    this.#firstWrite = firstWrite
    this.#word = 0
  }

  /** An operator is about to ask for something. */
  asked(request: number): void {
    if (request < OPERATOR_SNAPSHOT_DROP || request > OPERATOR_SNAPSHOT_BASE) return
    this.#word = this.#word === 0 || this.#word === request ? request : -1
    this.#interruptions = this.#case.interruptions.length
  }

  /** The snapshot is gone. */
  gone(): void {
    if (this.#interruptions !== this.#case.interruptions.length) this.#word = -1
    if (this.#word === OPERATOR_SNAPSHOT_IMAGED || this.#word === OPERATOR_SNAPSHOT_BASE)
      this.#sinceImage = this.#firstWrite
    if (this.#word === OPERATOR_SNAPSHOT_BASE) this.#sinceBase = this.#firstWrite
    this.#firstWrite = UNKNOWN
    this.#word = 0
  }

  /** The NVRAM has lost its content. */
  forgotten(): void {
    this.#isOver = true
  }

  /** What is wrong with a run that counts as changed, told in regions of so many sectors; null: nothing. */
  judge(lba: number, sectors: number, regionSectors: number, sinceBase: boolean): string | null {
    if (regionSectors === 0) return 'regions of 0 sectors'
    const since = sinceBase ? this.#sinceBase : this.#sinceImage
    if (since === UNKNOWN || this.#isOver) return null
    const written = this.#writtenSince(since, regionSectors)
    const last = Math.floor((lba + sectors - 1) / regionSectors)
    for (let region = Math.floor(lba / regionSectors); region <= last; region++) {
      if (written.has(region)) continue
      const at = Math.max(lba, region * regionSectors)
      return `LBA ${at} counts as changed since the ${sinceBase ? 'base' : 'last image'}, and no host wrote to its region since`
    }
    return null
  }

  #writtenSince(firstWrite: number, regionSectors: number): ReadonlySet<number> {
    const isKnown = this.#written.firstWrite === firstWrite && this.#written.regionSectors === regionSectors
    if (!isKnown) this.#written = new WrittenRegions(firstWrite, regionSectors)
    return this.#written.in(this.#case.writes)
  }
}
