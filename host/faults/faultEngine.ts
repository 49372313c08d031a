// Makes the faults of a scenario strike: listens to events, keeps the appointed times, and tells the rig or a drive's filter what to do.
//
// Events are observed only between `start` (the workload begins) and the end of the run. A fault of a drive is in force when
// `observe` returns: the command whose issue was the event meets it. Power cuts, pulls, insertions and operators change the rig under the feet
// of whoever reports the event, so the target must not carry them out at once but schedule them at the current time.
//
// A fault that cannot strike (there is no drive in the bay, the LUN sector has no place yet) is never dropped silently: it is in
// `missed`. Draws come from a stream for each fault: one more draw here moves nobody else's.

import {
  OPERATOR_ATTACH,
  OPERATOR_DEMOTE,
  OPERATOR_DETACH,
  OPERATOR_DISCARD,
  OPERATOR_POINT,
  OPERATOR_PROMOTE,
  OPERATOR_PROMOTE_FORCED,
  OPERATOR_SCRUB,
  OPERATOR_SNAPSHOT,
  OPERATOR_SNAPSHOT_BASE,
  OPERATOR_SNAPSHOT_DROP,
  OPERATOR_SNAPSHOT_IMAGED,
  OPERATOR_STOP,
} from '../../assembly/abi/operator'
import type { NvramContent } from '../hardware/nvram'
import { RandomStream } from '../sim/random'
import { formatDurationNs } from '../sim/units'
import { afflict } from './afflict'
import { describeFault } from './describeFault'
import { EVENT_NUMBERS } from './eventNames'
import type { FaultFilter } from './faultFilter'
import {
  type FaultAction,
  type FaultSpec,
  isLinkFault,
  type LinkFaultAction,
  type SectorRange,
  type SiteName,
  siteIndex,
} from './faultSpec'
import { ArmedTrigger, type EventPlace, USUAL_PLACE } from './trigger'

export type PowerCutAction = Extract<FaultAction, { kind: 'power-cut' }>

/** What the rig does for faults. `site`: which; undefined: the one that the initiators began with. */
export interface FaultTarget {
  /** Schedules the loss of all power of an array at the current time; it returns after `durationNs`. */
  powerCut(cut: PowerCutAction): void
  /** The next power cut leaves something else in the array's NVRAM. */
  loseNvram(content: NvramContent, site: SiteName | undefined): void
  /** Schedules the removal of a drive; false: the bay is empty. */
  pull(bay: number, site: SiteName | undefined): boolean
  /** Schedules an insertion; false: the bay is full, or there is no such drive. */
  insert(bay: number, drive: 'same' | 'new' | 'foreign', site: SiteName | undefined): boolean
  /** Schedules a request of an operator (assembly/abi/operator.ts); false: nobody is there to take it. */
  operate(request: number, bay: number, site: SiteName | undefined): boolean
  /** Schedules the loss of all power of one site; false: there is no such site. */
  siteLoss(site: SiteName, durationNs: number): boolean
  /** Schedules that the initiators go to the other site, whose operator promotes it; false: there is no other site. */
  failover(): boolean
  /** As `operate`, where it is about the other site. */
  operateAt(site: SiteName, request: number): boolean
  /** A fault of the link; false: there is no link. */
  linkFault(action: LinkFaultAction): boolean
  /** The filter of the drive that is in the bay, made and attached if need be; null: the bay is empty. */
  filterOf(bay: number, site: SiteName | undefined): FaultFilter | null
  /** The drive's sector that holds a sector of the LUN; -1: the array says nothing of it yet. */
  driveLbaOf(lunLba: number, site: SiteName | undefined): number
}

/** What happened, in words. */
export interface FaultNote {
  readonly timeNs: number
  readonly text: string
}

interface ArmedFault {
  readonly spec: FaultSpec
  readonly trigger: ArmedTrigger
  readonly random: RandomStream
}

const RELEASES = { dropped: OPERATOR_SNAPSHOT_DROP, image: OPERATOR_SNAPSHOT_IMAGED, base: OPERATOR_SNAPSHOT_BASE }

export class FaultEngine {
  /** 1 for each event number that some trigger still listens to: skip `observe` where it is 0. */
  readonly interested = new Uint8Array(EVENT_NUMBERS)
  /** What struck, in order. */
  readonly strikes: FaultNote[] = []
  readonly kindsStruck = new Set<FaultAction['kind']>()
  /** What should have struck and could not. */
  readonly missed: FaultNote[] = []
  readonly #faults: readonly ArmedFault[]
  readonly #listeners: number[][] = Array.from({ length: EVENT_NUMBERS }, () => [])
  #target: FaultTarget | null = null
  #startNs = 0
  #disarmed = false

