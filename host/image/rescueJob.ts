// `platterlab image rescue` without its command line: SOURCE -> TARGET, as GNU ddrescue does it, with the map in MAPFILE.
//
// The target is written in place: what it holds beside rescued sectors stays. The map file is up to date at every checkpoint, after the
// target has been flushed, so that the same command goes on after Ctrl-C or a power cut, and so that ddrescue does.
// On simulated drives the target file and the map file are written at the end.

import { closeSync, existsSync, fdatasyncSync, ftruncateSync, rmSync } from 'node:fs'
import { COPY_DONE, JOB_FLAG_READ_BACK, JOB_FLAG_TARGET_BLANK } from '../../assembly/abi/copier'
import { BOOT_POWER_ON } from '../../assembly/abi/descriptor'
import { COPY_STATUS_PASS, COPY_STATUS_PHASE, JOB_FLAG_RESCUE } from '../../assembly/abi/rescue'
import { ImageInputError } from '../formats/imageInputError'
import { type CopyFile, createCopyFile, isSameFile, openCopyFile } from '../formats/raw/copyFile'
import { type CopyOutcome, type CopyProgress, jobBlock, runCopyJob } from './copyJob'
import { FileController } from './fileController'
import { FileDrive } from './fileDrive'
import { type AreaStatus, keptMapfile, readMapfile } from './mapfile'

import {
  mapfileOf,
  mapOf,
  type RescueMap,
  type RescueStrategy,
  readRescueMap,
  rescueBlock,
  startedAgain,
} from './rescueMap'
import type { Simulation } from './simulatedDrives'
import type { Curve, SimulatedRescue } from './simulatedRescue'

export interface RescueRequest {
  readonly source: string
  readonly target: string
  readonly mapfile: string | null
  readonly sectorBytes: number
  /** Write over a target that no map file knows. */
  readonly force: boolean
}

/** Listed are the sectors that a read has failed on so far. */
export interface RescueProgress extends CopyProgress {
  /** What is being read, and how often it was begun; undefined: not known. */
  readonly phase?: AreaStatus
  readonly pass?: number
}

export interface RescueOptions {
  readonly module: WebAssembly.Module
  readonly strategy: RescueStrategy
  /** What failed counts as non-tried again, or as non-trimmed: areas of these statuses, and what they become. */
  readonly again?: { readonly from: string; readonly to: AreaStatus } | null | undefined
  /** What was written is read back and compared. */
  readonly readBack?: boolean
  /** Bytes of a read in the copying phase, and between two checkpoints; undefined = the copier's own. */
  readonly clusterBytes?: number | undefined
  readonly checkpointBytes?: number | undefined
  /** First lines of the map file. */
  readonly comments: readonly string[]
  readonly signal?: AbortSignal | undefined
  /** Drive commands between two looks at the signal; by default as many as fit into a moment. */
  readonly stepsPerTurn?: number | undefined
  readonly onProgress?: ((progress: RescueProgress) => void) | undefined
  readonly simulation?: Simulation | null
  /** Simulate a plain copy as well, to compare. */
  readonly comparesPlain?: boolean
}

export interface RescueResult {
  /** COPY_* and REASON_*: how it ended. */
  readonly state: number
  readonly reason: number
  readonly isComplete: boolean
  readonly map: RescueMap
  readonly sectorBytes: number
  readonly sourceBytes: number
  /** Finished when it began. */
  readonly startMap: RescueMap | null
  readonly simulated: {
    readonly timeNs: number
    readonly powerCuts: number
    readonly curve: Curve
    /** What a plain copy gets from the same drive; null: not asked for. */
    readonly plain: Curve | null
  } | null
  readonly lastError: string
}

interface OpenFiles {
  readonly source: CopyFile
  readonly target: CopyFile
  /** The target was made just now, and holds nothing. */
  readonly isBlank: boolean
}

/** Throws ImageInputError for what it refuses; then nothing was written. */
export async function runRescue(request: RescueRequest, options: RescueOptions): Promise<RescueResult> {
  const { mapfile, sectorBytes } = request
  const source = openCopyFile(request.source, 'read')
  let target: CopyFile | null = null
  let isMade = false
  try {
    const found = mapfile === null ? null : readMapfile(mapfile)
    const kept = found && mapOf(found, sectorBytes, source.sizeBytes, mapfile!)
    const map = kept && options.again ? startedAgain(kept, options.again.from, options.again.to) : kept
    const isBlank = !existsSync(request.target)
    checkTarget(request, map, isBlank)
    target = isBlank ? createCopyFile(request.target) : openCopyFile(request.target, 'write')
    if (isSameFile(source, target))
      throw new ImageInputError(`${request.source} and ${request.target} are the same file`)
    isMade = isBlank
    makeRoom(request, source, target)
    const files = { source, target, isBlank }
    return options.simulation
      ? await simulate(request, options, options.simulation, files, map)
      : await rescue(request, options, files, map)
  } catch (error) {
    if (isMade && error instanceof ImageInputError) rmSync(request.target, { force: true })
    throw error
  } finally {
    closeSync(source.descriptor)
    if (target) closeSync(target.descriptor)
  }
}

/** What a map says of a target must be there, and what is there must not be lost by mistake. */
function checkTarget({ target, mapfile, force }: RescueRequest, map: RescueMap | null, isBlank: boolean): void {
  if (isBlank && map?.areas.some(({ status }) => status === '+')) {
    throw new ImageInputError(`${mapfile} says what was rescued to a target, and ${target} does not exist`)
  }
  if (isBlank || map !== null || force) return
  throw new ImageInputError(`${target} exists, and no map file says what of it was rescued: --force writes over it`)
}

