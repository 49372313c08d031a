// The link between two sites: a direction each way, and what the controllers see of it. What is on the way when a site is lost goes on.

import { FramePool } from '../hardware/framePool'
import { type Frame, LinkDirection, type LinkSpec } from '../hardware/link'
import type { LinkEnd } from '../hardware/linkEnd'
import type { EventQueue } from '../sim/eventQueue'
import { KIND_FRAME } from './eventKinds'

export class Link {
  /** 0: from the first site to the second, 1: back. */
  readonly directions: readonly [LinkDirection, LinkDirection]
  readonly #pool = new FramePool()
  readonly #frameBytesMax: number

  constructor(spec: LinkSpec, events: EventQueue, seed: number) {
    const direction = (index: number): LinkDirection =>
      new LinkDirection(spec, { events, arriveEvent: KIND_FRAME, index, seed })
    this.#frameBytesMax = spec.frameBytesMax ?? Number.POSITIVE_INFINITY
    this.directions = [direction(0), direction(1)]
  }

  /** What the controller of a site (0 or 1) sees of it. */
  endOf(site: number): LinkEnd {
    const [out, back] = [this.directions[site]!, this.directions[1 - site]!]
    return {
      frameBytesMax: this.#frameBytesMax,
      send: (frame: Frame) => out.send(frame),
      taken: (bytes: number) => back.taken(bytes),
      pool: this.#pool,
    }
  }
}
