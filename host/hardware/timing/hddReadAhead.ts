// Reading ahead: what the drive does with its time after a read.
//
// It goes on with the block after the last one, to the end of the track, and by one track more if the segment began on an earlier
// track (a sequential reader); it stops when a command comes that it does not help. Nothing happens while time passes: when the next
// command arrives, `catchUp` works out what has been read by then. In the usual case, when that is less than the rest of the run in
// which the read ended, a division is enough.
// State: where it is, and since when. Not modelled: reading what lies before the first block (zero-latency reading).

import type { HddBuffer } from './hddBuffer'
import { NO_SEGMENT } from './hddBuffer'
import { HddPlace } from './hddGeometry'
import type { HddMechanics } from './hddMechanics'

export class HddReadAhead {
  readonly #mechanics: HddMechanics
  readonly #buffer: HddBuffer
  readonly #place = new HddPlace()
  /** The segment that it fills, or NO_SEGMENT: it rests. */
  segment = NO_SEGMENT
  /** The block that comes next, and when the one before it had passed. */
  #lbn = 0
  #sinceNs = 0
  /** What has passed since then in the run, with its fraction: added to a late time that would be lost. */
  #passedNs = 0
  /** How many blocks follow without a move or a slip, and the time of each. */
  #runBlocks = 0
  #blockNs = 0
  /** Where the last request in the segment ended: how far to go depends on it. */
  #requestEndLbn = 0

  constructor(mechanics: HddMechanics, buffer: HddBuffer) {
    this.#mechanics = mechanics
    this.#buffer = buffer
  }

  copyState(source: HddReadAhead): void {
    this.segment = source.segment
    this.#lbn = source.#lbn
    this.#sinceNs = source.#sinceNs
    this.#passedNs = source.#passedNs
    this.#runBlocks = source.#runBlocks
    this.#blockNs = source.#blockNs
    this.#requestEndLbn = source.#requestEndLbn
  }

  reset(): void {
    this.segment = NO_SEGMENT
  }

  /** Since when the next block has been awaited. */
  get sinceNs(): number {
    return this.#sinceNs + Math.round(this.#passedNs)
  }

  /** The segment that `lbn` is about to be read into: a sequential reader was quicker than the medium. */
  segmentAwaiting(lbn: number): number {
    return this.#lbn === lbn ? this.segment : NO_SEGMENT
  }

  /** The mechanics have just read the end of `segment`, at `sinceNs`. */
  startAfterRead(segment: number, requestEndLbn: number, sinceNs: number): void {
    this.segment = segment
    this.#lbn = this.#buffer.endLbn[segment]!
    this.#sinceNs = sinceNs
    this.#passedNs = 0
    this.#runBlocks = this.#mechanics.runBlocks
    this.#blockNs = this.#mechanics.blockTurn / this.#mechanics.rpm
    this.#requestEndLbn = requestEndLbn
  }

  /** A request was served from `segment`: read on at its end, from `sinceNs`. */
  startIdle(segment: number, requestEndLbn: number, sinceNs: number): void {
    this.segment = segment
    this.#lbn = this.#buffer.endLbn[segment]!
    this.#sinceNs = sinceNs
    this.#passedNs = 0
    this.#runBlocks = 0
    this.#requestEndLbn = requestEndLbn
  }

  /** Another request was served from the segment that is being filled. */
  extend(requestEndLbn: number): void {
    this.#requestEndLbn = requestEndLbn
  }

  /** Counts what has been read by `nowNs`. */
  catchUp(nowNs: number): void {
    if (this.segment === NO_SEGMENT || nowNs - this.#sinceNs <= this.#passedNs) return
    if (this.#catchUpInRun(nowNs)) return
    const segment = this.segment
    const buffer = this.#buffer
    const mechanics = this.#mechanics
    const endLbn = this.#aheadEndLbn()
    mechanics.readAhead(this.#lbn, endLbn, this.sinceNs, nowNs, false)
    this.#lbn = mechanics.aheadLbn
    this.#sinceNs = mechanics.aheadNs
    this.#passedNs = 0
    this.#runBlocks = 0
    buffer.fill(segment, this.#lbn)
    if (this.#lbn >= endLbn) this.segment = NO_SEGMENT
  }

  /** Ends it, at a time to which it has caught up; returns when the arm can be used. */
  stop(nowNs: number): number {
    if (this.segment === NO_SEGMENT) return nowNs
    const inRun = this.#runBlocks > 0
    const endLbn = inRun ? 0 : this.#aheadEndLbn()
    this.segment = NO_SEGMENT
    if (inRun) return nowNs
    this.#mechanics.readAhead(this.#lbn, endLbn, this.#sinceNs, nowNs, true)
    return this.#mechanics.armFreeNs
  }

  /** The usual case: less than the rest of the run has passed. */
  #catchUpInRun(nowNs: number): boolean {
    if (this.#runBlocks === 0) return false
    const blocks = Math.floor((nowNs - this.#sinceNs - this.#passedNs) / this.#blockNs)
    if (blocks >= this.#runBlocks) return false
    this.#lbn += blocks
    this.#passedNs += blocks * this.#blockNs
    this.#runBlocks -= blocks
    this.#buffer.fill(this.segment, this.#lbn)
    return true
  }

  /** Where it ends: at the end of the track on which the block after the request lies, or one track later. */
  #aheadEndLbn(): number {
    const segment = this.segment
    const buffer = this.#buffer
    const geometry = this.#mechanics.geometry
    if (this.#requestEndLbn < geometry.blockCount) {
      const place = this.#place
      geometry.locate(this.#requestEndLbn, place)
      let end = geometry.trackEndLbn(place)
      if (buffer.firstLbn[segment]! < geometry.trackFirstLbn(place)) {
        end = Math.min(end + place.blocksPerTrack, geometry.blockCount)
      }
      if (buffer.aheadEndLbn[segment]! < end) buffer.aheadEndLbn[segment] = end
    }
    return buffer.aheadEndLbn[segment]!
  }
}
