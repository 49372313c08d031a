// One direction of a link between two sites: what is sent comes out at the other end, later, whole and in order.
//
// Duties: send frames one after the other at the link's rate; deliver each when its last byte has crossed; let no more bytes be on
// the way than the window holds. With several paths a frame goes in fragments, dealt to the paths in turn; the other end puts
// frames together, and hands them over in the order in which they were sent. Every frame waits in the same queue, so the event
// `arriveEvent` says only "one more": it takes the frame whose turn it is. An event that is held back makes frames late, never out of order.
//
// Nobody is told of a loss: there is no carrier, no acknowledgement, no error. Whoever needs an answer must wait for it with a
// timeout of its own. What is in the frames, and whether it is whole, is not looked at.

import type { EventQueue } from '../sim/eventQueue'
import { copyFrame, type Frame } from './frame'
import { FrameQueue } from './frameQueue'
import { LinkClock } from './linkClock'
import {
  FRAME_LOST,
  FRAME_STRUCK,
  FRAME_WHOLE,
  LinkFaults,
  STRIKE_CORRUPT,
  STRIKE_DROP,
  STRIKE_DUPLICATE,
} from './linkFaults'
import { LinkPaths } from './linkPaths'
import { checkLinkSpec, type LinkSpec } from './linkSpec'

export type { Frame, LinkSpec }

/** How a direction is plugged into a rig: where its events go. */
export interface LinkWiring {
  readonly events: EventQueue
  /** Event kind that the rig passes back to `arrive`; `a` is `index`, `b` the token. */
  readonly arriveEvent: number
  /** Of the direction. */
  readonly index: number
  readonly seed: number
}

/** sent + duplicated = delivered + lost + on the way + waiting. */
export interface LinkFigures {
  framesSent: number
  bytesSent: number
  framesDuplicated: number
  framesDelivered: number
  framesLost: number
}

export class LinkDirection {
  readonly figures: LinkFigures = {
    framesSent: 0,
    bytesSent: 0,
    framesDuplicated: 0,
    framesDelivered: 0,
    framesLost: 0,
  }
  readonly #wiring: LinkWiring
  readonly #windowBytes: number
  readonly #queue: FrameQueue
  readonly #clock = new LinkClock()
  readonly #faults: LinkFaults
  readonly #paths: LinkPaths
  /** When the last frame on the way is due. */
  #lastDueNs = 0
  /** Delivered, and not taken yet. */
  #untakenBytes = 0
  #up = true
  /** An event with another token is stale. */
  #token = 0

  constructor(spec: LinkSpec, wiring: LinkWiring) {
    checkLinkSpec(spec)
    this.#wiring = wiring
    this.#windowBytes = spec.windowBytes
    this.#queue = new FrameQueue(spec.paths)
    this.#faults = new LinkFaults(wiring.seed, wiring.index)
    this.#paths = new LinkPaths(spec, this.#queue, this.#clock)
  }

  /** Takes a frame over; its arrays are not copied, and nobody may change them any more. */
  send(frame: Frame): void {
    const bytes = frame.header.length + frame.data.length
    this.figures.framesSent++
    this.figures.bytesSent += bytes
    if (!this.#up) {
      this.figures.framesLost++
      return
    }
    const strike = this.#faults.next()
    if (strike === STRIKE_DROP) this.#queue.push(frame, bytes, FRAME_LOST)
    else if (strike === STRIKE_CORRUPT) this.#queue.push(this.#faults.corrupted(frame), bytes, FRAME_STRUCK)
    else if (strike === STRIKE_DUPLICATE) {
      this.figures.framesDuplicated++
      this.#queue.push(frame, bytes, FRAME_STRUCK)
      this.#queue.push(copyFrame(frame), bytes, FRAME_STRUCK)
    } else this.#queue.push(frame, bytes, FRAME_WHOLE)
    this.#fillWindow()
  }

