// One direction of a link in a small rig of its own: things are done to it at given times, and what arrives is written down.
import fc from 'fast-check'
import { expect } from 'vitest'
import { type Frame, LinkDirection, type LinkSpec } from '../../host/hardware/link'
import { EventQueue } from '../../host/sim/eventQueue'

export const ARRIVE = 1
const ACTION = 2
export const INDEX = 5
export const SPEC: LinkSpec = {
  latencyNs: 1_000,
  bytesPerSecond: 1e9,
  windowBytes: 1 << 30,
  paths: 1,
  fragmentBytes: 1_500,
}

interface Arrival {
  readonly timeNs: number
  readonly id: number
  readonly frame: Frame
}

/** Byte `i` of frame `id`. */
const byteOf = (id: number, i: number): number => (id * 31 + i * 7) & 0xff

/** A frame whose first four bytes are its number, the others a function of it. */
export function frameOf(id: number, bytes = 100): Frame {
  const header = new Uint8Array(16)
  new DataView(header.buffer).setUint32(0, id)
  for (let i = 4; i < 16; i++) header[i] = byteOf(id, i)
  return { header, data: Uint8Array.from({ length: bytes - 16 }, (_, i) => byteOf(id, 16 + i)) }
}

/** Bits in which a frame differs from the one that was sent. */
export function wrongBits(frame: Frame, id: number): number {
  const sent = frameOf(id, frame.header.length + frame.data.length)
  const count = (got: Uint8Array, was: Uint8Array): number =>
    got.reduce((bits, byte, i) => bits + (byte ^ was[i]!).toString(2).replaceAll('0', '').length, 0)
  return count(frame.header, sent.header) + count(frame.data, sent.data)
}

/** A direction, and things that are done to it at given times; the receiver takes each frame at once unless told otherwise. */
export class LinkBench {
  readonly events = new EventQueue()
  readonly link: LinkDirection
  readonly arrivals: Arrival[] = []
  takes: (id: number, bytes: number) => void = (_, bytes) => this.link.taken(bytes)
  /** How much later than due the n-th event comes. */
  heldNs: (n: number) => number = () => 0
  afterEach: () => void = () => {}
  #actions: (() => void)[] = []
  #held = 0

  constructor(spec: Partial<LinkSpec> = {}, seed = 1, index = INDEX) {
    this.link = new LinkDirection({ ...SPEC, ...spec }, { events: this.events, arriveEvent: ARRIVE, index, seed })
  }

  at(timeNs: number, action: () => void): this {
    this.events.push(timeNs, ACTION, 0, this.#actions.push(action) - 1)
    return this
  }

  send(timeNs: number, id: number, bytes?: number): this {
    return this.at(timeNs, () => this.link.send(frameOf(id, bytes)))
  }

  run(): this {
    const { events } = this
    while (events.pop()) {
      if (events.kind === ACTION) this.#actions[events.b]!()
      else {
        const holdNs = events.wasHeld ? 0 : this.heldNs(this.#held++)
        if (holdNs > 0) events.pushHeld(events.nowNs + holdNs, events.kind, events.a, events.b)
        else this.#arrive()
      }
      this.afterEach()
    }
    return this
  }

  get ids(): number[] {
    return this.arrivals.map(({ id }) => id)
  }

  get times(): number[] {
    return this.arrivals.map(({ timeNs }) => timeNs)
  }

  #arrive(): void {
    const { events } = this
    expect([events.kind, events.a]).toEqual([ARRIVE, INDEX])
    const frame = this.link.arrive(events.b)
    if (frame === null) return
    const id = new DataView(frame.header.buffer).getUint32(0)
    this.arrivals.push({ timeNs: events.nowNs, id, frame })
    this.takes(id, frame.header.length + frame.data.length)
  }
}

/** Every frame is somewhere, and only there. */
export function expectBalance({ link }: LinkBench): void {
  const { framesSent, framesDuplicated, framesDelivered, framesLost } = link.figures
  expect(framesDelivered + framesLost + link.framesOnTheWay + link.framesWaiting).toBe(framesSent + framesDuplicated)
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)

/** Frames in the order in which they are sent. */
export const trafficOf = (largest: number) =>
  fc
    .array(fc.record({ timeNs: fc.nat(20_000), bytes: fc.integer({ min: 16, max: largest }) }), {
      minLength: 1,
      maxLength: 100,
    })
    .map((frames) => frames.sort((a, b) => a.timeNs - b.timeNs).map((frame, id) => ({ ...frame, id })))

type Traffic = readonly { timeNs: number; bytes: number; id: number }[]

export function sendAll(bench: LinkBench, traffic: Traffic): LinkBench {
  for (const { timeNs, id, bytes } of traffic) bench.send(timeNs, id, bytes)
  return bench
}
