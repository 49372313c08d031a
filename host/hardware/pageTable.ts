// Which page holds which part of a medium: a two-level table that forks by sharing its leaves.
//
// A fork copies one number per 256 pages (1 MiB with 512-byte sectors); a leaf is copied when one side changes it, and only then do its
// pages gain references. Larger leaves make forks of large media cheaper, and each fork's first writes dearer. Absent leaves and entries read as the page of zeros.

import type { Hash64 } from '../sim/hash'
import { LEAF_MASK, LEAF_PAGES, LEAF_SHIFT, type LeafPool, NO_LEAF } from './leafPool'
import { type PageArena, ZERO_PAGE } from './pageArena'

export class PageTable {
  readonly arena: PageArena
  readonly #pool: LeafPool
  readonly #leaves: Int32Array

  constructor(arena: PageArena, pageCount: number) {
    this.arena = arena
    this.#pool = arena.leaves
    this.#leaves = new Int32Array(Math.ceil(pageCount / LEAF_PAGES))
  }

  /** The page at an index; it stays the table's. */
  get(index: number): number {
    return this.#pool.entries[(this.#leaves[index >> LEAF_SHIFT]! << LEAF_SHIFT) | (index & LEAF_MASK)]!
  }

  /** Puts a page at an index; the table takes over the caller's reference and releases the page that was there. */
  put(index: number, page: number): void {
    const at = this.#ownEntry(index)
    const { entries } = this.#pool
    const old = entries[at]!
    entries[at] = page
    this.arena.release(old)
  }

  /** A page at an index that may be written to in place: no other table or command sees the change. */
  own(index: number): number {
    const at = this.#ownEntry(index)
    const { entries } = this.#pool
    const page = this.arena.own(entries[at]!)
    entries[at] = page
    return page
  }

  fork(): PageTable {
    const copy = new PageTable(this.arena, this.#leaves.length * LEAF_PAGES)
    const { holders } = this.#pool
    copy.#leaves.set(this.#leaves)
    for (const leaf of this.#leaves) if (leaf !== NO_LEAF) holders[leaf]!++
    return copy
  }

  /** Gives all pages back. The table reads as zeros afterwards. */
  dispose(): void {
    const { entries, holders } = this.#pool
    for (const leaf of this.#leaves) {
      if (leaf === NO_LEAF || --holders[leaf]! > 0) continue
      const first = leaf << LEAF_SHIFT
      for (let at = first; at < first + LEAF_PAGES; at++) this.arena.release(entries[at]!)
      this.#pool.give(leaf)
    }
    this.#leaves.fill(NO_LEAF)
  }

  /** Folds the content of all pages into a hash; absent ones count as zeros. */
  hashInto(hash: Hash64): void {
    const { entries } = this.#pool
    for (let i = 0; i < this.#leaves.length; i++) {
      const leaf = this.#leaves[i]!
      if (leaf === NO_LEAF) continue
      for (let at = 0; at < LEAF_PAGES; at++) {
        const page = entries[(leaf << LEAF_SHIFT) | at]!
        if (page === ZERO_PAGE) continue
        const [low, high] = this.arena.hashOf(page)
        // A page of zeros that was written is as one that never was.
        if (low === 0 && high === 0) continue
        hash.add((i << LEAF_SHIFT) | at)
        hash.add(low!)
        hash.add(high!)
      }
    }
  }

  /** Indexes of all pages that are not the page of zeros, ascending. */
  *used(): Generator<number> {
    for (let i = 0; i < this.#leaves.length; i++) {
      const leaf = this.#leaves[i]!
      if (leaf === NO_LEAF) continue
      for (let at = 0; at < LEAF_PAGES; at++) {
        if (this.#pool.entries[(leaf << LEAF_SHIFT) | at] !== ZERO_PAGE) yield (i << LEAF_SHIFT) | at
      }
    }
  }

  /** Where the page at an index is noted, in a leaf that this table alone holds. */
  #ownEntry(index: number): number {
    const number = index >> LEAF_SHIFT
    let leaf = this.#leaves[number]!
    if (leaf === NO_LEAF || this.#pool.holders[leaf] !== 1) leaf = this.#ownLeaf(number, leaf)
    return (leaf << LEAF_SHIFT) | (index & LEAF_MASK)
  }

  #ownLeaf(number: number, shared: number): number {
    const own = this.#pool.allocate()
    const { entries, holders } = this.#pool
    const first = own << LEAF_SHIFT
    entries.copyWithin(first, shared << LEAF_SHIFT, (shared + 1) << LEAF_SHIFT)
    if (shared !== NO_LEAF) {
      for (let at = first; at < first + LEAF_PAGES; at++) this.arena.retain(entries[at]!)
      holders[shared]!--
    }
    this.#leaves[number] = own
    return own
  }
}
