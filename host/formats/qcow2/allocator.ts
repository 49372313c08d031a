// Hands out the clusters of a new file, one behind the other, and keeps their refcounts: 16 bits for each, in blocks that are written as soon
// as all their clusters are handed out. So memory holds one block, and the places of the others.

import { ImageInputError } from '../imageInputError'
import { TWO_32 } from './layout'
import type { RunWriter } from './runWriter'

const REFCOUNT_MAX = 0xffff
/** QEMU's limit. */
const TABLE_BYTES_MAX = 8 << 20

export class Allocator {
  readonly #out: RunWriter
  readonly #clusterBytes: number
  readonly #blockEntries: number
  /** The first cluster is the header's. */
  #nextCluster = 1
  /** Refcounts of the block that is being filled; it is the one behind those in #blockOffsets. */
  #block: Buffer
  readonly #blockOffsets: number[] = []
  /** Where the next compressed cluster may begin: inside a cluster that has others already. 0: nowhere. */
  #tail = 0

  constructor(out: RunWriter, clusterBytes: number) {
    this.#out = out
    this.#clusterBytes = clusterBytes
    this.#blockEntries = clusterBytes / 2
    this.#block = Buffer.alloc(clusterBytes)
    this.#block.writeUInt16BE(1, 0)
  }

  /** Offset of `clusters` that lie one behind the other, each with one reference. */
  take(clusters: number): number {
    const first = this.#nextCluster
    const full: Buffer[] = []
    for (let count = 0; count < clusters; count++) this.#count(this.#nextCluster++, full)
    // A block is one cluster more, which may in turn fill the next block.
    for (let block = full.shift(); block; block = full.shift()) {
      const cluster = this.#nextCluster++
      this.#blockOffsets.push(cluster * this.#clusterBytes)
      this.#count(cluster, full)
      this.#out.write(cluster * this.#clusterBytes, block)
    }
    return first * this.#clusterBytes
  }

  /** Offset of `bytes` that share clusters with others like them. */
  takePacked(bytes: number): number {
    const room = this.#tailRoom()
    let offset = this.#tail
    if (bytes <= room) this.#countTail()
    else if (room > 0 && this.#tail + room === this.#nextCluster * this.#clusterBytes) {
      this.#countTail()
      this.take(Math.ceil((bytes - room) / this.#clusterBytes))
    } else offset = this.take(Math.ceil(bytes / this.#clusterBytes))
    const end = offset + bytes
    this.#tail = end % this.#clusterBytes === 0 ? 0 : end
    return offset
  }

  /** Writes what is left of the refcounts, and says where their table is. */
  finish(): { readonly offset: number; readonly clusters: number } {
    const { blocks, tableClusters } = this.#lastClusters()
    if (tableClusters * this.#clusterBytes > TABLE_BYTES_MAX) {
      throw new ImageInputError('the file is too large for its refcount table: use a larger cluster_size')
    }
    const blocksStart = this.#nextCluster
    const tableStart = blocksStart + blocks
    const table = Buffer.alloc(tableClusters * this.#clusterBytes)
    const full: Buffer[] = []
    while (this.#nextCluster < tableStart + tableClusters) this.#count(this.#nextCluster++, full)
    full.push(this.#block)
    for (let index = 0; index < blocks; index++) {
      const offset = (blocksStart + index) * this.#clusterBytes
      this.#blockOffsets.push(offset)
      this.#out.write(offset, full[index]!)
    }
    this.#blockOffsets.forEach((offset, index) => {
      table.writeUInt32BE(Math.floor(offset / TWO_32), index * 8)
      table.writeUInt32BE(offset % TWO_32, index * 8 + 4)
    })
    const offset = tableStart * this.#clusterBytes
    this.#out.write(offset, table)
    return { offset, clusters: tableClusters }
  }

  /** Blocks that are not written yet, and clusters of the table: they count themselves, too. */
  #lastClusters(): { readonly blocks: number; readonly tableClusters: number } {
    let blocks = 1
    let tableClusters = 1
    for (;;) {
      const clusters = this.#nextCluster + blocks + tableClusters
      const allBlocks = Math.ceil(clusters / this.#blockEntries)
      const needed = allBlocks - this.#blockOffsets.length
      const neededForTable = Math.ceil((allBlocks * 8) / this.#clusterBytes)
      if (needed === blocks && neededForTable === tableClusters) return { blocks, tableClusters }
      blocks = needed
      tableClusters = neededForTable
    }
  }

  /** One reference to a cluster that has none; `full` gets the block before when this one is the first of another. */
  #count(cluster: number, full: Buffer[]): void {
    const index = cluster % this.#blockEntries
    if (index === 0) {
      full.push(this.#block)
      this.#block = Buffer.alloc(this.#clusterBytes)
    }
    this.#block.writeUInt16BE(1, index * 2)
  }

  #tailRoom(): number {
    if (this.#tail === 0) return 0
    const cluster = Math.floor(this.#tail / this.#clusterBytes)
    // Its block may be written already.
    const first = this.#nextCluster - 1 - ((this.#nextCluster - 1) % this.#blockEntries)
    if (cluster < first || this.#block.readUInt16BE((cluster - first) * 2) === REFCOUNT_MAX) return 0
    return (cluster + 1) * this.#clusterBytes - this.#tail
  }

  #countTail(): void {
    const index = Math.floor(this.#tail / this.#clusterBytes) % this.#blockEntries
    this.#block.writeUInt16BE(this.#block.readUInt16BE(index * 2) + 1, index * 2)
  }
}
