// One copy from a bay to others, or verify of two: starts or resumes it, lets signals and progress in between, and brings back what the microcode
// says. No decision about sectors is made here.

import {
  COPY_ENTRY_BYTES,
  COPY_LIST_ENTRIES,
  COPY_LIST_FOLLOW,
  COPY_LIST_HEADER_BYTES,
  COPY_REPORT_SECTORS,
  COPY_RESUME,
  COPY_START,
  COPY_STATUS_DROPPED_LOW,
  COPY_STATUS_LIST_ENTRIES,
  COPY_STATUS_LOST_LOW,
  COPY_STATUS_POSITION_LOW,
  COPY_STATUS_REASON,
  COPY_STATUS_RETRIES,
  COPY_STATUS_SECTORS_LOW,
  COPY_STATUS_STATE,
  COPY_STATUS_TARGET_0,
  COPY_STATUS_TARGETS,
  COPY_STATUS_ZERO_LOW,
  COPY_STOP,
  TARGET_BAY as ENTRY_BAY,
  TARGET_FLAGS as ENTRY_FLAGS,
  JOB_BYTES,
  JOB_CHECKPOINT_SECTORS,
  JOB_CHUNK_SECTORS,
  JOB_ERROR_LIMIT,
  JOB_FLAG_TARGETS,
  JOB_FLAG_VERIFY,
  JOB_FLAGS,
  JOB_RETRIES,
  JOB_SECTORS,
  JOB_SOURCE_BAY,
  JOB_TARGET_BAY,
  OP_COPY,
  TARGET_BYTES,
  TARGET_DROPPED,
  TARGET_REASON_SHIFT,
  TARGETS_COUNT,
  TARGETS_HEADER_BYTES,
} from '../../assembly/abi/copier'
import {
  COPY_STATUS_CORRECTED,
  COPY_STATUS_DAMAGED_Q,
  COPY_STATUS_REREAD,
  COPY_STATUS_UNCHECKED,
  OPTICAL_BYTES,
  OPTICAL_FIRST_FRAME,
} from '../../assembly/abi/optical'
import { SCSI_GOOD } from '../../assembly/abi/scsi'

const SOURCE_BAY = 0
const TARGET_BAY = 1
/** How long one stretch lasts before signals are looked at. */
const STRETCH_MS = 25
const COMMANDS_PER_LOOK = 16

/** A controller that runs a copier, with the source in bay 0 and the targets in bays 1 and up; powered on, its NVRAM loaded. */
export interface CopyPort {
  /** Usable bytes of a host slot's buffer. */
  readonly bufferBytes: number
  readonly sectorBytes: number
  /** Sends a SCSI command; it may be answered at once, or during `run`. */
  send(cdb: Uint8Array, dataOut: Uint8Array, dataInBytes: number, answered: (answer: CommandAnswer) => void): void
  /** Goes on for at most so many steps; false when nothing is left to do. */
  run(steps: number): boolean
  status(word: number): number
  /** Something outside is waited for: then `rest` is to be called, where there is nothing to `run`. */
  readonly isWaiting?: boolean
  /** Resolves when `run` has something to do again, or in the next turn of the event loop. */
  rest?(): Promise<void>
  /** From now on a flush reaches the device. */
  makeDurable(): void
}

export interface CommandAnswer {
  /** SAM-5 status. */
  readonly status: number
  readonly sense: Uint8Array
  readonly dataIn: Uint8Array
}

export interface CopyJobOptions {
  /** JOB_FLAG_* of assembly/abi/copier.ts. */
  readonly flags: number
  readonly sectors: number
  /** JOB_FLAG_* of each target behind the first one: what speaks of a target. */
  readonly furtherTargets?: readonly number[] | undefined
  readonly chunkBytes?: number | undefined
  readonly checkpointBytes?: number | undefined
  readonly retries?: number | undefined
  readonly errorLimit?: number | undefined
  /** START's data, in place of what is said above. */
  readonly block?: Uint8Array | undefined
  /** Optical: the address of LBA 0 on the disc, in frames. */
  readonly firstFrame?: number | undefined
  /** Go on with the job in the NVRAM. */
  readonly resume?: boolean
  /** Ends the job in order; it can be resumed. */
  readonly signal?: AbortSignal | undefined
  /** Steps between two looks at signals; by default as many as fit into a moment. */
  readonly stepsPerTurn?: number | undefined
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
}

