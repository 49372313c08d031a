// When a fault strikes: one armed trigger, and whether an event is its moment.

import type { RandomStream } from '../sim/random'
import { eventCodeOf } from './eventNames'
import { type EventFilter, siteIndex, type Trigger } from './faultSpec'

/** Where an event happened: which site, and whether it counts for a filter that names none. */
export interface EventPlace {
  readonly site: number
  readonly isUsual: boolean
}

export const USUAL_PLACE: EventPlace = { site: 0, isUsual: true }

function matches(filter: EventFilter, bay: number, lba: number, sectors: number, at: EventPlace): boolean {
  if (filter.site === undefined ? !at.isUsual : siteIndex(filter.site) !== at.site) return false
  if (filter.bay !== undefined && filter.bay !== bay) return false
  if (filter.lbaFirst === undefined && filter.lbaLast === undefined) return true
  // An event without sectors (a flush) touches none.
  return lba + sectors > (filter.lbaFirst ?? 0) && lba <= (filter.lbaLast ?? Infinity) && sectors > 0
}

export class ArmedTrigger {
  /** The event that it listens to, or -1: a trigger by time. */
  readonly eventCode: number
  readonly #trigger: Trigger
  readonly #random: RandomStream
  #seen = 0
  #strikes = 0

  constructor(trigger: Trigger, random: RandomStream) {
    this.#trigger = trigger
    this.#random = random
    this.eventCode = trigger.kind === 'nth' || trigger.kind === 'rate' ? eventCodeOf(trigger.event) : -1
  }

  /** It will never strike (again). */
  get spent(): boolean {
    const trigger = this.#trigger
    return this.#strikes >= (trigger.kind === 'rate' ? trigger.limit : 1)
  }

  /** Whether the fault strikes at this event; counts and draws. */
  strikesAt(bay: number, lba: number, sectors: number, at: EventPlace): boolean {
    const trigger = this.#trigger
    if (trigger.kind !== 'nth' && trigger.kind !== 'rate') return false
    if (this.spent || !matches(trigger.filter, bay, lba, sectors, at)) return false
    const strikes =
      trigger.kind === 'nth'
        ? ++this.#seen === trigger.n
        : this.#random.chance(trigger.rate.numerator, trigger.rate.denominator)
    if (strikes) this.#strikes++
    return strikes
  }
}
