// One copy or verify between two bays of a controller whose drives are files: starts or resumes it, lets signals and progress in between, and
// brings back what the microcode says. No decision about sectors is made here.

import {
  COPY_ENTRY_BYTES,
  COPY_LIST_ENTRIES,
  COPY_LIST_FOLLOW,
  COPY_LIST_HEADER_BYTES,
  COPY_REPORT_SECTORS,
  COPY_RESUME,
  COPY_START,
  COPY_STATUS_DROPPED_LOW,
  COPY_STATUS_LOST_LOW,
  COPY_STATUS_POSITION_LOW,
  COPY_STATUS_REASON,
  COPY_STATUS_RETRIES,
  COPY_STATUS_SECTORS_LOW,
  COPY_STATUS_STATE,
  COPY_STATUS_ZERO_LOW,
  COPY_STOP,
  JOB_BYTES,
  JOB_CHECKPOINT_SECTORS,
  JOB_CHUNK_SECTORS,
  JOB_ERROR_LIMIT,
  JOB_FLAGS,
  JOB_RETRIES,
  JOB_SECTORS,
  JOB_SOURCE_BAY,
  JOB_TARGET_BAY,
  OP_COPY,
} from '../../assembly/abi/copier'
import { BOOT_POWER_ON } from '../../assembly/abi/descriptor'
import { SCSI_GOOD } from '../../assembly/abi/scsi'
import { FileController } from './fileController'
import type { FileDrive } from './fileDrive'

const SOURCE_BAY = 0
const TARGET_BAY = 1
/** How long one stretch lasts before signals are looked at. */
const STRETCH_MS = 25
const COMMANDS_PER_LOOK = 16

export interface CopyJobOptions {
  readonly module: WebAssembly.Module
  readonly source: FileDrive
  readonly target: FileDrive
  /** JOB_FLAG_* of assembly/abi/copier.ts. */
  readonly flags: number
  readonly sectors: number
  readonly chunkBytes?: number | undefined
  readonly checkpointBytes?: number | undefined
  readonly retries?: number | undefined
  readonly errorLimit?: number | undefined
  /** What the NVRAM held when an earlier run ended: the job in it goes on. */
  readonly nvram?: Uint8Array | null | undefined
  /** Ends the job in order; it can be resumed. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
  readonly onCommit?: ((nvram: Uint8Array) => void) | undefined
}

export interface CopyProgress {
  readonly sectors: number
  readonly sectorsDone: number
  readonly lostSectors: number
}

export interface LostRange {
  readonly lba: number
  readonly sectors: number
  /** LOST_* of assembly/abi/copier.ts. */
  readonly why: number
}

export interface CopyOutcome extends CopyProgress {
  /** COPY_* and REASON_*: how it ended. */
  readonly state: number
  readonly reason: number
  readonly zeroSectors: number
  /** Sectors that are counted in `lostSectors` and missing in `lost`, because the list was full. */
  readonly droppedSectors: number
  readonly lost: readonly LostRange[]
  readonly commandsRepeated: number
  readonly resumedAtSector: number
  /** The NVRAM at the end. */
  readonly nvram: Uint8Array
}

export async function runCopyJob(options: CopyJobOptions): Promise<CopyOutcome> {
  const controller = new FileController(options.module, [options.source, options.target])
  const nvram = new Uint8Array(controller.descriptor.nvramBytes)
  controller.onCommit = (window) => {
    nvram.set(window)
    options.onCommit?.(nvram)
  }
  if (options.nvram) nvram.set(options.nvram.subarray(0, nvram.length))
  controller.boot(BOOT_POWER_ON, options.nvram ?? null)
  const resumedAtSector = options.nvram ? controller.longStatus(COPY_STATUS_POSITION_LOW) : 0

  let hasEnded = false
  const first = options.nvram ? copyCdb(COPY_RESUME) : copyCdb(COPY_START)
  controller.send(first, options.nvram ? new Uint8Array(0) : jobBlock(options), 0, () => {
    hasEnded = true
  })
  let isStopping = false
  while (!hasEnded) {
    if (!runStretch(controller) && !hasEnded) throw new Error('the copier waits for nothing')
    options.onProgress?.(progressOf(controller))
    // A turn of the event loop: this is where signals arrive.
    await new Promise<void>((resolve) => setImmediate(resolve))
    if (options.signal?.aborted && !isStopping && !hasEnded) {
      isStopping = true
      options.target.isDurable = true
      controller.send(copyCdb(COPY_STOP), new Uint8Array(0), 0, () => {})
    }
  }
  return { ...outcomeOf(controller), resumedAtSector, nvram }
}

