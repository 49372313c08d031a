// A disc of known sectors in a simulated CD drive, a blank target, and the copier between them.

import { COPY_IMMED, COPY_RUNNING, COPY_START, COPY_STATUS_STATE } from '../../../assembly/abi/copier'
import {
  COPY_STATUS_CORRECTED,
  COPY_STATUS_REREAD,
  COPY_STATUS_UNCHECKED,
  JOB_FLAG_OPTICAL,
} from '../../../assembly/abi/optical'
import { Drive } from '../../../host/hardware/drive'
import { Medium, sectorsPerPage } from '../../../host/hardware/medium'
import { encodeMode1 } from '../../../host/hardware/optical/encodeSector'
import { type DiscDamage, ReadNoise } from '../../../host/hardware/optical/readNoise'
import { PageArena } from '../../../host/hardware/pageArena'
import { IdealModel } from '../../../host/hardware/timing/idealModel'
import { createTimingModel } from '../../../host/hardware/timing/timingModels'
import { type CopyJobOptions, type CopyOutcome, copyCdb, jobBlock, runCopyJob } from '../../../host/image/copyJob'
import { SimulatedArray } from '../../../host/image/simulatedArray'
import { RandomStream } from '../../../host/sim/random'
import { copierModule } from '../bench'
import { randomBytes } from './damage'

export const RAW_BYTES = 2352

export interface DiscBenchOptions {
  readonly sectors: readonly Uint8Array[]
  readonly damage?: readonly DiscDamage[]
  readonly pointers?: boolean
  readonly seed?: number
}

export function mode1Sectors(count: number, seed = 1): Uint8Array[] {
  const random = RandomStream.fromSeed(seed, 'disc')
  const data = randomBytes(random, 2048)
  return Array.from({ length: count }, (_, lba) => {
    data.set(randomBytes(random, 64))
    return encodeMode1(lba, data)
  })
}

/** Stereo samples that are never silent for long. */
export function audioSectors(count: number, seed = 1): Uint8Array[] {
  const random = RandomStream.fromSeed(seed, 'audio')
  return Array.from({ length: count }, () => randomBytes(random, RAW_BYTES))
}

export class DiscBench {
  readonly source: Drive
  readonly target: Drive
  readonly array: SimulatedArray

  constructor({ sectors, damage = [], pointers = true, seed = 1 }: DiscBenchOptions) {
    const sectorBytes = sectors[0]!.length
    const arena = new PageArena(sectorsPerPage(sectorBytes) * sectorBytes)
    const medium = Medium.blank(arena, sectorBytes, sectors.length)
    for (const [lba, sector] of sectors.entries()) medium.write(lba, sector)
    const timing = createTimingModel('optical', undefined, sectors.length, sectorBytes)
    this.source = new Drive(1, 'CD drive', medium, timing, false)
    this.source.pointsAtErrors = pointers
    this.source.filters.push(new ReadNoise({ seed, sectorBytes, damage, isDvd: false }))
    const blank = Medium.blank(arena, sectorBytes, sectors.length)
    this.target = new Drive(2, 'target', blank, new IdealModel(), false)
    this.array = new SimulatedArray(copierModule, [this.source, this.target], seed)
  }

  async copy(flags = 0, retries = 8): Promise<CopyOutcome> {
    return await runCopyJob(this.array, { flags: JOB_FLAG_OPTICAL | flags, sectors: 0, retries })
  }

  /** Starts a job that goes on by itself; `settle` sees its end. */
  begin(options: Partial<CopyJobOptions>): void {
    const block = jobBlock({ flags: JOB_FLAG_OPTICAL, sectors: 0, ...options }, RAW_BYTES)
    this.array.send(copyCdb(COPY_START | COPY_IMMED), block, 0, () => {})
    // Until the job is in the NVRAM: before that a power cut leaves none.
    while (this.array.status(COPY_STATUS_STATE) !== COPY_RUNNING) this.array.run(1)
  }

  settle(): void {
    for (let step = 0; this.array.run(1000); step++) if (step > 2000) throw new Error('the copier must come to rest')
  }

  copied(lba: number): Uint8Array {
    const sector = new Uint8Array(this.target.medium.sectorBytes)
    this.target.medium.read(lba, 1, sector, 0)
    return sector
  }

  /** LBAs at which the target does not hold these sectors. */
  differing(sectors: readonly Uint8Array[]): number[] {
    return sectors.flatMap((sector, lba) => (Buffer.compare(sector, this.copied(lba)) === 0 ? [] : [lba]))
  }

  get corrected(): number {
    return this.array.status(COPY_STATUS_CORRECTED)
  }

  get reread(): number {
    return this.array.status(COPY_STATUS_REREAD)
  }

  get unchecked(): number {
    return this.array.status(COPY_STATUS_UNCHECKED)
  }
}
