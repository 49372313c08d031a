// The hardware of a run: one site, or two with a link between them. The initiators use one of them at a time.

import { KIND_FRAME, SITE_KINDS } from './eventKinds'
import type { Link } from './link'
import type { Site } from './site'

export class Rig {
  readonly sites: readonly Site[]
  /** Null: there is one site. */
  readonly link: Link | null
  #active = 0

  constructor(sites: readonly Site[], link: Link | null) {
    this.sites = sites
    this.link = link
  }

  /** The site that the initiators use. */
  get site(): Site {
    return this.sites[this.#active]!
  }

  /** The site that they began with: faults without a name of a site concern it. */
  get home(): Site {
    return this.sites[0]!
  }

  get activeIndex(): number {
    return this.#active
  }

  /** The initiators go to the other site. */
  changeOver(): void {
    if (this.sites.length > 1) this.#active = 1 - this.#active
  }

  /** Handles an event of the hardware; false: it is not one. */
  handle(kind: number, a: number, b: number): boolean {
    if (kind === KIND_FRAME) {
      const frame = this.link!.directions[a]!.arrive(b)
      // Direction 0 ends at the second site.
      if (frame) this.sites[1 - a]!.controller.frameArrived(frame)
      return true
    }
    if (kind < SITE_KINDS) return this.sites[0]!.handle(kind, a, b)
    return this.sites.length > 1 && this.sites[1]!.handle(kind, a, b)
  }
}
