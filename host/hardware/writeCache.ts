// A drive's volatile write cache: the writes that were completed and are not on the medium yet, in order.
//
// The drive reads through `Drive`'s view, which already has them; this list says what a power cut may take away. Each sector of each
// entry persists or not on its own: a real cache destages in any order.

import type { RandomStream } from '../sim/random'
import type { Medium } from './medium'

interface CachedWrite {
  readonly lba: number
  readonly sectors: number
  readonly pages: Int32Array
}

export class WriteCache {
  readonly #medium: Medium
  readonly #entries: CachedWrite[] = []

  constructor(medium: Medium) {
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

  /** Power is lost: each cached sector reaches the medium with probability `keep`/4 (0 to 4), in order. */
  powerCut(random: RandomStream, keep: number): void {
    for (const entry of this.#entries) {
      keepSomeSectors(this.#medium, entry.lba, entry.sectors, entry.pages, random, keep)
      this.#release(entry)
    }
    this.#entries.length = 0
  }

  #release(entry: CachedWrite): void {
    for (const page of entry.pages) this.#medium.arena.release(page)
  }
}

/** Stores each sector of an extent with probability `keep`/4, run by run. */
export function keepSomeSectors(
  medium: Medium,
  lba: number,
  sectors: number,
  pages: Int32Array,
  random: RandomStream,
  keep: number,
): void {
  for (let at = lba; at < lba + sectors; at++) {
    if (random.chance(keep, 4)) medium.writeExtent(lba, pages, 0, at, 1)
  }
}
