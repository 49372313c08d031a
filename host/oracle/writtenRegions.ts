// Where hosts wrote to, in regions of the data space.

import type { WriteTable } from './writeTable'

/** Regions, of so many sectors each, that a write touched which is `firstWrite` or came after it. Each write is looked at once. */
export class WrittenRegions {
  readonly #regions = new Set<number>()
  #next: number

  constructor(
    readonly firstWrite: number,
    readonly regionSectors: number,
  ) {
    this.#next = firstWrite
  }

  /** Their numbers, by now. */
  in(writes: WriteTable): ReadonlySet<number> {
    for (; this.#next < writes.next; this.#next++) {
      const first = writes.lba[this.#next]!
      const last = Math.floor((first + writes.sectors[this.#next]! - 1) / this.regionSectors)
      for (let region = Math.floor(first / this.regionSectors); region <= last; region++) this.#regions.add(region)
    }
    return this.#regions
  }
}
