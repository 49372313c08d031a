// A copy that lost its power, and has it again, looked at once, as soon as it has nothing to do: no failover is needed to see what it is.
//
//   mode scheduled    it holds the point in time that it says it holds. It may have been in the middle of going from one point to the next: then
//                     it finishes that first, or it is where it was. Judged by the oracle (host/oracle/pointsInTime.ts)
//   all modes         what was a state of the LUN when power failed is one still, as long as it hears of nobody. Not where drives had a fault,
//                     where its NVRAM lost its content, or where its drives' caches had some of it

import {
  REMOTE_LOST,
  ROLE_SECONDARY,
  STATUS_BUSY,
  STATUS_POINT_HELD,
  STATUS_REMOTE_CONSISTENT,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { faultFilterOf } from '../faults/faultFilter'
import type { Complaint } from '../oracle/verdict'
import type { Rig } from '../rig/rig'
import type { Site } from '../rig/site'
import { knowsItsArray } from './quiet'

export interface ReturnHooks {
  /** It holds a point in time, by its own word. */
  copyReturned(point: number): void
  forgot(what: Complaint): void
}

export class ReturnedCopy {
  readonly #rig: Rig
  readonly #hasCaches: boolean
  /** By site: it had a state of the LUN when power failed, and its NVRAM had lost its content so often by then; null: it need not have one. */
  readonly #lossesThen: (number | null)[] = [null, null]
  /** By site: it has come back, and was not looked at since. */
  readonly #isBack = [false, false]

  /** `hasCaches`: the array's write cache is on. */
  constructor(rig: Rig, hasCaches: boolean) {
    this.#rig = rig
    this.#hasCaches = hasCaches
  }

  /** Power is about to be lost. `isMidway`: while the site was doing something, and perhaps about to say something else. */
  losing(index: number, isMidway: boolean): void {
    const site = this.#rig.sites[index]!
    // Who had not come to its array since the last time has said nothing new.
    if (!isMidway && !knowsItsArray(site)) return
    this.#lossesThen[index] = !isMidway && isCopy(site) && isConsistent(site) ? site.nvramLosses : null
  }

  powerOn(index: number): void {
    this.#isBack[index] = true
  }

  /** An event has happened. */
  look(hooks: ReturnHooks): void {
    const { sites, activeIndex } = this.#rig
    const index = 1 - activeIndex
    if (!this.#isBack[index]) return
    const site = sites[index]!
    if (!knowsItsArray(site)) return
    // Whatever the other site says may change what it is.
    if (word(site, STATUS_REMOTE_STATE) !== REMOTE_LOST) this.#lossesThen[index] = null
    if (!hasNothingToDo(site)) return
    this.#isBack[index] = false
    if (!isCopy(site)) return
    const held = word(site, STATUS_POINT_HELD)
    if (isConsistent(site)) {
      if (held !== 0) hooks.copyReturned(held)
      return
    }
    if (!this.#hasToBeConsistent(index)) return
    const found = 'after a power cut what a copy has is no state of the LUN, once it has nothing more to do'
    hooks.forgot({ found, expected: 'a state of the LUN, as it said before it: the last one, or the next' })
  }

  #hasToBeConsistent(index: number): boolean {
    const site = this.#rig.sites[index]!
    const hasFault = site.bays.some((drive) => drive && faultFilterOf(drive) !== null)
    return !hasFault && !this.#hasCaches && this.#lossesThen[index] === site.nvramLosses
  }
}

const isCopy = (site: Site): boolean => word(site, STATUS_REMOTE_ROLE) === ROLE_SECONDARY
const isConsistent = (site: Site): boolean => word(site, STATUS_REMOTE_CONSISTENT) === 1
const word = ({ controller }: Site, number: number): number => controller.statusWord(number)

/** Also with marks in the bitmap that are not swept away yet. */
function hasNothingToDo(site: Site): boolean {
  return site.controller.waiting.isEmpty && word(site, STATUS_BUSY) === 0
}
