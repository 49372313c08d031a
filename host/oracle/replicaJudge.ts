// At the end, when all is quiet: are the replicas equal (law CONV), and does each hold what the array must hold (law TRUTH)?
//
// Compares what reads of each member in sync would deliver (caches and faults included), over every page in the LUN's range that any of
// them uses, that a fault damaged, or that was ever written. Differences that a drive's lie, rot or latent error explains are findings, not violations.
// Sectors beyond the LUN, superblocks and bitmap are not compared.

import { faultFilterOf } from '../faults/faultFilter'
import type { Drive } from '../hardware/drive'
import { ZERO_PAGE } from '../hardware/pageArena'
import type { CaseFile } from './caseFile'
import { versionName } from './content'
import { excuseOf, SEEN_FOREIGN, SEEN_OLDER } from './excuse'
import { PageMarks } from './pageMarks'
import { dataOffsetOf, inSyncDrive, type RigView } from './rigView'
import { LEAF_SECTORS } from './sectorPages'
import { isTornByPowerCut } from './torn'

interface Replica {
  readonly bay: number
  readonly drive: Drive
  readonly bytes: Uint8Array
  readonly words: Uint32Array
}

/** What the comparison met: of use to judge a scrub by. */
export interface Differences {
  /** Sectors that all members in sync can read and on which they do not agree. */
  readonly sectors: number
  /** Sectors that some member in sync can read and another cannot. */
  readonly unreadableOnSome: readonly { readonly bay: number; readonly lba: number }[]
}

export class ReplicaJudge {
  readonly #case: CaseFile
  readonly #view: RigView
  readonly #lunSectors: number
  readonly #different = new Set<number>()
  readonly #unreadableOnSome: { bay: number; lba: number }[] = []

  constructor(caseFile: CaseFile, view: RigView, lunSectors: number) {
    this.#case = caseFile
    this.#view = view
    this.#lunSectors = lunSectors
  }

