// The sectors of the LUN, each with what it may hold: pages of words for those of which there is little to say, and an OpenSector for each
// other one. What may be lost with a site is in its account.

import { Account } from './account'
import { OpenSector, SETTLED } from './candidates'
import { LEAF_SECTORS, SectorPages } from './sectorPages'
import type { WriteTable } from './writeTable'

/** Beside a decided version: a read has returned it. */
export const OBSERVED_BIT = 0x8000_0000
export const ID_MASK = 0x7fff_ffff
/** In the place of the pending write: look into the open sectors. */
export const OPEN = 0xffff_ffff

export class SectorStates {
  readonly writes: WriteTable
  readonly volatile: boolean
  /** Two words a sector: decided version (with OBSERVED_BIT), pending write (0: none). */
  readonly pages: SectorPages
  /** With a write cache what is lost with its power; without one, but with a second site, what that one lacks. */
  protected readonly own: Account | null
  /** With both: what the other site lacks, or has in its caches. */
  protected readonly elsewhere: Account | null
  protected readonly open = new Map<number, OpenSector>()

  constructor(writes: WriteTable, sectorCount: number, writeCacheEnabled: boolean, hasOtherSite: boolean) {
    this.writes = writes
    this.volatile = writeCacheEnabled
    this.pages = new SectorPages(sectorCount, 2)
    this.own = writeCacheEnabled || hasOtherSite ? new Account(sectorCount) : null
    this.elsewhere = writeCacheEnabled && hasOtherSite ? new Account(sectorCount) : null
  }

  protected copyStatesFrom(other: SectorStates): void {
    this.pages.copyFrom(other.pages)
    this.own?.copyFrom(other.own!)
    this.elsewhere?.copyFrom(other.elsewhere!)
    this.open.clear()
    for (const [lba, sector] of other.open) this.open.set(lba, sector.clone())
  }

  /** Runs of open sectors, ascending. */
  openRanges(sectorsMax: number): [lba: number, sectors: number][] {
    const ranges: [number, number][] = []
    for (const lba of [...this.open.keys()].sort((a, b) => a - b)) {
      const last = ranges.at(-1)
      if (last && last[0] + last[1] === lba && last[1] < sectorsMax) last[1]++
      else ranges.push([lba, 1])
    }
    return ranges
  }

  get openSectors(): number {
    return this.open.size
  }

  /** The only version that the sector can hold, or -1: there is more than one. */
  settledAt(lba: number): number {
    const leaf = this.pages.look(Math.floor(lba / LEAF_SECTORS))
    if (!leaf) return 0
    const word = (lba % LEAF_SECTORS) * 2
    return leaf[word + 1] === 0 ? leaf[word]! & ID_MASK : -1
  }

  /** The only version that a read can return now, whatever a power cut may bring back; or -1. */
  shownAt(lba: number): number {
    const { candidates } = this.open.get(lba) ?? { candidates: null }
    if (candidates === null) return this.settledAt(lba)
    return candidates.length === 1 && candidates[0]!.flags === SETTLED ? candidates[0]!.id : -1
  }

  /** Every version that the sector may hold or come to hold now, writes in flight included. */
  possible(lba: number): number[] {
    const leaf = this.pages.look(Math.floor(lba / LEAF_SECTORS))
    if (!leaf) return [0]
    const word = (lba % LEAF_SECTORS) * 2
    const pending = leaf[word + 1]!
    if (pending === OPEN) return this.open.get(lba)!.ids()
    const decided = leaf[word]! & ID_MASK
    return pending === 0 ? [decided] : [decided, pending]
  }

  /** The version that a read returned last, while nothing newer was acknowledged; or -1. */
  observed(lba: number): number {
    const leaf = this.pages.look(Math.floor(lba / LEAF_SECTORS))
    if (!leaf) return -1
    const word = (lba % LEAF_SECTORS) * 2
    if (leaf[word + 1] === OPEN) return this.open.get(lba)!.observed
    return leaf[word]! & OBSERVED_BIT ? leaf[word]! & ID_MASK : -1
  }

  /** The open sector at an LBA; opens it if need be. */
  protected opened(lba: number): OpenSector {
    const found = this.open.get(lba)
    if (found) return found
    const number = Math.floor(lba / LEAF_SECTORS)
    const leaf = this.pages.own(number)
    const word = (lba % LEAF_SECTORS) * 2
    const decided = leaf[word]! & ID_MASK
    const [base, elsewhere] = [this.own, this.elsewhere].map(
      (account) => account && [account.durable.own(number)[lba % LEAF_SECTORS]!],
    )
    const sector = new OpenSector(decided, base!, leaf[word]! & OBSERVED_BIT ? decided : -1, elsewhere!)
    const pending = leaf[word + 1]!
    if (pending !== 0) sector.submit(pending)
    leaf[word + 1] = OPEN
    this.open.set(lba, sector)
    return sector
  }

  protected closeIfDecided(lba: number, sector: OpenSector): void {
    const id = sector.decided
    if (id < 0) return
    const number = Math.floor(lba / LEAF_SECTORS)
    const leaf = this.pages.own(number)
    const word = (lba % LEAF_SECTORS) * 2
    leaf[word] = (sector.observed === id ? id | OBSERVED_BIT : id) >>> 0
    leaf[word + 1] = 0
    for (const account of [this.own, this.elsewhere]) if (account) account.durable.own(number)[lba % LEAF_SECTORS] = id
    this.open.delete(lba)
  }
}
