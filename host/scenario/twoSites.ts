// What happens to a rig with two sites beyond what happens to one: a site is lost and comes back, the link fails, operators change
// roles, and the initiators go to the other site.
//
// Everything is scheduled, and carried out between events, as with the faults of one site (faultGlue.ts).

import { OPERATOR_PROMOTE } from '../../assembly/abi/operator'
import { ROLE_PRIMARY, STATUS_REMOTE_ROLE } from '../../assembly/abi/status'
import type { LinkFaultAction, LinkSide, SiteName } from '../faults/faultSpec'
import { KIND_FAILOVER, KIND_LINK_RESTORED, KIND_SITE_LOSS, KIND_SITE_OPERATOR } from '../rig/eventKinds'
import type { Rig } from '../rig/rig'
import type { EventQueue } from '../sim/eventQueue'
import type { SitePower } from './sitePower'

/** An operator who was refused asks again after this, and so often. */
const ASK_AGAIN_NS = 20_000_000
const ASKS_MAX = 500
/** Flipped bits in a corrupted frame. */
const CORRUPT_BITS = 1

const indexOf = (site: SiteName): number => (site === 'a' ? 0 : 1)

export class TwoSites {
  readonly #rig: Rig
  readonly #events: EventQueue
  readonly #power: SitePower
  readonly #changedOver: () => void
  /** When the initiators went to the other site last; -1: never. */
  changedNs = -1
  /** How long the power of each loss that was ordered is away. */
  readonly #losses: number[] = []
  /** Cuts of each direction so far: the end of an earlier one is stale. */
  readonly #cuts = [0, 0]

  /** `changedOver`: the initiators use the other site from now on. */
  constructor(rig: Rig, events: EventQueue, power: SitePower, changedOver: () => void) {
    this.#rig = rig
    this.#events = events
    this.#power = power
    this.#changedOver = changedOver
  }

  get exists(): boolean {
    return this.#rig.sites.length > 1
  }

  siteLoss(site: SiteName, durationNs: number): boolean {
    if (!this.exists) return false
    this.#losses.push(durationNs)
    this.#events.push(this.#events.nowNs, KIND_SITE_LOSS, indexOf(site), this.#losses.length - 1)
    return true
  }

  failover(): boolean {
    if (!this.exists) return false
    this.#events.push(this.#events.nowNs, KIND_FAILOVER, 0, 0)
    return true
  }

  operateAt(site: SiteName, request: number): boolean {
    if (!this.exists || !this.#rig.sites[indexOf(site)]!.controller.takesRequests) return false
    this.#events.push(this.#events.nowNs, KIND_SITE_OPERATOR, indexOf(site), request)
    return true
  }

  linkFault(action: LinkFaultAction): boolean {
    const { link } = this.#rig
    if (link === null) return false
    const { nowNs } = this.#events
    for (const index of directionsOf(action.direction)) {
      const direction = link.directions[index]!
      switch (action.kind) {
        case 'link-cut':
          direction.cut()
          this.#cuts[index]!++
          if (Number.isFinite(action.durationNs)) {
            this.#events.push(nowNs + action.durationNs, KIND_LINK_RESTORED, index, this.#cuts[index]!)
          }
          break
        case 'link-stall':
          direction.stall(nowNs + action.durationNs)
          break
        case 'link-slow':
          direction.slow(action.factor, nowNs + action.durationNs)
          break
        case 'link-drop':
          direction.drop(action.count)
          break
        case 'link-duplicate':
          direction.duplicate(action.count)
          break
        case 'link-reorder':
          direction.reorder(action.count)
          break
        case 'link-corrupt':
          direction.corrupt(action.count, CORRUPT_BITS)
          break
      }
    }
    return true
  }

  /** Carries out what is due; false: it is not of two sites. */
  handle(kind: number, a: number, b: number): boolean {
    switch (kind) {
      case KIND_SITE_LOSS:
        this.#lose(a, this.#losses[b]!)
        return true
      case KIND_LINK_RESTORED:
        if (b === this.#cuts[a]) this.#rig.link!.directions[a]!.restore()
        return true
      case KIND_SITE_OPERATOR:
        this.#rig.sites[a]!.operate(b, 0)
        return true
      case KIND_FAILOVER:
        this.#failOver(a)
        return true
      default:
        return false
    }
  }

  #lose(index: number, durationNs: number): void {
    const site = this.#rig.sites[index]!
    if (site.isPowered) this.#power.lose(index, site.seededCut(false))
    this.#power.returnsAfter(index, durationNs)
  }

  /** `asks`: how often the operator has asked. */
  #failOver(asks: number): void {
    if (asks === 0) {
      this.#rig.changeOver()
      this.changedNs = this.#events.nowNs
      this.#changedOver()
    }
    const { controller } = this.#rig.site
    if (asks >= ASKS_MAX || (asks > 0 && controller.statusWord(STATUS_REMOTE_ROLE) === ROLE_PRIMARY)) return
    this.#rig.site.operate(OPERATOR_PROMOTE, 0)
    this.#events.push(this.#events.nowNs + ASK_AGAIN_NS, KIND_FAILOVER, asks + 1, 0)
  }
}

function directionsOf(side: LinkSide): readonly number[] {
  return side === 'both' ? [0, 1] : side === 'a-to-b' ? [0] : [1]
}
