// The drive's buffer memory: a few segments, each a run of consecutive blocks.
//
// Knows which blocks are held, never their content. A read that misses, and every write, takes a segment: an empty one, else the one
// that was used longest ago. Blocks of written data serve later reads; what a write overwrites is dropped. A segment that is full
// forgets its oldest blocks. Not modelled: a hit on the end of a request alone.

export const NO_SEGMENT = -1

export class HddBuffer {
  readonly segmentBlocks: number
  /** Blocks [first, end) are held; first = end: empty. */
  readonly firstLbn: Float64Array
  readonly endLbn: Float64Array
  /** Reading ahead goes on at least to here (see hddReadAhead.ts). */
  readonly aheadEndLbn: Float64Array
  /** 1: the blocks were written, not read. */
  readonly written: Uint8Array
  /** Counts up with every use; 0: empty. */
  readonly #usedAt: Float64Array
  #uses = 0

  constructor(segments: number, segmentBlocks: number) {
    this.segmentBlocks = segmentBlocks
    this.firstLbn = new Float64Array(segments)
    this.endLbn = new Float64Array(segments)
    this.aheadEndLbn = new Float64Array(segments)
    this.written = new Uint8Array(segments)
    this.#usedAt = new Float64Array(segments)
  }

  clone(): HddBuffer {
    const copy = new HddBuffer(this.firstLbn.length, this.segmentBlocks)
    copy.firstLbn.set(this.firstLbn)
    copy.endLbn.set(this.endLbn)
    copy.aheadEndLbn.set(this.aheadEndLbn)
    copy.written.set(this.written)
    copy.#usedAt.set(this.#usedAt)
    copy.#uses = this.#uses
    return copy
  }

  clear(): void {
    this.firstLbn.fill(0)
    this.endLbn.fill(0)
    this.aheadEndLbn.fill(0)
    this.#usedAt.fill(0)
  }

  /** The segment that holds `lbn` and most of what follows, or NO_SEGMENT. */
  find(lbn: number): number {
    const { firstLbn, endLbn } = this
    let best = NO_SEGMENT
    for (let i = 0; i < firstLbn.length; i++) {
      if (lbn < firstLbn[i]! || lbn >= endLbn[i]!) continue
      if (best === NO_SEGMENT || endLbn[i]! > endLbn[best]!) best = i
    }
    return best
  }

  touch(segment: number): void {
    this.#usedAt[segment] = ++this.#uses
  }

  /** Takes a segment for blocks from `lbn` on; it holds none yet. */
  take(lbn: number): number {
    const usedAt = this.#usedAt
    let best = 0
    for (let i = 1; i < usedAt.length; i++) if (usedAt[i]! < usedAt[best]!) best = i
    this.firstLbn[best] = lbn
    this.endLbn[best] = lbn
    this.aheadEndLbn[best] = lbn
    this.written[best] = 0
    usedAt[best] = ++this.#uses
    return best
  }

  /** Blocks up to `endLbn` have come; the oldest go if they are more than the segment holds. */
  fill(segment: number, endLbn: number): void {
    this.endLbn[segment] = endLbn
    const oldest = endLbn - this.segmentBlocks
    if (this.firstLbn[segment]! < oldest) this.firstLbn[segment] = oldest
  }

  /** Empties what overlaps [lbn, dropEndLbn). */
  drop(lbn: number, dropEndLbn: number): void {
    const { firstLbn, endLbn } = this
    for (let i = 0; i < firstLbn.length; i++) {
      if (dropEndLbn <= firstLbn[i]! || lbn >= endLbn[i]!) continue
      endLbn[i] = firstLbn[i]!
      this.#usedAt[i] = 0
    }
  }
}
