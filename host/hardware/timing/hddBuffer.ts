// The drive's buffer memory: a few segments, each a run of consecutive blocks.
//
// Knows which blocks are held, never their content. A read that misses, and every write, takes a segment: the one that it would
// overwrite, else an empty one, else the one that was used longest ago. Blocks of written data serve later reads. A segment that
// is full forgets its oldest blocks. Not modelled: partial hits at a request's end.

import type { HddGeometry, HddPlace } from './hddGeometry'
import { HddPlace as Place } from './hddGeometry'

export const NO_SEGMENT = -1

export class HddBuffer {
  readonly segmentBlocks: number
  /** Blocks [first, end) are held; first = end: empty. */
  readonly firstLbn: Float64Array
  readonly endLbn: Float64Array
  /** Reading ahead goes on to here. */
  readonly aheadEndLbn: Float64Array
  readonly #usedAt: Float64Array
  #uses = 0
  readonly #geometry: HddGeometry
  readonly #place: HddPlace = new Place()

  constructor(segments: number, segmentBlocks: number, geometry: HddGeometry) {
    this.segmentBlocks = segmentBlocks
    this.firstLbn = new Float64Array(segments)
    this.endLbn = new Float64Array(segments)
    this.aheadEndLbn = new Float64Array(segments)
    this.#usedAt = new Float64Array(segments)
    this.#geometry = geometry
  }

  clone(): HddBuffer {
    const copy = new HddBuffer(this.firstLbn.length, this.segmentBlocks, this.#geometry)
    copy.firstLbn.set(this.firstLbn)
    copy.endLbn.set(this.endLbn)
    copy.aheadEndLbn.set(this.aheadEndLbn)
    copy.#usedAt.set(this.#usedAt)
    copy.#uses = this.#uses
    return copy
  }

  clear(): void {
    this.firstLbn.fill(0)
    this.endLbn.fill(0)
    this.aheadEndLbn.fill(0)
    this.#usedAt.fill(0)
    this.#uses = 0
  }

  /** The segment that holds `lbn` and most of what follows, or NO_SEGMENT. */
  find(lbn: number): number {
    let best = NO_SEGMENT
    for (let i = 0; i < this.firstLbn.length; i++) {
      if (lbn < this.firstLbn[i]! || lbn >= this.endLbn[i]!) continue
      if (best === NO_SEGMENT || this.endLbn[i]! > this.endLbn[best]!) best = i
    }
    return best
  }

  touch(segment: number): void {
    this.#usedAt[segment] = ++this.#uses
  }

  /** Takes a segment for blocks from `firstLbn` on; it holds none yet. */
  take(firstLbn: number, overwritten: number): number {
    let best = 0
    if (overwritten !== NO_SEGMENT) best = overwritten
    else {
      for (let i = 1; i < this.firstLbn.length; i++) {
        const better = this.#isEmpty(i) === this.#isEmpty(best) ? this.#usedAt[i]! < this.#usedAt[best]! : this.#isEmpty(i)
        if (better) best = i
      }
    }
    this.firstLbn[best] = firstLbn
    this.endLbn[best] = firstLbn
    this.aheadEndLbn[best] = firstLbn
    this.touch(best)
    return best
  }

  #isEmpty(segment: number): boolean {
    return this.firstLbn[segment]! === this.endLbn[segment]!
  }

  /** Blocks up to `endLbn` have come; the oldest go if they are more than the segment holds. */
  fill(segment: number, endLbn: number): void {
    this.endLbn[segment] = endLbn
    const first = endLbn - this.segmentBlocks
    if (this.firstLbn[segment]! < first) this.firstLbn[segment] = first
  }

  /** Empties what overlaps [firstLbn, endLbn); returns the first such segment, or NO_SEGMENT. */
  drop(firstLbn: number, endLbn: number): number {
    let dropped = NO_SEGMENT
    for (let i = 0; i < this.firstLbn.length; i++) {
      if (endLbn <= this.firstLbn[i]! || firstLbn >= this.endLbn[i]!) continue
      this.endLbn[i] = this.firstLbn[i]!
      if (dropped === NO_SEGMENT) dropped = i
    }
    return dropped
  }

  /**
   * Sets how far reading on goes after a read that ends at `lbn`: to the end of that track, and by one track more if the segment
   * began before it. Never less far than before.
   */
  planAhead(segment: number, lbn: number): void {
    if (lbn >= this.#geometry.blockCount) return
    const place = this.#place
    this.#geometry.locate(lbn, place)
    const trackFirst = this.#geometry.trackFirstLbn(place)
    let end = this.#geometry.trackEndLbn(place)
    if (this.firstLbn[segment]! < trackFirst) end = Math.min(end + place.blocksPerTrack, this.#geometry.blockCount)
    if (this.aheadEndLbn[segment]! < end) this.aheadEndLbn[segment] = end
  }
}