  constructor(specs: readonly FaultSpec[], seed: number) {
    this.#faults = specs.map((spec, index) => {
      const random = RandomStream.fromSeed(seed, `fault:${index}:${spec.name}`)
      return { spec, random, trigger: new ArmedTrigger(spec.trigger, random) }
    })
  }

  /** The workload begins: what is there from the start strikes, counting begins. */
  start(target: FaultTarget, nowNs: number): void {
    this.#target = target
    this.#startNs = nowNs
    for (const [index, { spec, trigger }] of this.#faults.entries()) {
      if (spec.trigger.kind === 'start') this.strike(index, nowNs)
      else if (trigger.eventCode >= 0) this.#listen(index, trigger)
    }
  }

  /** The appointments, in simulated time; the rig pushes an event for each, and calls `strike` then. Call after `start`. */
  timed(): { readonly timeNs: number; readonly index: number }[] {
    return this.#faults.flatMap(({ spec }, index) =>
      spec.trigger.kind === 'at' ? [{ timeNs: this.#startNs + spec.trigger.timeNs, index }] : [],
    )
  }

  /** Whether some trigger waits for this event at this site. */
  listensTo(eventCode: number, site: number): boolean {
    return this.#faults.some(
      ({ trigger, spec }) =>
        trigger.eventCode === eventCode && 'filter' in spec.trigger && siteIndex(spec.trigger.filter.site) === site,
    )
  }

  /** From now on nothing strikes. */
  disarm(): void {
    this.#disarmed = true
    this.interested.fill(0)
  }

  /** An event has happened (bay -1, sectors 0 where it has none). */
  observe(
    eventCode: number,
    bay: number,
    lba: number,
    sectors: number,
    nowNs: number,
    at: EventPlace = USUAL_PLACE,
  ): void {
    const listeners = this.#listeners[eventCode]!
    for (const index of listeners) {
      if (this.#faults[index]!.trigger.strikesAt(bay, lba, sectors, at)) this.strike(index, nowNs)
    }
    if (!listeners.some((index) => this.#faults[index]!.trigger.spent)) return
    const left = listeners.filter((index) => !this.#faults[index]!.trigger.spent)
    this.#listeners[eventCode] = left
    this.interested[eventCode] = left.length > 0 ? 1 : 0
  }

  /** Makes a fault strike now. */
  strike(index: number, nowNs: number): void {
    if (this.#disarmed) return
    const { spec, random } = this.#faults[index]!
    const problem = this.#carryOut(spec.action, random, nowNs)
    const { lba } = this.#place(spec.action)
    const text = `${spec.name}: ${describeFault(spec.action, lba)}`
    if (problem === null) {
      this.strikes.push({ timeNs: nowNs, text })
      this.kindsStruck.add(spec.action.kind)
    } else
      this.missed.push({ timeNs: nowNs, text: `did not strike at ${formatDurationNs(nowNs)} (${problem}): ${text}` })
  }

  #listen(index: number, trigger: ArmedTrigger): void {
    if (trigger.spent) return
    this.#listeners[trigger.eventCode]!.push(index)
    this.interested[trigger.eventCode] = 1
  }

  /** The place on the drive; lba -1 where there is none. */
  #place(action: FaultAction): { lba: number; sectors: number } {
    const range: SectorRange | null = 'range' in action ? action.range : null
    if (range === null || !('bay' in action)) return { lba: -1, sectors: 0 }
    const lba = range.lba ?? this.#target!.driveLbaOf(range.lunLba!, action.site)
    return { lba, sectors: range.sectors }
  }

  #ask(request: number, bay: number, site: SiteName | undefined): string | null {
    return this.#target!.operate(request, bay, site) ? null : 'no microcode runs that takes requests of an operator'
  }

  #askAt(site: SiteName, request: number): string | null {
    return this.#target!.operateAt(site, request)
      ? null
      : 'no microcode runs there that takes requests of an operator, or it is asked to give up what the initiators use'
  }

  /** Why it could not strike, or null. */
  #carryOut(action: FaultAction, random: RandomStream, nowNs: number): string | null {
    const target = this.#target!
    switch (action.kind) {
      case 'power-cut':
        target.powerCut(action)
        return null
      case 'nvram-loss':
        target.loseNvram(action.content, action.site)
        return null
      case 'pull':
        return target.pull(action.bay, action.site) ? null : 'the bay is empty'
      case 'insert':
        return target.insert(action.bay, action.drive, action.site)
          ? null
          : 'the bay is full, or no drive was pulled from it'
      case 'operator-scrub':
        return this.#ask(OPERATOR_SCRUB, 0, action.site)
      case 'operator-detach':
        return this.#ask(OPERATOR_DETACH, action.bay, action.site)
      case 'operator-attach':
        return this.#ask(OPERATOR_ATTACH, action.bay, action.site)
      case 'operator-stop':
        return this.#ask(OPERATOR_STOP, 0, action.site)
      case 'operator-snapshot':
        return this.#ask(OPERATOR_SNAPSHOT, 0, undefined)
      case 'operator-release':
        return this.#ask(RELEASES[action.as], 0, undefined)
      case 'site-loss':
        return target.siteLoss(action.site, action.durationNs) ? null : 'there is no such site'
      case 'failover':
        return target.failover()
          ? null
          : 'the other site is not there, or it has not caught up since the initiators left it'
      case 'operator-promote':
        return this.#askAt(action.site, action.force ? OPERATOR_PROMOTE_FORCED : OPERATOR_PROMOTE)
      case 'operator-demote':
        return this.#askAt(action.site, OPERATOR_DEMOTE)
      case 'operator-discard':
        return this.#askAt(action.site, OPERATOR_DISCARD)
      case 'operator-point':
        return this.#askAt(action.site, OPERATOR_POINT)
      default: {
        if (isLinkFault(action)) return target.linkFault(action) ? null : 'there is no link'
        const place = this.#place(action)
        if ('range' in action && action.range !== null && place.lba < 0) {
          return 'the array does not say where this sector of the LUN lies'
        }
        const filter = target.filterOf(action.bay, action.site)
        if (filter === null) return 'the bay is empty'
        afflict(filter, action, { ...place, random, nowNs })
        return null
      }
    }
  }
}
