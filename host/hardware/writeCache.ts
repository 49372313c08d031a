// A drive's volatile write cache: the writes that were completed and are not on the medium yet, in order.
//
// The drive reads through `Drive`'s view, which already has them; this list says what a power cut may take away. Each sector of each
// entry persists or not on its own: a real cache destages in any order.

import type { Medium } from './medium'
import type { Survival } from './survival'

interface CachedWrite {
  readonly lba: number
  readonly sectors: number
  readonly pages: Int32Array
}

export class WriteCache {
  #medium: Medium
  readonly #entries: CachedWrite[] = []

  constructor(medium: Medium) {
    this.#medium = medium
  }

  /** Forgets everything, and goes on over another medium. */
  moveTo(medium: Medium): void {
    this.forget()
    this.#medium = medium
  }

  get length(): number {
    return this.#entries.length
  }

  /** First sector and count of an entry, oldest first. */
  entry(index: number): { readonly lba: number; readonly sectors: number; readonly pages: Int32Array } {
    return this.#entries[index]!
  }

  add(lba: number, sectors: number, pages: Int32Array, pageCount: number): void {
    const own = pages.slice(0, pageCount)
    for (const page of own) this.#medium.arena.retain(page)
    this.#entries.push({ lba, sectors, pages: own })
  }

  /** Puts the oldest `count` entries on the medium. */
  destage(count: number): void {
    for (const entry of this.#entries.splice(0, count)) {
      this.#medium.writeExtent(entry.lba, entry.pages, 0, entry.lba, entry.sectors)
      this.#release(entry)
    }
  }

  /** Puts everything up to the last entry that overlaps the range on the medium, so that a write past the cache finds no older data here. */
  destageOverlapping(lba: number, sectors: number): void {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i]!
      if (entry.lba < lba + sectors && lba < entry.lba + entry.sectors) {
        this.destage(i + 1)
        return
      }
    }
  }

  /** What of the cached writes a power cut leaves goes onto `medium`, in order; the cache keeps them. */
  survive(medium: Medium, survival: Survival): void {
    for (const { lba, sectors, pages } of this.#entries) {
      survival.next(sectors, true)
      keepSurvivors(medium, lba, sectors, pages, survival)
    }
  }

  forget(): void {
    for (const entry of this.#entries) this.#release(entry)
    this.#entries.length = 0
  }

  #release(entry: CachedWrite): void {
    for (const page of entry.pages) this.#medium.arena.release(page)
  }
}

/** Stores those sectors of an extent that survive, run by run. */
export function keepSurvivors(
  medium: Medium,
  lba: number,
  sectors: number,
  pages: Int32Array,
  survival: Survival,
): void {
  let first = 0
  for (let sector = 0; sector <= sectors; sector++) {
    if (sector < sectors && survival.keeps(sector)) continue
    if (sector > first) medium.writeExtent(lba, pages, 0, lba + first, sector - first)
    first = sector + 1
  }
}
