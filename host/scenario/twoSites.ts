// What happens to a rig with two sites beyond what happens to one: a site is lost and comes back, the link fails, operators change
// roles, and the initiators go to the other site.
//
// Everything is scheduled, and carried out between events, as with the faults of one site (faultGlue.ts).

import { OPERATOR_PROMOTE } from '../../assembly/abi/operator'
import { ROLE_PRIMARY, STATUS_REMOTE_ROLE } from '../../assembly/abi/status'
import type { LinkFaultAction, LinkSide, SiteName } from '../faults/faultSpec'
import type { DriveCommand } from '../hardware/driveCommand'
import {
  KIND_FAILOVER,
  KIND_LINK_RESTORED,
  KIND_SITE_LOSS,
  KIND_SITE_OPERATOR,
  KIND_SITE_RETURNS,
} from '../rig/eventKinds'
import type { Rig } from '../rig/rig'
import type { SiteObserver } from '../rig/site'
import type { EventQueue } from '../sim/eventQueue'

/** An operator who was refused asks again after this, and so often. */
const ASK_AGAIN_NS = 20_000_000
const ASKS_MAX = 500
/** Flipped bits in a corrupted frame. */
const CORRUPT_BITS = 1

export interface TwoSitesHooks {
  /** The site of the initiators has lost its power. */
  activeLost(): void
  /** It has power again. */
  activeReturned(): void
  /** The initiators use the other site from now on. */
  changedOver(): void
}

const indexOf = (site: SiteName): number => (site === 'a' ? 0 : 1)

export class TwoSites {
  readonly #rig: Rig
  readonly #events: EventQueue
  readonly #hooks: TwoSitesHooks
  /** When the initiators went to the other site last; -1: never. */
  changedNs = -1
  /** Losses of a site so far: a return of an earlier one is stale. */
  readonly #losses = [0, 0]

  constructor(rig: Rig, events: EventQueue, hooks: TwoSitesHooks) {
    this.#rig = rig
    this.#events = events
    this.#hooks = hooks
  }

  get exists(): boolean {
    return this.#rig.sites.length > 1
  }

  /** No power of a site is going to return. */
  siteLoss(site: SiteName, durationNs: number): boolean {
    if (!this.exists) return false
    const index = indexOf(site)
    this.#events.push(this.#events.nowNs, KIND_SITE_LOSS, index, 0)
    if (Number.isFinite(durationNs)) {
      this.#events.push(this.#events.nowNs + durationNs, KIND_SITE_RETURNS, index, this.#losses[index]! + 1)
    }
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
          if (Number.isFinite(action.durationNs)) {
            this.#events.push(nowNs + action.durationNs, KIND_LINK_RESTORED, index, 0)
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
        this.#lose(a)
        return true
      case KIND_SITE_RETURNS:
        if (b === this.#losses[a]) this.#returns(a)
        return true
      case KIND_LINK_RESTORED:
        this.#rig.link!.directions[a]!.restore()
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

  #lose(index: number): void {
    const site = this.#rig.sites[index]!
    this.#losses[index]!++
    if (!site.isPowered) return
    site.powerCut(site.seededCut(false))
    if (index === this.#rig.activeIndex) this.#hooks.activeLost()
  }

  #returns(index: number): void {
    const site = this.#rig.sites[index]!
    if (site.isPowered) return
    site.powerOn()
    if (index === this.#rig.activeIndex) this.#hooks.activeReturned()
  }

  /** `asks`: how often the operator has asked. */
  #failOver(asks: number): void {
    if (asks === 0) {
      this.#rig.changeOver()
      this.changedNs = this.#events.nowNs
      this.#hooks.changedOver()
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

/** Tells `whole` what happens at a site while the initiators use it; else only of what concerns everybody. */
export function observerAt(
  index: number,
  activeIndex: () => number,
  whole: SiteObserver,
  crashed: (reason: string) => void,
): SiteObserver {
  const isActive = (): boolean => activeIndex() === index
  return {
    hostDone: (slot, timeNs) => {
      if (isActive()) whole.hostDone(slot, timeNs)
    },
    driveIssued: (bay: number, command: DriveCommand) => {
      if (isActive()) whole.driveIssued(bay, command)
    },
    driveDone: (bay: number, command: DriveCommand) => {
      if (isActive()) whole.driveDone(bay, command)
    },
    microcodeEvent: (code, a, b, c) => {
      if (isActive()) whole.microcodeEvent(code, a, b, c)
    },
    nvramCommitted: (offset, bytes) => {
      if (isActive()) whole.nvramCommitted(offset, bytes)
    },
    crashed: (reason, last) => {
      if (isActive()) whole.crashed(reason, last)
      else crashed(reason)
    },
  }
}
