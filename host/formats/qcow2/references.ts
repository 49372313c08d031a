// All that refers to clusters of the file: the tables themselves, the entries of each L1 table (the active one, and one for each snapshot)
// and of its L2 tables, bitmaps.

import { DamagedImage } from '../damagedImage'
import type { ImageFile } from '../imageFile'
import { referToBitmaps } from './bitmaps'
import { decodeL1, decodeL2, type Entry } from './entries'
import type { Header, Table } from './header'
import { COPIED_HI, OFFSET_HI, TWO_32 } from './layout'
import type { Refcounts } from './refcounts'
import type { SnapshotTable } from './snapshots'
import { TableReader } from './tableReader'

/** Tables have their clusters for themselves; others are shared by snapshots, but only by their like; packed: compressed. */
export type Use = 'table' | 'l2' | 'data' | 'packed'

export interface L2Place {
  /** Of the entry, in the file. */
  readonly at: number
  /** Of its cluster, on the disk. */
  readonly startBytes: number
  /** Of the active L1 table. */
  readonly isActive: boolean
}

export interface Visitor {
  /** `at`: where it says so. */
  refer(use: Use, hostOffset: number, hostBytes: number, at: number): void
  l1(entry: Entry, at: number, isActive: boolean): void
  l2(entry: Entry, place: L2Place, zeros: number, allocated: number): void
  /** Instead of refer and l2, for the many entries with which nothing is special; false: go the long way. */
  plainCluster(hostOffset: number, isCopied: boolean, startBytes: number, isActive: boolean): boolean
  damage(at: number, text: string): void
}

/** Entries between two turns for others. */
const ENTRIES_A_TURN = 256 << 10

export class References {
  readonly #file: ImageFile
  readonly #header: Header
  readonly #snapshotTable: SnapshotTable
  readonly #refcounts: Refcounts
  readonly #tables: TableReader
  readonly #l2: TableReader
  readonly #signal: AbortSignal | undefined
  #entriesThisTurn = 0

  constructor(
    file: ImageFile,
    header: Header,
    snapshotTable: SnapshotTable,
    refcounts: Refcounts,
    signal: AbortSignal | undefined,
  ) {
    this.#file = file
    this.#header = header
    this.#snapshotTable = snapshotTable
    this.#refcounts = refcounts
    this.#tables = new TableReader(file)
    this.#l2 = new TableReader(file)
    this.#signal = signal
  }

  async visit(visitor: Visitor): Promise<void> {
    const { clusterBytes, l1, refcountTable } = this.#header
    visitor.refer('table', 0, clusterBytes, 0)
    visitor.refer('table', refcountTable.offset, refcountTable.entries * 8, 48)
    this.#visitRefcountBlocks(visitor)
    await this.#visitL1(visitor, l1, 40, true)
    const { snapshots, bytes } = this.#snapshotTable
    if (bytes > 0) visitor.refer('table', this.#header.snapshotsOffset, bytes, 64)
    for (const snapshot of snapshots) await this.#visitL1(visitor, snapshot.l1, snapshot.offset, false)
    try {
      referToBitmaps(this.#file, this.#header, this.#tables, (offset, length, at) =>
        visitor.refer('table', offset, length, at),
      )
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error
      visitor.damage(error.fileOffsetBytes, error.text)
    }
  }

  #visitRefcountBlocks(visitor: Visitor): void {
    for (let index = 0; index < this.#header.refcountTable.entries; index++) {
      const { offset, at, wrong } = this.#refcounts.block(index)
      if (wrong !== null) visitor.damage(at, wrong)
      else if (offset > 0) visitor.refer('table', offset, this.#header.clusterBytes, at)
    }
  }

  async #visitL1(visitor: Visitor, table: Table, at: number, isActive: boolean): Promise<void> {
    if (table.entries === 0) return
    visitor.refer('table', table.offset, table.entries * 8, at)
    // No table has more than the file has clusters, unless some are the same; then one visit less does no harm: it is damage already.
    let tablesLeft = Math.ceil(this.#file.sizeBytes / this.#header.clusterBytes)
    for (let index = 0; index < table.entries && !this.#signal?.aborted; index++) {
      const place = table.offset + index * 8
      const hi = this.#tables.u32(place, 'L1 table')
      const lo = this.#tables.u32(place + 4, 'L1 table')
      if (hi === 0 && lo === 0) continue
      const entry = this.#insideOrWrong(decodeL1(hi, lo, this.#header))
      visitor.l1(entry, place, isActive)
      if (entry.kind !== 'standard') continue
      visitor.refer('l2', entry.hostOffset, this.#header.clusterBytes, place)
      if (tablesLeft-- > 0) this.#visitL2(visitor, entry.hostOffset, index, isActive)
      this.#entriesThisTurn += this.#header.l2Entries
      if (this.#entriesThisTurn < ENTRIES_A_TURN) continue
      this.#entriesThisTurn = 0
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  #insideOrWrong(entry: Entry): Entry {
    if (entry.kind !== 'standard') return entry
    if (entry.hostOffset + this.#header.clusterBytes <= this.#file.sizeBytes) return entry
    return { kind: 'wrong', text: `an L2 table at ${entry.hostOffset}, outside the file` }
  }

  #visitL2(visitor: Visitor, tableOffset: number, l1Index: number, isActive: boolean): void {
    const { clusterBytes, l2Entries, l2EntryBytes, hasExtendedL2, hasDataFile } = this.#header
    const l2 = this.#l2
    const isPlain = (hi: number, lo: number): boolean =>
      (hi & ~(COPIED_HI | OFFSET_HI)) === 0 && (lo & (clusterBytes - 1)) === 0 && !hasExtendedL2 && !hasDataFile
    for (let index = 0; index < l2Entries; index++) {
      const at = tableOffset + index * l2EntryBytes
      const hi = l2.u32(at, 'L2 table')
      const lo = l2.u32(at + 4, 'L2 table')
      const startBytes = (l1Index * l2Entries + index) * clusterBytes
      if ((hi !== 0 || lo !== 0) && isPlain(hi, lo)) {
        const hostOffset = (hi & OFFSET_HI) * TWO_32 + lo
        if (hostOffset > 0 && visitor.plainCluster(hostOffset, hi >>> 31 === 1, startBytes, isActive)) continue
      }
      const zeros = hasExtendedL2 ? l2.u32(at + 8, 'L2 table') : 0
      const allocated = hasExtendedL2 ? l2.u32(at + 12, 'L2 table') : 0
      if (hi === 0 && lo === 0 && zeros === 0 && allocated === 0) continue
      const entry = decodeL2(hi, lo, this.#header)
      visitor.l2(entry, { at, startBytes, isActive }, zeros, allocated)
      if (entry.kind === 'wrong' || entry.kind === 'none') continue
      if (entry.kind === 'compressed') visitor.refer('packed', entry.hostOffset, entry.hostBytes, at)
      else if (entry.hostOffset > 0 && !this.#header.hasDataFile)
        visitor.refer('data', entry.hostOffset, clusterBytes, at)
    }
  }
}
