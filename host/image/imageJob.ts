// `platterlab image ...` without its command line: opens the files, runs the copier over them, and leaves everything tidy.
//
//   create   SOURCE -> new file      written as IMAGE.partial, renamed at the end: an IMAGE is a whole image
//   restore  IMAGE -> existing file or device, in place
//   clone    either of the two, whichever the target calls for
//   verify   compares; writes nothing
//
// When a copy ends early (Ctrl-C, no space left, too many bad sectors) the target is flushed and a state file says how far it is: the
// same command with `resume` goes on from there. With `sync` that is so at every checkpoint, also after a power cut of the machine.

import { closeSync, fdatasyncSync, ftruncateSync, realpathSync, renameSync, rmSync } from 'node:fs'
import {
  COPY_DONE,
  COPY_IDLE,
  JOB_FLAG_READ_BACK,
  JOB_FLAG_TARGET_BLANK,
  JOB_FLAG_VERIFY,
  JOB_FLAG_ZERO_LOST,
  REASON_NVRAM_LOST,
} from '../../assembly/abi/copier'
import { BOOT_POWER_ON } from '../../assembly/abi/descriptor'
import type { DiskImage } from '../formats/format'
import { ImageInputError } from '../formats/imageInputError'
import { type CopyFile, createCopyFile, isSameFile, openCopyFile } from '../formats/raw/copyFile'
import { type HoleMap, readHoleMap } from '../formats/raw/holeMap'
import { type CopyOutcome, type CopyProgress, runCopyJob } from './copyJob'
import { type CopyState, copyStateText, removeCopyState } from './copyState'
import { FileController } from './fileController'
import { FileDrive } from './fileDrive'
import { fileReader } from './fileReader'
import { ImageSourceDrive } from './imageDrive'
import {
  checkSizes,
  checkState,
  checkTarget,
  findState,
  type ImagePlace,
  type ImageRequest,
  placeOf,
  refuseSame,
} from './imagePlan'
import { KeptFile } from './keptFile'
import { agreeToOverwrite, agreeToReplace, type OverwriteAsking, refuseUsedTarget } from './overwrite'
import { LoggedDrive, type SectorLog } from './sectorLog'
import type { Simulation } from './simulatedDrives'

/**
 * Half of a second-level cache: what was read is still there when it is written. Shorter writes are slower: file systems make room for long
 * ones in longer pieces.
 */
const CHUNK_BYTES = 512 << 10
const CHECKPOINT_BYTES = 64 << 20

export interface ImageOptions {
  readonly module: WebAssembly.Module
  /** Flush at every checkpoint and at the end, and keep the state up to date. */
  readonly sync: boolean
  /** Read holes instead of believing the file system. */
  readonly readHoles: boolean
  /** Restore an archive without having checked it, or although it is damaged. */
  readonly trustsArchive?: boolean | undefined
  /** What was written is read back and compared. Not for verify. */
  readonly readBack?: boolean
  /** CD sectors of 2,352 bytes, checked and corrected: JOB_FLAG_* of assembly/abi/optical.ts; the address of the first one, in frames. */
  readonly optical?: { readonly flags: number; readonly firstFrame: number } | null
  readonly retries?: number | undefined
  readonly errorLimit?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Drive commands between two looks at the signal; by default as many as fit into a moment. */
  readonly stepsPerTurn?: number | undefined
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
  /** Notes what happens to which sectors. */
  readonly log?: SectorLog | undefined
  /** Who says that the target may be written over; by default nobody does. */
  readonly asking?: OverwriteAsking | undefined
  /** Play the copy on simulated drives. It cannot be resumed then. */
  readonly simulation?: Simulation | null
}

export interface ImageResult extends CopyOutcome {
  readonly sectorBytes: number
  /** Bytes of the source; its last sector may be short. */
  readonly sourceBytes: number
  /** Bytes of the target behind those of the source: not touched, not compared. */
  readonly targetExtraBytes: number
  /** All sectors are copied or compared, or listed. */
  readonly isComplete: boolean
  readonly isResumed: boolean
  /** Its sectors were checked. */
  readonly isOptical: boolean
  /** Where the state is when the copy can be gone on with. */
  readonly stateFile: string | null
  /** Simulated time that the copy took, and power cuts in it; null: it was not simulated. */
  readonly simulated: { readonly timeNs: number; readonly powerCuts: number } | null
  /** The system's own words for the last command that failed; '' when none did. */
  readonly lastError: string
}

interface OpenFiles {
  readonly source: CopyFile
  /** What the source is an image of; null: its bytes are what is copied. */
  readonly archive: DiskImage | null
  readonly sourceBytes: number
  readonly target: CopyFile
  /** The target was made just now, and holds nothing. */
  readonly isBlank: boolean
}

