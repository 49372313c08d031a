// A bench that rescues: two simulated drives, and the map that the copier keeps.

import fc from 'fast-check'
import { DRIVE_READ } from '../../assembly/abi/driveSlots'
import { JOB_FLAG_RESCUE, RESCUE_NO_SKIP, RESCUE_REVERSE, RESCUE_UNIDIRECTIONAL } from '../../assembly/abi/rescue'
import { type CopyJobOptions, jobBlock } from '../../host/image/copyJob'
import type { AreaStatus } from '../../host/image/mapfile'
import { type RescueMap, type RescueStrategy, readRescueMap, rescueBlock } from '../../host/image/rescueMap'
import { Bench, IMMEDIATE_START } from './bench'

const STRATEGY: RescueStrategy = {
  flags: 0,
  skipFirstSectors: 8,
  skipMaxSectors: 0,
  retryPasses: 0,
  minRateKib: 0,
  readDeadlineMs: 0,
}

export class RescueBench extends Bench {
  rescue(
    strategy: Partial<RescueStrategy> = {},
    job: Partial<CopyJobOptions> = {},
    map: RescueMap | null = null,
    action = IMMEDIATE_START,
  ): void {
    const sectors = map === null ? 0 : this.source.sectorCount
    const block = jobBlock(
      { flags: JOB_FLAG_RESCUE, sectors, chunkBytes: 8192, checkpointBytes: 65536, ...job },
      this.array.sectorBytes,
    )
    this.send(action, rescueBlock(block, { ...STRATEGY, ...strategy }, map))
  }

  get map(): RescueMap {
    const map = readRescueMap(this.array)
    if (map === null) throw new Error('the copier must have a rescue')
    return map
  }

  /** Sectors of a status in the durable map. */
  sectorsThatAre(status: AreaStatus): number[] {
    return this.map.areas
      .filter((area) => area.status === status)
      .flatMap(({ lba, sectors }) => Array.from({ length: sectors }, (_, at) => lba + at))
  }

  /** The reads of the source from now on, in the order in which it serves them. */
  watchReads(): SeenRead[] {
    const seen: SeenRead[] = []
    this.source.filters.push({
      begin: ({ op, lba, sectors }) => {
        if (op === DRIVE_READ) seen.push({ lba, sectors })
      },
      delivered: () => {},
      stored: () => {},
      firstUnreadable: () => -1,
      powerCycled: () => {},
    })
    return seen
  }

  get statuses(): string {
    return this.map.areas.map(({ lba, sectors, status }) => `${lba}+${sectors}${status}`).join(' ')
  }
}

export interface SeenRead {
  readonly lba: number
  readonly sectors: number
}

/** Bad sectors, alone and in clusters, on a drive of so many; and how a rescue is to go about them. */
export function faultyDrive(sectors: number): fc.Arbitrary<{
  readonly bad: readonly number[]
  readonly options: Partial<RescueStrategy>
  readonly job: Partial<CopyJobOptions>
}> {
  const cluster = fc
    .tuple(fc.nat(sectors - 1), fc.integer({ min: 1, max: 40 }), fc.nat(2 ** 30))
    .map(([first, length, holes]) =>
      Array.from({ length }, (_, at) => first + at).filter(
        (lba, at) => lba < sectors && ((holes >> (at % 30)) & 1) === 0,
      ),
    )
  return fc.record({
    bad: fc.array(cluster, { maxLength: 8 }).map((clusters) => [...new Set(clusters.flat())].sort((a, b) => a - b)),
    options: fc.record({
      flags: fc
        .subarray([RESCUE_REVERSE, RESCUE_UNIDIRECTIONAL, RESCUE_NO_SKIP])
        .map((flags) => flags.reduce((sum, flag) => sum | flag, 0)),
      skipFirstSectors: fc.integer({ min: 1, max: 64 }),
      skipMaxSectors: fc.integer({ min: 1, max: 512 }),
      retryPasses: fc.nat(3),
    }),
    job: fc.record({
      chunkBytes: fc.integer({ min: 1, max: 64 }).map((count) => count * 512),
      checkpointBytes: fc.integer({ min: 1, max: 2000 }).map((count) => count * 512),
    }),
  })
}