function runStretch(controller: FileController): boolean {
  const endMs = performance.now() + STRETCH_MS
  while (controller.run(COMMANDS_PER_LOOK)) if (performance.now() >= endMs) return true
  return false
}

function progressOf(controller: FileController): CopyProgress {
  return {
    sectors: controller.longStatus(COPY_STATUS_SECTORS_LOW),
    sectorsDone: controller.longStatus(COPY_STATUS_POSITION_LOW),
    lostSectors: controller.longStatus(COPY_STATUS_LOST_LOW),
  }
}

function outcomeOf(controller: FileController): Omit<CopyOutcome, 'resumedAtSector' | 'nvram'> {
  return {
    ...progressOf(controller),
    state: controller.status(COPY_STATUS_STATE),
    reason: controller.status(COPY_STATUS_REASON),
    zeroSectors: controller.longStatus(COPY_STATUS_ZERO_LOW),
    droppedSectors: controller.longStatus(COPY_STATUS_DROPPED_LOW),
    commandsRepeated: controller.status(COPY_STATUS_RETRIES),
    lost: readList(controller),
  }
}

/** The whole list, as many commands as it takes; neighbours with the same cause are one range. */
function readList(controller: FileController): LostRange[] {
  const ranges: LostRange[] = []
  let first = 0
  for (;;) {
    let part: Uint8Array = new Uint8Array(0)
    const room = controller.descriptor.bufferBytes
    controller.send(copyCdb(COPY_REPORT_SECTORS, first, room), new Uint8Array(0), room, ({ status, dataIn }) => {
      if (status !== SCSI_GOOD) throw new Error('the copier does not report its list')
      part = dataIn
    })
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength)
    const follow = view.getUint32(COPY_LIST_FOLLOW)
    for (let entry = 0; entry < follow; entry++) {
      const at = COPY_LIST_HEADER_BYTES + entry * COPY_ENTRY_BYTES
      addRange(ranges, Number(view.getBigUint64(at)), view.getUint32(at + 8), view.getUint32(at + 12))
    }
    first += follow
    if (follow === 0 || first >= view.getUint32(COPY_LIST_ENTRIES)) return ranges
  }
}

function addRange(ranges: LostRange[], lba: number, sectors: number, why: number): void {
  const last = ranges.at(-1)
  if (last && last.why === why && last.lba + last.sectors === lba) {
    ranges[ranges.length - 1] = { lba: last.lba, sectors: last.sectors + sectors, why }
  } else {
    ranges.push({ lba, sectors, why })
  }
}

function copyCdb(action: number, first = 0, allocationBytes = 0): Uint8Array {
  const cdb = new Uint8Array(16)
  const view = new DataView(cdb.buffer)
  view.setUint8(0, OP_COPY)
  view.setUint8(1, action)
  view.setUint32(2, first)
  view.setUint32(10, allocationBytes)
  return cdb
}

function jobBlock(options: CopyJobOptions): Uint8Array {
  const { sectorBytes } = options.source
  const block = new Uint8Array(JOB_BYTES)
  const view = new DataView(block.buffer)
  const sectorsOf = (bytes: number | undefined): number =>
    bytes === undefined ? 0 : Math.max(1, Math.floor(bytes / sectorBytes))
  view.setUint32(JOB_FLAGS, options.flags)
  view.setUint32(JOB_SOURCE_BAY, SOURCE_BAY)
  view.setUint32(JOB_TARGET_BAY, TARGET_BAY)
  view.setBigUint64(JOB_SECTORS, BigInt(options.sectors))
  view.setUint32(JOB_CHUNK_SECTORS, sectorsOf(options.chunkBytes))
  view.setUint32(JOB_CHECKPOINT_SECTORS, sectorsOf(options.checkpointBytes))
  view.setUint32(JOB_RETRIES, options.retries ?? 0)
  view.setUint32(JOB_ERROR_LIMIT, options.errorLimit ?? 0)
  return block
}
