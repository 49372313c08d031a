// The LUNs of an array as one row of sectors, LUN 0 first: what jobs, judges and reports count in ("row sectors"). An initiator turns a
// place in the row into a LUN and an LBA when it sends a command, and nobody else has to. With one LUN the row is the LUN.

export class LunMap {
  /** One LUN, however large. */
  static readonly one = new LunMap([Number.POSITIVE_INFINITY])
  readonly #firsts: readonly number[]

  /** Sectors of each LUN: 1 or more, none of them empty. */
  constructor(readonly sizes: readonly number[]) {
    let first = 0
    this.#firsts = sizes.map((sectors) => {
      const here = first
      first += sectors
      return here
    })
  }

  get count(): number {
    return this.sizes.length
  }

  /** Of all LUNs together. */
  get sectors(): number {
    const last = this.count - 1
    return this.#firsts[last]! + this.sizes[last]!
  }

  /** Where a LUN begins in the row. */
  firstOf(lun: number): number {
    return this.#firsts[lun]!
  }

  /** Where it ends. */
  endOf(lun: number): number {
    return this.#firsts[lun]! + this.sizes[lun]!
  }

  /** The LUN of a place in the row; the last one, for what lies behind it. */
  lunAt(sector: number): number {
    let lun = this.count - 1
    while (lun > 0 && sector < this.#firsts[lun]!) lun--
    return lun
  }

  /** 'LUN 1, ' where there is more than one: what stands before an LBA. */
  prefixOf(lun: number): string {
    return this.count > 1 ? `LUN ${lun}, ` : ''
  }
}