  judge(nowNs: number): Differences {
    const replicas = this.#replicas()
    const [reference, ...others] = replicas
    if (reference) {
      for (const driveLba of this.#pages(replicas)) {
        this.#judgeVersions(reference, driveLba, nowNs)
        for (const other of others) this.#compare(reference, other, driveLba, nowNs)
      }
    }
    return { sectors: this.#different.size, unreadableOnSome: this.#unreadableOnSome }
  }

  #replicas(): Replica[] {
    const replicas: Replica[] = []
    for (let bay = 0; bay < this.#view.bayCount; bay++) {
      const drive = inSyncDrive(this.#view, bay)
      if (!drive) continue
      const buffer = new ArrayBuffer(drive.medium.arena.pageBytes)
      replicas.push({ bay, drive, bytes: new Uint8Array(buffer), words: new Uint32Array(buffer) })
    }
    return replicas
  }

  /** First sectors (on the drives) of all pages in the LUN's range that some replica uses or damaged, or that were ever written; ascending. */
  *#pages(replicas: readonly Replica[]): Generator<number> {
    const perPage = replicas[0]!.drive.medium.sectorsPerPage
    const offset = dataOffsetOf(this.#view)
    const firstPage = Math.floor(offset / perPage)
    const pages = new PageMarks(Math.floor((offset + this.#lunSectors - 1) / perPage) - firstPage + 1)
    const mark = (driveLba: number) => pages.mark(Math.floor(driveLba / perPage) - firstPage)
    for (const { drive } of replicas) {
      for (const lba of drive.medium.usedPages()) mark(lba)
      for (const lba of drive.medium.unreadableSectors) mark(lba)
      for (const lba of faultFilterOf(drive)?.damagedSectors() ?? []) mark(lba)
    }
    for (const leaf of this.#case.sectors.pages.used()) {
      const words = this.#case.sectors.pages.look(leaf)!
      for (let i = 0; i < LEAF_SECTORS; i++) if (words[i * 2] !== 0) mark(offset + leaf * LEAF_SECTORS + i)
    }
    for (const page of pages.marked()) yield (firstPage + page) * perPage
  }

  /** The part of a page that belongs to the LUN. */
  #range(drive: Drive, pageLba: number): { readonly from: number; readonly end: number } {
    const first = dataOffsetOf(this.#view)
    const end = Math.min(pageLba + drive.medium.sectorsPerPage, first + this.#lunSectors, drive.sectorCount)
    return { from: Math.max(pageLba, first), end }
  }

  #compare(reference: Replica, other: Replica, pageLba: number, nowNs: number): void {
    if (this.#isSamePage(reference.drive, other.drive, pageLba)) return
    const { from, end } = this.#range(reference.drive, pageLba)
    const { sectorBytes } = this.#case.contents
    reference.drive.peek(from, end - from, reference.bytes, 0)
    other.drive.peek(from, end - from, other.bytes, 0)
    for (let lba = from; lba < end; lba++) {
      const at = (lba - from) * sectorBytes
      const badHere = reference.drive.firstUnreadable(lba, 1) >= 0
      const badThere = other.drive.firstUnreadable(lba, 1) >= 0
      if (badHere && badThere) continue
      if (badHere || badThere) {
        this.#unreadableOnOne(badHere ? reference : other, badHere ? other : reference, lba, nowNs)
      } else if (!equalAt(reference.words, other.words, at >>> 2, sectorBytes >>> 2)) {
        this.#differ(reference, other, lba, at, nowNs)
      }
    }
  }

  /** Most pages are: both members got them from one write, or a resync made them equal. Needs no copies. */
  #isSamePage(a: Drive, b: Drive, pageLba: number): boolean {
    const [pageA, pageB] = [a.plainPageOf(pageLba), b.plainPageOf(pageLba)]
    if (pageA < 0 || pageB < 0 || a.medium.arena !== b.medium.arena) return false
    return pageA === pageB || a.medium.arena.areEqual(pageA, pageB)
  }

  #differ(reference: Replica, other: Replica, driveLba: number, at: number, nowNs: number): void {
    const { contents, ledger } = this.#case
    const lba = driveLba - dataOffsetOf(this.#view)
    this.#different.add(lba)
    const texts = [reference, other].map((replica) => `bay ${replica.bay} holds ${contents.describe(lba, replica, at)}`)
    const versions = [reference, other].map((replica) => contents.versionOf(lba, replica, at))
    const found = `the replicas differ at LBA ${lba}: ${texts.join(', ')}`
    const seen = versions.includes(-1) ? SEEN_FOREIGN : SEEN_OLDER
    const excuse = excuseOf(this.#case, lba, this.#case.acknowledgedSinceNs(lba), seen)
    if (excuse !== null) {
      ledger.find(`conv:${lba}`, nowNs, `${found}: ${excuse}`)
      return
    }
    const expected = 'equal bytes on all members in sync'
    this.#case.charge(
      { law: 'CONV', lba, found, expected, versions: [...versions, ...this.#case.sectors.possible(lba)] },
      nowNs,
    )
  }

  #unreadableOnOne(bad: Replica, good: Replica, driveLba: number, nowNs: number): void {
    const lba = driveLba - dataOffsetOf(this.#view)
    this.#unreadableOnSome.push({ bay: bad.bay, lba })
    const found = `LBA ${lba} cannot be read in bay ${bad.bay}, but can in bay ${good.bay}`
    if (faultFilterOf(bad.drive)?.isDamaged(driveLba)) {
      this.#case.ledger.find(`lse:${bad.bay}:${lba}`, nowNs, `${found}: a latent error that nothing has read since`)
      return
    }
    const expected = 'unreadable on all members in sync, or on none'
    this.#case.charge({ law: 'CONV', lba, found, expected, versions: this.#case.sectors.possible(lba) }, nowNs)
  }

  /** Reads one page of a replica, and compares each sector with what the array must hold. */
  #judgeVersions(replica: Replica, pageLba: number, nowNs: number): void {
    const { drive } = replica
    const { contents, sectors } = this.#case
    const { from, end } = this.#range(drive, pageLba)
    const offset = dataOffsetOf(this.#view)
    if (this.#isUntouched(drive, from - offset, end - offset, pageLba)) return
    drive.peek(from, end - from, replica.bytes, 0)
    for (let driveLba = from; driveLba < end; driveLba++) {
      const lba = driveLba - offset
      const at = (driveLba - from) * contents.sectorBytes
      const settled = sectors.settledAt(lba)
      if (settled >= 0 && contents.matches(settled, lba, replica, at)) continue
      const possible = sectors.possible(lba)
      if (possible.some((id) => contents.matches(id, lba, replica, at))) continue
      if (drive.firstUnreadable(driveLba, 1) < 0) this.#impossible(replica, lba, at, possible, nowNs)
    }
  }

  /** A page of zeros that holds what was there at the start. */
  #isUntouched(drive: Drive, first: number, end: number, pageLba: number): boolean {
    if (drive.plainPageOf(pageLba) !== ZERO_PAGE || !this.#case.contents.startsAsZeros) return false
    for (let lba = first; lba < end; lba++) if (this.#case.sectors.settledAt(lba) !== 0) return false
    return true
  }

  #impossible(replica: Replica, lba: number, at: number, possible: readonly number[], nowNs: number): void {
    const { contents, ledger } = this.#case
    const version = contents.versionOf(lba, replica, at)
    if (version < 0 && isTornByPowerCut(this.#case, lba, replica, at)) return
    const found = `bay ${replica.bay} is claimed to be in sync and holds ${contents.describe(lba, replica, at)} at LBA ${lba}`
    const seen = version >= 0 ? SEEN_OLDER : SEEN_FOREIGN
    const excuse = excuseOf(this.#case, lba, this.#case.acknowledgedSinceNs(lba), seen)
    if (excuse !== null) {
      ledger.find(`truth:${replica.bay}:${lba}`, nowNs, `${found}: ${excuse}`)
      return
    }
    const expected = possible.map(versionName).join(' or ')
    this.#case.charge({ law: 'TRUTH', lba, found, expected, versions: [version, ...possible] }, nowNs)
  }
}

function equalAt(a: Uint32Array, b: Uint32Array, at: number, count: number): boolean {
  for (let i = at; i < at + count; i++) if (a[i] !== b[i]) return false
  return true
}
