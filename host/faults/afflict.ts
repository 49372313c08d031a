// What each fault of a drive means for its filter: one line a fault.

import type { RandomStream } from '../sim/random'
import type { FaultFilter } from './faultFilter'
import type { FaultAction } from './faultSpec'

export type DriveFault = Exclude<
  FaultAction,
  {
    kind:
      | 'power-cut'
      | 'nvram-loss'
      | 'pull'
      | 'insert'
      | 'site-loss'
      | 'failover'
      | `operator-${string}`
      | `link-${string}`
  }
>

export interface Affliction {
  /** The place on the drive; -1 where the fault has none. */
  readonly lba: number
  readonly sectors: number
  readonly random: RandomStream
  readonly nowNs: number
}

const afflictions: {
  readonly [K in DriveFault['kind']]: (filter: FaultFilter, action: DriveFault & { kind: K }, at: Affliction) => void
} = {
  'latent-sector-error': (filter, _, { lba, sectors }) => filter.makeUnreadable(lba, sectors),
  'transient-read-error': (filter, { count }) => filter.failReads(count),
  'transient-write-error': (filter, { count }) => filter.failWrites(count),
  'write-error': (filter, { range, count }, { lba, sectors }) =>
    range ? filter.refuseWrites(lba, sectors, count) : filter.refuseWrites(0, Number.POSITIVE_INFINITY, count),
  hang: (filter, { durationNs }, { nowNs }) => filter.hang(nowNs + durationNs),
  'fail-slow': (filter, { factor, durationNs }, { nowNs }) => filter.slow(factor, nowNs + durationNs),
  'torn-write': (filter, { count }, { random }) => filter.tearWrites(count, random),
  'lost-write': (filter, { count }) => filter.loseWrites(count),
  'misdirected-write': (filter, { count, offsetSectors }) => filter.misdirectWrites(count, offsetSectors),
  'bit-rot': (filter, { bits }, { lba, sectors, nowNs }) => filter.rot(lba, sectors, bits, nowNs),
  'ignored-flush': (filter, { durationNs }, { nowNs }) => filter.ignoreFlushes(nowNs + durationNs),
  'failing-flush': (filter, { count }) => filter.failFlushes(count),
}

/** Puts a fault in force. */
export function afflict(filter: FaultFilter, action: DriveFault, at: Affliction): void {
  const apply = afflictions[action.kind] as (filter: FaultFilter, action: DriveFault, at: Affliction) => void
  apply(filter, action, at)
}
