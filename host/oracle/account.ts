// What one site may still lose: of the acknowledged writes those that are not durable there yet, and what is durable in their place.
//
// With a write cache that is what is in the caches of this site; with a second site, what the other one does not have yet, or has in its
// caches only. With both there are two accounts.

import { SectorPages } from './sectorPages'
import { Unflushed } from './unflushed'

export class Account {
  /** Acknowledged, and not durable. */
  readonly unflushed = new Unflushed()
  /** A word a sector: the last durable version. */
  readonly durable: SectorPages

  constructor(sectorCount: number) {
    this.durable = new SectorPages(sectorCount, 1)
  }

  copyFrom(other: Account): void {
    this.unflushed.copyFrom(other.unflushed)
    this.durable.copyFrom(other.durable)
  }

  /** Takes all out that is not durable, in order. */
  takeAll(): Uint32Array {
    return this.unflushed.takeUpTo(this.unflushed.mark)
  }

  /** What is not durable is this, and nothing else. */
  becomes(ids: Iterable<number>): void {
    this.takeAll()
    for (const id of ids) this.unflushed.add(id)
  }
}
