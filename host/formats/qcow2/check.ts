// Checks an image as `qemu-img check` does: each entry of the tables, each refcount against the references that there are, and the copied
// bits; and beyond it, that no table overlaps anything, and that each compressed cluster of the active disk can be unpacked.
//
// Not checked: data of clusters that are not compressed, of which the format keeps no checksum; refcounts of clusters behind the file.

import { DamagedImage } from '../damagedImage'
import type { Finding } from '../format'
import type { Entry } from './entries'
import { SUBCLUSTERS } from './layout'
import type { Parts } from './reader'
import { Refcounts } from './refcounts'
import { PART_CLUSTERS, ReferenceCounts } from './referenceCounts'
import { type L2Place, References, type Use, type Visitor } from './references'
import type { Snapshot } from './snapshots'

type Report = (finding: Finding) => void
type Unpack = (piece: { readonly hostOffset: number; readonly hostBytes: number }) => unknown

export async function checkImage(parts: Parts, unpack: Unpack, report: Report, signal?: AbortSignal): Promise<void> {
  const { file, header, snapshotTable } = parts
  if (header.isCorrupt) {
    report({ kind: 'damage', file: file.path, fileOffsetBytes: 72, disk: null, text: 'the image is marked as corrupt' })
  }
  if (header.hasEmptyBackingName) {
    report({ kind: 'damage', file: file.path, fileOffsetBytes: 16, disk: null, text: 'the backing file has no name' })
  }
  for (const snapshot of snapshotTable.snapshots) checkRoom(parts, snapshot, report)
  const refcounts = new Refcounts(file, header)
  const references = new References(file, header, snapshotTable, refcounts, signal)
  const fileClusters = Math.ceil(file.sizeBytes / header.clusterBytes)
  const counts = new ReferenceCounts(header.clusterBytes, fileClusters)
  for (let first = 0; first < fileClusters && !signal?.aborted; first += PART_CLUSTERS) {
    counts.start(first, Math.min(PART_CLUSTERS, fileClusters - first))
    // What is wrong with an entry is told once.
    const visitor = first === 0 ? new FirstVisit(parts, counts, refcounts, unpack, report) : new Visit(counts)
    await references.visit(visitor)
    if (!signal?.aborted) await counts.compare(refcounts, file.path, report)
  }
}

/** The state of a machine lies behind the snapshot's disk, in the same tables. */
function checkRoom({ file, header }: Parts, { diskBytes, vmStateBytes, l1, offset }: Snapshot, report: Report): void {
  const roomBytes = l1.entries * header.l2Entries * header.clusterBytes
  for (const [bytes, what] of [
    [diskBytes, 'a disk'],
    [vmStateBytes, 'machine state'],
  ] as const) {
    if (bytes <= roomBytes) continue
    const text = `a snapshot has ${what} of ${bytes} bytes, and tables for ${roomBytes}`
    report({ kind: 'damage', file: file.path, fileOffsetBytes: offset, disk: null, text })
  }
}

class Visit implements Visitor {
  constructor(protected readonly counts: ReferenceCounts) {}

  refer(use: Use, hostOffset: number, hostBytes: number, _at: number): void {
    this.counts.add(use, hostOffset, hostBytes)
  }

  l1(_entry: Entry, _at: number, _isActive: boolean): void {}
  l2(_entry: Entry, _place: L2Place, _zeros: number, _allocated: number): void {}
  damage(_at: number, _text: string): void {}

  plainCluster(hostOffset: number, _isCopied: boolean, _startBytes: number, _isActive: boolean): boolean {
    this.counts.addData(hostOffset)
    return true
  }
}

class FirstVisit extends Visit {
  constructor(
    private readonly parts: Parts,
    counts: ReferenceCounts,
    private readonly refcounts: Refcounts,
    private readonly unpack: Unpack,
    private readonly report: Report,
  ) {
    super(counts)
  }

  override damage(at: number, text: string, disk: Finding['disk'] = null): void {
    this.report({ kind: 'damage', file: this.parts.file.path, fileOffsetBytes: at, disk, text })
  }

  override refer(use: Use, hostOffset: number, hostBytes: number, at: number): void {
    super.refer(use, hostOffset, hostBytes, at)
    // A file may end inside its last cluster.
    const { clusterBytes } = this.parts.header
    const lastCluster = Math.floor((hostOffset + hostBytes - 1) / clusterBytes) * clusterBytes
    if (lastCluster >= this.parts.file.sizeBytes) this.damage(at, `a cluster at ${lastCluster}, outside the file`)
  }

