// What each sector of the LUN may hold, by the promises that the array has made.
//
// Nearly always that is one version, perhaps with one write on its way to replace it: two words for a sector, and no object on the way
// of a write or a read. Whatever is less simple (overlapping writes, failed ones, power cuts) is an OpenSector until one version is left.
//
// With a volatile cache (WCE = 1) an acknowledged write is durable only after a later flush, or its own FUA: the model keeps the
// last durable version of each sector, and the acknowledged writes that a power cut may still take (`Unflushed`). With a second site it
// does the same for what that site may still lack: `secured` stands for a flush there, `changedOver` for the loss of this site.

import { isHiddenBy, OpenSector } from './candidates'
import type { ReadRecord } from './readRecord'
import { LEAF_SECTORS, SectorPages } from './sectorPages'
import { Unflushed } from './unflushed'
import { WRITE_CUT, WRITE_FAILED, WRITE_FUA, WRITE_GOOD, WRITE_IN_FLIGHT, type WriteTable } from './writeTable'

/** Beside a decided version: a read has returned it. */
export const OBSERVED_BIT = 0x8000_0000
export const ID_MASK = 0x7fff_ffff
/** In the place of the pending write: look into the open sectors. */
export const OPEN = 0xffff_ffff

const NONE = new Uint32Array(0)

/** What a flush covers: acknowledged before `mark`, from sector `first` to `end`. */
export interface FlushReach {
  readonly mark: number
  readonly first: number
  readonly end: number
}

export class SectorModel {
  readonly writes: WriteTable
  readonly volatile: boolean
  /** Two words a sector: decided version (with OBSERVED_BIT), pending write (0: none). */
  readonly pages: SectorPages
  readonly #remembersLosses: boolean
  readonly #durable: SectorPages | null
  readonly #open = new Map<number, OpenSector>()
  readonly #unflushed = new Unflushed()
  /** A hash of all that was promised so far: two histories with equal media and equal promises are judged alike. */
  promises = 0
  /** All writes below this id have ended. */
  #firstInFlight = 1

  /** `hasOtherSite`: acknowledged writes count as lost with this site until they are secured. Not together with a write cache. */
  constructor(writes: WriteTable, sectorCount: number, writeCacheEnabled: boolean, hasOtherSite = false) {
    if (writeCacheEnabled && hasOtherSite) throw new Error('a second site must come without a write cache')
    this.writes = writes
    this.volatile = writeCacheEnabled
    this.#remembersLosses = writeCacheEnabled || hasOtherSite
    this.pages = new SectorPages(sectorCount, 2)
    this.#durable = this.#remembersLosses ? new SectorPages(sectorCount, 1) : null
  }

