// Simulated drives, a source and its targets, and a copier between them, for tests: content by seed, faults by hand.

import { readFileSync } from 'node:fs'
import {
  COPY_IMMED,
  COPY_START,
  COPY_STATUS_DURABLE_LOW,
  COPY_STATUS_REASON,
  COPY_STATUS_STATE,
  COPY_STATUS_TARGET_0,
  TARGET_REASON_SHIFT,
} from '../../assembly/abi/copier'
import { builtinMicrocodeFile } from '../../host/cli/packageFiles'
import { compileModule } from '../../host/controller/moduleCheck'
import { FaultFilter } from '../../host/faults/faultFilter'
import { Drive } from '../../host/hardware/drive'
import { Medium, sectorsPerPage } from '../../host/hardware/medium'
import { PageArena } from '../../host/hardware/pageArena'
import { IdealModel } from '../../host/hardware/timing/idealModel'
import {
  type CommandAnswer,
  type CopyJobOptions,
  copyCdb,
  jobBlock,
  type LostRange,
  longStatus,
  readLost,
} from '../../host/image/copyJob'
import { SimulatedArray } from '../../host/image/simulatedArray'
import { RandomStream } from '../../host/sim/random'

export const copierModule = compileModule(new Uint8Array(readFileSync(builtinMicrocodeFile('copier'))))

export interface BenchOptions {
  readonly sectors?: number
  /** Of all targets, or of each. */
  readonly targetSectors?: number | readonly number[]
  /** How many targets; 1 by default. */
  readonly targets?: number
  readonly sectorBytes?: number
  readonly seed?: number
  /** Of 16 pieces of the source so many hold data; the others are zeros. */
  readonly dataPieces?: number
  readonly cached?: boolean
  readonly channels?: number
}

export class Bench {
  readonly source: Drive
  readonly targets: readonly Drive[]
  readonly sourceFaults: FaultFilter
  readonly faultsOfTargets: readonly FaultFilter[]
  readonly array: SimulatedArray
  answer: CommandAnswer | null = null

  constructor(options: BenchOptions = {}) {
    const { sectors = 2048, targetSectors = sectors, sectorBytes = 512, seed = 1, dataPieces = 12 } = options
    const arena = new PageArena(sectorsPerPage(sectorBytes) * sectorBytes)
    const drive = (id: number, count: number): [Drive, FaultFilter] => {
      const timing = new IdealModel({ channels: options.channels ?? 1 })
      const medium = Medium.blank(arena, sectorBytes, count)
      const filter = new FaultFilter({ seed, driveId: id, sectorBytes, sectorCount: count })
      const made = new Drive(id, `drive ${id}`, medium, timing, options.cached ?? false)
      made.filters.push(filter)
      return [made, filter]
    }
    ;[this.source, this.sourceFaults] = drive(1, sectors)
    const made = Array.from({ length: options.targets ?? 1 }, (_, index) =>
      drive(2 + index, typeof targetSectors === 'number' ? targetSectors : targetSectors[index]!),
    )
    this.targets = made.map(([target]) => target)
    this.faultsOfTargets = made.map(([, faults]) => faults)
    const random = RandomStream.fromSeed(seed, 'content')
    fill(this.source.medium, random, dataPieces)
    // What was on the target before must go, also where the source holds zeros.
    for (const target of this.targets) fill(target.medium, random, 16)
    this.array = new SimulatedArray(copierModule, [this.source, ...this.targets], seed)
  }

  /** The first target; most tests have no other. */
  get target(): Drive {
    return this.targets[0]!
  }

  get targetFaults(): FaultFilter {
    return this.faultsOfTargets[0]!
  }

  /** Sends START; the answer comes to `answer`. */
  start(job: Partial<CopyJobOptions> = {}, action = COPY_START): void {
    const block = jobBlock(
      { flags: 0, sectors: 0, chunkBytes: 16384, checkpointBytes: 131072, ...job },
      this.array.sectorBytes,
    )
    this.send(action, block)
  }

  send(action: number, dataOut: Uint8Array = new Uint8Array(0)): void {
    this.answer = null
    this.array.send(copyCdb(action), dataOut, 0, (answer) => {
      this.answer = answer
    })
  }

  /** Until nothing more happens, which must come to pass. */
  settle(): this {
    for (let step = 0; this.array.run(1000); step++) if (step > 2000) throw new Error('the copier must come to rest')
    return this
  }

  get state(): number {
    return this.array.status(COPY_STATUS_STATE)
  }

  get reason(): number {
    return this.array.status(COPY_STATUS_REASON)
  }

  get durableSectors(): number {
    return longStatus(this.array, COPY_STATUS_DURABLE_LOW)
  }

  get lost(): LostRange[] {
    return readLost(this.array)
  }

  /** TARGET_* and REASON_* of a target. */
  standing(target: number): { standing: number; reason: number } {
    const word = this.array.status(COPY_STATUS_TARGET_0 + target)
    return { standing: word & 0xff, reason: word >>> TARGET_REASON_SHIFT }
  }

  /** Sectors below `end` that are not the same on the source's and a target's medium, and not in `except`. */
  differing(end = this.source.sectorCount, except: ReadonlySet<number> = new Set(), target = 0): number[] {
    const { sectorBytes } = this.source.medium
    const left = new Uint8Array(sectorBytes)
    const right = new Uint8Array(sectorBytes)
    const found: number[] = []
    for (let lba = 0; lba < end; lba++) {
      this.source.medium.read(lba, 1, left, 0)
      this.targets[target]!.medium.read(lba, 1, right, 0)
      if (!except.has(lba) && Buffer.compare(left, right) !== 0) found.push(lba)
    }
    return found
  }
}

export function sectorsOf(ranges: readonly { lba: number; sectors: number }[]): Set<number> {
  return new Set(ranges.flatMap(({ lba, sectors }) => Array.from({ length: sectors }, (_, at) => lba + at)))
}

export const IMMEDIATE_START = COPY_START | COPY_IMMED

function fill(medium: Medium, random: RandomStream, dataPieces: number): void {
  const { sectorBytes, sectorCount } = medium
  const pieceSectors = 24
  for (let lba = 0; lba < sectorCount; lba += pieceSectors) {
    if (!random.chance(dataPieces, 16)) continue
    const sectors = Math.min(pieceSectors, sectorCount - lba)
    const bytes = new Uint8Array(sectors * sectorBytes)
    for (let at = 0; at < bytes.length; at += 4) bytes[at] = random.nextU32()
    medium.write(lba, bytes)
  }
}
