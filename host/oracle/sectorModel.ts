// What each sector of the LUN may hold, by the promises that the array has made.
//
// Nearly always that is one version, perhaps with one write on its way to replace it: two words for a sector, and no object on the way
// of a write or a read. Whatever is less simple (overlapping writes, failed ones, power cuts) is an OpenSector until one version is left.
//
// With a volatile cache (WCE = 1) an acknowledged write is durable only after a later flush, or its own FUA: the model keeps the
// last durable version of each sector, and the acknowledged writes that a power cut may still take (`Account`). With a second site it
// does the same for what that site may still lack: `secured` stands for a flush there, `changedOver` for the loss of this site. With both
// there are two accounts.

import type { Account } from './account'
import { isHiddenBy, type OpenSector } from './candidates'
import type { ReadRecord } from './readRecord'
import { LEAF_SECTORS } from './sectorPages'
import { ID_MASK, OBSERVED_BIT, OPEN, SectorStates } from './sectorStates'
import { WRITE_CUT, WRITE_FAILED, WRITE_FUA, WRITE_GOOD, WRITE_IN_FLIGHT, type WriteTable } from './writeTable'

const NONE = new Uint32Array(0)

/** What a flush covers: acknowledged before `mark`, from sector `first` to `end`. */
export interface FlushReach {
  readonly mark: number
  readonly first: number
  readonly end: number
}

export class SectorModel extends SectorStates {
  /** What the other site lacks. */
  readonly #there: Account | null
  /** Writes that were in this site's caches when they were lost, since it served last. */
  readonly #gone = new Set<number>()
  /** The same of the site that was left last, if it had not served since. */
  readonly #goneElsewhere = new Set<number>()
  /** A hash of all that was promised so far: two histories with equal media and equal promises are judged alike. */
  promises = 0
  /** All writes below this id have ended. */
  #firstInFlight = 1

  /** `hasOtherSite`: acknowledged writes count as lost with this site until they are secured. */
  constructor(writes: WriteTable, sectorCount: number, writeCacheEnabled: boolean, hasOtherSite = false) {
    super(writes, sectorCount, writeCacheEnabled, hasOtherSite)
    this.#there = hasOtherSite ? (this.elsewhere ?? this.own) : null
  }

  /** Becomes an independent copy of another model of the same LUN; `writes` is a copy of that one's already. */
  copyFrom(other: SectorModel): void {
    this.copyStatesFrom(other)
    this.#gone.clear()
    for (const id of other.#gone) this.#gone.add(id)
    this.#goneElsewhere.clear()
    for (const id of other.#goneElsewhere) this.#goneElsewhere.add(id)
    this.#firstInFlight = other.#firstInFlight
    this.promises = other.promises
  }

  /** Notes that more is promised from now on: what a sector may hold has become less. */
  #promise(what: number, which: number): void {
    this.promises =
      Math.imul(this.promises ^ Math.imul(which + what, 0x9e3779b1 | 0), 0x85ebca6b | 0) ^ (this.promises >>> 15)
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
        else this.opened(leafLba + (i >> 1)).submit(id)
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
    this.elsewhere?.unflushed.add(id)
    if (!this.own) return
    if (this.volatile && writes.flags[id]! & WRITE_FUA) this.#makeDurable(id, this.own)
    else this.own.unflushed.add(id)
  }

  fail(id: number, nowNs: number, sequence: number): void {
    this.writes.finish(id, WRITE_FAILED, nowNs, sequence)
    this.#promise(2, id)
    this.#eachSector(id, (lba) => this.opened(lba).fail(id))
  }

  /** How far a flush that is submitted now will reach. */
  get flushMark(): number {
    return this.volatile ? this.own!.unflushed.mark : 0
  }

  /** A flush of some sectors that was submitted at this mark is acknowledged. Returns the writes that it made durable. */
  flushed({ mark, first, end }: FlushReach): Uint32Array {
    // Without a write cache everything is durable already; of the other site a flush says nothing.
    if (!this.volatile) return NONE
    const { lba } = this.writes
    return this.#makeAllDurable(this.own!, mark, (id) => lba[id]! >= first && lba[id]! < end)
  }

  #makeAllDurable(account: Account, mark: number, covers?: (id: number) => boolean): Uint32Array {
    const ids = account.unflushed.takeUpTo(mark, covers)
    for (const id of ids) {
      this.#makeDurable(id, account)
      this.#promise(3, id)
    }
    return ids
  }

