// Where the bytes of the disk are: from an offset of the disk through the L1 table and an L2 table to a place of the file.

import type { ImageFile } from '../imageFile'
import { decodeL1, decodeL2, type Entry } from './entries'
import type { Header } from './header'
import { SUBCLUSTERS } from './layout'
import { TableReader } from './tableReader'

/** A stretch of the disk from the offset that was asked for. */
export type Piece =
  | { readonly kind: 'zero' | 'none'; readonly endBytes: number }
  /** At `hostOffset` of the file, or of the external data file. */
  | { readonly kind: 'data'; readonly endBytes: number; readonly hostOffset: number }
  /** One cluster, from `startBytes` on. */
  | {
      readonly kind: 'compressed'
      readonly startBytes: number
      readonly endBytes: number
      readonly hostOffset: number
      readonly hostBytes: number
    }

export class ClusterMap {
  readonly #file: ImageFile
  readonly #header: Header
  readonly #l1: TableReader
  readonly #l2: TableReader

  constructor(file: ImageFile, header: Header) {
    this.#file = file
    this.#header = header
    this.#l1 = new TableReader(file)
    this.#l2 = new TableReader(file)
  }

  /** May end behind the disk: its last cluster does. Throws a DamagedImage for an entry that cannot be. */
  pieceAt(offsetBytes: number): Piece {
    const { clusterBytes, l2Entries, l2EntryBytes } = this.#header
    const cluster = Math.floor(offsetBytes / clusterBytes)
    const l1Index = Math.floor(cluster / l2Entries)
    const l2Offset = this.#l2TableAt(l1Index)
    if (l2Offset === 0) return { kind: 'none', endBytes: (l1Index + 1) * l2Entries * clusterBytes }
    const at = l2Offset + (cluster - l1Index * l2Entries) * l2EntryBytes
    const entry = decodeL2(this.#l2.u32(at, 'L2 table'), this.#l2.u32(at + 4, 'L2 table'), this.#header)
    const startBytes = cluster * clusterBytes
    if (entry.kind === 'wrong') throw this.#file.damage(at, entry.text)
    if (this.#header.hasExtendedL2 && entry.kind !== 'compressed') {
      return this.#subclusters(entry, at, startBytes, offsetBytes)
    }
    const endBytes = startBytes + clusterBytes
    if (entry.kind === 'none' || entry.kind === 'zero') return { kind: entry.kind, endBytes }
    const { hostOffset } = entry
    if (entry.kind === 'compressed') return { ...entry, startBytes, endBytes }
    this.#requirePlace(at, hostOffset, startBytes)
    return { kind: 'data', endBytes, hostOffset: hostOffset + offsetBytes - startBytes }
  }

  /** 0: there is none. */
  #l2TableAt(l1Index: number): number {
    const at = this.#header.l1.offset + l1Index * 8
    const entry = decodeL1(this.#l1.u32(at, 'L1 table'), this.#l1.u32(at + 4, 'L1 table'), this.#header)
    if (entry.kind === 'wrong') throw this.#file.damage(at, entry.text)
    return entry.kind === 'standard' ? entry.hostOffset : 0
  }

  /** The subclusters from the one with `offsetBytes` on that are like it. */
  #subclusters(entry: Exclude<Entry, { kind: 'wrong' }>, at: number, startBytes: number, offsetBytes: number): Piece {
    const zeros = this.#l2.u32(at + 8, 'L2 table')
    const allocated = this.#l2.u32(at + 12, 'L2 table')
    if ((zeros & allocated) !== 0) throw this.#file.damage(at + 8, 'a subcluster is both allocated and zero')
    if (allocated !== 0 && entry.kind !== 'standard') {
      throw this.#file.damage(at + 8, 'subclusters are allocated in a cluster that is not')
    }
    const bytes = this.#header.clusterBytes / SUBCLUSTERS
    const statusOf = (index: number): number => ((zeros >>> index) & 1) * 2 + ((allocated >>> index) & 1)
    const first = Math.floor((offsetBytes - startBytes) / bytes)
    const status = statusOf(first)
    let end = first + 1
    while (end < SUBCLUSTERS && statusOf(end) === status) end++
    const endBytes = startBytes + end * bytes
    if (status === 2) return { kind: 'zero', endBytes }
    if (status === 0 || entry.kind !== 'standard') return { kind: 'none', endBytes }
    this.#requirePlace(at, entry.hostOffset, startBytes)
    return { kind: 'data', endBytes, hostOffset: entry.hostOffset + offsetBytes - startBytes }
  }

  #requirePlace(at: number, hostOffset: number, startBytes: number): void {
    if (!this.#header.hasDataFile || hostOffset === startBytes) return
    throw this.#file.damage(at, `the cluster of disk byte ${startBytes} is at ${hostOffset} of the external data file`)
  }
}
