// Finds two blocks of one size that overlap in a file. Blocks that do not overlap begin at least a block apart, so that at most one of them
// begins in each stretch of a block's length: 4 bytes for each stretch that has one say where.

const SLOTS_PER_PAGE = 4096
/** 128 MiB. What is behind it is not compared. */
const PAGES_MAX = 8192

export class Claims {
  readonly #pages = new Map<number, Uint32Array>()

  /** All offsets are multiples of `unitBytes`. */
  constructor(
    private readonly blockBytes: number,
    private readonly unitBytes: number,
  ) {}

  /** Claims the block at `offsetBytes`; the offset of one that it overlaps, or null. */
  claim(offsetBytes: number): number | null {
    const slot = Math.floor(offsetBytes / this.blockBytes)
    for (const near of [slot, slot - 1, slot + 1]) {
      const other = this.#blockIn(near)
      if (other !== null && Math.abs(other - offsetBytes) < this.blockBytes) return other
    }
    const page = this.#pageOf(slot)
    if (page) page[slot % SLOTS_PER_PAGE] = (offsetBytes - slot * this.blockBytes) / this.unitBytes + 1
    return null
  }

  #blockIn(slot: number): number | null {
    const stored = this.#pages.get(Math.floor(slot / SLOTS_PER_PAGE))?.[slot % SLOTS_PER_PAGE] ?? 0
    return stored === 0 ? null : slot * this.blockBytes + (stored - 1) * this.unitBytes
  }

  #pageOf(slot: number): Uint32Array | null {
    const number = Math.floor(slot / SLOTS_PER_PAGE)
    let page = this.#pages.get(number)
    if (!page && this.#pages.size < PAGES_MAX) {
      page = new Uint32Array(SLOTS_PER_PAGE)
      this.#pages.set(number, page)
    }
    return page ?? null
  }
}
