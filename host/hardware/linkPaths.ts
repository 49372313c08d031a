// The paths of one direction: when the parts of a frame that leaves now are at the other end.
//
// Each path has its share of the rate, and sends one fragment after the other. Fragments go to the paths in turn, and the next frame
// begins where the last one stopped. With one path a frame goes in one piece. When a fault changes the pace, `reschedule` asks the
// clock again for all that has not left; what has left keeps its time.

import type { FrameQueue } from './frameQueue'
import type { LinkClock } from './linkClock'
import type { LinkSpec } from './linkSpec'

export class LinkPaths {
  readonly #queue: FrameQueue
  readonly #clock: LinkClock
  readonly #fragmentBytes: number
  readonly #nsPerByte: number
  /** By path: from a byte's departure to its arrival. */
  readonly #latenciesNs: Float64Array
  /** By path: work at which it is free again. */
  readonly #freeAt: Float64Array
  /** The path whose turn it is. */
  #turn = 0

  constructor(spec: LinkSpec, queue: FrameQueue, clock: LinkClock) {
    this.#queue = queue
    this.#clock = clock
    this.#fragmentBytes = spec.paths === 1 ? Number.POSITIVE_INFINITY : spec.fragmentBytes
    this.#nsPerByte = (1e9 * spec.paths) / spec.bytesPerSecond
    this.#latenciesNs = Float64Array.from(
      { length: spec.paths },
      (_, path) => spec.latencyNs + (spec.pathDelaysNs?.[path] ?? 0),
    )
    this.#freeAt = new Float64Array(spec.paths)
  }

  /** Deals a frame to the paths. */
  leave(place: number, nowNs: number): void {
    const workNow = this.#clock.workAt(nowNs)
    const paths = this.#freeAt.length
    let rest = this.#queue.bytesAt(place)
    do {
      const path = this.#turn
      const work = Math.max(this.#freeAt[path]!, workNow) + Math.min(rest, this.#fragmentBytes) * this.#nsPerByte
      this.#freeAt[path] = work
      this.#setPart(place, path, work)
      this.#turn = path + 1 === paths ? 0 : path + 1
      rest -= this.#fragmentBytes
    } while (rest > 0)
  }

  reschedule(place: number, nowNs: number): void {
    for (let path = 0; path < this.#freeAt.length; path++) {
      if (this.#queue.pathDueAt(place, path) - this.#latenciesNs[path]! <= nowNs) continue
      this.#setPart(place, path, this.#queue.pathWorkAt(place, path))
    }
  }

  /** When the last part of a frame is there. */
  dueAt(place: number): number {
    let dueNs = 0
    for (let path = 0; path < this.#freeAt.length; path++) dueNs = Math.max(dueNs, this.#queue.pathDueAt(place, path))
    return dueNs
  }

  /** Nothing is being sent, and the first path's turn it is. */
  clear(): void {
    this.#freeAt.fill(0)
    this.#turn = 0
  }

  #setPart(place: number, path: number, work: number): void {
    this.#queue.setPath(place, path, work, Math.round(this.#clock.timeOf(work)) + this.#latenciesNs[path]!)
  }
}
