// Memory for sector contents: fixed-size pages with reference counts, in slabs that never move.
//
// A page is shared by everything that holds the same bytes: both members of a mirror, a drive and its fork, a command in flight.
// A page with more than one reference is never written to; who wants to change it takes a copy. Page 0 is the page of zeros: it
// is never freed, and a medium that was never written costs nothing. Pages are numbered, so that page tables are typed arrays.

import { areEqualBytes } from '../sim/equalBytes'
import { hashWords } from '../sim/hash'
import { LeafPool } from './leafPool'
import { RecentPages } from './recentPages'

const SLAB_PAGES = 256
const SLAB_SHIFT = 8

/** The page of zeros. */
export const ZERO_PAGE = 0

export class PageArena {
  readonly pageBytes: number
  readonly recent = new RecentPages()
  /** Of the page tables whose pages these are. */
  readonly leaves = new LeafPool()
  readonly #slabs: Uint8Array[] = []
  /** The slabs again, by words. */
  readonly #words: Int32Array[] = []
  #references = new Int32Array(SLAB_PAGES)
  /** Free pages as a stack. */
  #free = new Int32Array(SLAB_PAGES)
  #freeCount = 0
  /** Content hashes, two words a page, and whether they are right; nothing until somebody asks for one. */
  #hashes = new Int32Array(0)
  #hashed = new Uint8Array(0)
  readonly #answer = new Int32Array(2)

  constructor(pageBytes: number) {
    this.pageBytes = pageBytes
    this.#addSlab()
    // The page of zeros is taken, for good.
    this.#freeCount = SLAB_PAGES - 1
    this.#references[ZERO_PAGE] = 1
  }

  /** Pages in use, the page of zeros not counted. */
  get pagesInUse(): number {
    return this.#slabs.length * SLAB_PAGES - this.#freeCount - 1
  }

  /** A page with one reference and unspecified content. */
  allocate(): number {
    if (this.#freeCount === 0) this.#addSlab()
    const page = this.#free[--this.#freeCount]!
    this.#references[page] = 1
    this.#changes(page)
    return page
  }

  /** 64 bits of the page's content, as two words: equal contents have equal hashes, wherever they lie. Valid until the next call. */
  hashOf(page: number): Int32Array {
    if (this.#hashed.length < this.#references.length) this.#growHashes()
    const at = page * 2
    if (this.#hashed[page] === 0) {
      hashWords(this.#wordsOf(page), this.offsetOf(page) >>> 2, this.pageBytes >>> 2, this.#hashes, at)
      this.#hashed[page] = 1
    }
    this.#answer[0] = this.#hashes[at]!
    this.#answer[1] = this.#hashes[at + 1]!
    return this.#answer
  }

  /** The slab that a page lies in, and (offsetOf) where: no view object is made per access. */
  slabOf(page: number): Uint8Array {
    return this.#slabs[page >> SLAB_SHIFT]!
  }

  offsetOf(page: number): number {
    return (page & (SLAB_PAGES - 1)) * this.pageBytes
  }

  /** Whether two pages hold the same bytes. */
  areEqual(a: number, b: number): boolean {
    return areEqualBytes(this.slabOf(a), this.offsetOf(a), this.slabOf(b), this.offsetOf(b), this.pageBytes)
  }

  retain(page: number): void {
    if (page !== ZERO_PAGE) this.#references[page]!++
  }

  release(page: number): void {
    if (page === ZERO_PAGE) return
    const left = --this.#references[page]!
    if (left === 0) this.#free[this.#freeCount++] = page
    else if (left < 0) throw new Error(`page ${page} released more often than retained`)
  }

  /** Whether a page is in use and holds these bytes. */
  holds(page: number, bytes: Uint8Array, from: number): boolean {
    if (this.#references[page] === 0) return false
    return areEqualBytes(bytes, from, this.slabOf(page), this.offsetOf(page), this.pageBytes)
  }

  isShared(page: number): boolean {
    return page === ZERO_PAGE || this.#references[page]! > 1
  }

  /** A page with the same bytes that only the caller holds; takes over the caller's reference. */
  own(page: number): number {
    if (!this.isShared(page)) {
      this.#changes(page)
      return page
    }
    const copy = this.allocate()
    const from = this.offsetOf(page)
    this.slabOf(copy).set(this.slabOf(page).subarray(from, from + this.pageBytes), this.offsetOf(copy))
    this.release(page)
    return copy
  }

  #wordsOf(page: number): Int32Array {
    return this.#words[page >> SLAB_SHIFT]!
  }

  /** Somebody is going to write into the page. */
  #changes(page: number): void {
    if (page < this.#hashed.length) this.#hashed[page] = 0
  }

  #growHashes(): void {
    const hashes = new Int32Array(this.#references.length * 2)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    const hashed = new Uint8Array(this.#references.length)
    hashed.set(this.#hashed)
    this.#hashed = hashed
  }

  #addSlab(): void {
    const first = this.#slabs.length * SLAB_PAGES
    const slab = new Uint8Array(SLAB_PAGES * this.pageBytes)
    this.#slabs.push(slab)
    this.#words.push(new Int32Array(slab.buffer))
    const total = first + SLAB_PAGES
    if (total > this.#references.length) {
      const references = new Int32Array(Math.max(total, this.#references.length * 2))
      references.set(this.#references)
      this.#references = references
      const free = new Int32Array(references.length)
      free.set(this.#free)
      this.#free = free
    }
    // The lowest number on top of the stack: runs fill memory from the start.
    for (let page = total - 1; page >= first; page--) this.#free[this.#freeCount++] = page
  }
}
