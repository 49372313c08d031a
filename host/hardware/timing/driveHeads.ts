// Under which head of a disk drive a sector lies: what a fault of one head takes away.

import { HddGeometry, HddPlace } from './hddGeometry'
import type { HddParameters } from './hddParameters'

export class DriveHeads {
  readonly count: number
  readonly #geometry: HddGeometry
  readonly #blocksPerSector: number
  readonly #place = new HddPlace()

  constructor(parameters: HddParameters, sectorCount: number, sectorBytes: number) {
    // As the timing model of such a drive has it (hddModel.ts).
    this.#blocksPerSector = Math.max(1, Math.round(sectorBytes / parameters.blockBytes))
    this.#geometry = new HddGeometry(parameters, sectorCount * this.#blocksPerSector)
    this.count = this.#geometry.heads
  }

  /** The first sector of the range with a block under `head`; -1: none has. */
  firstUnder(head: number, lba: number, sectors: number): number {
    const place = this.#place
    const end = Math.min((lba + sectors) * this.#blocksPerSector, this.#geometry.blockCount)
    for (let block = lba * this.#blocksPerSector; block < end; block += place.runBlocks) {
      this.#geometry.locate(block, place)
      if (place.head === head) return Math.floor(block / this.#blocksPerSector)
    }
    return -1
  }
}