export interface CopyProgress {
  readonly sectors: number
  readonly sectorsDone: number
  readonly lostSectors: number
  /** Pieces of the list that those are in; 0 or undefined: nobody counts them. */
  readonly lostAreas?: number
  /** Where this run of the job began: what lies before was done by an earlier one. */
  readonly resumedAtSector?: number
  /** Targets that were dropped so far. */
  readonly droppedTargets?: number
}

export interface LostRange {
  readonly lba: number
  readonly sectors: number
  /** LOST_* of assembly/abi/copier.ts, and above them the number of a target. */
  readonly why: number
}

/** What became of one target. */
export interface TargetStanding {
  /** TARGET_* and REASON_* of assembly/abi/copier.ts. */
  readonly standing: number
  readonly reason: number
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
  /** By number: as many as the job has. */
  readonly targets: readonly TargetStanding[]
  readonly resumedAtSector: number
  /** Optical: sectors that their code corrected, that took more than one read, and that have no code. */
  readonly correctedSectors: number
  readonly rereadSectors: number
  readonly uncheckedSectors: number
  /** Optical, with subchannels: sectors whose subchannel Q is damaged. */
  readonly damagedQSectors: number
}

export async function runCopyJob(port: CopyPort, options: CopyJobOptions): Promise<CopyOutcome> {
  const resumedAtSector = options.resume ? longStatus(port, COPY_STATUS_POSITION_LOW) : 0
  await carryThrough(port, options, resumedAtSector)
  return { ...outcomeOf(port), lost: readLost(port), resumedAtSector }
}

/** Until the job has ended, one way or another. */
async function carryThrough(port: CopyPort, options: CopyJobOptions, resumedAtSector: number): Promise<void> {
  let hasEnded = false
  const first = copyCdb(options.resume ? COPY_RESUME : COPY_START)
  const block = options.resume ? new Uint8Array(0) : (options.block ?? jobBlock(options, port.sectorBytes))
  port.send(first, block, 0, () => {
    hasEnded = true
  })
  let isStopping = false
  while (!hasEnded) {
    if (options.signal?.aborted && !isStopping) {
      isStopping = true
      port.makeDurable()
      port.send(copyCdb(COPY_STOP), new Uint8Array(0), 0, () => {})
    }
    const goesOn = await runStretch(port, options.stepsPerTurn)
    if (!goesOn && !hasEnded && !port.isWaiting) throw new Error('the copier must not wait for nothing')
    const lostAreas = port.status(COPY_STATUS_LIST_ENTRIES)
    options.onProgress?.({ ...progressOf(port), lostAreas, resumedAtSector })
    // A turn of the event loop: this is where signals arrive.
    await (port.rest?.() ?? new Promise<void>((resolve) => setImmediate(resolve)))
  }
  // Aborted commands that are under way: files are in use until then.
  while (port.isWaiting) await port.rest?.()
}

/** Until a moment is over, or nothing is left to do. */
async function runStretch(port: CopyPort, steps: number | undefined): Promise<boolean> {
  if (steps !== undefined) return port.run(steps)
  const endMs = performance.now() + STRETCH_MS
  while (performance.now() < endMs) {
    if (port.run(COMMANDS_PER_LOOK)) continue
    if (!port.isWaiting) return false
    await port.rest?.()
  }
  return true
}

function progressOf(port: CopyPort): CopyProgress {
  return {
    sectors: longStatus(port, COPY_STATUS_SECTORS_LOW),
    sectorsDone: longStatus(port, COPY_STATUS_POSITION_LOW),
    lostSectors: longStatus(port, COPY_STATUS_LOST_LOW),
    droppedTargets: targetsOf(port).filter(({ standing }) => standing === TARGET_DROPPED).length,
  }
}

function outcomeOf(port: CopyPort): Omit<CopyOutcome, 'lost' | 'resumedAtSector'> {
  return {
    ...progressOf(port),
    state: port.status(COPY_STATUS_STATE),
    reason: port.status(COPY_STATUS_REASON),
    zeroSectors: longStatus(port, COPY_STATUS_ZERO_LOW),
    droppedSectors: longStatus(port, COPY_STATUS_DROPPED_LOW),
    commandsRepeated: port.status(COPY_STATUS_RETRIES),
    targets: targetsOf(port),
    correctedSectors: port.status(COPY_STATUS_CORRECTED),
    rereadSectors: port.status(COPY_STATUS_REREAD),
    uncheckedSectors: port.status(COPY_STATUS_UNCHECKED),
    damagedQSectors: port.status(COPY_STATUS_DAMAGED_Q),
  }
}

