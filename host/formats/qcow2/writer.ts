// Writes a new image in one ascending pass: data as they come, each L2 table behind the clusters that it describes, refcount blocks among
// them; then the L1 table, the last refcounts, and the header. Memory: the L1 table (32 MiB at most), one L2 table, one refcount block, and
// the clusters that are being compressed.
//
// Clusters of zeros are not stored. A byte that could not be read at the source is a zero: qcow2 cannot say otherwise.

import { ftruncateSync } from 'node:fs'
import type { ImageWriter } from '../format'
import { type NewFile, NewFiles } from '../newFiles'
import { Allocator } from './allocator'
import { ClusterFeed, type ClusterSink } from './clusterFeed'
import { codecFor } from './codec'
import type { NewBacking } from './newBacking'
import { encodeHeader } from './newHeader'
import type { Plan } from './newOptions'
import { NewTables } from './newTables'
import { type Packed, Packing } from './packing'
import { RunWriter } from './runWriter'

/** Of the backing file, read at a time. */
export const COMPARE_BYTES = 1 << 20

export class Qcow2Writer implements ImageWriter, ClusterSink {
  readonly #plan: Plan
  readonly #backing: NewBacking | null
  readonly #clusterBytes: number
  readonly #files = new NewFiles()
  readonly #file: NewFile
  readonly #out: RunWriter
  readonly #allocator: Allocator
  readonly #tables: NewTables
  readonly #feed: ClusterFeed
  readonly #packing: Packing | null
  readonly #zeros: Buffer

  constructor(path: string, plan: Plan, backing: NewBacking | null) {
    this.#plan = plan
    this.#backing = backing
    this.#clusterBytes = 2 ** plan.clusterBits
    this.#file = this.#files.create(path)
    this.#out = new RunWriter(this.#file)
    this.#allocator = new Allocator(this.#out, this.#clusterBytes)
    this.#tables = new NewTables(this.#out, this.#allocator, plan.clusterBits, plan.diskBytes)
    this.#feed = new ClusterFeed(this.#clusterBytes, this)
    this.#zeros = Buffer.alloc(this.#clusterBytes)
    this.#packing =
      plan.compression === null
        ? null
        : new Packing(codecFor(plan.compression), this.#clusterBytes, (packed) => this.#storePacked(packed))
  }

  write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    return this.#feed.write(offsetBytes, bytes)
  }

  unread(): void {}

  async finish(): Promise<void> {
    await this.#feed.finish(Math.ceil(this.#plan.diskBytes / this.#clusterBytes))
    await this.#packing?.drain()
    const l1 = this.#tables.finish()
    const refcountTable = this.#allocator.finish()
    this.#out.flush()
    const backingFormat = this.#backing?.format ?? null
    this.#file.write(0, encodeHeader({ plan: this.#plan, backingFormat, l1, refcountTable }))
    ftruncateSync(this.#file.descriptor, refcountTable.offset + refcountTable.clusters * this.#clusterBytes)
    this.#files.commit()
    this.#backing?.close()
  }

  abandon(): void {
    this.#files.abandon()
    this.#backing?.close()
  }

  async clusters(first: number, bytes: Buffer): Promise<void> {
    if (this.#backing) await this.#storeDifferent(this.#backing, first, bytes)
    else await this.#storeWhere(first, bytes, (at) => !this.#isZero(bytes, at))
  }

  async untouched(first: number, end: number): Promise<void> {
    if (!this.#backing) return
    for (let cluster = first; cluster < end; ) {
      const startBytes = cluster * this.#clusterBytes
      const zeros = Math.min(end, Math.floor(this.#backing.zerosUntil(startBytes) / this.#clusterBytes))
      if (zeros > cluster) cluster = zeros
      else await this.#storeDifferent(this.#backing, cluster++, this.#zeros)
    }
  }

  async #storeDifferent(backing: NewBacking, first: number, bytes: Buffer): Promise<void> {
    const step = Math.max(1, Math.floor(COMPARE_BYTES / this.#clusterBytes)) * this.#clusterBytes
    for (let start = 0; start < bytes.length; start += step) {
      const part = bytes.subarray(start, start + step)
      const firstOfPart = first + start / this.#clusterBytes
      const below = await backing.read(firstOfPart * this.#clusterBytes, part.length)
      const isDifferent = (at: number): boolean =>
        part.compare(below, at, at + this.#clusterBytes, at, at + this.#clusterBytes) !== 0
      await this.#storeWhere(firstOfPart, part, isDifferent)
    }
  }

  /** Runs of clusters at whose place in `bytes` `isStored` says so. */
  async #storeWhere(first: number, bytes: Buffer, isStored: (at: number) => boolean): Promise<void> {
    let start = -1
    for (let at = 0; at < bytes.length; at += this.#clusterBytes) {
      const cluster = first + at / this.#clusterBytes
      const stored = isStored(at)
      // Without a zero bit (version 2) zeros over a backing file are data.
      const isMark = stored && this.#backing !== null && this.#plan.version === 3 && this.#isZero(bytes, at)
      if (stored && !isMark && start < 0) start = at
      if (start >= 0 && (!stored || isMark)) {
        await this.#store(first + start / this.#clusterBytes, bytes.subarray(start, at))
        start = -1
      }
      if (isMark) await this.#markZero(cluster)
    }
    if (start >= 0) await this.#store(first + start / this.#clusterBytes, bytes.subarray(start))
  }

  async #store(first: number, bytes: Buffer): Promise<void> {
    if (!this.#packing) this.#storePlain(first, bytes)
    for (let at = 0; this.#packing && at < bytes.length; at += this.#clusterBytes) {
      await this.#packing.add(first + at / this.#clusterBytes, bytes.subarray(at, at + this.#clusterBytes))
    }
  }

  #storePlain(first: number, bytes: Buffer): void {
    const clusters = bytes.length / this.#clusterBytes
    for (let done = 0; done < clusters; ) {
      const cluster = first + done
      const count = Math.min(clusters - done, this.#tables.clustersInTable(cluster))
      this.#tables.turnTo(cluster)
      const hostOffset = this.#allocator.take(count)
      this.#tables.setStandard(cluster, count, hostOffset)
      this.#out.write(hostOffset, bytes.subarray(done * this.#clusterBytes, (done + count) * this.#clusterBytes))
      done += count
    }
  }

  #storePacked({ cluster, plain, packed }: Packed): void {
    if (packed.length >= this.#clusterBytes) {
      this.#storePlain(cluster, plain)
      return
    }
    this.#tables.turnTo(cluster)
    const hostOffset = this.#allocator.takePacked(packed.length)
    this.#tables.setCompressed(cluster, hostOffset, packed.length)
    this.#out.write(hostOffset, packed)
  }

  async #markZero(cluster: number): Promise<void> {
    // Tables are filled in ascending order.
    await this.#packing?.drain()
    this.#tables.turnTo(cluster)
    this.#tables.setZero(cluster)
  }

  #isZero(bytes: Buffer, at: number): boolean {
    return bytes[at] === 0 && bytes.compare(this.#zeros, 0, this.#clusterBytes, at, at + this.#clusterBytes) === 0
  }
}
