// Where everything lies in the module's memory, and the table that says so to the hardware.
//
//   DMA area:  | host buffers 4 x 64 KiB | control buffers 4 KiB | chunk buffers 8 x 1 MiB |
//   NVRAM:     | job, slot A | job, slot B | list of sectors, 4096 entries | targets A, targets B |    (journal.ts, targetsKept.ts)
//
// All areas are static: nothing is allocated while the controller runs, but for the texts of the front panel.

import { CONFIG_WORDS } from '../abi/config'
import { COPY_ENTRY_BYTES, COPY_LIST_CAPACITY, TARGETS_MAX } from '../abi/copier'
import {
  ABI_MAGIC,
  ABI_VERSION,
  DESCRIPTOR_ABI_VERSION,
  DESCRIPTOR_BAY_COUNT,
  DESCRIPTOR_BUFFER_BYTES,
  DESCRIPTOR_BUFFER_STRIDE,
  DESCRIPTOR_BUFFERS_ADDRESS,
  DESCRIPTOR_CONFIG_ADDRESS,
  DESCRIPTOR_CONFIG_WORDS,
  DESCRIPTOR_DMA_BYTES,
  DESCRIPTOR_DRIVE_SLOT_COUNT,
  DESCRIPTOR_DRIVE_SLOTS_ADDRESS,
  DESCRIPTOR_HOST_SLOT_COUNT,
  DESCRIPTOR_HOST_SLOTS_ADDRESS,
  DESCRIPTOR_MAGIC,
  DESCRIPTOR_NVRAM_ADDRESS,
  DESCRIPTOR_NVRAM_BYTES,
  DESCRIPTOR_STATUS_ADDRESS,
  DESCRIPTOR_STATUS_WORDS,
  DESCRIPTOR_TIMER_COUNT,
  DESCRIPTOR_WORDS,
} from '../abi/descriptor'
import { DRIVE_SLOT_BYTES } from '../abi/driveSlots'
import { HOST_SLOT_BYTES } from '../abi/hostSlots'
import { AREAS_CAPACITY } from '../abi/rescue'
import { STATUS_WORDS } from '../abi/status'

export const HOST_SLOTS: u32 = 4
export const HOST_BUFFER_BYTES: u32 = 0x10000
export const BAYS: u32 = 8

/** Chunks in flight, each with a buffer of its own; a verify needs two buffers for a chunk. */
export const CHUNKS: u32 = 8
export const CHUNK_BUFFER_BYTES: u32 = 0x100000
/** Sectors of the largest chunk: a buffer full of the smallest sectors. */
export const CHUNK_SECTORS_MAX: u32 = 2048

/** Sides of a job: 0 is the source, i + 1 target i. */
export const SIDES: u32 = 1 + <u32>TARGETS_MAX

/** Side s of chunk i has drive slot i * SIDES + s; then the sides' questions, and the targets' flushes. */
export const SLOT_ASK: u32 = CHUNKS * SIDES
export const SLOT_FLUSH: u32 = SLOT_ASK + SIDES
export const DRIVE_SLOTS: u32 = SLOT_FLUSH + <u32>TARGETS_MAX

export const JOURNAL_SLOT_BYTES: u32 = 256
export const JOURNAL_LIST: u32 = 2 * JOURNAL_SLOT_BYTES
export const JOURNAL_TARGETS: u32 = JOURNAL_LIST + COPY_LIST_CAPACITY * COPY_ENTRY_BYTES
export const JOURNAL_TARGETS_BYTES: u32 = 256
export const NVRAM_BYTES: u32 = JOURNAL_TARGETS + 2 * JOURNAL_TARGETS_BYTES

const PAGE: usize = 4096
const CONTROL_BYTES: u32 = 4096
const DMA_BYTES: u32 = HOST_SLOTS * HOST_BUFFER_BYTES + CONTROL_BYTES + CHUNKS * CHUNK_BUFFER_BYTES