  /** The other site has all that was acknowledged until now, but for the last so many writes. */
  secured(allBut = 0): void {
    this.securedUpTo(this.acknowledgedMark - allBut)
  }

  /** The other site has one write, or some: on its media, where it has caches. */
  securedThese(covers: (id: number) => boolean): void {
    this.#makeAllDurable(this.#there!, this.acknowledgedMark, covers)
  }

  /** A point of all that was acknowledged until now: for `securedUpTo`. */
  get acknowledgedMark(): number {
    return this.#there!.unflushed.mark
  }

  /** The other site has what was acknowledged before that mark. */
  securedUpTo(mark: number, covers?: (id: number) => boolean): void {
    this.#makeAllDurable(this.#there!, mark, covers)
  }

  /**
   * The other site has everything that is here, also where nobody knows what that is, but for what the last writes wrote to (`allBut`).
   * `inCaches`: perhaps in its caches, as here.
   */
  caughtUp(inCaches = false, allBut = 0): void {
    if (inCaches) this.#holdsTheSame()
    else this.secured(allBut)
    const late = new Set<number>()
    if (allBut > 0) for (const id of this.#there!.unflushed.copy()) this.#eachSector(id, (lba) => late.add(lba))
    for (const [lba, sector] of this.open) {
      if (late.has(lba)) continue
      if (inCaches) sector.sharedWithCaches()
      else sector.shared()
      this.closeIfDecided(lba, sector)
    }
  }

  /** What is durable here is durable there, and what is in caches here is in caches there. */
  #holdsTheSame(): void {
    const cached = this.own!.unflushed.copy()
    const isCached = new Set(cached)
    this.securedThese((id) => !isCached.has(id))
    this.#there!.becomes(cached)
  }

  /** This site serves again after it had lost what was in its caches: what it has now may come to the other one. */
  servesAgain(): void {
    if (this.#gone.size === 0) return
    this.#mayBeThere(this.#there!.unflushed.takeUpTo(this.acknowledgedMark, (id) => this.#gone.has(id)))
    this.#gone.clear()
    for (const sector of this.open.values()) sector.mayCopy()
  }

  /** The other site has lost what was in its caches. */
  otherCachesLost(): void {
    this.#mayBeThere(this.#there!.takeAll())
  }

  /** The other site may have these writes or not, in any order. */
  #mayBeThere(ids: Uint32Array): void {
    for (const id of ids) this.#eachSector(id, (lba) => this.opened(lba).mayBeElsewhere([id]))
  }

  /**
   * The LUN is served by the other site from now on. What was in flight, and what was not secured, may be there or not. Returns the
   * acknowledged writes that may be lost, in the order of their acknowledgements. `cached`: all that was acknowledged is there, perhaps in
   * caches ('all'), or something is ('some'); 'none': what is there is on media.
   */
  changedOver(nowNs: number, sequence: number, cached: 'all' | 'some' | 'none' = 'none'): Uint32Array {
    const unsecured = this.#there!.unflushed.copy()
    if (this.elsewhere) this.#swap(nowNs, sequence, cached)
    else this.#cut(nowNs, sequence, true)
    return cached === 'all' ? NONE : unsecured
  }

  /** The two sites have changed places. */
  #swap(nowNs: number, sequence: number, cached: 'all' | 'some' | 'none'): void {
    const there = this.#there!
    this.#goneElsewhere.clear()
    const held = cached === 'all' ? there.unflushed.copy() : NONE
    this.#endFlights(nowNs, sequence)
    for (const id of [...this.own!.takeAll(), ...there.unflushed.copy()])
      this.#eachSector(id, (lba) => this.opened(lba))
    const durable = new Map([...this.open].map(([lba, { elsewhere }]) => [lba, elsewhere!]))
    if (cached === 'all') this.secured()
    const lacking = this.#takeUnflushed(there, (sector) => sector.certainElsewhere)
    for (const [lba, sector] of this.open) {
      sector.changeOver(lacking.get(lba) ?? [], cached === 'none' ? null : (durable.get(lba) ?? []))
      this.closeIfDecided(lba, sector)
    }
    this.own!.becomes(held)
    there.becomes(held)
    for (const id of this.#gone) this.#goneElsewhere.add(id)
    this.#gone.clear()
  }

