// The descriptor table of assembly/abi/descriptor.ts, read once and checked in full: after `readDescriptor` the host may index any
// area without looking again. A table that lies in any word is refused with the word, what it says, and what it may say.
//
// Checked: every word against its limits, and the areas against the memory, their alignment, and each other (areas.ts). Not
// checked: that the microcode keeps to its areas, or that `describe()` would say the same a second time.

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
  DESCRIPTOR_FRAME_BYTES,
  DESCRIPTOR_FRAME_COUNT,
  DESCRIPTOR_FRAMES_ADDRESS,
  DESCRIPTOR_HOST_SLOT_COUNT,
  DESCRIPTOR_HOST_SLOTS_ADDRESS,
  DESCRIPTOR_MAGIC,
  DESCRIPTOR_NVRAM_ADDRESS,
  DESCRIPTOR_NVRAM_BYTES,
  DESCRIPTOR_STATUS_ADDRESS,
  DESCRIPTOR_STATUS_WORDS,
  DESCRIPTOR_TIMER_COUNT,
  DESCRIPTOR_WORDS,
} from '../../assembly/abi/descriptor'
import { DRIVE_SLOT_BYTES } from '../../assembly/abi/driveSlots'
import { FRAME_HEADER } from '../../assembly/abi/frames'
import { HOST_SLOT_BYTES } from '../../assembly/abi/hostSlots'
import { STATUS_BAY_WORDS, STATUS_BAYS } from '../../assembly/abi/status'
import { type Area, checkAreas } from './areas'
import { MicrocodeRefused } from './microcodeRefused'

/** The fields of the table by name; what each may say is in FIELDS. */
export interface Descriptor {
  readonly hostSlotsAddress: number
  readonly hostSlotCount: number
  readonly driveSlotsAddress: number
  readonly driveSlotCount: number
  readonly framesAddress: number
  readonly frameCount: number
  readonly frameBytes: number
  readonly buffersAddress: number
  readonly bufferBytes: number
  readonly bufferStrideBytes: number
  readonly dmaBytes: number
  readonly nvramAddress: number
  readonly nvramBytes: number
  readonly configAddress: number
  readonly configWords: number
  readonly statusAddress: number
  readonly statusWords: number
  readonly timerCount: number
  readonly bayCount: number
}

/** Which word a field is, and its limits. Addresses have none here: they are judged as areas. */
interface Field {
  readonly word: number
  readonly min?: number
  readonly max?: number
  readonly multipleOf?: number
}

const MIB = 1 << 20

const FIELDS: { readonly [Name in keyof Descriptor]: Field } = {
  hostSlotsAddress: { word: DESCRIPTOR_HOST_SLOTS_ADDRESS },
  hostSlotCount: { word: DESCRIPTOR_HOST_SLOT_COUNT, min: 1, max: 256 },
  driveSlotsAddress: { word: DESCRIPTOR_DRIVE_SLOTS_ADDRESS },
  driveSlotCount: { word: DESCRIPTOR_DRIVE_SLOT_COUNT, min: 1, max: 4096 },
  framesAddress: { word: DESCRIPTOR_FRAMES_ADDRESS },
  frameCount: { word: DESCRIPTOR_FRAME_COUNT, max: 4096 },
  frameBytes: { word: DESCRIPTOR_FRAME_BYTES, max: 16 * MIB, multipleOf: 4 },
  buffersAddress: { word: DESCRIPTOR_BUFFERS_ADDRESS },
  /** One sector of 4096 bytes must fit: drives have such sectors. */
  bufferBytes: { word: DESCRIPTOR_BUFFER_BYTES, min: 4096, max: 16 * MIB, multipleOf: 4 },
  bufferStrideBytes: { word: DESCRIPTOR_BUFFER_STRIDE, min: 4096, max: 32 * MIB, multipleOf: 16 },
  dmaBytes: { word: DESCRIPTOR_DMA_BYTES, min: 4096, max: 1024 * MIB },
  nvramAddress: { word: DESCRIPTOR_NVRAM_ADDRESS },
  /** NVRAM keeps or loses words of 8 bytes. */
  nvramBytes: { word: DESCRIPTOR_NVRAM_BYTES, max: 64 * MIB, multipleOf: 8 },
  configAddress: { word: DESCRIPTOR_CONFIG_ADDRESS },
  /** Fewer words than the ABI has: the microcode knows no more, and the host writes no more. */
  configWords: { word: DESCRIPTOR_CONFIG_WORDS, max: 1024 },
  statusAddress: { word: DESCRIPTOR_STATUS_ADDRESS },
  statusWords: { word: DESCRIPTOR_STATUS_WORDS, min: STATUS_BAYS, max: 4096 },
  timerCount: { word: DESCRIPTOR_TIMER_COUNT, max: 4096 },
  bayCount: { word: DESCRIPTOR_BAY_COUNT, min: 1, max: 32 },
}

const FIRST_RESERVED_WORD = DESCRIPTOR_BAY_COUNT + 1