// Sizes in memory.data are literals: the compiler wants them before it knows constants. checkSizes holds them against the constants.
const dma: usize = (memory.data(0x842000, 16) + PAGE - 1) & ~(PAGE - 1)
const descriptor: usize = memory.data(96, 16)
export const hostSlots: usize = memory.data(320, 16)
export const driveSlots: usize = memory.data(3792, 16)
export const nvram: usize = memory.data(66560, 16)
export const config: usize = memory.data(160, 16)
export const status: usize = memory.data(512, 16)
/** One byte for each sector of each side of each chunk: why it is lost, or 0. */
const reasons: usize = memory.data(0x20000, 16)

export function hostSlotAddress(slot: u32): usize {
  return hostSlots + <usize>(slot * HOST_SLOT_BYTES)
}

export function hostBuffer(slot: u32): usize {
  return dma + <usize>(slot * HOST_BUFFER_BYTES)
}

export function driveSlotAddress(slot: u32): usize {
  return driveSlots + <usize>(slot * DRIVE_SLOT_BYTES)
}

/** Small buffers for IDENTIFY and GET LBA STATUS, one for each side of the job. */
export function controlBuffer(side: u32): usize {
  return dma + <usize>(HOST_SLOTS * HOST_BUFFER_BYTES + side * 256)
}

export function chunkBuffer(index: u32): usize {
  return dma + <usize>(HOST_SLOTS * HOST_BUFFER_BYTES + CONTROL_BYTES + index * CHUNK_BUFFER_BYTES)
}

export function reasonsAt(index: u32, side: u32): usize {
  return reasons + <usize>((index * SIDES + side) * CHUNK_SECTORS_MAX)
}

function tell(word: u32, value: u32): void {
  store<u32>(descriptor + ((<usize>word) << 2), value)
}

export function describe(): usize {
  tell(DESCRIPTOR_MAGIC, ABI_MAGIC)
  tell(DESCRIPTOR_ABI_VERSION, ABI_VERSION)
  tell(DESCRIPTOR_HOST_SLOTS_ADDRESS, <u32>hostSlots)
  tell(DESCRIPTOR_HOST_SLOT_COUNT, HOST_SLOTS)
  tell(DESCRIPTOR_DRIVE_SLOTS_ADDRESS, <u32>driveSlots)
  tell(DESCRIPTOR_DRIVE_SLOT_COUNT, DRIVE_SLOTS)
  tell(DESCRIPTOR_BUFFERS_ADDRESS, <u32>dma)
  tell(DESCRIPTOR_BUFFER_BYTES, HOST_BUFFER_BYTES)
  tell(DESCRIPTOR_BUFFER_STRIDE, HOST_BUFFER_BYTES)
  tell(DESCRIPTOR_DMA_BYTES, DMA_BYTES)
  tell(DESCRIPTOR_NVRAM_ADDRESS, <u32>nvram)
  tell(DESCRIPTOR_NVRAM_BYTES, NVRAM_BYTES)
  tell(DESCRIPTOR_CONFIG_ADDRESS, <u32>config)
  tell(DESCRIPTOR_CONFIG_WORDS, CONFIG_WORDS)
  tell(DESCRIPTOR_STATUS_ADDRESS, <u32>status)
  tell(DESCRIPTOR_STATUS_WORDS, STATUS_WORDS)
  tell(DESCRIPTOR_TIMER_COUNT, 2)
  tell(DESCRIPTOR_BAY_COUNT, BAYS)
  return descriptor
}

/** Whether the literals above are large enough for the constants that they stand for. */
export function sizesHold(): bool {
  return (
    DMA_BYTES + <u32>PAGE <= 0x842000 &&
    DESCRIPTOR_WORDS * 4 <= 96 &&
    HOST_SLOTS * HOST_SLOT_BYTES <= 320 &&
    DRIVE_SLOTS * DRIVE_SLOT_BYTES <= 3792 &&
    NVRAM_BYTES <= 66560 &&
    CONFIG_WORDS * 4 <= 160 &&
    STATUS_WORDS * 4 <= 512 &&
    CHUNKS * SIDES * CHUNK_SECTORS_MAX <= 0x20000 &&
    <u32>AREAS_CAPACITY * 8 <= 32000
  )
}
