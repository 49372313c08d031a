import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as abi from '../../assembly/abi/descriptor'
import { DRIVE_SLOT_BYTES } from '../../assembly/abi/driveSlots'
import { HOST_SLOT_BYTES } from '../../assembly/abi/hostSlots'
import { readDescriptor } from '../../host/controller/descriptor'
import { MicrocodeRefused } from '../../host/controller/microcodeRefused'
import { TABLE_ADDRESS, type TableShape, truthfulTable } from '../support/descriptorTable'

const shapes: fc.Arbitrary<TableShape> = fc.record({
  hostSlotCount: fc.integer({ min: 1, max: 8 }),
  driveSlotCount: fc.integer({ min: 1, max: 64 }),
  frameCount: fc.integer({ min: 0, max: 4 }),
  nvramBytes: fc.integer({ min: 0, max: 64 }).map((words) => words * 8),
  bayCount: fc.integer({ min: 1, max: 32 }),
})

/** Interesting values for any word: near what is there, near powers of two, and anything. */
const words = fc.oneof(
  fc.nat(100_000),
  fc.integer({ min: 0, max: 31 }).map((bit) => 2 ** bit),
  fc.integer({ min: 0, max: 0xffffffff }),
)

describe('a truthful table', () => {
  it('is read word for word', () => {
    const { memory, table } = truthfulTable({ frameCount: 2 })
    expect(readDescriptor(memory, TABLE_ADDRESS)).toMatchObject({
      hostSlotsAddress: 1024,
      hostSlotCount: 4,
      driveSlotsAddress: 1024 + 4 * HOST_SLOT_BYTES,
      driveSlotCount: 16,
      frameCount: 2,
      frameBytes: 1024,
      bufferBytes: 4096,
      bufferStrideBytes: 4112,
      dmaBytes: 4 * 4112,
      nvramBytes: 512,
      statusAddress: table[abi.DESCRIPTOR_STATUS_ADDRESS],
      bayCount: 8,
    })
  })

  it('is accepted in any size', () => {
    fc.assert(fc.property(shapes, (shape) => void readDescriptor(truthfulTable(shape).memory, TABLE_ADDRESS)))
  })
})

