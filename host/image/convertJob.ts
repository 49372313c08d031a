// `platterlab image convert` and `compare`: a copy, or a comparison, of two images in whatever formats. The copier does it, over drives that are
// images (imageDrive.ts).
//
// A new image is written in one pass: it cannot be gone on with later, and leaves nothing when it is interrupted.

import { existsSync, statSync } from 'node:fs'
import { COPY_DONE, JOB_FLAG_ASCENDING, JOB_FLAG_TARGET_BLANK, JOB_FLAG_VERIFY } from '../../assembly/abi/copier'
import { BOOT_POWER_ON } from '../../assembly/abi/descriptor'
import { dataTrackOf } from '../formats/cd/dataTrack'
import type { DiskImage, ImageFormat, ImageWriter } from '../formats/format'
import { parseFormatOptions } from '../formats/formatOptions'
import { formatForName, formatNamed, openImage } from '../formats/formats'
import { ImageInputError } from '../formats/imageInputError'
import type { BayDrive } from './bayDrive'
import { type CopyJobOptions, type CopyOutcome, type CopyProgress, chunkBytesFor, runCopyJob } from './copyJob'
import { FileController } from './fileController'
import { ImageSourceDrive, ImageTargetDrive } from './imageDrive'
import { agreeToReplace, type OverwriteAsking, refuseUsedTarget } from './overwrite'

/** Read at a time behind the end of the shorter one. */
const REST_BYTES = 512 << 10

export interface ConvertRequest {
  readonly source: string
  readonly target: string
  /** null: found out by what is in the file, or by the name of a new one. */
  readonly sourceFormat: string | null
  readonly targetFormat: string | null
  /** Of a disc: the 2048 bytes of data in each sector of this track, instead of the whole sectors. */
  readonly track?: number | undefined
  /** `name=value`, several with commas between. */
  readonly options: readonly string[]
  /** Who says that an image of that name may be replaced; by default nobody does. */
  readonly asking?: OverwriteAsking | undefined
}

export interface ImageCopyOptions {
  readonly module: WebAssembly.Module
  readonly retries?: number | undefined
  readonly errorLimit?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: CopyProgress, sectorBytes: number) => void) | undefined
}

export interface ConvertResult extends CopyOutcome {
  readonly sourceFormat: string
  readonly targetFormat: string
  readonly sectorBytes: number
  readonly diskBytes: number
  readonly isComplete: boolean
  readonly lastError: string
}

export async function convertImage(request: ConvertRequest, options: ImageCopyOptions): Promise<ConvertResult> {
  const format = request.targetFormat === null ? formatForName(request.target) : formatNamed(request.targetFormat)
  const { create } = format
  if (create === null) throw new ImageInputError(`format ${format.name} can be read, not written`)
  const formatOptions = parseFormatOptions(format, request.options)
  await checkNewImage(request)
  const image = await open(request.source, request.sourceFormat)
  try {
    const disk = request.track === undefined ? image : dataTrackOf(image, request.track)
    const { diskBytes, sectorBytes } = disk
    const writer = await create(request.target, { diskBytes, sectorBytes, options: formatOptions })
    const outcome = await copyInto(disk, writer, request.target, options)
    return { ...outcome, ...namesOf(image, format), sectorBytes, diskBytes }
  } finally {
    image.close()
  }
}

/** All of an image into a new one; what is not whole at the end is abandoned. */
export async function copyInto(
  image: DiskImage,
  writer: ImageWriter,
  path: string,
  options: ImageCopyOptions,
): Promise<ImageOutcome> {
  let isWhole = false
  try {
    const source = new ImageSourceDrive(image)
    const target = new ImageTargetDrive(writer, path, image.diskBytes, image.sectorBytes)
    const outcome = await runBetween(source, target, JOB_FLAG_ASCENDING | JOB_FLAG_TARGET_BLANK, options)
    if (outcome.isComplete) await writer.finish()
    isWhole = outcome.isComplete
    return outcome
  } finally {
    if (!isWhole) writer.abandon()
  }
}

export interface CompareRequest {
  readonly left: string
  readonly right: string
  readonly leftFormat: string | null
  readonly rightFormat: string | null
}

