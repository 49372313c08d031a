// The operator of two sites: what is asked of each, and who sees a failover through.
//
// Who sends initiators to a site wants it to serve. So that site is asked again and again, also when it had to step down meanwhile; the
// site that was left is asked to step down, if it would go on serving. Another request to the same site ends that.

import { OPERATOR_DEMOTE, OPERATOR_POINT, OPERATOR_PROMOTE, OPERATOR_PROMOTE_FORCED } from '../../assembly/abi/operator'
import { ROLE_PRIMARY, ROLE_SECONDARY, STATUS_REMOTE_CONSISTENT, STATUS_REMOTE_ROLE } from '../../assembly/abi/status'
import { KIND_FAILOVER } from '../rig/eventKinds'
import type { Rig } from '../rig/rig'
import type { Site } from '../rig/site'
import type { EventQueue } from '../sim/eventQueue'
import { refusesForGood } from './quiet'
import { StepDowns } from './stepDowns'

/** A site is looked after so often and so long. */
const ASK_AGAIN_NS = 20_000_000
const ASKS_MAX = 500

const isPrimary = ({ controller }: Site): boolean => controller.statusWord(STATUS_REMOTE_ROLE) === ROLE_PRIMARY
const isSecondary = ({ controller }: Site): boolean => controller.statusWord(STATUS_REMOTE_ROLE) === ROLE_SECONDARY
const isConsistent = ({ controller }: Site): boolean => controller.statusWord(STATUS_REMOTE_CONSISTENT) === 1

export class SiteOperator {
  readonly #rig: Rig
  readonly #events: EventQueue
  /** What each site was asked for last. */
  readonly #asked = [0, 0]
  /** Failovers so far: who sees an earlier one through is not needed any more. */
  #failovers = 0
  readonly stepDowns: StepDowns

  /** `stopsAlone`: a site is to serve nothing that it alone has. */
  constructor(
    rig: Rig,
    events: EventQueue,
    readonly stopsAlone: boolean,
  ) {
    this.#rig = rig
    this.#events = events
    this.stepDowns = new StepDowns(rig)
  }

  ask(index: number, request: number): void {
    // Of no consequence to who serves.
    if (request !== OPERATOR_POINT) {
      this.#asked[index] = request
      this.stepDowns.asked(index, request)
    }
    this.#rig.sites[index]!.operate(request, 0)
  }

  /** The initiators have come to a site. */
  welcome(): void {
    this.#failovers++
    // First of all: power may fail while the site is asked, in the middle of its answer.
    this.#lookAgain(1)
    this.ask(this.#rig.activeIndex, OPERATOR_PROMOTE)
  }

  /** The event of KIND_FAILOVER after the first one. */
  lookAfter(looks: number, failover: number): void {
    const { site, sites, activeIndex } = this.#rig
    if (failover !== this.#failovers || this.#asked[activeIndex] !== OPERATOR_PROMOTE || looks > ASKS_MAX) return
    const left = sites[1 - activeIndex]!
    this.#lookAgain(looks + 1)
    if (looks > 1 && !isPrimary(site) && isConsistent(site) && left.isPowered && isPrimary(left)) {
      this.ask(1 - activeIndex, OPERATOR_DEMOTE)
    }
    if (!isPrimary(site)) this.ask(activeIndex, OPERATOR_PROMOTE)
  }

  /**
   * Whether the site of the initiators has a reason not to serve: it has no power, or is a secondary that was told to be one, that has no
   * state of the LUN, or whose other site serves; or it is not to serve alone, and is.
   */
  get restsByRight(): boolean {
    const { site, sites, activeIndex } = this.#rig
    const other = sites[1 - activeIndex]
    if (!other) return false
    if (!site.isPowered) return true
    if (this.stopsAlone && this.#isAlone) return true
    if (!isSecondary(site)) return false
    const asked = this.#asked[activeIndex]!
    const isWanted = asked === OPERATOR_PROMOTE || asked === OPERATOR_PROMOTE_FORCED
    return !isWanted || !isConsistent(site) || (other.isPowered && isPrimary(other))
  }

  /** The other site cannot take anything, or not be reached, or one of the two has forgotten whose contents are newer. */
  get #isAlone(): boolean {
    const { sites, activeIndex, link } = this.#rig
    const other = sites[1 - activeIndex]!
    const hasForgotten = sites.some(({ nvramLosses }) => nvramLosses > 0)
    return hasForgotten || !other.isPowered || refusesForGood(other) || link!.directions.some(({ isUp }) => !isUp)
  }

  #lookAgain(looks: number): void {
    this.#events.push(this.#events.nowNs + ASK_AGAIN_NS, KIND_FAILOVER, looks, this.#failovers)
  }
}
