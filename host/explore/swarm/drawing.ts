// What the faults of a run are drawn with: bays, places, moments.

import type { EventName, FaultAction, FaultSpec, SectorRange, Trigger } from '../../faults/faultSpec'
import type { RandomStream } from '../../sim/random'

export interface FaultRange {
  readonly bayCount: number
  readonly members: number
  readonly hotSectors: readonly number[]
  /** Operations of the workload: how far triggers reach. */
  readonly operations: number
  /** The array serves without its other site, if it has one. */
  readonly goesOnAlone: boolean
  /** Of each drive. */
  readonly driveSectors: number
}

export type Draw = (draw: Drawing) => void

export const MS = 1_000_000

/** Sectors in which a controller keeps its metadata, by the layout of md: superblock, bitmap, and what lies between them and the data. */
export const METADATA_SECTORS = [8, 16, 17, 24, 128, 136] as const

export function pick<T>(random: RandomStream, values: readonly T[]): T {
  return values[random.below(values.length)]!
}

export class Drawing {
  readonly faults: FaultSpec[] = []

  constructor(
    readonly random: RandomStream,
    readonly range: FaultRange,
  ) {}

  pick<T>(values: readonly T[]): T {
    return pick(this.random, values)
  }

  get bay(): number {
    return this.random.below(this.range.bayCount)
  }

  /** At a time, counted from the start of the workload. */
  at(timeNs: number, action: FaultAction): void {
    this.add(action, { kind: 'at', timeNs: Math.floor(timeNs) })
  }

  add(action: FaultAction, trigger: Trigger): void {
    this.faults.push({ name: action.kind, action, trigger })
  }

  /** Some moment of the run. */
  moment(
    events: readonly EventName[] = ['host-write', 'host-ack', 'drive-write', 'drive-read', 'drive-done'],
  ): Trigger {
    if (this.random.chance(1, 5)) return { kind: 'at', timeNs: this.random.below(60 * MS) }
    return this.nth(this.pick(events), this.range.operations)
  }

  nth(event: EventName, most: number, filter = {}): Trigger {
    return { kind: 'nth', n: 1 + this.random.below(Math.max(1, most)), event, filter }
  }

  /** What the microcode says that it does, where it says something. */
  milestone(): Trigger {
    const event = this.pick(MILESTONES)
    return this.nth(event, event === 'microcode:bitmap-begin' || event === 'microcode:write-legs' ? 12 : 3)
  }

  get place(): SectorRange {
    if (this.random.chance(1, 5)) return { lba: this.pick(METADATA_SECTORS), sectors: 1 }
    return { lunLba: this.pick(this.range.hotSectors), sectors: this.pick([1, 1, 4, 8, 32]) }
  }
}

const MILESTONES = [
  'microcode:bitmap-begin',
  'microcode:bitmap-done',
  'microcode:commit-begin',
  'microcode:commit-done',
  'microcode:resync-begin',
  'microcode:resync-done',
  'microcode:rebuild-begin',
  'microcode:rebuild-checkpoint',
  'microcode:rebuild-done',
  'microcode:leg-error',
  'microcode:bay-state',
  'microcode:assembled',
  'microcode:write-legs',
  'microcode:read-repair',
  'microcode:puncture',
  'microcode:deadline',
  'microcode:scrub-begin',
  'microcode:scrub-done',
  'microcode:stopped',
] as const satisfies readonly EventName[]

export const someMoment = (d: Drawing): Trigger => (d.random.chance(1, 4) ? d.milestone() : d.moment())

export function cut(d: Drawing): Extract<FaultAction, { kind: 'power-cut' }> {
  const durationNs = d.pick([10, 1000]) * MS
  return { kind: 'power-cut', durationNs, tearSector: d.random.chance(1, 3), survival: null, final: false, late: -1 }
}