/** Throws ImageInputError for what it refuses; then nothing was written. */
export async function runImage(request: ImageRequest, options: ImageOptions): Promise<ImageResult> {
  const place = placeOf(request)
  const source = openCopyFile(request.source, 'read')
  let target: CopyFile | null = null
  let archive: DiskImage | null = null
  let mayRemove = false
  try {
    const archives = takesBytes(request) ? null : await import('./archive')
    archive = archives ? await archives.openArchive(request) : null
    const sourceBytes = archive?.diskBytes ?? source.sizeBytes
    checkTarget(request, place, source)
    const state = findState(request, place)
    if (state) checkState(request, place, state, source)
    if (request.command !== 'verify') refuseUsedTarget(archive?.files ?? [request.source], request.target)
    const isBlank = place.finalPath !== null && state === null
    if (isBlank) await agreeToReplace(request.target, options.asking)
    target = isBlank ? createBlank(request, place, sourceBytes) : openCopyFile(place.targetPath, targetMode(request))
    mayRemove = isBlank
    if (isSameFile(source, target)) refuseSame(request)
    if (!isBlank) checkSizes(request, sourceBytes, target)
    // A copy that is gone on with was agreed to when it began.
    if (!isBlank && state === null && request.command !== 'verify') {
      await agreeToOverwrite(request.target, fileReader(target), options.asking)
    }
    if (state === null && !options.trustsArchive) {
      if (archive) await archives?.checkArchive(archive, request.source, options.signal)
      else await archives?.checkRawImage(request, options.signal)
    }
    const files = { source, archive, sourceBytes, target, isBlank }
    const result = options.simulation
      ? await simulate(request, options, options.simulation, place, files)
      : await copy(request, options, place, files, state)
    mayRemove &&= !result.isComplete && result.stateFile === null
    return result
  } finally {
    if (mayRemove) rmSync(place.targetPath, { force: true })
    archive?.close()
    closeSync(source.descriptor)
    if (target) closeSync(target.descriptor)
  }
}

/** Nobody asks what the source is an image of: the formats are not loaded, and the copy starts faster. */
function takesBytes({ command, sourceFormat }: ImageRequest): boolean {
  return command !== 'restore' && sourceFormat === null
}

function targetMode(request: ImageRequest): 'read' | 'write' {
  return request.command === 'verify' ? 'read' : 'write'
}

function createBlank(request: ImageRequest, place: ImagePlace, sourceBytes: number): CopyFile {
  if (request.restart) rmSync(place.targetPath, { force: true })
  const target = createCopyFile(place.targetPath)
  ftruncateSync(target.descriptor, sourceBytes)
  return target
}

async function copy(
  request: ImageRequest,
  options: ImageOptions,
  place: ImagePlace,
  files: OpenFiles,
  state: CopyState | null,
): Promise<ImageResult> {
  const { source, archive, sourceBytes, target, isBlank } = files
  const { sectorBytes } = request
  const isVerify = request.command === 'verify'
  const sourceDrive = archive
    ? new ImageSourceDrive(archive, sectorBytes)
    : driveOf(source, sourceBytes, sectorBytes, await holesOf(source, options))
  // As long as the source: behind it nothing is touched, and a short last sector stays short.
  const targetHoles = isBlank ? null : await holesOf(target, options)
  const targetDrive = driveOf(target, sourceBytes, sectorBytes, targetHoles)
  targetDrive.isDurable = options.sync
  const drives = [sourceDrive, targetDrive].map((drive) => (options.log ? new LoggedDrive(drive, options.log) : drive))
  const controller = new FileController(options.module, drives)
  const nvram = new Uint8Array(controller.descriptor.nvramBytes)
  if (state) nvram.set(state.nvram.subarray(0, nvram.length))
  const current = stateOf(request, place, source, nvram)
  const kept = new KeptFile<void>(place.statePath, () => copyStateText(current), options.signal)
  controller.onCommit = (window) => {
    nvram.set(window)
    if (options.sync) kept.save()
  }
  controller.boot(BOOT_POWER_ON, nvram)
  const outcome = await runCopyJob(controller, {
    flags: flagsOf(isVerify, isBlank, options),
    firstFrame: options.optical?.firstFrame,
    sectors: 0,
    chunkBytes: CHUNK_BYTES,
    checkpointBytes: CHECKPOINT_BYTES,
    retries: options.retries,
    errorLimit: options.errorLimit,
    resume: state !== null,
    signal: kept.signal,
    stepsPerTurn: options.stepsPerTurn,
    onProgress: options.onProgress,
  })
  const isIdle = outcome.state === COPY_IDLE
  if (outcome.reason === REASON_NVRAM_LOST || (state && isIdle)) {
    throw new ImageInputError(`${place.statePath}: the record of the copier is damaged; --restart begins again`)
  }
  const isComplete = outcome.state === COPY_DONE
  if (isComplete) finish(place)
  const isKept = !isComplete && !isIdle && keep(request, place, files, outcome, kept)
  return {
    ...outcome,
    ...sizesOf(request, files),
    isComplete,
    isResumed: state !== null,
    isOptical: Boolean(options.optical),
    simulated: null,
    stateFile: isKept ? place.statePath : null,
    lastError: kept.lastError || targetDrive.lastError || sourceDrive.lastError,
  }
}

