// The frames of one direction of a link, in the order in which they will come out: first those on the way, then those that wait at
// the sender. A ring of parallel arrays that grows; nothing is allocated for a frame.
//
// Places are numbered from 0, the frame that comes out next. What the numbers of a frame mean is the link's business (link.ts).

import type { Frame } from './frame'
import { FRAME_STRUCK } from './linkFaults'

export class FrameQueue {
  /** Frames on the way; the ones behind them wait. */
  leftCount = 0
  leftBytes = 0
  waitingCount = 0
  waitingBytes = 0
  readonly #paths: number
  #first = 0
  #capacity = 64
  #frames: (Frame | null)[] = new Array(64).fill(null)
  #bytes = new Float64Array(64)
  #marks = new Uint8Array(64)
  #dues = new Float64Array(64)
  /** By place and path: work at which the path has sent its last byte of the frame, and when that is there (0: the path has no part in it). */
  #pathWorks: Float64Array
  #pathDues: Float64Array

  constructor(paths: number) {
    this.#paths = paths
    this.#pathWorks = new Float64Array(64 * paths)
    this.#pathDues = new Float64Array(64 * paths)
  }

  /** Puts a frame behind all others, to wait. */
  push(frame: Frame, bytes: number, mark: number): void {
    const place = this.leftCount + this.waitingCount
    if (place === this.#capacity) this.#grow()
    const slot = this.#slot(place)
    this.#frames[slot] = frame
    this.#bytes[slot] = bytes
    this.#marks[slot] = mark
    this.waitingCount++
    this.waitingBytes += bytes
  }

  /** The first frame that waits is on its way now; its place is `leftCount - 1`. */
  leave(): void {
    const slot = this.#slot(this.leftCount)
    const bytes = this.#bytes[slot]!
    for (let path = 0; path < this.#paths; path++) this.#pathDues[slot * this.#paths + path] = 0
    this.leftCount++
    this.leftBytes += bytes
    this.waitingCount--
    this.waitingBytes -= bytes
  }

  frameAt(place: number): Frame {
    return this.#frames[this.#slot(place)]!
  }

  /** Takes the first frame out; it is on the way. */
  shift(): Frame {
    const slot = this.#first
    const frame = this.#frames[slot]!
    this.#frames[slot] = null
    this.#first = this.#slot(1)
    this.leftCount--
    this.leftBytes -= this.#bytes[slot]!
    return frame
  }

  /** The first frame and the one after it change places, and have met a fault. Both are there when the later one is. */
  swapFirst(): void {
    const a = this.#first
    const b = this.#slot(1)
    const frame = this.#frames[a]!
    this.#frames[a] = this.#frames[b]!
    this.#frames[b] = frame
    const bytes = this.#bytes[a]!
    this.#bytes[a] = this.#bytes[b]!
    this.#bytes[b] = bytes
    this.#marks[a] = FRAME_STRUCK
    this.#marks[b] = FRAME_STRUCK
    this.#dues[a] = this.#dues[b]!
    for (let path = 0; path < this.#paths; path++) {
      this.#pathWorks[a * this.#paths + path] = this.#pathWorks[b * this.#paths + path]!
      this.#pathDues[a * this.#paths + path] = this.#pathDues[b * this.#paths + path]!
    }
  }

  clear(): void {
    this.#frames.fill(null)
    this.#first = 0
    this.leftCount = 0
    this.leftBytes = 0
    this.waitingCount = 0
    this.waitingBytes = 0
  }

  bytesAt(place: number): number {
    return this.#bytes[this.#slot(place)]!
  }

  markAt(place: number): number {
    return this.#marks[this.#slot(place)]!
  }

  dueAt(place: number): number {
    return this.#dues[this.#slot(place)]!
  }

  setDue(place: number, timeNs: number): void {
    this.#dues[this.#slot(place)] = timeNs
  }

  pathWorkAt(place: number, path: number): number {
    return this.#pathWorks[this.#slot(place) * this.#paths + path]!
  }

  pathDueAt(place: number, path: number): number {
    return this.#pathDues[this.#slot(place) * this.#paths + path]!
  }

  setPath(place: number, path: number, work: number, dueNs: number): void {
    const at = this.#slot(place) * this.#paths + path
    this.#pathWorks[at] = work
    this.#pathDues[at] = dueNs
  }

  #slot(place: number): number {
    return (this.#first + place) & (this.#capacity - 1)
  }

  /** Twice the capacity; the first frame comes to slot 0. */
  #grow(): void {
    const old = this.#capacity
    const head = this.#first
    const unrolled = <T extends Float64Array | Uint8Array>(ring: T, larger: T, width: number): T => {
      larger.set(ring.subarray(head * width), 0)
      larger.set(ring.subarray(0, head * width), (old - head) * width)
      return larger
    }
    this.#frames = [...this.#frames.slice(head), ...this.#frames.slice(0, head), ...new Array(old).fill(null)]
    this.#bytes = unrolled(this.#bytes, new Float64Array(old * 2), 1)
    this.#marks = unrolled(this.#marks, new Uint8Array(old * 2), 1)
    this.#dues = unrolled(this.#dues, new Float64Array(old * 2), 1)
    this.#pathWorks = unrolled(this.#pathWorks, new Float64Array(old * 2 * this.#paths), this.#paths)
    this.#pathDues = unrolled(this.#pathDues, new Float64Array(old * 2 * this.#paths), this.#paths)
    this.#first = 0
    this.#capacity = old * 2
  }
}