  /**
   * The site that was left has come back as the source. If it had lost what was in its caches, this one may be given what is left of that.
   * Returns the writes that may be gone.
   */
  givenWhatIsLeft(): ReadonlySet<number> {
    const gone = new Set(this.#goneElsewhere)
    if (gone.size === 0) return gone
    this.#goneElsewhere.clear()
    for (const account of [this.own!, this.elsewhere!]) account.becomes(NONE)
    for (const sector of this.open.values()) sector.mayBeGiven()
    return gone
  }

  /** All power is lost: what was in flight, and what was acknowledged without being durable, may be there or not. */
  powerCut(nowNs: number, sequence: number): void {
    this.#cut(nowNs, sequence, this.volatile)
  }

  #cut(nowNs: number, sequence: number, losesUnflushed: boolean): void {
    this.#endFlights(nowNs, sequence)
    const lost = losesUnflushed ? this.#takeOwn() : null
    for (const [lba, sector] of this.open) {
      if (lost) sector.cutVolatile(lost.get(lba) ?? [], !this.volatile)
      else sector.cut()
      this.closeIfDecided(lba, sector)
    }
  }

  #endFlights(nowNs: number, sequence: number): void {
    const { writes } = this
    for (let id = this.#firstInFlight; id < writes.next; id++) {
      if (writes.stateOf(id) !== WRITE_IN_FLIGHT) continue
      writes.finish(id, WRITE_CUT, nowNs, sequence)
      this.#eachSector(id, (lba) => this.opened(lba))
    }
    this.#firstInFlight = writes.next
  }

  /** No drive is left that has what was acknowledged without being durable: it may be there or not when one comes back. */
  cachesLost(): void {
    if (!this.volatile) return
    for (const [lba, ids] of this.#takeOwn()) {
      const sector = this.opened(lba)
      sector.cutVolatile(ids)
      this.closeIfDecided(lba, sector)
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
      if (pending === OPEN) read.keepOpen(at, this.open.get(at)!.ids())
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
    const sector = this.opened(lba)
    sector.narrow(matching, sequence, this.writes)
    this.#promise(lba, matching[0]!)
    this.closeIfDecided(lba, sector)
  }

  #acknowledgeOpen(id: number, lba: number): void {
    const sector = this.open.get(lba)
    if (!sector) throw new Error(`sector ${lba} must be open: write ${id} is not the only one in flight`)
    sector.acknowledge(id, this.writes)
    this.closeIfDecided(lba, sector)
  }

  #makeDurable(id: number, account: Account): void {
    const { writes } = this
    this.#eachSector(id, (lba) => {
      const sector = this.open.get(lba)
      if (sector) {
        if (account === this.elsewhere) sector.secure(id, writes)
        else sector.makeDurable(id, writes)
        this.closeIfDecided(lba, sector)
        return
      }
      const number = Math.floor(lba / LEAF_SECTORS)
      const decided = this.pages.own(number)[(lba % LEAF_SECTORS) * 2]! & ID_MASK
      const durable = account.durable.own(number)
      const at = lba % LEAF_SECTORS
      // A version that overlapped the decided one and was decided against is no candidate any more.
      const counts = id === decided || (writes.isSuperseded(id, decided) && !writes.isSuperseded(id, durable[at]!))
      if (counts) durable[at] = id
    })
  }

  /** This site loses what is in its caches, or (without caches) all that is not secured. */
  #takeOwn(): Map<number, number[]> {
    if (this.elsewhere) for (const id of this.own!.unflushed.copy()) this.#gone.add(id)
    return this.#takeUnflushed(this.own!, (sector) => sector.base!)
  }

  /** Sector -> acknowledged versions that may be lost, in order. Opens these sectors. */
  #takeUnflushed(account: Account, baseOf: (sector: OpenSector) => readonly number[]): Map<number, number[]> {
    const { writes } = this
    const lost = new Map<number, number[]>()
    for (const id of account.takeAll()) {
      this.#eachSector(id, (lba) => {
        if (isHiddenBy(id, baseOf(this.opened(lba)), writes)) return
        const list = lost.get(lba)
        if (list) list.push(id)
        else lost.set(lba, [id])
      })
    }
    return lost
  }

  #eachSector(id: number, visit: (lba: number) => void): void {
    const first = this.writes.lba[id]!
    const end = first + this.writes.sectors[id]!
    for (let lba = first; lba < end; lba++) visit(lba)
  }
}
