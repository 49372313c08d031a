// Sectors on a medium: real bytes in shared pages, and marks for the sectors that cannot be read.
//
// Data come and go as *extents*: pages that are laid out on the same page grid as the medium, so that an aligned write is a change of
// pointers, not a copy. The medium knows nothing of time, caches or faults. Sectors that were made unreadable (WRITE UNCORRECTABLE)
// are a state of the medium; faults are not: they lie over it as filters.

import type { Hash64 } from '../sim/hash'
import type { PageArena } from './pageArena'
import { PageTable } from './pageTable'

/** Sectors of 512 or 520 bytes lie eight to a page; larger ones in pages of at least 4 KiB. */
export function sectorsPerPage(sectorBytes: number): number {
  return Math.max(1, Math.floor(4160 / sectorBytes))
}

export class Medium {
  readonly sectorBytes: number
  readonly sectorCount: number
  readonly sectorsPerPage: number
  readonly arena: PageArena
  readonly #table: PageTable
  /** Sectors that read as medium errors until they are written. */
  readonly #unreadable: Set<number>

  private constructor(
    arena: PageArena,
    sectorBytes: number,
    sectorCount: number,
    table: PageTable,
    unreadable: Set<number>,
  ) {
    this.arena = arena
    this.sectorBytes = sectorBytes
    this.sectorCount = sectorCount
    this.sectorsPerPage = sectorsPerPage(sectorBytes)
    this.#table = table
    this.#unreadable = unreadable
  }

  static blank(arena: PageArena, sectorBytes: number, sectorCount: number): Medium {
    const perPage = sectorsPerPage(sectorBytes)
    if (arena.pageBytes !== perPage * sectorBytes) throw new Error('a medium and its arena must agree on the page size')
    const table = new PageTable(arena, Math.ceil(sectorCount / perPage))
    return new Medium(arena, sectorBytes, sectorCount, table, new Set())
  }

  /** A medium with the same content that changes independently. */
  fork(): Medium {
    return new Medium(this.arena, this.sectorBytes, this.sectorCount, this.#table.fork(), new Set(this.#unreadable))
  }

  dispose(): void {
    this.#table.dispose()
  }

  /** The first sector in the range that was made unreadable, or -1. */
  firstUnreadable(lba: number, sectors: number): number {
    if (this.#unreadable.size === 0) return -1
    for (let at = lba; at < lba + sectors; at++) if (this.#unreadable.has(at)) return at
    return -1
  }

  makeUnreadable(lba: number, sectors: number): void {
    for (let at = lba; at < lba + sectors; at++) this.#unreadable.add(at)
  }

  get unreadableSectors(): ReadonlySet<number> {
    return this.#unreadable
  }

  read(lba: number, sectors: number, target: Uint8Array, offset: number): void {
    const perPage = this.sectorsPerPage
    let at = lba
    const end = lba + sectors
    while (at < end) {
      const index = Math.floor(at / perPage)
      const inPage = at - index * perPage
      const count = Math.min(perPage - inPage, end - at)
      const page = this.#table.get(index)
      const from = this.arena.offsetOf(page) + inPage * this.sectorBytes
      target.set(this.arena.slabOf(page).subarray(from, from + count * this.sectorBytes), offset)
      offset += count * this.sectorBytes
      at += count
    }
  }

  /** The page that holds a sector, for comparisons by identity; it stays the medium's. */
  pageOf(lba: number): number {
    return this.#table.get(Math.floor(lba / this.sectorsPerPage))
  }

  /**
   * Stores sectors `lba … lba + sectors - 1` of an extent whose pages start at the page grid at or below `extentLba`. The extent keeps
   * its references.
   */
  writeExtent(extentLba: number, pages: Int32Array, firstPage: number, lba: number, sectors: number): void {
    const perPage = this.sectorsPerPage
    const gridStart = Math.floor(extentLba / perPage)
    const end = lba + sectors
    let at = lba
    while (at < end) {
      // LBAs are doubles: a division and a floor are several times faster than a remainder.
      const index = Math.floor(at / perPage)
      const inPage = at - index * perPage
      const count = Math.min(perPage - inPage, end - at)
      const source = pages[firstPage + index - gridStart]!
      if (count === perPage) {
        this.arena.retain(source)
        this.#table.put(index, source)
      } else {
        this.#merge(index, source, inPage, count)
      }
      at += count
    }
    if (this.#unreadable.size > 0) for (let s = lba; s < end; s++) this.#unreadable.delete(s)
  }

  /** Stores bytes; for preparing media and for the odd sector, not for the hot path. */
  write(lba: number, bytes: Uint8Array): void {
    const perPage = this.sectorsPerPage
    const sectors = bytes.length / this.sectorBytes
    for (let i = 0; i < sectors; i++) {
      const inPage = (lba + i) % perPage
      const page = this.#table.own((lba + i - inPage) / perPage)
      const source = bytes.subarray(i * this.sectorBytes, (i + 1) * this.sectorBytes)
      this.arena.slabOf(page).set(source, this.arena.offsetOf(page) + inPage * this.sectorBytes)
      this.#unreadable.delete(lba + i)
    }
  }

  /** Sectors read as zeros afterwards. */
  trim(lba: number, sectors: number): void {
    const perPage = this.sectorsPerPage
    const end = lba + sectors
    let at = lba
    while (at < end) {
      // LBAs are doubles: a division and a floor are several times faster than a remainder.
      const index = Math.floor(at / perPage)
      const inPage = at - index * perPage
      const count = Math.min(perPage - inPage, end - at)
      if (count === perPage) this.#table.put(index, 0)
      else this.#merge(index, 0, inPage, count)
      at += count
    }
    if (this.#unreadable.size > 0) for (let s = lba; s < end; s++) this.#unreadable.delete(s)
  }

  /** Folds the whole content into a hash. */
  hashInto(hash: Hash64): void {
    this.#table.hashInto(hash)
    if (this.#unreadable.size > 0) for (const lba of [...this.#unreadable].sort((a, b) => a - b)) hash.add(lba)
  }

  /** First sectors of all pages that may hold something else than zeros, ascending. */
  *usedPages(): Generator<number> {
    for (const index of this.#table.used()) yield index * this.sectorsPerPage
  }

  #merge(index: number, source: number, firstSector: number, count: number): void {
    const page = this.#table.own(index)
    const skip = firstSector * this.sectorBytes
    const from = this.arena.offsetOf(source) + skip
    const bytes = this.arena.slabOf(source).subarray(from, from + count * this.sectorBytes)
    this.arena.slabOf(page).set(bytes, this.arena.offsetOf(page) + skip)
  }
}
