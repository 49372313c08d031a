// A truthful descriptor table in a memory of its own, for tests that then make it lie.
import * as abi from '../../assembly/abi/descriptor'
import { DRIVE_SLOT_BYTES } from '../../assembly/abi/driveSlots'
import { HOST_SLOT_BYTES } from '../../assembly/abi/hostSlots'

export const TABLE_ADDRESS = 64

export interface TableShape {
  readonly hostSlotCount: number
  readonly driveSlotCount: number
  readonly frameCount: number
  readonly nvramBytes: number
  readonly bayCount: number
}

const SMALL: TableShape = { hostSlotCount: 4, driveSlotCount: 16, frameCount: 0, nvramBytes: 512, bayCount: 8 }

/** Areas lie one after the other from 1024 on, without a gap that alignment does not ask for. */
export function truthfulTable(shape: Partial<TableShape> = {}): { memory: WebAssembly.Memory; table: Uint32Array } {
  const { hostSlotCount, driveSlotCount, frameCount, nvramBytes, bayCount } = { ...SMALL, ...shape }
  const words = new Uint32Array(abi.DESCRIPTOR_WORDS)
  let end = 1024
  const place = (word: number, bytes: number, alignment: number): void => {
    end = Math.ceil(end / alignment) * alignment
    words[word] = end
    end += bytes
  }
  words[abi.DESCRIPTOR_MAGIC] = abi.ABI_MAGIC
  words[abi.DESCRIPTOR_ABI_VERSION] = abi.ABI_VERSION
  words[abi.DESCRIPTOR_HOST_SLOT_COUNT] = hostSlotCount
  words[abi.DESCRIPTOR_DRIVE_SLOT_COUNT] = driveSlotCount
  words[abi.DESCRIPTOR_FRAME_COUNT] = frameCount
  words[abi.DESCRIPTOR_FRAME_BYTES] = 1024
  words[abi.DESCRIPTOR_BUFFER_BYTES] = 4096
  words[abi.DESCRIPTOR_BUFFER_STRIDE] = 4112
  words[abi.DESCRIPTOR_DMA_BYTES] = hostSlotCount * 4112
  words[abi.DESCRIPTOR_NVRAM_BYTES] = nvramBytes
  words[abi.DESCRIPTOR_CONFIG_WORDS] = 32
  words[abi.DESCRIPTOR_STATUS_WORDS] = 16 + 4 * bayCount
  words[abi.DESCRIPTOR_TIMER_COUNT] = 4
  words[abi.DESCRIPTOR_BAY_COUNT] = bayCount
  place(abi.DESCRIPTOR_HOST_SLOTS_ADDRESS, hostSlotCount * HOST_SLOT_BYTES, 4)
  place(abi.DESCRIPTOR_DRIVE_SLOTS_ADDRESS, driveSlotCount * DRIVE_SLOT_BYTES, 4)
  place(abi.DESCRIPTOR_FRAMES_ADDRESS, frameCount * 1024, 4)
  place(abi.DESCRIPTOR_BUFFERS_ADDRESS, words[abi.DESCRIPTOR_DMA_BYTES], 16)
  place(abi.DESCRIPTOR_NVRAM_ADDRESS, nvramBytes, 8)
  place(abi.DESCRIPTOR_CONFIG_ADDRESS, 32 * 4, 4)
  place(abi.DESCRIPTOR_STATUS_ADDRESS, words[abi.DESCRIPTOR_STATUS_WORDS] * 4, 4)
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) })
  const table = new Uint32Array(memory.buffer, TABLE_ADDRESS, abi.DESCRIPTOR_WORDS)
  table.set(words)
  return { memory, table }
}