  override plainCluster(hostOffset: number, isCopied: boolean, startBytes: number, isActive: boolean): boolean {
    const { header, file } = this.parts
    const isWhole = hostOffset + header.clusterBytes <= file.sizeBytes
    const isCopiedRight = (this.refcounts.of(hostOffset / header.clusterBytes) === 1) === isCopied
    // The long way tells what is wrong.
    if (!isWhole || (isActive && !isCopiedRight)) return false
    return super.plainCluster(hostOffset, isCopied, startBytes, isActive)
  }

  override l1(entry: Entry, at: number, isActive: boolean): void {
    if (entry.kind === 'wrong') this.damage(at, entry.text)
    else if (isActive && entry.kind === 'standard') this.#checkCopied(entry, at, 'an L2 table')
  }

  override l2(entry: Entry, place: L2Place, zeros: number, allocated: number): void {
    const { at, startBytes, isActive } = place
    const disk = isActive ? this.#onDisk(startBytes) : null
    if (entry.kind === 'wrong') this.damage(at, entry.text, disk)
    else if (entry.kind === 'compressed') {
      if (isActive) this.#tryUnpacking(entry, disk)
    } else this.#checkStandard(entry, place, zeros, allocated, disk)
  }

  #checkStandard(
    entry: Exclude<Entry, { kind: 'wrong' | 'compressed' }>,
    place: L2Place,
    zeros: number,
    allocated: number,
    disk: Finding['disk'],
  ): void {
    const { at, isActive } = place
    if ((zeros & allocated) !== 0) this.damage(at + 8, 'a subcluster is both allocated and zero', disk)
    if (allocated !== 0 && entry.kind !== 'standard') {
      this.damage(at + 8, 'subclusters are allocated in a cluster that is not', disk)
    }
    if (entry.kind === 'none') return
    if (isActive && entry.hostOffset > 0 && !this.parts.header.hasDataFile)
      this.#checkCopied(entry, at, 'a cluster', disk)
    if (isActive && entry.kind === 'standard') this.#checkPlace(entry.hostOffset, place, allocated, disk)
  }

  #onDisk(startBytes: number): Finding['disk'] {
    const { diskBytes, clusterBytes } = this.parts.header
    // Behind the disk is the state of a machine.
    if (startBytes >= diskBytes) return null
    return { startBytes, endBytes: Math.min(startBytes + clusterBytes, diskBytes) }
  }

  #checkCopied(
    entry: { readonly hostOffset: number; readonly isCopied: boolean },
    at: number,
    what: string,
    disk: Finding['disk'] = null,
  ): void {
    const refcount = this.refcounts.of(Math.floor(entry.hostOffset / this.parts.header.clusterBytes))
    if ((refcount === 1) === entry.isCopied) return
    this.damage(at, `${what} with refcount ${refcount} has its copied bit ${entry.isCopied ? 'set' : 'clear'}`, disk)
  }

  /** All that the disk has of the cluster must be in the file. */
  #checkPlace(hostOffset: number, { at, startBytes }: L2Place, allocated: number, disk: Finding['disk']): void {
    if (!disk) return
    const { header, file, dataFile } = this.parts
    if (dataFile && hostOffset !== startBytes) {
      this.damage(at, `the cluster of disk byte ${startBytes} is at ${hostOffset} of the external data file`, disk)
      return
    }
    const lastSubcluster = header.hasExtendedL2 ? 31 - Math.clz32(allocated) : SUBCLUSTERS - 1
    const storedBytes = ((lastSubcluster + 1) * header.clusterBytes) / SUBCLUSTERS
    const needed = Math.min(storedBytes, disk.endBytes - startBytes)
    if (hostOffset + needed <= (dataFile ?? file).sizeBytes) return
    this.damage(at, `a cluster at ${hostOffset} ends behind the file`, disk)
  }

  #tryUnpacking(entry: { readonly hostOffset: number; readonly hostBytes: number }, disk: Finding['disk']): void {
    try {
      this.unpack(entry)
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error
      this.damage(error.fileOffsetBytes, error.text, disk)
    }
  }
}
