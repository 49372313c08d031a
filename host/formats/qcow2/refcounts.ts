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
  readonly #blockEntries: number
  #blockIndex = -1
  #blockOffset = 0

  constructor(file: ImageFile, header: Header) {
    this.#file = file
    this.#header = header
    this.#table = new TableReader(file)
    this.#blocks = new TableReader(file)
    this.#blockEntries = (header.clusterBytes * 8) / 2 ** header.refcountOrder
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
    const order = this.#header.refcountOrder
    if (order === 6) {
      const at = this.#blockOffset + index * 8
      return this.#blocks.u32(at, 'refcount block') * TWO_32 + this.#blocks.u32(at + 4, 'refcount block')
    }
    const bits = 2 ** order
    const bit = index * bits
    const word = this.#blocks.u32(this.#blockOffset + Math.floor(bit / 32) * 4, 'refcount block')
    if (order === 5) return word
    if (order === 4) return index % 2 === 0 ? word >>> 16 : word & 0xffff
    // Bytes in the order of the file, entries of a byte from its low bits on.
    const byte = word >>> (24 - (Math.floor(bit / 8) % 4) * 8)
    return (byte >>> (bit % 8)) & (2 ** bits - 1)
  }
}
