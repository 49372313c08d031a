// Entries of the tables of a qcow2 file, of which a bounded number of pages is kept: a table may be larger than memory, and a hostile
// header may say so of any.

import type { ImageFile } from '../imageFile'
import { RecentlyUsed } from '../recentlyUsed'

const PAGE_BYTES = 64 << 10
/** 4 MiB for each file of a chain. */
const PAGES_MAX = 64

export class TableReader {
  readonly #file: ImageFile
  readonly #pages = new RecentlyUsed<number, DataView>(PAGES_MAX)
  #page: DataView = new DataView(new ArrayBuffer(0))
  #pageStart = 0

  constructor(file: ImageFile) {
    this.#file = file
  }

  /** 32 bits, big endian, at a place of the file that is a multiple of 4. */
  u32(offset: number, what: string): number {
    const at = offset - this.#pageStart
    if (at >= 0 && at + 4 <= this.#page.byteLength) return this.#page.getUint32(at)
    this.#turnTo(Math.floor(offset / PAGE_BYTES), offset, what)
    if (offset - this.#pageStart + 4 > this.#page.byteLength) {
      throw this.#file.damage(offset, `${what} lies outside the file`)
    }
    return this.#page.getUint32(offset - this.#pageStart)
  }

  #turnTo(index: number, offset: number, what: string): void {
    let page = this.#pages.get(index)
    if (!page) {
      const start = index * PAGE_BYTES
      if (start >= this.#file.sizeBytes) throw this.#file.damage(offset, `${what} lies outside the file`)
      const bytes = this.#file.readBytes(start, Math.min(PAGE_BYTES, this.#file.sizeBytes - start), what)
      page = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      this.#pages.set(index, page)
    }
    this.#page = page
    this.#pageStart = index * PAGE_BYTES
  }
}
