// `platterlab image ...` without its command line: opens the files, runs the copier over them, and leaves everything tidy.
//
//   create   SOURCE -> new file      written as IMAGE.partial, renamed at the end: an IMAGE is a whole image
//   restore  IMAGE -> existing file or device, in place
//   clone    either of the two, whichever the target calls for
//   verify   compares; writes nothing
//
// All but verify take several targets at once: the source is read once, and a target that fails costs the others nothing.
//
// When a copy ends early (Ctrl-C, no space left, too many bad sectors) the targets are flushed and a state file says how far it is: the
// same command with `resume` goes on from there. With `sync` that is so at every checkpoint, also after a power cut of the machine.

import { closeSync, realpathSync } from 'node:fs'
import {
  COPY_DONE,
  COPY_IDLE,
  JOB_FLAG_READ_BACK,
  JOB_FLAG_TARGET_BLANK,
  JOB_FLAG_VERIFY,
  JOB_FLAG_ZERO_LOST,
  LOST_TARGET,
  LOST_TARGET_SHIFT,
  REASON_NVRAM_LOST,
  TARGET_DROPPED,
  TARGET_GOOD,
} from '../../assembly/abi/copier'
import { BOOT_POWER_ON } from '../../assembly/abi/descriptor'
import type { DiskImage } from '../formats/format'
import { ImageInputError } from '../formats/imageInputError'
import { type CopyFile, openCopyFile } from '../formats/raw/copyFile'
import { type HoleMap, readHoleMap } from '../formats/raw/holeMap'
import { type CopyOutcome, type CopyProgress, chunkBytesFor, runCopyJob } from './copyJob'
import { type CopyState, copyStateText } from './copyState'
import {
  type CopyTarget,
  checkTargets,
  closeTargets,
  finishTargets,
  makeRoom,
  openTargets,
  syncTargets,
} from './copyTargets'
import { FileController } from './fileController'
import { FileDrive } from './fileDrive'
import { ImageSourceDrive } from './imageDrive'
import { checkState, findState, type ImageRequest, placesOf } from './imagePlan'
import { KeptFile } from './keptFile'
import type { OverwriteAsking } from './overwrite'
import { LoggedDrive, type SectorLog } from './sectorLog'
import type { Simulation } from './simulatedDrives'

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
  /** All sectors are copied or compared, or listed: on every target. */
  readonly isComplete: boolean
  /** Each target, in the order of the request. */
  readonly copies: readonly TargetCopy[]
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

/** What became of one target. */
export interface TargetCopy {
  readonly name: string
  /** The copy has ended, and all of it is there but for what is listed. */
  readonly isGood: boolean
  /** It failed while others went on, and is no copy. */
  readonly isDropped: boolean
  /** REASON_* for which it was dropped. */
  readonly reason: number
  /** Sectors that are listed because of this target. */
  readonly lostSectors: number
  readonly extraBytes: number
  readonly lastError: string
}

interface OpenFiles {
  readonly source: CopyFile
  /** What the source is an image of; null: its bytes are what is copied. */
  readonly archive: DiskImage | null
  readonly sourceBytes: number
  readonly targets: readonly CopyTarget[]
}

/** Throws ImageInputError for what it refuses; then nothing was written. */
export async function runImage(request: ImageRequest, options: ImageOptions): Promise<ImageResult> {
  const places = placesOf(request)
  const source = openCopyFile(request.source, 'read')
  let targets: CopyTarget[] = []
  let archive: DiskImage | null = null
  let isForNothing = true
  try {
    const archives = takesBytes(request) ? null : await import('./archive')
    archive = archives ? await archives.openArchive(request) : null
    const sourceBytes = archive?.diskBytes ?? source.sizeBytes
    checkTargets(request, places, source)
    const state = findState(request, places[0]!)
    if (state) checkState(request, places, state, source)
    const sourcePaths = archive?.files ?? [request.source]
    targets = await openTargets(request, places, source, { sourcePaths, sourceBytes, state, asking: options.asking })
    if (state === null && !options.trustsArchive) {
      if (archive) await archives?.checkArchive(archive, request.source, options.signal)
      else await archives?.checkRawImage(request, options.signal)
    }
    const files = { source, archive, sourceBytes, targets }
    const result = options.simulation
      ? await simulate(request, options, options.simulation, files)
      : await copy(request, options, files, state)
    isForNothing = result.state !== COPY_DONE && result.stateFile === null
    return result
  } finally {
    closeTargets(targets, () => isForNothing)
    archive?.close()
    closeSync(source.descriptor)
  }
}

