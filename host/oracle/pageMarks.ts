// Marks on the pages of a large LUN, few of which are marked: as much work as there are marks, not as there are pages.

const BLOCK_SHIFT = 8
const BLOCK_PAGES = 1 << BLOCK_SHIFT

export class PageMarks {
  readonly #pageCount: number
  /** Blocks in which something is marked. */
  readonly #blocks = new Map<number, Uint8Array>()

  constructor(pageCount: number) {
    this.#pageCount = pageCount
  }

  /** Marks a page; pages outside are ignored. */
  mark(page: number): void {
    if (page < 0 || page >= this.#pageCount) return
    const number = page >>> BLOCK_SHIFT
    let block = this.#blocks.get(number)
    if (!block) {
      block = new Uint8Array(BLOCK_PAGES)
      this.#blocks.set(number, block)
    }
    block[page & (BLOCK_PAGES - 1)] = 1
  }

  /** All marked pages, each once, ascending. */
  *marked(): Generator<number> {
    for (const number of [...this.#blocks.keys()].sort((a, b) => a - b)) {
      const block = this.#blocks.get(number)!
      for (let i = 0; i < BLOCK_PAGES; i++) if (block[i] === 1) yield (number << BLOCK_SHIFT) | i
    }
  }
}