  /** The event of `arriveEvent`: the frame that is there now. Null: it was lost, changes places with the next one, or the event is stale. */
  arrive(token: number): Frame | null {
    if (token !== this.#token) return null
    if (this.#faults.reorders > 0 && this.#swap()) return null
    const lost = this.#queue.markAt(0) === FRAME_LOST
    const bytes = this.#queue.bytesAt(0)
    const frame = this.#queue.shift()
    if (lost) {
      this.figures.framesLost++
      this.#fillWindow()
      return null
    }
    this.figures.framesDelivered++
    this.#untakenBytes += bytes
    return frame
  }

  /** The receiver has taken frames of so many bytes, or thrown them away: there is room in the window. */
  taken(bytes: number): void {
    // Frames from before a reset do not count any more.
    this.#untakenBytes = Math.max(0, this.#untakenBytes - bytes)
    this.#fillWindow()
  }

  /** What has left the sender and has not arrived. */
  get framesOnTheWay(): number {
    return this.#queue.leftCount
  }

  get bytesOnTheWay(): number {
    return this.#queue.leftBytes
  }

  /** What waits at the sender for room in the window. */
  get framesWaiting(): number {
    return this.#queue.waitingCount
  }

  get bytesWaiting(): number {
    return this.#queue.waitingBytes
  }

  /** What has arrived and was not taken: it fills the window too. */
  get bytesUntaken(): number {
    return this.#untakenBytes
  }

  get isUp(): boolean {
    return this.#up
  }

  /** All that is on the way, or waits, is lost, and what is sent from now on. */
  cut(): void {
    this.#up = false
    this.#forget()
  }

  restore(): void {
    this.#up = true
  }

  /** Nothing leaves or arrives before that time. */
  stall(untilNs: number): void {
    if (!Number.isFinite(untilNs)) throw new RangeError(`link: stalled until ${untilNs}, expected a finite time`)
    this.#clock.stall(this.#wiring.events.nowNs, untilNs)
    this.#reschedule()
  }

  /** The rate is divided by `factor`, for what has not left yet. Infinity: until it is told otherwise. */
  slow(factor: number, untilNs: number): void {
    if (!(factor >= 1 && Number.isFinite(factor))) {
      throw new RangeError(`link: slower by ${factor}, expected a finite number of at least 1`)
    }
    this.#clock.slow(this.#wiring.events.nowNs, factor, untilNs)
    this.#reschedule()
  }

  /** The next frames that are sent are lost. */
  drop(count: number): void {
    this.#faults.drop(count)
  }

  /** The next frames that are sent go out twice, one right after the other. */
  duplicate(count: number): void {
    this.#faults.duplicate(count)
  }

  /** The next frames that arrive while another is on the way behind them come out after that one. */
  reorder(count: number): void {
    this.#faults.reorder(count)
  }

  /** In each of the next frames that are sent, so many bits flip. */
  corrupt(count: number, bits: number): void {
    this.#faults.corrupt(count, bits)
  }

  /** An end has lost its power: all that is on the way, or waits, or was not taken, is forgotten, and so are faults that have frames left to strike. A cut, a stall, or slowness is the network's: it stays. */
  reset(): void {
    this.#forget()
    this.#untakenBytes = 0
    this.#faults.clear()
  }

  #forget(): void {
    this.figures.framesLost += this.#queue.leftCount + this.#queue.waitingCount
    this.#queue.clear()
    this.#paths.clear()
    this.#lastDueNs = 0
    this.#renewToken()
  }

  #renewToken(): void {
    this.#token = (this.#token + 1) & 0x7fff_ffff
  }

  /** Sends what may leave. A frame that is larger than the window goes alone. */
  #fillWindow(): void {
    const queue = this.#queue
    const { nowNs } = this.#wiring.events
    while (queue.waitingCount > 0) {
      const inside = queue.leftBytes + this.#untakenBytes
      if (inside > 0 && inside + queue.bytesAt(queue.leftCount) > this.#windowBytes) return
      queue.leave()
      const place = queue.leftCount - 1
      this.#paths.leave(place, Math.max(nowNs, queue.frameAt(place).readyNs ?? 0))
      this.#schedule(place, Math.max(this.#lastDueNs, nowNs))
    }
  }

  /** Pushes the event of a frame's arrival: not before all its parts are there, nor before the frame ahead of it. */
  #schedule(place: number, notBeforeNs: number): void {
    const { events, arriveEvent, index } = this.#wiring
    this.#lastDueNs = Math.max(notBeforeNs, this.#paths.dueAt(place))
    this.#queue.setDue(place, this.#lastDueNs)
    events.push(this.#lastDueNs, arriveEvent, index, this.#token)
  }

  /** The clock's pace has changed: new times for all that is on the way. */
  #reschedule(): void {
    const { nowNs } = this.#wiring.events
    this.#renewToken()
    this.#lastDueNs = Math.max(nowNs, this.#clock.stalledUntilNs)
    for (let place = 0; place < this.#queue.leftCount; place++) {
      this.#paths.reschedule(place, nowNs)
      this.#schedule(place, this.#lastDueNs)
    }
  }

  /** The first frame changes places with the one behind it, if there is one and neither has met a fault. Its event moves to the other's time. */
  #swap(): boolean {
    const queue = this.#queue
    if (queue.leftCount < 2 || queue.markAt(0) !== FRAME_WHOLE || queue.markAt(1) !== FRAME_WHOLE) return false
    this.#faults.reorders--
    queue.swapFirst()
    const { events, arriveEvent, index } = this.#wiring
    events.push(Math.max(events.nowNs, queue.dueAt(0)), arriveEvent, index, this.#token)
    return true
  }
}