/** Nobody asks what the source is an image of: the formats are not loaded, and the copy starts faster. */
function takesBytes({ command, sourceFormat }: ImageRequest): boolean {
  return command !== 'restore' && sourceFormat === null
}

async function copy(
  request: ImageRequest,
  options: ImageOptions,
  files: OpenFiles,
  state: CopyState | null,
): Promise<ImageResult> {
  const { source, archive, sourceBytes, targets } = files
  const { sectorBytes } = request
  const sourceDrive = archive
    ? new ImageSourceDrive(archive, sectorBytes)
    : driveOf(source, sourceBytes, sectorBytes, await holesOf(source, options))
  const targetDrives: FileDrive[] = []
  for (const { file, isBlank } of targets) {
    // As long as the source: behind it nothing is touched, and a short last sector stays short.
    const drive = driveOf(file, sourceBytes, sectorBytes, isBlank ? null : await holesOf(file, options))
    drive.isDurable = options.sync
    targetDrives.push(drive)
  }
  const drives = [sourceDrive, ...targetDrives]
  const logged = drives.map((drive) => (options.log ? new LoggedDrive(drive, options.log) : drive))
  const controller = new FileController(options.module, logged)
  const nvram = new Uint8Array(controller.descriptor.nvramBytes)
  if (state) nvram.set(state.nvram.subarray(0, nvram.length))
  const { statePath } = targets[0]!.place
  const current = stateOf(request, files, nvram)
  const kept = new KeptFile<void>(statePath, () => copyStateText(current), options.signal, targets.length === 1)
  controller.onCommit = (window) => {
    nvram.set(window)
    if (options.sync) kept.save()
  }
  controller.boot(BOOT_POWER_ON, nvram)
  const flags = flagsOf(request, targets, options)
  const outcome = await runCopyJob(controller, {
    ...flags,
    firstFrame: options.optical?.firstFrame,
    sectors: 0,
    chunkBytes: chunkBytesFor(flags.flags),
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
    throw new ImageInputError(`${statePath}: the record of the copier is damaged; --restart begins again`)
  }
  if (outcome.state === COPY_DONE) finishTargets(targets, outcome.targets)
  const isKept = outcome.state !== COPY_DONE && !isIdle && keep(request, files, outcome, kept)
  return {
    ...outcome,
    ...sizesOf(request, files),
    ...copiesOf(files, outcome, targetDrives),
    isResumed: state !== null,
    isOptical: Boolean(options.optical),
    simulated: null,
    stateFile: isKept ? statePath : null,
    lastError: kept.lastError || lastErrorOf(targetDrives, outcome) || sourceDrive.lastError,
  }
}

/** Of a target that is not dropped: what is said of those that are is said beside them. */
function lastErrorOf(drives: readonly FileDrive[], { targets }: CopyOutcome): string {
  return drives.find((drive, index) => drive.lastError !== '' && !isDropped(targets[index]))?.lastError ?? ''
}

function isDropped(target: CopyOutcome['targets'][number] | undefined): boolean {
  return target?.standing === TARGET_DROPPED
}

function copiesOf(
  { targets, sourceBytes }: OpenFiles,
  outcome: CopyOutcome,
  drives: readonly FileDrive[],
): Pick<ImageResult, 'copies' | 'isComplete'> {
  const copies = targets.map(({ name, file, isBlank }, index) => ({
    name,
    isGood: outcome.targets[index]?.standing === TARGET_GOOD,
    isDropped: isDropped(outcome.targets[index]),
    reason: outcome.targets[index]?.reason ?? 0,
    lostSectors: lostOn(outcome, index),
    extraBytes: isBlank ? 0 : file.sizeBytes - sourceBytes,
    lastError: drives[index]?.lastError ?? '',
  }))
  return { copies, isComplete: outcome.state === COPY_DONE && copies.every(({ isGood }) => isGood) }
}

function lostOn({ lost }: CopyOutcome, target: number): number {
  const own = lost.filter(({ why }) => (why & LOST_TARGET) !== 0 && why >>> LOST_TARGET_SHIFT === target)
  return own.reduce((sum, { sectors }) => sum + sectors, 0)
}

function flagsOf(
  { command }: ImageRequest,
  targets: readonly CopyTarget[],
  { optical, readBack }: ImageOptions,
): { flags: number; furtherTargets?: number[] } {
  if (command === 'verify') return { flags: JOB_FLAG_VERIFY }
  const [first, ...furtherTargets] = targets.map(
    ({ isBlank }) => JOB_FLAG_ZERO_LOST | (isBlank ? JOB_FLAG_TARGET_BLANK : 0),
  )
  return { flags: first! | (readBack ? JOB_FLAG_READ_BACK : 0) | (optical?.flags ?? 0), furtherTargets }
}

/** `nvram` is a live view: the state says what it holds when it is written. */
function stateOf(request: ImageRequest, { source, targets }: OpenFiles, nvram: Uint8Array): CopyState {
  const [targetPath, ...furtherTargetPaths] = targets.map(({ place }) => realpathSync(place.targetPath))
  return {
    command: request.command,
    sourcePath: realpathSync(request.source),
    sourceBytes: source.sizeBytes,
    sourceModifiedMs: source.modifiedMs,
    targetPath: targetPath!,
    ...(furtherTargetPaths.length > 0 && { furtherTargetPaths }),
    sectorBytes: request.sectorBytes,
    nvram,
  }
}

/** Leaves a copy that can be gone on with; false when that fails, for want of room say. */
function keep(request: ImageRequest, files: OpenFiles, outcome: CopyOutcome, kept: KeptFile<void>): boolean {
  const { targets, sourceBytes } = files
  try {
    makeRoom(targets, outcome.targets, outcome.sectorsDone * request.sectorBytes, sourceBytes)
    if (request.command !== 'verify') syncTargets(targets, outcome.targets)
  } catch (error) {
    const where = targets.length === 1 ? `${targets[0]!.file.path}: ` : ''
    kept.lastError = `${where}${(error as Error).message}`
    return false
  }
  return kept.save()
}

async function simulate(
  request: ImageRequest,
  options: ImageOptions,
  simulation: Simulation,
  files: OpenFiles,
): Promise<ImageResult> {
  const { source, archive, targets } = files
  if (archive)
    throw new ImageInputError(`${request.source}: simulated drives are filled from raw images; convert it first`)
  // Loaded when it is needed: real copies start faster without a simulator.
  const { simulateCopy } = await import('./simulatedCopy')
  const played = []
  for (const { file, isBlank } of targets) {
    played.push({ file, holes: isBlank ? null : await holesOf(file, options), isBlank })
  }
  const outcome = await simulateCopy({ file: source, holes: await holesOf(source, options), isBlank: false }, played, {
    ...options,
    simulation,
    sectorBytes: request.sectorBytes,
    isVerify: request.command === 'verify',
  })
  if (outcome.state === COPY_DONE) finishTargets(targets, outcome.targets)
  return {
    ...outcome,
    ...sizesOf(request, files),
    ...copiesOf(files, outcome, []),
    isResumed: false,
    isOptical: Boolean(options.optical),
    simulated: { timeNs: outcome.simulatedNs, powerCuts: outcome.powerCuts },
    stateFile: null,
    lastError: '',
  }
}

function sizesOf(
  { sectorBytes }: ImageRequest,
  { sourceBytes, targets }: OpenFiles,
): Pick<ImageResult, 'sectorBytes' | 'sourceBytes' | 'targetExtraBytes'> {
  const { isBlank, file } = targets[0]!
  return { sectorBytes, sourceBytes, targetExtraBytes: isBlank ? 0 : file.sizeBytes - sourceBytes }
}

function driveOf(file: CopyFile, sizeBytes: number, sectorBytes: number, holes: HoleMap | null): FileDrive {
  const { path, descriptor, id } = file
  return new FileDrive({ path, descriptor, sizeBytes, sectorBytes, id, holes })
}

async function holesOf(file: CopyFile, options: ImageOptions): Promise<HoleMap | null> {
  return file.isSparse && !options.readHoles ? await readHoleMap(realpathSync(file.path)) : null
}