/** Reads the table at `address`, as `describe()` returned it; throws MicrocodeRefused when anything in it cannot be so. */
export function readDescriptor(memory: WebAssembly.Memory, address: number): Descriptor {
  const words = readTable(memory, address)
  checkHead(words)
  const entries = Object.entries(FIELDS).map(([name, field]) => [name, checkedWord(words, name, field)])
  const descriptor = Object.fromEntries(entries) as unknown as Descriptor
  checkRelations(descriptor)
  checkAreas(areasOf(descriptor, address >>> 0), memory.buffer.byteLength)
  return descriptor
}

function readTable(memory: WebAssembly.Memory, signedAddress: number): Uint32Array {
  // An i32 result above 2 GiB arrives as a negative number.
  const address = signedAddress >>> 0
  const memoryBytes = memory.buffer.byteLength
  if (address % 4 !== 0) throw new MicrocodeRefused('describe()', `address ${address}`, 'an address aligned to 4 bytes')
  if (address + DESCRIPTOR_WORDS * 4 > memoryBytes) {
    const expected = `a table of ${DESCRIPTOR_WORDS * 4} bytes inside the memory of ${memoryBytes} bytes`
    throw new MicrocodeRefused('describe()', `address ${address}`, expected)
  }
  return new Uint32Array(memory.buffer, address, DESCRIPTOR_WORDS)
}

function checkHead(words: Uint32Array): void {
  const hex = (word: number): string => `0x${word.toString(16).padStart(8, '0')}`
  const magic = words[DESCRIPTOR_MAGIC]
  if (magic !== ABI_MAGIC) refuseWord('magic', DESCRIPTOR_MAGIC, hex(magic), `${hex(ABI_MAGIC)} ('PLAB')`)
  const version = words[DESCRIPTOR_ABI_VERSION]
  if (version !== ABI_VERSION) refuseWord('abiVersion', DESCRIPTOR_ABI_VERSION, `${version}`, `${ABI_VERSION}`)
  for (let word = FIRST_RESERVED_WORD; word < DESCRIPTOR_WORDS; word++) {
    if (words[word] !== 0) refuseWord('reserved', word, `${words[word]}`, '0')
  }
}

function checkedWord(words: Uint32Array, name: string, field: Field): number {
  const found = words[field.word]
  const { min = 0, max = 0xffffffff, multipleOf = 1 } = field
  if (found < min || found > max || found % multipleOf !== 0) {
    const multiple = multipleOf > 1 ? `, a multiple of ${multipleOf}` : ''
    refuseWord(name, field.word, `${found}`, `${min} to ${max}${multiple}`)
  }
  return found
}

/** What words say about each other. */
function checkRelations(table: Descriptor): void {
  const refuse = (name: keyof Descriptor, expected: string): never =>
    refuseWord(name, FIELDS[name].word, `${table[name]}`, expected)
  if (table.bufferStrideBytes < table.bufferBytes) {
    refuse('bufferStrideBytes', `at least bufferBytes, ${table.bufferBytes}`)
  }
  const hostBuffersBytes = (table.hostSlotCount - 1) * table.bufferStrideBytes + table.bufferBytes
  if (table.dmaBytes < hostBuffersBytes) {
    refuse('dmaBytes', `at least ${hostBuffersBytes}: the buffers of ${table.hostSlotCount} host slots`)
  }
  if (table.frameCount > 0 && table.frameBytes < FRAME_HEADER + 4) {
    refuse('frameBytes', `at least ${FRAME_HEADER + 4}: three words, and a header`)
  }
  const statusWordsMin = STATUS_BAYS + table.bayCount * STATUS_BAY_WORDS
  if (table.statusWords < statusWordsMin) {
    refuse('statusWords', `at least ${statusWordsMin}: the status of ${table.bayCount} bays`)
  }
}

function areasOf(table: Descriptor, address: number): Area[] {
  return [
    { name: 'descriptor', address, bytes: DESCRIPTOR_WORDS * 4, alignment: 4 },
    { name: 'hostSlots', address: table.hostSlotsAddress, bytes: table.hostSlotCount * HOST_SLOT_BYTES, alignment: 4 },
    {
      name: 'driveSlots',
      address: table.driveSlotsAddress,
      bytes: table.driveSlotCount * DRIVE_SLOT_BYTES,
      alignment: 4,
    },
    { name: 'frames', address: table.framesAddress, bytes: table.frameCount * table.frameBytes, alignment: 4 },
    { name: 'buffers', address: table.buffersAddress, bytes: table.dmaBytes, alignment: 16 },
    { name: 'nvram', address: table.nvramAddress, bytes: table.nvramBytes, alignment: 8 },
    { name: 'config', address: table.configAddress, bytes: table.configWords * 4, alignment: 4 },
    { name: 'status', address: table.statusAddress, bytes: table.statusWords * 4, alignment: 4 },
  ]
}

function refuseWord(name: string, word: number, found: string, expected: string): never {
  throw new MicrocodeRefused(`descriptor word ${word} (${name})`, found, expected)
}