function flagsOf(isVerify: boolean, isBlank: boolean, { optical, readBack }: ImageOptions): number {
  if (isVerify) return JOB_FLAG_VERIFY
  const writing = (isBlank ? JOB_FLAG_TARGET_BLANK : 0) | (readBack ? JOB_FLAG_READ_BACK : 0)
  return JOB_FLAG_ZERO_LOST | writing | (optical?.flags ?? 0)
}

/** `nvram` is a live view: the state says what it holds when it is written. */
function stateOf(request: ImageRequest, place: ImagePlace, source: CopyFile, nvram: Uint8Array): CopyState {
  return {
    command: request.command,
    sourcePath: realpathSync(request.source),
    sourceBytes: source.sizeBytes,
    sourceModifiedMs: source.modifiedMs,
    targetPath: realpathSync(place.targetPath),
    sectorBytes: request.sectorBytes,
    nvram,
  }
}

/** Leaves a copy that can be gone on with; false when that fails, for want of room say. */
function keep(
  request: ImageRequest,
  place: ImagePlace,
  { sourceBytes, target }: OpenFiles,
  outcome: CopyOutcome,
  kept: KeptFile<void>,
): boolean {
  try {
    if (place.finalPath !== null) {
      // What lies above the position is copied again: without it there is room for the state where the disk is full.
      const doneBytes = outcome.sectorsDone * request.sectorBytes
      ftruncateSync(target.descriptor, Math.min(doneBytes, sourceBytes))
      ftruncateSync(target.descriptor, sourceBytes)
    }
    // The record promises what lies below its position: that must be so before it is kept.
    if (request.command !== 'verify') fdatasyncSync(target.descriptor)
  } catch (error) {
    kept.lastError = `${target.path}: ${(error as Error).message}`
    return false
  }
  return kept.save()
}

async function simulate(
  request: ImageRequest,
  options: ImageOptions,
  simulation: Simulation,
  place: ImagePlace,
  files: OpenFiles,
): Promise<ImageResult> {
  const { source, archive, target, isBlank } = files
  if (archive)
    throw new ImageInputError(`${request.source}: simulated drives are filled from raw images; convert it first`)
  // Loaded when it is needed: real copies start faster without a simulator.
  const { simulateCopy } = await import('./simulatedCopy')
  const outcome = await simulateCopy(
    { file: source, holes: await holesOf(source, options), isBlank: false },
    { file: target, holes: isBlank ? null : await holesOf(target, options), isBlank },
    { ...options, simulation, sectorBytes: request.sectorBytes, isVerify: request.command === 'verify' },
  )
  const isComplete = outcome.state === COPY_DONE
  if (isComplete) finish(place)
  return {
    ...outcome,
    ...sizesOf(request, files),
    isComplete,
    isResumed: false,
    isOptical: Boolean(options.optical),
    simulated: { timeNs: outcome.simulatedNs, powerCuts: outcome.powerCuts },
    stateFile: null,
    lastError: '',
  }
}

function sizesOf(
  { sectorBytes }: ImageRequest,
  { sourceBytes, target, isBlank }: OpenFiles,
): Pick<ImageResult, 'sectorBytes' | 'sourceBytes' | 'targetExtraBytes'> {
  const targetExtraBytes = isBlank ? 0 : target.sizeBytes - sourceBytes
  return { sectorBytes, sourceBytes, targetExtraBytes }
}

function finish(place: ImagePlace): void {
  if (place.finalPath !== null) renameSync(place.targetPath, place.finalPath)
  removeCopyState(place.statePath)
}

function driveOf(file: CopyFile, sizeBytes: number, sectorBytes: number, holes: HoleMap | null): FileDrive {
  const { path, descriptor, id } = file
  return new FileDrive({ path, descriptor, sizeBytes, sectorBytes, id, holes })
}

async function holesOf(file: CopyFile, options: ImageOptions): Promise<HoleMap | null> {
  return file.isSparse && !options.readHoles ? await readHoleMap(realpathSync(file.path)) : null
}
