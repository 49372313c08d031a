// What faults ask of a site, carried out between events, never in the middle of one.

import { STATUS_DATA_OFFSET_SECTORS, STATUS_LUN_SECTORS_HIGH, STATUS_LUN_SECTORS_LOW } from '../../assembly/abi/status'
import type { FaultTarget, PowerCutAction } from '../faults/faultEngine'
import { FaultFilter, faultFilterOf } from '../faults/faultFilter'
import type { LinkFaultAction, SiteName } from '../faults/faultSpec'
import type { Drive } from '../hardware/drive'
import { KIND_INSERT, KIND_OPERATOR, KIND_POWER_CUT, KIND_PULL } from '../rig/eventKinds'
import type { Site } from '../rig/site'
import type { EventQueue } from '../sim/eventQueue'
import type { DriveFactory } from './buildDrives'
import type { ResolvedDrive } from './scenario'
import type { TwoSites } from './twoSites'

export class FaultGlue implements FaultTarget {
  /** All filters that were ever made, for the judge. */
  readonly filters: FaultFilter[] = []
  /** Every power cut that was ordered, in order. */
  readonly cuts: PowerCutAction[] = []
  /** The cut that must strike at the crash point which is being told of, or -1. */
  dueCut = -1
  /** A crash point is being told of: cuts that are ordered now strike before it is passed. */
  isAtCrashPoint = false
  readonly #insertions: Drive[] = []
  readonly #late = new Set<number>()
  readonly #site: Site
  readonly #events: EventQueue
  readonly #factory: DriveFactory
  readonly #replacement: ResolvedDrive
  readonly #seed: number

  constructor(
    site: Site,
    events: EventQueue,
    factory: DriveFactory,
    replacement: ResolvedDrive,
    seed: number,
    readonly twoSites: TwoSites,
  ) {
    this.#site = site
    this.#events = events
    this.#factory = factory
    this.#replacement = replacement
    this.#seed = seed
  }

  powerCut(cut: PowerCutAction): void {
    this.cuts.push(cut)
    const number = this.cuts.length - 1
    if (this.isAtCrashPoint) this.dueCut = number
    else this.#events.push(this.#events.nowNs, KIND_POWER_CUT, number, 0)
  }

  pull(bay: number): boolean {
    if (!this.#site.bays[bay]) return false
    this.#events.push(this.#events.nowNs, KIND_PULL, bay, 0)
    return true
  }

  insert(bay: number, drive: 'same' | 'new' | 'foreign'): boolean {
    if (this.#site.bays[bay] || bay >= this.#site.bays.length) return false
    const chosen = drive === 'same' ? this.#site.pulled[bay] : this.#fresh(drive)
    if (!chosen) return false
    this.#insertions.push(chosen)
    this.#events.push(this.#events.nowNs, KIND_INSERT, bay, this.#insertions.length - 1)
    return true
  }

  operate(request: number, bay: number): boolean {
    if (!this.#site.controller.takesRequests) return false
    this.#events.push(this.#events.nowNs, KIND_OPERATOR, request, bay)
    return true
  }

  siteLoss(site: SiteName, durationNs: number): boolean {
    return this.twoSites.siteLoss(site, durationNs)
  }

  failover(): boolean {
    return this.twoSites.failover()
  }

  operateAt(site: SiteName, request: number): boolean {
    return this.twoSites.operateAt(site, request)
  }

  linkFault(action: LinkFaultAction): boolean {
    return this.twoSites.linkFault(action)
  }

  /** The drive of an insertion that takes place now. */
  take(index: number): Drive {
    this.#late.delete(index)
    return this.#insertions[index]!
  }

  /** Drives that were taken out at a power cut are still to come. */
  get awaitsDrives(): boolean {
    return this.#late.size > 0
  }

  /** While the power is away: takes the drive out of a bay until `untilNs`. */
  takeOut(bay: number, untilNs: number): void {
    const drive = this.#site.bays[bay]
    if (!drive) return
    this.#site.pull(bay)
    this.#insertions.push(drive)
    const index = this.#insertions.length - 1
    this.#late.add(index)
    this.#events.push(untilNs, KIND_INSERT, bay, index)
  }

  /** Nothing is on its way: another life of the rig. */
  restart(): void {
    this.#insertions.length = 0
    this.#late.clear()
    this.cuts.length = 0
  }

  filterOf(bay: number): FaultFilter | null {
    const drive = this.#site.bays[bay]
    if (!drive) return null
    const found = faultFilterOf(drive)
    if (found) return found
    const { sectorBytes, sectorCount } = drive.medium
    const filter = new FaultFilter({ seed: this.#seed, driveId: drive.id, sectorBytes, sectorCount })
    drive.filters.push(filter)
    this.filters.push(filter)
    return filter
  }

  driveLbaOf(_bay: number, lunLba: number): number {
    const { controller } = this.#site
    const sectors =
      controller.statusWord(STATUS_LUN_SECTORS_LOW) + controller.statusWord(STATUS_LUN_SECTORS_HIGH) * 0x1_0000_0000
    return lunLba < sectors ? controller.statusWord(STATUS_DATA_OFFSET_SECTORS) + lunLba : -1
  }

  #fresh(kind: 'new' | 'foreign'): Drive {
    return this.#factory.make(this.#replacement, kind === 'foreign' ? 'garbage' : 'zeros')
  }
}
