// Counts references to the clusters of a part of the file, and compares them with the refcounts.
//
// The part is what bounds memory: 64 MiB for 16 million clusters, which are 1 TiB of a file with clusters of 64 KiB. A larger file is
// checked part by part, and its tables are read again for each.

import type { Finding } from '../format'
import type { Refcounts } from './refcounts'
import type { Use } from './references'

export const PART_CLUSTERS = 16 << 20

const COUNT_MASK = (1 << 24) - 1
/** Clusters that are compared between two turns for others. */
const CLUSTERS_A_TURN = 1 << 20
const MARK_DATA = 1 << 26
const MARKS: Readonly<Record<Use, number>> = { table: 1 << 24, l2: 1 << 25, data: MARK_DATA, packed: 1 << 27 }
const NAMES: readonly (readonly [number, string])[] = [
  [MARKS.table, 'a table'],
  [MARKS.l2, 'an L2 table'],
  [MARKS.data, 'data'],
  [MARKS.packed, 'compressed data'],
]

export class ReferenceCounts {
  readonly #clusterBytes: number
  readonly #counts: Uint32Array
  #firstCluster = 0
  #clusters = 0

  constructor(clusterBytes: number, fileClusters: number) {
    this.#clusterBytes = clusterBytes
    this.#counts = new Uint32Array(Math.min(fileClusters, PART_CLUSTERS))
  }

  start(firstCluster: number, clusters: number): void {
    this.#firstCluster = firstCluster
    this.#clusters = clusters
    this.#counts.fill(0)
  }

  add(use: Use, hostOffset: number, hostBytes: number): void {
    const first = Math.max(0, Math.floor(hostOffset / this.#clusterBytes) - this.#firstCluster)
    const last = Math.floor((hostOffset + hostBytes - 1) / this.#clusterBytes) - this.#firstCluster
    for (let index = first; index <= last && index < this.#clusters; index++) {
      const before = this.#counts[index]!
      const count = Math.min((before & COUNT_MASK) + 1, COUNT_MASK)
      this.#counts[index] = (before & ~COUNT_MASK) | MARKS[use] | count
    }
  }

  /** A whole cluster of data. */
  addData(hostOffset: number): void {
    const index = hostOffset / this.#clusterBytes - this.#firstCluster
    if (index < 0 || index >= this.#clusters) return
    const before = this.#counts[index]!
    this.#counts[index] = (before | MARK_DATA) + ((before & COUNT_MASK) < COUNT_MASK ? 1 : 0)
  }

  /** Neighbours with the same fault are one finding. */
  async compare(refcounts: Refcounts, file: string, report: (finding: Finding) => void): Promise<void> {
    const run = new Run(report)
    for (let index = 0; index < this.#clusters; index++) {
      const cluster = this.#firstCluster + index
      if (index % CLUSTERS_A_TURN === CLUSTERS_A_TURN - 1) await new Promise<void>((resolve) => setImmediate(resolve))
      const fault = this.#fault(this.#counts[index]!, refcounts.of(cluster))
      run.next(fault && { ...fault, file, fileOffsetBytes: cluster * this.#clusterBytes, disk: null })
    }
    run.next(null)
  }

  #fault(counted: number, refcount: number): Pick<Finding, 'kind' | 'text'> | null {
    const references = counted & COUNT_MASK
    const marks = counted & ~COUNT_MASK
    if ((marks & (marks - 1)) !== 0) {
      const names = NAMES.filter(([mark]) => (marks & mark) !== 0).map(([, name]) => name)
      return damage(`a cluster holds both ${names.join(' and ')}`)
    }
    if (marks === MARKS.table && references > 1) return damage(`a cluster of a table is used ${references} times`)
    if (refcount === references) return null
    const text = `refcount ${refcount}, but ${references} ${references === 1 ? 'reference' : 'references'}`
    return { kind: refcount > references ? 'leak' : 'damage', text }
  }
}

function damage(text: string): Pick<Finding, 'kind' | 'text'> {
  return { kind: 'damage', text }
}

/** Findings of clusters one behind the other. */
class Run {
  #first: Finding | null = null
  #clusters = 0

  constructor(private readonly report: (finding: Finding) => void) {}

  next(finding: Finding | null): void {
    const first = this.#first
    if (finding && first && finding.text === first.text && finding.kind === first.kind) {
      this.#clusters++
      return
    }
    if (first) this.report(this.#clusters === 1 ? first : several(first, this.#clusters))
    this.#first = finding
    this.#clusters = 1
  }
}

function several(finding: Finding, clusters: number): Finding {
  return { ...finding, text: `${finding.text}: this cluster and ${clusters - 1} more behind it` }
}
