// Leaves of page tables: runs of page numbers, all in one array, with counts of the tables that hold them.
//
// A write looks its page up in every drive that it goes to, and nearly always where nothing was looked up for long. In one array that is
// one access to cold memory; with an array for each leaf it would be three. Leaf 0 holds the page of zeros alone: it is every absent leaf,
// and nobody writes to it.

export const LEAF_SHIFT = 8
export const LEAF_PAGES = 1 << LEAF_SHIFT
export const LEAF_MASK = LEAF_PAGES - 1

/** The leaf of zeros. */
export const NO_LEAF = 0

const LEAVES_MIN = 64

export class LeafPool {
  /** Page `at` of a leaf: `entries[(leaf << LEAF_SHIFT) | at]`. Another array when the pool has grown. */
  entries = new Int32Array(LEAVES_MIN << LEAF_SHIFT)
  /** Tables that hold a leaf. Another array when the pool has grown. */
  holders = new Int32Array(LEAVES_MIN)
  readonly #free: number[] = []
  #count = NO_LEAF + 1

  /** A leaf with one holder and unspecified content. */
  allocate(): number {
    const leaf = this.#free.length > 0 ? this.#free.pop()! : this.#add()
    this.holders[leaf] = 1
    return leaf
  }

  /** Nobody holds it any more. */
  give(leaf: number): void {
    this.#free.push(leaf)
  }

  #add(): number {
    if (this.#count === this.holders.length) {
      const entries = new Int32Array(this.entries.length * 2)
      entries.set(this.entries)
      this.entries = entries
      const holders = new Int32Array(this.holders.length * 2)
      holders.set(this.holders)
      this.holders = holders
    }
    return this.#count++
  }
}