function makeRoom(request: RescueRequest, source: CopyFile, target: CopyFile): void {
  if (target.sizeBytes >= source.sizeBytes) return
  if (target.isDevice) {
    const sizes = `${target.sizeBytes} bytes, expected at least the ${source.sizeBytes} bytes of ${request.source}`
    throw new ImageInputError(`${request.target} is too small: found ${sizes}`)
  }
  ftruncateSync(target.descriptor, source.sizeBytes)
}

/** START's data. */
export function startBlock(
  { sectorBytes }: RescueRequest,
  options: RescueOptions,
  { source, isBlank }: Pick<OpenFiles, 'source' | 'isBlank'>,
  map: RescueMap | null,
): Uint8Array {
  const block = jobBlock(
    {
      flags: JOB_FLAG_RESCUE | (isBlank ? JOB_FLAG_TARGET_BLANK : 0) | (options.readBack ? JOB_FLAG_READ_BACK : 0),
      sectors: Math.ceil(source.sizeBytes / sectorBytes),
      chunkBytes: options.clusterBytes,
      checkpointBytes: options.checkpointBytes,
    },
    sectorBytes,
  )
  return rescueBlock(block, options.strategy, map)
}

async function rescue(
  request: RescueRequest,
  options: RescueOptions,
  files: OpenFiles,
  startMap: RescueMap | null,
): Promise<RescueResult> {
  const { sectorBytes, mapfile } = request
  const { source, target } = files
  const sourceBytes = source.sizeBytes
  const [sourceDrive, targetDrive] = [source, target].map(
    ({ path, descriptor, id }) =>
      new FileDrive({ path, descriptor, sizeBytes: sourceBytes, sectorBytes, id, holes: null }),
  ) as [FileDrive, FileDrive]
  // What the map file calls finished is on the target's medium.
  targetDrive.isDurable = true
  const beginMs = performance.now()
  const clockNs = (): number => Math.round((performance.now() - beginMs) * 1e6)
  const controller = new FileController(options.module, [sourceDrive, targetDrive], clockNs)
  const store = mapfile === null ? null : keptMapfile(mapfile, options.comments, options.signal)
  let hasCommitted = false
  controller.onCommit = () => {
    hasCommitted = true
  }
  const save = (): RescueMap => {
    const map = readRescueMap(controller) ?? startMap ?? untouched(source, sectorBytes)
    store?.save(mapfileOf(map, sectorBytes, sourceBytes))
    return map
  }
  controller.boot(BOOT_POWER_ON, null)
  const outcome = await runCopyJob(controller, {
    flags: 0,
    sectors: 0,
    block: startBlock(request, options, files, startMap),
    signal: store?.signal ?? options.signal,
    stepsPerTurn: options.stepsPerTurn,
    onProgress: (progress) => {
      if (hasCommitted) save()
      hasCommitted = false
      options.onProgress?.(progressOf(controller, progress, startMap))
    },
  })
  fdatasyncSync(target.descriptor)
  const map = save()
  const lastError = (store?.lastError ?? '') || targetDrive.lastError || sourceDrive.lastError
  return { ...resultOf(request, source, outcome, map, startMap), simulated: null, lastError }
}

function progressOf(controller: FileController, progress: CopyProgress, startMap: RescueMap | null): RescueProgress {
  const finishedBefore = startMap?.areas.filter(({ status }) => status === '+') ?? []
  return {
    ...progress,
    resumedAtSector: finishedBefore.reduce((sum, area) => sum + area.sectors, 0),
    phase: String.fromCharCode(controller.status(COPY_STATUS_PHASE)) as AreaStatus,
    pass: controller.status(COPY_STATUS_PASS),
  }
}

async function simulate(
  request: RescueRequest,
  options: RescueOptions,
  simulation: Simulation,
  files: OpenFiles,
  startMap: RescueMap | null,
): Promise<RescueResult> {
  const { source } = files
  const { simulateRescue } = await import('./simulatedRescue')
  const block = startBlock(request, options, files, startMap)
  const played: SimulatedRescue = await simulateRescue({
    ...files,
    ...options,
    simulation,
    sectorBytes: request.sectorBytes,
    block,
  })
  if (request.mapfile !== null) {
    const store = keptMapfile(request.mapfile, options.comments, undefined)
    if (!store.save(mapfileOf(played.map, request.sectorBytes, source.sizeBytes))) throw new Error(store.lastError)
  }
  return { ...resultOf(request, source, played.outcome, played.map, startMap), simulated: played, lastError: '' }
}

/** Before the copier has recorded anything. */
function untouched(source: CopyFile, sectorBytes: number): RescueMap {
  const sectors = Math.ceil(source.sizeBytes / sectorBytes)
  return { areas: sectors > 0 ? [{ lba: 0, sectors, status: '?' }] : [], phase: '?', pass: 1, position: 0 }
}

function resultOf(
  { sectorBytes }: RescueRequest,
  source: CopyFile,
  { state, reason }: CopyOutcome,
  map: RescueMap,
  startMap: RescueMap | null,
): Omit<RescueResult, 'simulated' | 'lastError'> {
  const isComplete = state === COPY_DONE
  return { state, reason, isComplete, map, sectorBytes, sourceBytes: source.sizeBytes, startMap }
}
