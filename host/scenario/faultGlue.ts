// What faults ask of a site, carried out between events, never in the middle of one.

import { STATUS_DATA_OFFSET_SECTORS, STATUS_LUN_SECTORS_HIGH, STATUS_LUN_SECTORS_LOW } from '../../assembly/abi/status'
import type { FaultTarget } from '../faults/faultEngine'
import { FaultFilter, faultFilterOf } from '../faults/faultFilter'
import type { Drive } from '../hardware/drive'
import { KIND_INSERT, KIND_POWER_CUT, KIND_PULL } from '../rig/eventKinds'
import type { Site } from '../rig/site'
import type { EventQueue } from '../sim/eventQueue'
import type { DriveFactory } from './buildDrives'
import type { ResolvedDrive } from './scenario'

export class FaultGlue implements FaultTarget {
  /** All filters that were ever made, for the judge. */
  readonly filters: FaultFilter[] = []
  readonly cutDurationsNs: number[] = []
  readonly #insertions: Drive[] = []
  readonly #site: Site
  readonly #events: EventQueue
  readonly #factory: DriveFactory
  readonly #replacement: ResolvedDrive
  readonly #seed: number

  constructor(site: Site, events: EventQueue, factory: DriveFactory, replacement: ResolvedDrive, seed: number) {
    this.#site = site
    this.#events = events
    this.#factory = factory
    this.#replacement = replacement
    this.#seed = seed
  }

  powerCut(durationNs: number, tearSector: boolean): void {
    this.cutDurationsNs.push(durationNs)
    this.#events.push(this.#events.nowNs, KIND_POWER_CUT, tearSector ? 1 : 0, this.cutDurationsNs.length - 1)
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

  insertion(index: number): Drive {
    return this.#insertions[index]!
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