  /** Becomes an independent copy of another model of the same LUN; `writes` is a copy of that one's already. */
  copyFrom(other: SectorModel): void {
    this.pages.copyFrom(other.pages)
    if (this.#durable) this.#durable.copyFrom(other.#durable!)
    this.#open.clear()
    for (const [lba, sector] of other.#open) this.#open.set(lba, sector.clone())
    this.#unflushed.copyFrom(other.#unflushed)
    this.#firstInFlight = other.#firstInFlight
    this.promises = other.promises
  }

  /** Notes that more is promised from now on: what a sector may hold has become less. */
  #promise(what: number, which: number): void {
    this.promises =
      Math.imul(this.promises ^ Math.imul(which + what, 0x9e3779b1 | 0), 0x85ebca6b | 0) ^ (this.promises >>> 15)
  }

  /** Runs of open sectors, ascending. */
  openRanges(sectorsMax: number): [lba: number, sectors: number][] {
    const ranges: [number, number][] = []
    for (const lba of [...this.#open.keys()].sort((a, b) => a - b)) {
      const last = ranges.at(-1)
      if (last && last[0] + last[1] === lba && last[1] < sectorsMax) last[1]++
      else ranges.push([lba, 1])
    }
    return ranges
  }

  get openSectors(): number {
    return this.#open.size
  }

  submit(id: number): void {
    const { lba, sectors } = this.writes
    let at = lba[id]!
    const end = at + sectors[id]!
    while (at < end) {
      const number = Math.floor(at / LEAF_SECTORS)
      const leaf = this.pages.own(number)
      const leafLba = number * LEAF_SECTORS
      const last = Math.min(end - leafLba, LEAF_SECTORS) * 2
      for (let i = (at - leafLba) * 2 + 1; i < last; i += 2) {
        if (leaf[i] === 0) leaf[i] = id
        else this.#opened(leafLba + (i >> 1)).submit(id)
      }
      at = leafLba + (last >> 1)
    }
  }

  acknowledge(id: number, nowNs: number, sequence: number): void {
    const { writes } = this
    writes.finish(id, WRITE_GOOD, nowNs, sequence)
    this.#promise(1, id)
    let at = writes.lba[id]!
    const end = at + writes.sectors[id]!
    while (at < end) {
      const number = Math.floor(at / LEAF_SECTORS)
      const leaf = this.pages.own(number)
      const leafLba = number * LEAF_SECTORS
      const last = Math.min(end - leafLba, LEAF_SECTORS) * 2
      for (let i = (at - leafLba) * 2 + 1; i < last; i += 2) {
        if (leaf[i] === id) {
          leaf[i - 1] = id
          leaf[i] = 0
        } else {
          this.#acknowledgeOpen(id, leafLba + (i >> 1))
        }
      }
      at = leafLba + (last >> 1)
    }
    if (!this.#remembersLosses) return
    if (this.volatile && writes.flags[id]! & WRITE_FUA) this.#makeDurable(id)
    else this.#unflushed.add(id)
  }

  fail(id: number, nowNs: number, sequence: number): void {
    this.writes.finish(id, WRITE_FAILED, nowNs, sequence)
    this.#promise(2, id)
    this.#eachSector(id, (lba) => this.#opened(lba).fail(id))
  }

  /** How far a flush that is submitted now will reach. */
  get flushMark(): number {
    return this.#unflushed.mark
  }

  /** A flush of some sectors that was submitted at this mark is acknowledged. Returns the writes that it made durable. */
  flushed({ mark, first, end }: FlushReach): Uint32Array {
    // Without a write cache everything is durable already; of the other site a flush says nothing.
    return this.volatile ? this.#makeAllDurable(mark, first, end) : NONE
  }

  #makeAllDurable(mark: number, first = 0, end = Number.POSITIVE_INFINITY): Uint32Array {
    const { lba } = this.writes
    const ids = this.#unflushed.takeUpTo(mark, (id) => lba[id]! >= first && lba[id]! < end)
    for (const id of ids) {
      this.#makeDurable(id)
      this.#promise(3, id)
    }
    return ids
  }

  /** The other site has all that was acknowledged until now, but for the last so many writes. */
  secured(allBut = 0): void {
    this.#makeAllDurable(this.#unflushed.mark - allBut)
  }

  /** A point of all that was acknowledged until now: for `securedUpTo`. */
  get acknowledgedMark(): number {
    return this.#unflushed.mark
  }

  /** The other site has what was acknowledged before that mark. */
  securedUpTo(mark: number): void {
    this.#makeAllDurable(mark)
  }

  /** The other site has everything that is here, also where nobody knows what that is. */
  caughtUp(): void {
    this.secured()
    for (const [lba, sector] of this.#open) {
      sector.shared()
      this.#closeIfDecided(lba, sector)
    }
  }

  /**
   * The LUN is served by the other site from now on. What was in flight, and what was not secured, may be there or not. Returns the
   * acknowledged writes that may be lost, in the order of their acknowledgements.
   */
  changedOver(nowNs: number, sequence: number): Uint32Array {
    const unsecured = this.#unflushed.copy()
    this.#cut(nowNs, sequence, true)
    return unsecured
  }

  /** All power is lost: what was in flight, and what was acknowledged without being durable, may be there or not. */
  powerCut(nowNs: number, sequence: number): void {
    this.#cut(nowNs, sequence, this.volatile)
  }

  #cut(nowNs: number, sequence: number, losesUnflushed: boolean): void {
    const { writes } = this
    for (let id = this.#firstInFlight; id < writes.next; id++) {
      if (writes.stateOf(id) !== WRITE_IN_FLIGHT) continue
      writes.finish(id, WRITE_CUT, nowNs, sequence)
      this.#eachSector(id, (lba) => this.#opened(lba))
    }
    this.#firstInFlight = writes.next
    const lost = losesUnflushed ? this.#takeUnflushed() : null
    for (const [lba, sector] of this.#open) {
      if (lost) sector.cutVolatile(lost.get(lba) ?? [], !this.volatile)
      else sector.cut()
      this.#closeIfDecided(lba, sector)
    }
  }

  /** No drive is left that has what was acknowledged without being durable: it may be there or not when one comes back. */
  cachesLost(): void {
    if (!this.volatile) return
    for (const [lba, ids] of this.#takeUnflushed()) {
      const sector = this.#opened(lba)
      sector.cutVolatile(ids)
      this.#closeIfDecided(lba, sector)
    }
  }

  /** Keeps what a read that is submitted now may return. */
  snapshot(read: ReadRecord): void {
    const { lba, sectors } = read
    let number = -1
    let leaf: Uint32Array | null = null
    for (let i = 0; i < sectors; i++) {
      const at = lba + i
      const wanted = Math.floor(at / LEAF_SECTORS)
      if (wanted !== number) {
        number = wanted
        leaf = this.pages.look(number)
      }
      const word = (at - number * LEAF_SECTORS) * 2
      const pending = leaf === null ? 0 : leaf[word + 1]!
      read.decided[i] = leaf === null ? 0 : leaf[word]! & ID_MASK
      read.pending[i] = pending
      if (pending === OPEN) read.keepOpen(at, this.#open.get(at)!.ids())
    }
  }

  /** A read that was submitted at `sequence` returned content equal to each of these versions. */
  narrow(lba: number, matching: readonly number[], sequence: number): void {
    const leaf = this.pages.own(Math.floor(lba / LEAF_SECTORS))
    const word = (lba % LEAF_SECTORS) * 2
    const decided = leaf[word]! & ID_MASK
    if (leaf[word + 1] !== OPEN) {
      if (matching.includes(decided)) {
        if (matching.length === 1) leaf[word] = (decided | OBSERVED_BIT) >>> 0
        return
      }
      if (!matching.includes(leaf[word + 1]!)) return
    }
    const sector = this.#opened(lba)
    sector.narrow(matching, sequence, this.writes)
    this.#promise(lba, matching[0]!)
    this.#closeIfDecided(lba, sector)
  }

  /** The only version that the sector can hold, or -1: there is more than one. */
  settledAt(lba: number): number {
    const leaf = this.pages.look(Math.floor(lba / LEAF_SECTORS))
    if (!leaf) return 0
    const word = (lba % LEAF_SECTORS) * 2
    return leaf[word + 1] === 0 ? leaf[word]! & ID_MASK : -1
  }

  /** Every version that the sector may hold or come to hold now, writes in flight included. */
  possible(lba: number): number[] {
    const leaf = this.pages.look(Math.floor(lba / LEAF_SECTORS))
    if (!leaf) return [0]
    const word = (lba % LEAF_SECTORS) * 2
    const pending = leaf[word + 1]!
    if (pending === OPEN) return this.#open.get(lba)!.ids()
    const decided = leaf[word]! & ID_MASK
    return pending === 0 ? [decided] : [decided, pending]
  }

  /** The version that a read returned last, while nothing newer was acknowledged; or -1. */
  observed(lba: number): number {
    const leaf = this.pages.look(Math.floor(lba / LEAF_SECTORS))
    if (!leaf) return -1
    const word = (lba % LEAF_SECTORS) * 2
    if (leaf[word + 1] === OPEN) return this.#open.get(lba)!.observed
    return leaf[word]! & OBSERVED_BIT ? leaf[word]! & ID_MASK : -1
  }

  #acknowledgeOpen(id: number, lba: number): void {
    const sector = this.#open.get(lba)
    if (!sector) throw new Error(`sector ${lba} must be open: write ${id} is not the only one in flight`)
    sector.acknowledge(id, this.writes)
    this.#closeIfDecided(lba, sector)
  }

  #makeDurable(id: number): void {
    const { writes } = this
    this.#eachSector(id, (lba) => {
      const sector = this.#open.get(lba)
      if (sector) {
        sector.makeDurable(id, writes)
        this.#closeIfDecided(lba, sector)
        return
      }
      const number = Math.floor(lba / LEAF_SECTORS)
      const decided = this.pages.own(number)[(lba % LEAF_SECTORS) * 2]! & ID_MASK
      const durable = this.#durable!.own(number)
      const at = lba % LEAF_SECTORS
      // A version that overlapped the decided one and was decided against is no candidate any more.
      const counts = id === decided || (writes.isSuperseded(id, decided) && !writes.isSuperseded(id, durable[at]!))
      if (counts) durable[at] = id
    })
  }

  /** Sector -> acknowledged versions that a power cut may take, in order. Opens these sectors. */
  #takeUnflushed(): Map<number, number[]> {
    const { writes } = this
    const lost = new Map<number, number[]>()
    for (const id of this.#unflushed.takeUpTo(this.#unflushed.mark)) {
      this.#eachSector(id, (lba) => {
        const { base } = this.#opened(lba)
        if (isHiddenBy(id, base!, writes)) return
        const list = lost.get(lba)
        if (list) list.push(id)
        else lost.set(lba, [id])
      })
    }
    return lost
  }

  /** The open sector at an LBA; opens it if need be. */
  #opened(lba: number): OpenSector {
    const found = this.#open.get(lba)
    if (found) return found
    const number = Math.floor(lba / LEAF_SECTORS)
    const leaf = this.pages.own(number)
    const word = (lba % LEAF_SECTORS) * 2
    const decided = leaf[word]! & ID_MASK
    const base = this.#durable ? [this.#durable.own(number)[lba % LEAF_SECTORS]!] : null
    const sector = new OpenSector(decided, base, leaf[word]! & OBSERVED_BIT ? decided : -1)
    const pending = leaf[word + 1]!
    if (pending !== 0) sector.submit(pending)
    leaf[word + 1] = OPEN
    this.#open.set(lba, sector)
    return sector
  }

  #closeIfDecided(lba: number, sector: OpenSector): void {
    const id = sector.decided
    if (id < 0) return
    const number = Math.floor(lba / LEAF_SECTORS)
    const leaf = this.pages.own(number)
    const word = (lba % LEAF_SECTORS) * 2
    leaf[word] = (sector.observed === id ? id | OBSERVED_BIT : id) >>> 0
    leaf[word + 1] = 0
    if (this.#durable) this.#durable.own(number)[lba % LEAF_SECTORS] = id
    this.#open.delete(lba)
  }

  #eachSector(id: number, visit: (lba: number) => void): void {
    const first = this.writes.lba[id]!
    const end = first + this.writes.sectors[id]!
    for (let lba = first; lba < end; lba++) visit(lba)
  }
}
