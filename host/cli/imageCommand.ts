// Runs one image command: reads its options, shows progress, tells the result. Data on stdout, talk on stderr.

import { readFileSync } from 'node:fs'
import { TARGETS_MAX } from '../../assembly/abi/copier'
import { compileModule } from '../controller/moduleCheck'
import { ImageInputError } from '../formats/imageInputError'
import { RAW_BYTES } from '../hardware/optical/cdSector'
import type { ImageCommand } from '../image/copyState'
import { type ImageResult, runImage } from '../image/imageJob'
import type { Simulation } from '../image/simulatedDrives'
import { BadInput } from './cliError'
import { EXIT_INTERRUPTED, EXIT_OK, EXIT_UNMET } from './exitCodes'
import type { MapFile } from './imageMap'
import { imageJson, imageText } from './imageReport'
import { opticalOf, type RawOpticalOptions } from './opticalOptions'
import { askingOnTargets } from './overwriteAsking'
import { builtinMicrocodeFile } from './packageFiles'
import { progressLine } from './progressLine'
import type { RawSimulationOptions } from './simulationOptions'
import type { Terminal } from './terminal'

export interface RawImageOptions extends RawSimulationOptions, RawOpticalOptions {
  readonly resume?: boolean
  readonly restart?: boolean
  readonly state?: string
  readonly sync?: boolean
  readonly readHoles?: boolean
  readonly readBack?: boolean
  readonly from?: string
  readonly trust?: boolean
  readonly sectorSize?: string
  readonly retries?: string
  readonly maxLost?: string
  readonly overwrite?: readonly string[]
  readonly map?: string
  readonly json?: boolean
}

const DEFAULT_SECTOR_BYTES = 512
export const SECTOR_SIZES = [512, 520, 2048, 2352, 2448, 4096]

/** Throws BadInput for options that exclude each other. */
function refuseContradictions(command: ImageCommand, raw: RawImageOptions, simulation: Simulation | null): void {
  if (simulation && (raw.resume || raw.restart || raw.sync || raw.state !== undefined)) {
    throw new BadInput(
      'a copy on simulated drives cannot be resumed: --resume, --restart, --state and --sync are for real ones',
    )
  }
  if (raw.readBack && command === 'verify')
    throw new BadInput('--read-back is for what is written: verify writes nothing')
  if (raw.resume && raw.restart) throw new BadInput('--resume and --restart exclude each other')
}

function refuseTooMany(targets: readonly string[], raw: RawImageOptions): void {
  if (targets.length > TARGETS_MAX)
    throw new BadInput(`found ${targets.length} targets, expected at most ${TARGETS_MAX}`)
  if (targets.length > 1 && raw.map !== undefined) throw new BadInput('--map is a picture of one target')
}

/** Returns the exit code; throws BadInput. */
export async function imageCommand(
  command: ImageCommand,
  source: string,
  targets: readonly string[],
  raw: RawImageOptions,
  terminal: Terminal,
): Promise<number> {
  const optical = opticalOf(raw, command === 'verify')
  const sectorBytes = count(raw.sectorSize, '--sector-size') ?? (optical ? RAW_BYTES : DEFAULT_SECTOR_BYTES)
  if (optical && sectorBytes < RAW_BYTES) {
    throw new BadInput(`--sector-size: found ${raw.sectorSize}, expected 2352 or 2448 with --optical`)
  }
  if (!SECTOR_SIZES.includes(sectorBytes)) {
    throw new BadInput(`--sector-size: found ${raw.sectorSize}, expected one of ${SECTOR_SIZES.join(', ')}`)
  }
  const simulation = await simulationWanted(raw)
  refuseContradictions(command, raw, simulation)
  refuseTooMany(targets, raw)
  const [target, ...furtherTargets] = targets as [string, ...string[]]
  const request = {
    command,
    source,
    target,
    furtherTargets,
    sourceFormat: raw.from ?? null,
    sectorBytes,
    resume: raw.resume ?? false,
    restart: raw.restart ?? false,
    stateFile: raw.state ?? null,
  }
  const options = {
    retries: count(raw.retries, '--retries'),
    errorLimit: count(raw.maxLost, '--max-lost'),
    sync: raw.sync ?? false,
    // A hole is not a sector: it has no sync, and no code.
    readHoles: (raw.readHoles ?? false) || optical !== null,
    readBack: raw.readBack ?? false,
    optical,
    trustsArchive: raw.trust ?? false,
    signal: terminal.interrupted,
    asking: askingOnTargets(terminal, raw.overwrite ?? [], targets.length),
    simulation,
    module: compileModule(new Uint8Array(readFileSync(builtinMicrocodeFile('copier')))),
  }
  const map = await mapWanted(raw.map)
  const progress = progressLine(terminal, sectorBytes)
  const startMs = performance.now()
  let result: ImageResult
  try {
    result = await runImage(request, { ...options, log: map?.log, onProgress: progress.show })
  } catch (error) {
    map?.discard()
    if (!(error instanceof ImageInputError)) throw error
    if (!terminal.interrupted.aborted) throw new BadInput(error.message)
    terminal.err(`${error.message}\n`)
    return EXIT_INTERRUPTED
  } finally {
    progress.end()
  }
  const seconds = (performance.now() - startMs) / 1000
  map?.write(request, result, seconds)
  terminal.out(raw.json ? imageJson(request, result, seconds) : imageText(request, result, seconds))
  if (result.isResumed) terminal.err(`went on at sector ${result.resumedAtSector}\n`)
  if (result.stateFile !== null) {
    terminal.err(`the copy is not complete; --resume goes on with it (${result.stateFile})\n`)
  }
  return exitCodeOf(result, terminal)
}

/** Loaded when it is needed: real copies start faster without a simulator. */
export async function simulationWanted(raw: RawSimulationOptions): Promise<Simulation | null> {
  const { sourceDrive, targetDrive, unreadable, slow, headDies, errorTime, damage, powerCut } = raw
  const wants = sourceDrive ?? targetDrive ?? unreadable ?? slow ?? headDies ?? errorTime ?? damage ?? powerCut?.[0]
  return wants === undefined ? null : (await import('./simulationOptions')).simulationOf(raw)
}

/** Loaded when it is needed, too. */
async function mapWanted(path: string | undefined): Promise<MapFile | null> {
  return path === undefined ? null : new (await import('./imageMap')).MapFile(path)
}

function exitCodeOf(result: ImageResult, terminal: Terminal): number {
  if (!result.isComplete && terminal.interrupted.aborted) return EXIT_INTERRUPTED
  return result.isComplete && result.lostSectors === 0 ? EXIT_OK : EXIT_UNMET
}

export function count(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^[0-9]{1,9}$/.test(text) || Number(text) === 0) {
    throw new BadInput(`${option}: found ${JSON.stringify(text)}, expected a whole number from 1 to 999999999`)
  }
  return Number(text)
}