describe('a table that lies', () => {
  it.each<[string, number, number, RegExp]>([
    ['magic', abi.DESCRIPTOR_MAGIC, 0x424c4150, /word 0 \(magic\): found 0x424c4150, expected 0x42414c50/],
    ['version', abi.DESCRIPTOR_ABI_VERSION, 2, /word 1 \(abiVersion\): found 2, expected 1/],
    ['no host slots', abi.DESCRIPTOR_HOST_SLOT_COUNT, 0, /\(hostSlotCount\): found 0, expected 1 to 256/],
    ['257 host slots', abi.DESCRIPTOR_HOST_SLOT_COUNT, 257, /\(hostSlotCount\): found 257, expected 1 to 256/],
    ['4097 drive slots', abi.DESCRIPTOR_DRIVE_SLOT_COUNT, 4097, /\(driveSlotCount\): found 4097, expected 1 to 4096/],
    ['no bays', abi.DESCRIPTOR_BAY_COUNT, 0, /\(bayCount\): found 0, expected 1 to 32/],
    ['33 bays', abi.DESCRIPTOR_BAY_COUNT, 33, /\(bayCount\): found 33, expected 1 to 32/],
    [
      'small stride',
      abi.DESCRIPTOR_BUFFER_BYTES,
      8192,
      /\(bufferStrideBytes\): found 4112, expected at least bufferBytes, 8192/,
    ],
    ['small DMA area', abi.DESCRIPTOR_DMA_BYTES, 16431, /\(dmaBytes\): found 16431, expected at least 16432/],
    ['odd stride', abi.DESCRIPTOR_BUFFER_STRIDE, 4100, /\(bufferStrideBytes\): found 4100, expected .* multiple of 16/],
    ['odd NVRAM', abi.DESCRIPTOR_NVRAM_BYTES, 508, /\(nvramBytes\): found 508, expected .* multiple of 8/],
    ['short status', abi.DESCRIPTOR_STATUS_WORDS, 47, /\(statusWords\): found 47, expected at least 48/],
    ['reserved word', abi.DESCRIPTOR_BAY_COUNT + 1, 1, /word 21 \(reserved\): found 1, expected 0/],
    [
      'odd slots',
      abi.DESCRIPTOR_HOST_SLOTS_ADDRESS,
      1026,
      /area hostSlots: found address 1026, expected .* aligned to 4/,
    ],
    [
      'odd buffers',
      abi.DESCRIPTOR_BUFFERS_ADDRESS,
      2120,
      /area buffers: found address 2120, expected .* aligned to 16/,
    ],
    [
      'wild NVRAM',
      abi.DESCRIPTOR_NVRAM_ADDRESS,
      0xfffffff8,
      /area nvram: found bytes 4294967288 to 4294967799, expected/,
    ],
    [
      'slots on the table',
      abi.DESCRIPTOR_DRIVE_SLOTS_ADDRESS,
      100,
      /area driveSlots: .* expected none of area descriptor/,
    ],
  ])('is refused: %s', (_, word, value, message) => {
    const { memory, table } = truthfulTable()
    table[word] = value
    expect(() => readDescriptor(memory, TABLE_ADDRESS)).toThrow(MicrocodeRefused)
    expect(() => readDescriptor(memory, TABLE_ADDRESS)).toThrow(message)
  })

  it('is refused when it lies itself outside the memory or unaligned', () => {
    const { memory } = truthfulTable()
    const bytes = memory.buffer.byteLength
    expect(() => readDescriptor(memory, 66)).toThrow(/describe\(\): found address 66, expected .* aligned to 4/)
    expect(() => readDescriptor(memory, bytes - 92)).toThrow(/expected a table of 96 bytes inside the memory/)
    expect(() => readDescriptor(memory, -4)).toThrow(/found address 4294967292/)
  })

  it('is refused whenever one changed word makes two areas touch the same byte, or leave the memory', () => {
    const changes = fc.tuple(shapes, fc.integer({ min: 2, max: abi.DESCRIPTOR_BAY_COUNT }), words)
    fc.assert(
      fc.property(changes, ([shape, word, value]) => {
        const { memory, table } = truthfulTable(shape)
        table[word] = value
        if (isAccepted(memory)) paintAreas(table, memory.buffer.byteLength)
      }),
      { numRuns: 3000 },
    )
  })

  it('is refused whenever an area is moved by a little onto its neighbour', () => {
    const addresses = [2, 4, 9, 13, 15, 17]
    fc.assert(
      fc.property(shapes, fc.constantFrom(...addresses), fc.integer({ min: 1, max: 16 }), (shape, word, steps) => {
        const { memory, table } = truthfulTable({ ...shape, nvramBytes: 64 })
        table[word] -= 16 * steps
        if (isAccepted(memory)) paintAreas(table, memory.buffer.byteLength)
      }),
    )
  })
})

function isAccepted(memory: WebAssembly.Memory): boolean {
  try {
    readDescriptor(memory, TABLE_ADDRESS)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(MicrocodeRefused)
    return false
  }
}

/** The plain way to see whether areas are apart: colour each byte once. Knows nothing of how the check is done. */
function paintAreas(table: Uint32Array, memoryBytes: number): void {
  const painted = new Uint8Array(memoryBytes)
  const paint = (address: number, bytes: number): void => {
    for (let index = 0; index < bytes; index++) {
      if (address + index >= memoryBytes) throw new Error(`byte ${address + index} is outside`)
      if (painted[address + index]++ > 0) throw new Error(`byte ${address + index} is in two areas`)
    }
  }
  paint(TABLE_ADDRESS, 96)
  paint(table[abi.DESCRIPTOR_HOST_SLOTS_ADDRESS], table[abi.DESCRIPTOR_HOST_SLOT_COUNT] * HOST_SLOT_BYTES)
  paint(table[abi.DESCRIPTOR_DRIVE_SLOTS_ADDRESS], table[abi.DESCRIPTOR_DRIVE_SLOT_COUNT] * DRIVE_SLOT_BYTES)
  paint(table[abi.DESCRIPTOR_FRAMES_ADDRESS], table[abi.DESCRIPTOR_FRAME_COUNT] * table[abi.DESCRIPTOR_FRAME_BYTES])
  paint(table[abi.DESCRIPTOR_BUFFERS_ADDRESS], table[abi.DESCRIPTOR_DMA_BYTES])
  paint(table[abi.DESCRIPTOR_NVRAM_ADDRESS], table[abi.DESCRIPTOR_NVRAM_BYTES])
  paint(table[abi.DESCRIPTOR_CONFIG_ADDRESS], table[abi.DESCRIPTOR_CONFIG_WORDS] * 4)
  paint(table[abi.DESCRIPTOR_STATUS_ADDRESS], table[abi.DESCRIPTOR_STATUS_WORDS] * 4)
}