export interface CompareResult extends ConvertResult {
  /** The longer one's bytes behind the end of the shorter one, and whether they are all zeros. */
  readonly extraBytes: number
  readonly extraIsZero: boolean
}

/** Every sector that both have, then whether the rest of the longer one is zeros. */
export async function compareImages(request: CompareRequest, options: ImageCopyOptions): Promise<CompareResult> {
  const left = await open(request.left, request.leftFormat)
  try {
    const right = await open(request.right, request.rightFormat)
    try {
      const diskBytes = Math.min(left.diskBytes, right.diskBytes)
      // A unit that both have; the list of what differs is in it.
      const sectorBytes = left.sectorBytes === right.sectorBytes ? left.sectorBytes : 512
      const drives = [left, right].map((image, bay) => new ImageSourceDrive(image, sectorBytes, diskBytes, bay + 1))
      const outcome = await runBetween(drives[0]!, drives[1]!, JOB_FLAG_VERIFY, options)
      const longer = left.diskBytes > right.diskBytes ? left : right
      return {
        ...outcome,
        ...namesOf(left, right.format),
        sectorBytes,
        diskBytes,
        extraBytes: longer.diskBytes - diskBytes,
        extraIsZero: await isZeroFrom(longer, diskBytes),
      }
    } finally {
      right.close()
    }
  } finally {
    left.close()
  }
}

export type ImageOutcome = CopyOutcome & Pick<ConvertResult, 'isComplete' | 'lastError'>

async function runBetween(
  source: BayDrive,
  target: BayDrive,
  flags: number,
  options: ImageCopyOptions,
): Promise<ImageOutcome> {
  const controller = new FileController(options.module, [source, target])
  controller.boot(BOOT_POWER_ON, null)
  const job: CopyJobOptions = {
    flags,
    sectors: 0,
    chunkBytes: chunkBytesFor(flags),
    retries: options.retries,
    errorLimit: options.errorLimit,
    signal: options.signal,
    onProgress: (progress) => options.onProgress?.(progress, source.sectorBytes),
  }
  // A disk without sectors is copied as it is.
  if (source.sectorCount === 0) return { ...NOTHING_TO_DO, isComplete: true, lastError: '' }
  const outcome = await runCopyJob(controller, job)
  return { ...outcome, isComplete: outcome.state === COPY_DONE, lastError: target.lastError || source.lastError }
}

const NOTHING_TO_DO: CopyOutcome = {
  sectors: 0,
  sectorsDone: 0,
  lostSectors: 0,
  state: COPY_DONE,
  reason: 0,
  zeroSectors: 0,
  droppedSectors: 0,
  lost: [],
  commandsRepeated: 0,
  targets: [],
  resumedAtSector: 0,
  correctedSectors: 0,
  rereadSectors: 0,
  uncheckedSectors: 0,
  damagedQSectors: 0,
}

async function isZeroFrom(image: DiskImage, startBytes: number): Promise<boolean> {
  const bytes = new Uint8Array(REST_BYTES)
  for (let at = startBytes; at < image.diskBytes; ) {
    const { kind, endBytes } = image.extentAt(at)
    if (kind === 'unread') return false
    const end = kind === 'zero' ? endBytes : Math.min(endBytes, at + REST_BYTES)
    if (kind === 'data') {
      const part = bytes.subarray(0, end - at)
      await image.read(at, part)
      if (part.some((byte) => byte !== 0)) return false
    }
    at = end
  }
  return true
}

async function open(path: string, format: string | null): Promise<DiskImage> {
  return format === null ? openImage(path) : openImage(path, formatNamed(format))
}

async function checkNewImage({ source, target, asking }: ConvertRequest): Promise<void> {
  if (existsSync(target) && !statSync(target).isFile()) {
    throw new ImageInputError(`${target} is no regular file: "platterlab image restore" writes to devices`)
  }
  refuseUsedTarget(existsSync(source) ? [source] : [], target)
  await agreeToReplace(target, asking)
}

function namesOf(image: DiskImage, target: ImageFormat): Pick<ConvertResult, 'sourceFormat' | 'targetFormat'> {
  return { sourceFormat: image.format.name, targetFormat: target.name }
}
