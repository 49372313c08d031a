// A table of numbers in a file, of any length: it is read a page at a time, and few pages are kept. Lies inside the file, or is refused.

import { RecentlyUsed } from '../recentlyUsed'
import type { ByteSource } from './byteSource'

const PAGE_BYTES = 64 << 10
const PAGES_MAX = 64

export interface TablePlace {
  readonly offsetBytes: number
  readonly entries: number
  readonly entryBytes: 4 | 8
  /** For messages: "block allocation table". */
  readonly what: string
}

export class FileTable {
  readonly entries: number
  readonly #pages = new RecentlyUsed<number, DataView>(PAGES_MAX)
  #lastPage = -1
  #lastView: DataView = new DataView(new ArrayBuffer(0))

  constructor(
    private readonly file: ByteSource,
    private readonly place: TablePlace,
  ) {
    this.entries = place.entries
    const bytes = place.entries * place.entryBytes
    if (!Number.isSafeInteger(place.offsetBytes) || place.offsetBytes + bytes > file.sizeBytes) {
      throw file.damage(
        place.offsetBytes,
        `the ${place.what} of ${bytes} bytes lies outside the file, which has ${file.sizeBytes}`,
      )
    }
  }

  /** Where an entry lies in the file. */
  offsetOf(index: number): number {
    return this.place.offsetBytes + index * this.place.entryBytes
  }

  u32BigEndian(index: number): number {
    return this.#page(index).getUint32((index * this.place.entryBytes) % PAGE_BYTES, false)
  }

  u32(index: number): number {
    return this.#page(index).getUint32((index * this.place.entryBytes) % PAGE_BYTES, true)
  }

  u64(index: number): bigint {
    return this.#page(index).getBigUint64((index * this.place.entryBytes) % PAGE_BYTES, true)
  }

  #page(index: number): DataView {
    const page = Math.floor((index * this.place.entryBytes) / PAGE_BYTES)
    if (page !== this.#lastPage) {
      this.#lastView = this.#pages.getOrMake(page, () => this.#readPage(page))
      this.#lastPage = page
    }
    return this.#lastView
  }

  #readPage(page: number): DataView {
    const start = page * PAGE_BYTES
    const length = Math.min(PAGE_BYTES, this.entries * this.place.entryBytes - start)
    const bytes = this.file.readBytes(this.place.offsetBytes + start, length, this.place.what)
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}
