// Simulated drives with files as their contents, a source and its targets, and an array with a copier between them: what a simulated copy or rescue runs on.

import { FailingDrive, type HeadDeath, type SlowPlace } from '../faults/failingDrive'
import { FaultFilter } from '../faults/faultFilter'
import { ImageInputError } from '../formats/imageInputError'
import type { CopyFile } from '../formats/raw/copyFile'
import type { HoleMap } from '../formats/raw/holeMap'
import { Drive } from '../hardware/drive'
import { Medium, sectorsPerPage } from '../hardware/medium'
import { type DiscDamage, ReadNoise } from '../hardware/optical/readNoise'
import { PageArena } from '../hardware/pageArena'
import type { DriveHeads } from '../hardware/timing/driveHeads'
import { createTimingModel, headsOf, type TimingModelName, timingDiscOf } from '../hardware/timing/timingModels'
import { InterruptedPort } from './interruptedPort'
import { loadMedium } from './rawMedium'
import { SimulatedArray } from './simulatedArray'

/** Data of all drives: what a process of Node holds without complaint. */
const DATA_BYTES_MAX = 4 * 2 ** 30

export interface DriveKind {
  readonly model: TimingModelName
  /** A parameter set's name, or the ideal drive's times; undefined = the model's default. */
  readonly parameters: string | undefined
}

export interface Simulation {
  readonly sourceDrive: DriveKind
  readonly targetDrive: DriveKind
  /** Sectors of the source that cannot be read. */
  readonly unreadable: readonly { readonly lba: number; readonly sectors: number }[]
  /** Places of the source that are slow, a head of it that dies, and how long it tries before a sector counts as bad. */
  readonly slow?: readonly SlowPlace[]
  readonly headDeath?: HeadDeath | null
  readonly errorNs?: number
  /** Simulated times, ascending, at which power fails and comes back. */
  readonly powerCutsNs: readonly number[]
  /** What is wrong with the disc in an optical source drive, and whether the drive says which bytes it could not vouch for. */
  readonly damage?: readonly DiscDamage[]
  readonly pointers?: boolean
  readonly seed: number
}

export interface SimulatedFile {
  readonly file: CopyFile
  readonly holes: HoleMap | null
  readonly isBlank: boolean
}

export interface PluggedDrives {
  readonly port: InterruptedPort
  readonly targetDrives: readonly Drive[]
}

export function plugDrives(
  source: SimulatedFile,
  targets: readonly SimulatedFile[],
  simulation: Simulation,
  sectorBytes: number,
  module: WebAssembly.Module,
): PluggedDrives {
  const { sizeBytes } = source.file
  const arena = new PageArena(sectorsPerPage(sectorBytes) * sectorBytes)
  checkMemory(source, ...targets)
  const sectorCount = Math.ceil(sizeBytes / sectorBytes)
  const plug = (id: number, kind: DriveKind, { file, holes, isBlank }: SimulatedFile): Drive => {
    const medium = Medium.blank(arena, sectorBytes, sectorCount)
    if (!isBlank) loadMedium(medium, file.descriptor, sizeBytes, holes)
    const timing = createTimingModel(kind.model, kind.parameters, sectorCount, sectorBytes)
    return new Drive(id, kind.parameters ?? kind.model, medium, timing, true)
  }
  const sourceDrive = plug(1, simulation.sourceDrive, source)
  const targetDrives = targets.map((target, index) => plug(2 + index, simulation.targetDrive, target))
  const bad = badSectors(simulation, sectorBytes, sectorCount)
  sourceDrive.filters.push(bad)
  const failing = failingDrive(simulation, bad, sectorBytes, sectorCount)
  if (failing) sourceDrive.filters.push(failing)
  putDisc(sourceDrive, simulation, sectorBytes)
  const array = new SimulatedArray(module, [sourceDrive, ...targetDrives], simulation.seed)
  return { port: new InterruptedPort(array, simulation.powerCutsNs), targetDrives }
}

function checkMemory(...files: readonly SimulatedFile[]): void {
  const dataBytes = files.reduce(
    (sum, { file, holes, isBlank }) => sum + (isBlank ? 0 : (holes?.dataBytes ?? file.sizeBytes)),
    0,
  )
  if (dataBytes <= DATA_BYTES_MAX) return
  throw new ImageInputError(
    `simulated drives keep their data in memory: found ${dataBytes} bytes, expected at most ${DATA_BYTES_MAX}`,
  )
}

/** An optical drive reads its disc anew each time, with other errors. */
function putDisc(drive: Drive, simulation: Simulation, sectorBytes: number): void {
  const { sourceDrive, damage = [], pointers = true, seed } = simulation
  const disc = timingDiscOf(sourceDrive.model, sourceDrive.parameters)
  drive.pointsAtErrors = disc === 'CD' && pointers
  for (const { lba, sectors } of damage) {
    if (lba + sectors > drive.sectorCount) {
      throw new ImageInputError(`damage: found sector ${lba + sectors - 1}, expected at most ${drive.sectorCount - 1}`)
    }
  }
  if (damage.length > 0) drive.filters.push(new ReadNoise({ seed, sectorBytes, damage, isDvd: disc === 'DVD' }))
}

function badSectors({ unreadable, seed }: Simulation, sectorBytes: number, sectorCount: number): FaultFilter {
  const filter = new FaultFilter({ seed, driveId: 1, sectorBytes, sectorCount })
  for (const { lba, sectors } of unreadable) {
    if (lba + sectors > sectorCount) {
      throw new ImageInputError(`unreadable sectors: found ${lba + sectors - 1}, expected at most ${sectorCount - 1}`)
    }
    filter.makeUnreadable(lba, sectors)
  }
  return filter
}

/** Null where nothing of it is wanted: such a drive costs nothing. */
function failingDrive(
  simulation: Simulation,
  bad: FaultFilter,
  sectorBytes: number,
  sectorCount: number,
): FailingDrive | null {
  const { slow = [], headDeath = null, errorNs = 0, sourceDrive } = simulation
  if (slow.length === 0 && headDeath === null && errorNs === 0) return null
  for (const { lba, sectors } of slow) {
    if (lba + sectors > sectorCount) {
      throw new ImageInputError(`slow sectors: found ${lba + sectors - 1}, expected at most ${sectorCount - 1}`)
    }
  }
  const heads = headsOf(sourceDrive.model, sourceDrive.parameters, sectorCount, sectorBytes)
  if (headDeath !== null && (heads === null || headDeath.head >= heads.count)) {
    const found = heads === null ? 'a drive without heads' : `head ${headDeath.head}`
    throw new ImageInputError(`a head that dies: found ${found}, expected ${headsExpected(heads)}`)
  }
  return new FailingDrive({
    slow,
    headDeath,
    heads,
    errorNs,
    firstBad: (lba, sectors) => bad.firstUnreadable(lba, sectors),
  })
}

function headsExpected(heads: DriveHeads | null): string {
  return heads === null ? 'a source drive of kind hdd' : `a head from 0 to ${heads.count - 1}`
}
