// What faults ask of a site, carried out between events, never in the middle of one.

import { STATUS_DATA_OFFSET_SECTORS, STATUS_LUN_SECTORS_HIGH, STATUS_LUN_SECTORS_LOW } from '../../assembly/abi/status'
import type { FaultTarget, PowerCutAction } from '../faults/faultEngine'
import { FaultFilter, faultFilterOf } from '../faults/faultFilter'
import { type LinkFaultAction, type SiteName, siteIndex } from '../faults/faultSpec'
import type { Drive } from '../hardware/drive'
import type { NvramContent } from '../hardware/nvram'
import { KIND_INSERT, KIND_OPERATOR, KIND_POWER_CUT, KIND_PULL } from '../rig/eventKinds'
import type { Rig } from '../rig/rig'
import type { Site } from '../rig/site'
import type { EventQueue } from '../sim/eventQueue'
import type { DriveFactory } from './buildDrives'
import type { RunnerHooks } from './runnerHooks'
import type { ResolvedDrive } from './scenario'
import type { TwoSites } from './twoSites'

interface Insertion {
  readonly drive: Drive
  readonly site: number
}

export class FaultGlue implements FaultTarget {
  /** All filters that were ever made, for the judge. */
  readonly filters: FaultFilter[] = []
  /** Every power cut that was ordered, in order. */
  readonly cuts: PowerCutAction[] = []
  /** Cuts that were ordered at the crash point which is being told of; null: none is. */
  dueCuts: number[] | null = null
  readonly #insertions: Insertion[] = []
  readonly #late = new Set<number>()
  readonly #rig: Rig
  readonly #events: EventQueue
  readonly #factory: DriveFactory
  readonly #replacement: ResolvedDrive
  readonly #seed: number

  constructor(
    rig: Rig,
    events: EventQueue,
    factory: DriveFactory,
    replacement: ResolvedDrive,
    seed: number,
    readonly twoSites: TwoSites,
  ) {
    this.#rig = rig
    this.#events = events
    this.#factory = factory
    this.#replacement = replacement
    this.#seed = seed
  }

  powerCut(cut: PowerCutAction): void {
    this.cuts.push(cut)
    const number = this.cuts.length - 1
    if (this.dueCuts) this.dueCuts.push(number)
    else this.cutSoon(number)
  }

  /** Between two events. */
  cutSoon(number: number): void {
    this.#events.push(this.#events.nowNs, KIND_POWER_CUT, number, 0)
  }

  loseNvram(content: NvramContent, site: SiteName | undefined): void {
    this.#siteOf(site).loseNvram(content)
  }

  pull(bay: number, site: SiteName | undefined): boolean {
    if (!this.#siteOf(site).bays[bay]) return false
    this.#events.push(this.#events.nowNs, KIND_PULL, bay, siteIndex(site))
    return true
  }

  insert(bay: number, kind: 'same' | 'new' | 'foreign', site: SiteName | undefined): boolean {
    const { bays, pulled } = this.#siteOf(site)
    if (bays[bay] || bay >= bays.length) return false
    const drive = kind === 'same' ? pulled[bay] : this.#fresh(kind)
    if (!drive) return false
    this.#insertions.push({ drive, site: siteIndex(site) })
    this.#events.push(this.#events.nowNs, KIND_INSERT, bay, this.#insertions.length - 1)
    return true
  }

  operate(request: number, bay: number, site: SiteName | undefined): boolean {
    if (!this.#siteOf(site).controller.takesRequests) return false
    this.#events.push(this.#events.nowNs, KIND_OPERATOR, request, (siteIndex(site) << 8) | bay)
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

  /** Carries out what is due; false: it is none of this. */
  handle(kind: number, a: number, b: number, hooks: RunnerHooks): boolean {
    const { sites, activeIndex } = this.#rig
    if (kind === KIND_PULL) {
      sites[b]!.pull(a)
      hooks.claimsChanged(this.#events.nowNs)
    } else if (kind === KIND_INSERT) {
      this.#late.delete(b)
      const { site, drive } = this.#insertions[b]!
      sites[site]!.insert(a, drive)
    } else if (kind === KIND_OPERATOR) {
      const [index, bay] = [b >>> 8, b & 0xff]
      // Before it is asked: claims may change at once.
      if (index === activeIndex && sites[index]!.controller.takesRequests) hooks.operatorAsks?.(a, bay)
      sites[index]!.operate(a, bay)
    } else return false
    return true
  }

  /** Drives that were taken out at a power cut are still to come. */
  get awaitsDrives(): boolean {
    return this.#late.size > 0
  }

  /** While the power is away: takes the drive out of a bay until `untilNs`. */
  takeOut(site: number, bay: number, untilNs: number): void {
    const drive = this.#rig.sites[site]!.bays[bay]
    if (!drive) return
    this.#rig.sites[site]!.pull(bay)
    this.#insertions.push({ drive, site })
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

  filterOf(bay: number, site: SiteName | undefined): FaultFilter | null {
    const drive = this.#siteOf(site).bays[bay]
    if (!drive) return null
    const found = faultFilterOf(drive)
    if (found) return found
    const { sectorBytes, sectorCount } = drive.medium
    const filter = new FaultFilter({ seed: this.#seed, driveId: drive.id, sectorBytes, sectorCount })
    drive.filters.push(filter)
    this.filters.push(filter)
    return filter
  }

  driveLbaOf(lunLba: number, site: SiteName | undefined): number {
    const { controller } = this.#siteOf(site)
    const sectors =
      controller.statusWord(STATUS_LUN_SECTORS_LOW) + controller.statusWord(STATUS_LUN_SECTORS_HIGH) * 0x1_0000_0000
    return lunLba < sectors ? controller.statusWord(STATUS_DATA_OFFSET_SECTORS) + lunLba : -1
  }

  #siteOf(site: SiteName | undefined): Site {
    return this.#rig.sites[siteIndex(site)]!
  }

  #fresh(kind: 'new' | 'foreign'): Drive {
    return this.#factory.make(this.#replacement, kind === 'foreign' ? 'garbage' : 'zeros')
  }
}
