// The L1 table of a new image, and the one L2 table that is being filled: clusters of the disk come in ascending order, so that a table is
// written as soon as a cluster behind it comes.

import type { Allocator } from './allocator'
import { COMPRESSED_HI, COPIED_HI, SECTOR_BYTES, TWO_32, ZERO_LO } from './layout'
import type { RunWriter } from './runWriter'

export class NewTables {
  readonly #out: RunWriter
  readonly #allocator: Allocator
  readonly #clusterBits: number
  readonly #l2Entries: number
  readonly #l1: Buffer
  readonly #l2: Buffer
  #l1Index = 0
  #hasEntries = false

  constructor(out: RunWriter, allocator: Allocator, clusterBits: number, diskBytes: number) {
    this.#out = out
    this.#allocator = allocator
    this.#clusterBits = clusterBits
    this.#l2Entries = 2 ** clusterBits / 8
    this.#l1 = Buffer.alloc(Math.ceil(diskBytes / 2 ** clusterBits / this.#l2Entries) * 8)
    this.#l2 = Buffer.alloc(2 ** clusterBits)
  }

  /** So many clusters from `cluster` on have their entries in the same L2 table. */
  clustersInTable(cluster: number): number {
    return this.#l2Entries - (cluster % this.#l2Entries)
  }

  /** Writes the table before. To be called before a place is taken for the data of `cluster`. */
  turnTo(cluster: number): void {
    const l1Index = Math.floor(cluster / this.#l2Entries)
    if (l1Index === this.#l1Index) return
    this.#writeL2()
    this.#l1Index = l1Index
  }

  setStandard(cluster: number, clusters: number, hostOffset: number): void {
    const clusterBytes = 2 ** this.#clusterBits
    for (let index = 0; index < clusters; index++) {
      const offset = hostOffset + index * clusterBytes
      this.#set(cluster + index, Math.floor(offset / TWO_32) | COPIED_HI, offset % TWO_32)
    }
  }

  setZero(cluster: number): void {
    this.#set(cluster, 0, ZERO_LO)
  }

  setCompressed(cluster: number, hostOffset: number, hostBytes: number): void {
    const firstSector = Math.floor(hostOffset / SECTOR_BYTES)
    const moreSectors = Math.floor((hostOffset + hostBytes - 1) / SECTOR_BYTES) - firstSector
    // The standard's x: the number of sectors begins there, always in the upper half.
    const sectorsShift = 62 - (this.#clusterBits - 8) - 32
    const hi = Math.floor(hostOffset / TWO_32) + moreSectors * 2 ** sectorsShift
    this.#set(cluster, hi | COMPRESSED_HI, hostOffset % TWO_32)
  }

  finish(): { readonly offset: number; readonly entries: number } {
    this.#writeL2()
    if (this.#l1.length === 0) return { offset: 0, entries: 0 }
    const offset = this.#allocator.take(Math.ceil(this.#l1.length / 2 ** this.#clusterBits))
    this.#out.write(offset, this.#l1)
    return { offset, entries: this.#l1.length / 8 }
  }

  #set(cluster: number, hi: number, lo: number): void {
    const at = (cluster % this.#l2Entries) * 8
    this.#l2.writeUInt32BE(hi >>> 0, at)
    this.#l2.writeUInt32BE(lo, at + 4)
    this.#hasEntries = true
  }

  #writeL2(): void {
    if (!this.#hasEntries) return
    const offset = this.#allocator.take(1)
    this.#out.write(offset, this.#l2)
    this.#l1.writeUInt32BE((Math.floor(offset / TWO_32) | COPIED_HI) >>> 0, this.#l1Index * 8)
    this.#l1.writeUInt32BE(offset % TWO_32, this.#l1Index * 8 + 4)
    this.#l2.fill(0)
    this.#hasEntries = false
  }
}