function targetsOf(port: CopyPort): TargetStanding[] {
  return Array.from({ length: port.status(COPY_STATUS_TARGETS) }, (_, number) => {
    const word = port.status(COPY_STATUS_TARGET_0 + number)
    return { standing: word & ((1 << TARGET_REASON_SHIFT) - 1), reason: word >>> TARGET_REASON_SHIFT }
  })
}

/** The whole list, as many commands as it takes; neighbours with the same cause are one range. */
export function readLost(port: CopyPort): LostRange[] {
  const ranges: LostRange[] = []
  const room = port.bufferBytes
  let first = 0
  for (;;) {
    let part: Uint8Array | null = null
    port.send(copyCdb(COPY_REPORT_SECTORS, first, room), new Uint8Array(0), room, ({ status, dataIn }) => {
      if (status === SCSI_GOOD) part = dataIn
    })
    while (part === null) if (!port.run(1)) throw new Error('the copier must report its list')
    const view = new DataView((part as Uint8Array).slice().buffer)
    const follow = view.getUint32(COPY_LIST_FOLLOW)
    for (let entry = 0; entry < follow; entry++) {
      const at = COPY_LIST_HEADER_BYTES + entry * COPY_ENTRY_BYTES
      addRange(ranges, Number(view.getBigUint64(at)), view.getUint32(at + 8), view.getUint32(at + 12))
    }
    first += follow
    if (follow === 0 || first >= view.getUint32(COPY_LIST_ENTRIES)) return ranges
  }
}

/** A pair of status words, low one first. */
export function longStatus(port: CopyPort, word: number): number {
  return port.status(word + 1) * 2 ** 32 + port.status(word)
}

function addRange(ranges: LostRange[], lba: number, sectors: number, why: number): void {
  const last = ranges.at(-1)
  if (last && last.why === why && last.lba + last.sectors === lba) {
    ranges[ranges.length - 1] = { lba: last.lba, sectors: last.sectors + sectors, why }
  } else {
    ranges.push({ lba, sectors, why })
  }
}

/**
 * What is best for files. Shorter writes than this are slower, because file systems make room for long ones in longer pieces; longer ones have
 * left the processor's cache before they are written. Where two sides are only read, it is the number of commands that counts.
 */
export function chunkBytesFor(flags: number): number {
  return flags & JOB_FLAG_VERIFY ? 1 << 20 : 512 << 10
}

export function copyCdb(action: number, first = 0, allocationBytes = 0): Uint8Array {
  const cdb = new Uint8Array(16)
  const view = new DataView(cdb.buffer)
  view.setUint8(0, OP_COPY)
  view.setUint8(1, action)
  view.setUint32(2, first)
  view.setUint32(10, allocationBytes)
  return cdb
}

export function jobBlock(options: CopyJobOptions, sectorBytes: number): Uint8Array {
  const { furtherTargets = [] } = options
  const targetsAt = JOB_BYTES + (options.firstFrame === undefined ? 0 : OPTICAL_BYTES)
  const targetsBytes = furtherTargets.length === 0 ? 0 : TARGETS_HEADER_BYTES + furtherTargets.length * TARGET_BYTES
  const block = new Uint8Array(targetsAt + targetsBytes)
  const view = new DataView(block.buffer)
  const sectorsOf = (bytes: number | undefined): number =>
    bytes === undefined ? 0 : Math.max(1, Math.floor(bytes / sectorBytes))
  view.setUint32(JOB_FLAGS, options.flags | (furtherTargets.length > 0 ? JOB_FLAG_TARGETS : 0))
  view.setUint32(JOB_SOURCE_BAY, SOURCE_BAY)
  view.setUint32(JOB_TARGET_BAY, TARGET_BAY)
  view.setBigUint64(JOB_SECTORS, BigInt(options.sectors))
  view.setUint32(JOB_CHUNK_SECTORS, sectorsOf(options.chunkBytes))
  view.setUint32(JOB_CHECKPOINT_SECTORS, sectorsOf(options.checkpointBytes))
  view.setUint32(JOB_RETRIES, options.retries ?? 0)
  view.setUint32(JOB_ERROR_LIMIT, options.errorLimit ?? 0)
  if (options.firstFrame !== undefined) view.setUint32(OPTICAL_FIRST_FRAME, options.firstFrame)
  if (furtherTargets.length > 0) view.setUint32(targetsAt + TARGETS_COUNT, furtherTargets.length)
  for (const [index, flags] of furtherTargets.entries()) {
    const at = targetsAt + TARGETS_HEADER_BYTES + index * TARGET_BYTES
    view.setUint32(at + ENTRY_BAY, TARGET_BAY + 1 + index)
    view.setUint32(at + ENTRY_FLAGS, flags)
  }
  return block
}
