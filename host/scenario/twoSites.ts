// What happens to a rig with two sites beyond what happens to one: a site is lost and comes back, the link fails, operators change
// roles, and the initiators go to the other site.
//
// Everything is scheduled, and carried out between events, as with the faults of one site (faultGlue.ts).

import { EVENT_REMOTE_STATE } from '../../assembly/abi/events'
import { OPERATOR_DISCARD, OPERATOR_POINT } from '../../assembly/abi/operator'
import { REMOTE_BEHIND, REMOTE_DATED, REMOTE_UP } from '../../assembly/abi/status'
import type { LinkFaultAction, LinkSide, SiteName } from '../faults/faultSpec'
import {
  KIND_APPOINTED,
  KIND_FAILOVER,
  KIND_LINK_RESTORED,
  KIND_SITE_LOSS,
  KIND_SITE_OPERATOR,
} from '../rig/eventKinds'
import type { Rig } from '../rig/rig'
import type { EventQueue } from '../sim/eventQueue'
import { Appointments } from './appointments'
import { isStopped } from './quiet'
import type { ResolvedRemote } from './scenario'
import { SiteOperator } from './siteOperator'
import type { SitePower } from './sitePower'
import { uncopyableSite } from './uncopyable'

/** Flipped bits in a corrupted frame. */
const CORRUPT_BITS = 1

/** States in which the other site has what is here, or had it a while ago. */
const CAUGHT_UP: ReadonlySet<number> = new Set([REMOTE_UP, REMOTE_DATED, REMOTE_BEHIND])

const indexOf = (site: SiteName): number => (site === 'a' ? 0 : 1)

export class TwoSites {
  readonly operator: SiteOperator
  readonly #rig: Rig
  readonly #events: EventQueue
  readonly #power: SitePower
  readonly #changedOver: () => void
  readonly #appointments: Appointments | null
  /** When the initiators went to the other site last; -1: never. */
  changedNs = -1
  /**
   * Initiators may go back. Not to contents that have gone another way since they left, or stayed behind: what they would read there belongs
   * to no history of theirs. So no operator sends them back before the sites have said that they hold the same.
   */
  #hasCaughtUp = true
  /** How long the power of each loss that was ordered is away. */
  readonly #losses: number[] = []
  /** Cuts of each direction so far: the end of an earlier one is stale. */
  readonly #cuts = [0, 0]

  /** `changedOver`: the initiators use the other site from now on. */
  constructor(rig: Rig, events: EventQueue, power: SitePower, changedOver: () => void, remote: ResolvedRemote | null) {
    this.#appointments = remote === null || remote.cron === '' ? null : new Appointments(rig, events, remote.cron)
    this.#rig = rig
    this.operator = new SiteOperator(rig, events, remote?.onLinkLoss === 'stop')
    this.#events = events
    this.#power = power
    this.#changedOver = changedOver
  }

  get exists(): boolean {
    return this.#rig.sites.length > 1
  }

  /** The microcode at the site of the initiators says something: perhaps that the other one has caught up. */
  hear(code: number, a: number): void {
    if (code === EVENT_REMOTE_STATE && CAUGHT_UP.has(a)) this.#hasCaughtUp = true
  }

  siteLoss(site: SiteName, durationNs: number): boolean {
    if (!this.exists) return false
    this.#losses.push(durationNs)
    this.#events.push(this.#events.nowNs, KIND_SITE_LOSS, indexOf(site), this.#losses.length - 1)
    return true
  }

  /** The initiators go to the other site. False: there is none, it does not run, or it did not catch up since they left it. */
  failover(): boolean {
    const other = this.#rig.sites[1 - this.#rig.activeIndex]
    if (!other?.isPowered || isStopped(other) || !this.#hasCaughtUp) return false
    this.#hasCaughtUp = false
    this.#events.push(this.#events.nowNs, KIND_FAILOVER, 0, 0)
    return true
  }

  operateAt(site: SiteName, request: number): boolean {
    if (!this.exists || !this.#rig.sites[indexOf(site)]!.controller.takesRequests) return false
    // Nobody gives up what the initiators use.
    if (request === OPERATOR_DISCARD && indexOf(site) === this.#rig.activeIndex) return false
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

  /** Why something may have no end here, or null. */
  excuseOf(nowNs: number): string | null {
    if (this.operator.restsByRight) {
      return 'the site that was asked has no power, is a secondary, or is not to serve alone, and rightly so'
    }
    const site = uncopyableSite(this.#rig, nowNs)
    return site && `no member of site ${site} takes every write, and so it cannot be made equal`
  }

  /**
   * In mode scheduled: what changed since the last point in time is not to wait for the next appointed time. Who is about to hand the LUN
   * over has to see to that itself.
   */
  askForPoints(): void {
    if (!this.exists) return
    for (const [index, site] of this.#rig.sites.entries()) {
      if (site.isPowered && !this.operator.stepDowns.isDue(index)) site.operate(OPERATOR_POINT, 0)
    }
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
        this.operator.ask(a, b)
        return true
      case KIND_APPOINTED:
        this.#appointments?.keep()
        return true
      case KIND_FAILOVER:
        if (a === 0) this.#failOver()
        else this.operator.lookAfter(a, b)
        return true
      default:
        return false
    }
  }

  #lose(index: number, durationNs: number): void {
    const site = this.#rig.sites[index]!
    if (site.isPowered) this.#power.lose(index, site.seededCut(false), false)
    this.#power.returnsAfter(index, durationNs)
  }

  #failOver(): void {
    this.#rig.changeOver()
    this.changedNs = this.#events.nowNs
    this.#changedOver()
    this.#hasCaughtUp = false
    this.operator.welcome()
  }
}

function directionsOf(side: LinkSide): readonly number[] {
  return side === 'both' ? [0, 1] : side === 'a-to-b' ? [0] : [1]
}
