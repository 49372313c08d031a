// The refcount table and its blocks: how many references each cluster of the file is said to have.

import type { ImageFile } from '../imageFile'
import type { Header } from './header'
import { TWO_32 } from './layout'
import { TableReader } from './tableReader'

export class Refcounts {
  readonly #file: ImageFile
  readonly #header: Header
  readonly #table: TableReader
  readonly #blocks: TableReader
  readonly #bits: number
  readonly #blockEntries: number
  #blockIndex = -1
  #blockOffset = 0

  constructor(file: ImageFile, header: Header) {
    this.#file = file
    this.#header = header
    this.#table = new TableReader(file)
    this.#blocks = new TableReader(file)
    this.#bits = 2 ** header.refcountOrder
    this.#blockEntries = (header.clusterBytes * 8) / this.#bits
  }

  /** 0 where there is no block, or none that can be. */
  of(cluster: number): number {
    const index = Math.floor(cluster / this.#blockEntries)
    if (index >= this.#header.refcountTable.entries) return 0
    if (index !== this.#blockIndex) {
      const { offset, wrong } = this.block(index)
      this.#blockOffset = wrong === null ? offset : 0
      this.#blockIndex = index
    }
    return this.#blockOffset === 0 ? 0 : this.#entry(cluster - index * this.#blockEntries)
  }

  /** Where block `index` is, 0 for nowhere; and why it cannot be there. */
  block(index: number): { readonly offset: number; readonly at: number; readonly wrong: string | null } {
    const at = this.#header.refcountTable.offset + index * 8
    const hi = this.#table.u32(at, 'refcount table')
    const lo = this.#table.u32(at + 4, 'refcount table')
    const offset = hi * TWO_32 + lo
    const { clusterBytes } = this.#header
    if (offset % clusterBytes > 0) return { offset, at, wrong: `a refcount block at ${offset}, no start of a cluster` }
    const isInside = offset + clusterBytes <= this.#file.sizeBytes
    return { offset, at, wrong: isInside ? null : `a refcount block at ${offset}, outside the file` }
  }

  #entry(index: number): number {
    // A block has at most 2^24 bits.
    const bit = index * this.#bits
    const word = this.#blocks.u32(this.#blockOffset + (bit >>> 5) * 4, 'refcount block')
    if (this.#bits === 16) return (bit & 16) === 0 ? word >>> 16 : word & 0xffff
    if (this.#bits === 32) return word
    if (this.#bits === 64) {
      return word * TWO_32 + this.#blocks.u32(this.#blockOffset + (bit >>> 5) * 4 + 4, 'refcount block')
    }
    // Bytes in the order of the file, entries of a byte from its low bits on.
    const byte = word >>> (24 - (bit & 24))
    return (byte >>> (bit & 7)) & ((1 << this.#bits) - 1)
  }
}
