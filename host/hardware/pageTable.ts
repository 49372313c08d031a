// Which page holds which part of a medium: a two-level table that forks by sharing its leaves.
//
// A fork copies one pointer per 256 pages (1 MiB with 512-byte sectors); a leaf is copied when one side changes it, and only then do its
// pages gain references. Larger leaves make forks of large media cheaper, and each fork's first writes dearer. Absent leaves and entries read as the page of zeros.

import type { Hash64 } from '../sim/hash'
import { type PageArena, ZERO_PAGE } from './pageArena'

const LEAF_SHIFT = 8
const LEAF_PAGES = 1 << LEAF_SHIFT
const LEAF_MASK = LEAF_PAGES - 1

interface Leaf {
  readonly pages: Int32Array
  /** Tables that hold this leaf. */
  holders: number
}

export class PageTable {
  readonly arena: PageArena
  readonly #leaves: (Leaf | null)[]

  constructor(arena: PageArena, pageCount: number) {
    this.arena = arena
    this.#leaves = new Array<Leaf | null>(Math.ceil(pageCount / LEAF_PAGES)).fill(null)
  }

  /** The page at an index; it stays the table's. */
  get(index: number): number {
    const leaf = this.#leaves[index >> LEAF_SHIFT]
    return leaf ? leaf.pages[index & LEAF_MASK]! : ZERO_PAGE
  }

  /** Puts a page at an index; the table takes over the caller's reference and releases the page that was there. */
  put(index: number, page: number): void {
    const leaf = this.#ownLeaf(index >> LEAF_SHIFT)
    const at = index & LEAF_MASK
    const old = leaf.pages[at]!
    leaf.pages[at] = page
    this.arena.release(old)
  }

  /** A page at an index that may be written to in place: no other table or command sees the change. */
  own(index: number): number {
    const leaf = this.#ownLeaf(index >> LEAF_SHIFT)
    const at = index & LEAF_MASK
    const page = this.arena.own(leaf.pages[at]!)
    leaf.pages[at] = page
    return page
  }

  fork(): PageTable {
    const copy = new PageTable(this.arena, this.#leaves.length * LEAF_PAGES)
    for (let i = 0; i < this.#leaves.length; i++) {
      const leaf = this.#leaves[i]!
      if (!leaf) continue
      leaf.holders++
      copy.#leaves[i] = leaf
    }
    return copy
  }

  /** Gives all pages back. The table reads as zeros afterwards. */
  dispose(): void {
    for (let i = 0; i < this.#leaves.length; i++) {
      const leaf = this.#leaves[i]!
      if (leaf && --leaf.holders === 0) for (const page of leaf.pages) this.arena.release(page)
      this.#leaves[i] = null
    }
  }

  /** Folds the content of all pages into a hash; absent ones count as zeros. */
  hashInto(hash: Hash64): void {
    for (let i = 0; i < this.#leaves.length; i++) {
      const leaf = this.#leaves[i]
      if (!leaf) continue
      for (let at = 0; at < LEAF_PAGES; at++) {
        const page = leaf.pages[at]!
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
      const leaf = this.#leaves[i]
      if (!leaf) continue
      for (let at = 0; at < LEAF_PAGES; at++) if (leaf.pages[at] !== ZERO_PAGE) yield (i << LEAF_SHIFT) | at
    }
  }

  #ownLeaf(number: number): Leaf {
    const leaf = this.#leaves[number]
    if (leaf && leaf.holders === 1) return leaf
    const pages = new Int32Array(LEAF_PAGES)
    if (leaf) {
      pages.set(leaf.pages)
      for (const page of pages) this.arena.retain(page)
      leaf.holders--
    }
    const own = { pages, holders: 1 }
    this.#leaves[number] = own
    return own
  }
}
