// What happens at the sites, as faults hear of it: counted where the initiators are, told wherever it happens.

import { EVENT_CRASH_POINT, EVENT_DRIVE_DONE, EVENT_NUMBERS, EVENT_NVRAM_COMMIT } from '../faults/eventNames'
import type { FaultEngine } from '../faults/faultEngine'
import type { EventPlace } from '../faults/trigger'
import type { SiteObserver } from '../rig/site'
import type { EventQueue } from '../sim/eventQueue'
import { driveEventOf } from './eventOf'

/** By site, and whether a filter that names no site means this one. */
const PLACES: readonly (readonly [EventPlace, EventPlace])[] = [0, 1].map((site) => [
  { site, isUsual: false },
  { site, isUsual: true },
])

export class FaultEvents {
  /** How often each event happened since the workload began, at the site of the initiators. */
  readonly counts = new Float64Array(EVENT_NUMBERS)
  /** The workload has begun. */
  isStarted = false
  /** Crash points so far, by site. */
  readonly crashPoints = [0, 0]
  readonly #faults: FaultEngine
  readonly #events: EventQueue
  readonly #activeIndex: () => number

  constructor(faults: FaultEngine, events: EventQueue, activeIndex: () => number) {
    this.#faults = faults
    this.#events = events
    this.#activeIndex = activeIndex
  }

  /** Another life of the rig. */
  restart(): void {
    this.counts.fill(0)
    this.crashPoints.fill(0)
  }

  /** At the site that the initiators use. */
  happened(event: number, bay: number, lba: number, sectors: number): void {
    if (!this.isStarted) return
    this.counts[event]!++
    if (this.#faults.interested[event] === 1) this.#tell(event, bay, lba, sectors, PLACES[this.#activeIndex()]![1])
  }

  /** Of the events those of the first site are counted, wherever the initiators are. */
  crashPointAt(site: number): void {
    if (!this.isStarted) return
    this.crashPoints[site]!++
    if (site === 0) this.counts[EVENT_CRASH_POINT]!++
    if (this.#faults.interested[EVENT_CRASH_POINT] === 0) return
    this.#tell(EVENT_CRASH_POINT, -1, 0, 0, PLACES[site]![site === 0 ? 1 : 0])
  }

  /** An observer of the site that the initiators do not use. */
  elsewhere(crashed: (reason: string) => void): SiteObserver {
    const tell = (event: number, bay: number, lba: number, sectors: number): void => {
      if (!this.isStarted || event <= 0 || this.#faults.interested[event] === 0) return
      this.#tell(event, bay, lba, sectors, PLACES[1 - this.#activeIndex()]![0])
    }
    return {
      hostDone: () => {},
      driveIssued: (bay, { op, lba, sectors }) => tell(driveEventOf(op), bay, lba, sectors),
      driveDone: (bay, { lba, sectors }) => tell(EVENT_DRIVE_DONE, bay, lba, sectors),
      microcodeEvent: (code, a) => tell(code & 0xff, a, 0, 0),
      nvramCommitted: () => tell(EVENT_NVRAM_COMMIT, -1, 0, 0),
      crashed,
    }
  }

  #tell(event: number, bay: number, lba: number, sectors: number, at: EventPlace): void {
    this.#faults.observe(event, bay, lba, sectors, this.#events.nowNs, at)
  }
}
