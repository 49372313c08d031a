// A copy that is played on simulated drives: how long it would take, what bad sectors and power cuts would do to it.
//
// The source file becomes the content of one simulated drive, the target's of another; the copier copies in simulated time, and what the
// target drive then holds is written to the target file. The drives' data are kept in memory.
// When the power comes back, the host asks the copier to go on: it does so from what its NVRAM says.

import {
  COPY_ACTION_MASK,
  COPY_IDLE,
  COPY_RESUME,
  COPY_START,
  COPY_STATUS_STATE,
  JOB_FLAG_TARGET_BLANK,
  JOB_FLAG_VERIFY,
} from '../../assembly/abi/copier'
import { FaultFilter } from '../faults/faultFilter'
import { ImageInputError } from '../formats/imageInputError'
import type { CopyFile } from '../formats/raw/copyFile'
import type { HoleMap } from '../formats/raw/holeMap'
import { Drive } from '../hardware/drive'
import { Medium, sectorsPerPage } from '../hardware/medium'
import { PageArena } from '../hardware/pageArena'
import { createTimingModel, type TimingModelName } from '../hardware/timing/timingModels'
import { type CommandAnswer, type CopyOutcome, type CopyPort, type CopyProgress, copyCdb, runCopyJob } from './copyJob'
import { loadMedium, storeMedium } from './rawMedium'
import type { SectorLog } from './sectorLog'
import { SimulatedArray } from './simulatedArray'

/** Data of both drives: what a process of Node holds without complaint. */
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
  /** Simulated times, ascending, at which power fails and comes back. */
  readonly powerCutsNs: readonly number[]
  readonly seed: number
}

export interface SimulatedFile {
  readonly file: CopyFile
  readonly holes: HoleMap | null
  readonly isBlank: boolean
}

export interface SimulatedCopyOptions {
  readonly module: WebAssembly.Module
  readonly simulation: Simulation
  readonly sectorBytes: number
  readonly isVerify: boolean
  readonly log?: SectorLog | undefined
  readonly retries?: number | undefined
  readonly errorLimit?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
}

export interface SimulatedOutcome extends CopyOutcome {
  readonly simulatedNs: number
  readonly powerCuts: number
}

export async function simulateCopy(
  source: SimulatedFile,
  target: SimulatedFile,
  options: SimulatedCopyOptions,
): Promise<SimulatedOutcome> {
  const { simulation, sectorBytes, isVerify } = options
  const { sizeBytes } = source.file
  const arena = new PageArena(sectorsPerPage(sectorBytes) * sectorBytes)
  checkMemory(source, target)
  const sectorCount = Math.ceil(sizeBytes / sectorBytes)
  const plug = (id: number, kind: DriveKind, { file, holes, isBlank }: SimulatedFile): Drive => {
    const medium = Medium.blank(arena, sectorBytes, sectorCount)
    if (!isBlank) loadMedium(medium, file.descriptor, sizeBytes, holes)
    const timing = createTimingModel(kind.model, kind.parameters, sectorCount, sectorBytes)
    return new Drive(id, kind.parameters ?? kind.model, medium, timing, true)
  }
  const sourceDrive = plug(1, simulation.sourceDrive, source)
  const targetDrive = plug(2, simulation.targetDrive, target)
  sourceDrive.filters.push(badSectors(simulation, sectorBytes, sectorCount))

  const port = new InterruptedPort(
    new SimulatedArray(options.module, [sourceDrive, targetDrive], simulation.seed),
    simulation.powerCutsNs,
  )
  const blank = target.isBlank ? JOB_FLAG_TARGET_BLANK : 0
  const { retries, errorLimit, signal, onProgress } = options
  const flags = isVerify ? JOB_FLAG_VERIFY : blank
  const outcome = await runCopyJob(port, { flags, sectors: 0, retries, errorLimit, signal, onProgress })
  if (!isVerify && options.log) {
    // Pages without data are not there: so much is known of zeros.
    const pageSectors = targetDrive.medium.sectorsPerPage
    for (const lba of targetDrive.medium.usedPages()) options.log.wrote(lba, Math.min(pageSectors, sectorCount - lba))
  }
  if (!isVerify) storeMedium(targetDrive.medium, target.file.descriptor, sizeBytes, target.isBlank)
  return { ...outcome, simulatedNs: port.endedNs, powerCuts: port.powerCuts }
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

/** The array with its power cuts: to the initiator, a command that takes longer. */
class InterruptedPort implements CopyPort {
  readonly array: SimulatedArray
  powerCuts = 0
  /** When the job was answered; timers may run out after it. */
  endedNs = 0
  readonly #cutsNs: number[]
  /** Commands without an answer yet, by number: a cut takes the answer away. */
  readonly #waiting = new Map<
    number,
    { cdb: Uint8Array; dataOut: Uint8Array; answered: (answer: CommandAnswer) => void }
  >()
  #commands = 0

  constructor(array: SimulatedArray, cutsNs: readonly number[]) {
    this.array = array
    this.#cutsNs = [...cutsNs]
  }

  get bufferBytes(): number {
    return this.array.bufferBytes
  }

  get sectorBytes(): number {
    return this.array.sectorBytes
  }

  makeDurable(): void {}

  status(word: number): number {
    return this.array.status(word)
  }

  send(cdb: Uint8Array, dataOut: Uint8Array, dataInBytes: number, answered: (answer: CommandAnswer) => void): void {
    const number = this.#commands++
    this.#waiting.set(number, { cdb, dataOut, answered })
    this.array.send(cdb, dataOut, dataInBytes, (answer) => {
      this.#waiting.delete(number)
      const action = cdb[1]! & COPY_ACTION_MASK
      if (action === COPY_START || action === COPY_RESUME) this.endedNs = this.array.nowNs
      answered(answer)
    })
  }

  run(steps: number): boolean {
    for (let step = 0; step < steps; step++) {
      const cutNs = this.#cutsNs[0]
      // A copy that is over needs no power.
      if (cutNs !== undefined && this.#waiting.size > 0 && this.array.nextTimeNs >= cutNs) this.#cut()
      else if (!this.array.run(1)) return false
    }
    return true
  }

  #cut(): void {
    this.#cutsNs.shift()
    this.powerCuts++
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    this.array.powerCycle()
    const isKnown = this.array.status(COPY_STATUS_STATE) !== COPY_IDLE
    for (const { cdb, dataOut, answered } of waiting) {
      this.send(isKnown ? copyCdb(COPY_RESUME) : cdb, isKnown ? new Uint8Array(0) : dataOut, 0, answered)
    }
  }
}
