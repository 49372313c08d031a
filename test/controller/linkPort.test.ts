// The link port of a controller against microcode that breaks the rules of frames: a fault of the microcode each time, never of the host.
import { describe, expect, it } from 'vitest'
import { FRAME_DATA_ADDRESS, FRAME_DATA_BYTES, FRAME_HEADER, FRAME_HEADER_BYTES } from '../../assembly/abi/frames'
import { ControllerFault } from '../../host/controller/controllerFault'
import type { Descriptor } from '../../host/controller/descriptor'
import { LinkPort } from '../../host/controller/linkPort'
import type { Frame } from '../../host/hardware/frame'
import { FramePool } from '../../host/hardware/framePool'
import type { LinkEnd } from '../../host/hardware/linkEnd'

const FRAMES = 4096
const SLOT_BYTES = 64
/** The DMA area. */
const BUFFERS = 8192
const DMA_BYTES = 4096
const MEMORY_BYTES = 65_536

class Bench {
  readonly bytes = new Uint8Array(MEMORY_BYTES)
  readonly words = new Uint32Array(this.bytes.buffer)
  readonly descriptor = {
    framesAddress: FRAMES,
    frameCount: 4,
    frameBytes: SLOT_BYTES,
    buffersAddress: BUFFERS,
    bufferBytes: DMA_BYTES,
    bufferStrideBytes: DMA_BYTES,
    dmaBytes: DMA_BYTES,
    hostSlotCount: 1,
  } as Descriptor
  readonly sent: Frame[] = []
  taken = 0
  readonly port: LinkPort

  constructor(hasLink = true) {
    const end = {
      pool: new FramePool(),
      frameBytesMax: 2048,
      send: (frame: Frame) => this.sent.push(frame),
      taken: (bytes: number) => {
        this.taken += bytes
      },
    }
    this.port = new LinkPort(hasLink ? (end as unknown as LinkEnd) : null)
    this.port.reset(this.descriptor)
  }

  /** Fills in a frame slot. */
  slot(frame: number, headerBytes: number, address: number, dataBytes: number): this {
    const at = (FRAMES + frame * SLOT_BYTES) >> 2
    this.words[at + FRAME_HEADER_BYTES / 4] = headerBytes
    this.words[at + FRAME_DATA_ADDRESS / 4] = address
    this.words[at + FRAME_DATA_BYTES / 4] = dataBytes
    return this
  }

  send(frame: number): void {
    this.port.sendFrame(frame)
    this.port.fetchSent(this.bytes, this.words, 0)
  }

  /** A frame arrives: the slot that it went into. */
  receive(header: number, data: number): number {
    this.port.arrived({ header: new Uint8Array(header).fill(7), data: new Uint8Array(data).fill(9) })
    return this.port.next({ bytes: this.bytes, words: this.words, descriptor: this.descriptor, touched: () => {} })
  }
}

const breaks = (what: () => void, rule: RegExp): void => {
  expect(what).toThrow(ControllerFault)
  expect(what).toThrow(rule)
}

describe('sending', () => {
  it('fetches header and data when the entry returns', () => {
    const bench = new Bench().slot(1, 32, BUFFERS, 512)
    bench.bytes.fill(5, BUFFERS, BUFFERS + 512)
    bench.send(1)
    expect(bench.sent.map(({ header, data }) => [header.length, data.length, data[511]])).toEqual([[32, 512, 5]])
  })

  it.each([4, 255, 0x7fffffff, -1])('frame %i: there is no such slot', (frame) => {
    breaks(() => new Bench().port.sendFrame(frame), /no such frame/)
  })

  it('is refused twice, while it is offered, and without a link', () => {
    const bench = new Bench().slot(0, 16, 0, 0)
    bench.port.sendFrame(0)
    breaks(() => bench.port.sendFrame(0), /it is being sent/)
    bench.port.offerFrame(1)
    breaks(() => bench.port.sendFrame(1), /offered to receive/)
    breaks(() => new Bench(false).port.sendFrame(0), /there is no link/)
  })

  it.each([
    [SLOT_BYTES - FRAME_HEADER + 1, BUFFERS, 0],
    [0xffffffff, BUFFERS, 0],
    [16, BUFFERS - 1, 512],
    [16, BUFFERS + DMA_BYTES - 511, 512],
    [16, 0xfffffe00, 512],
    [16, BUFFERS, 0xffffffff],
    [16, BUFFERS, 2049],
  ])('a header of %i bytes, data at %i, %i of them: refused', (header, address, data) => {
    expect(() => new Bench().slot(0, header, address, data).send(0)).toThrow(ControllerFault)
  })
})

describe('receiving', () => {
  it('takes the slot that was offered first, and makes room on the link', () => {
    const bench = new Bench().slot(2, 0, BUFFERS, 1024).slot(0, 0, BUFFERS + 1024, 1024)
    bench.port.offerFrame(2)
    bench.port.offerFrame(0)
    expect(bench.receive(16, 600)).toBe(2)
    expect(bench.words[(FRAMES + 2 * SLOT_BYTES + FRAME_DATA_BYTES) >> 2]).toBe(600)
    expect(bench.bytes[BUFFERS + 599]).toBe(9)
    expect(bench.taken).toBe(616)
    expect(bench.receive(16, 0)).toBe(0)
  })

  it('waits until a slot is offered', () => {
    const bench = new Bench().slot(3, 0, BUFFERS, 1024)
    expect(bench.receive(16, 8)).toBe(-1)
    bench.port.offerFrame(3)
    expect(bench.receive(16, 8)).toBe(3)
    expect(bench.taken).toBe(24)
  })

  it('is refused twice for one slot, and while it is being sent', () => {
    const bench = new Bench()
    bench.port.offerFrame(1)
    breaks(() => bench.port.offerFrame(1), /offered already/)
    bench.port.sendFrame(2)
    breaks(() => bench.port.offerFrame(2), /being sent/)
  })

  it.each([
    ['a header larger than the slot', SLOT_BYTES, 0, BUFFERS, 512],
    ['more data than there is room', 16, 513, BUFFERS, 512],
    ['room before the DMA area', 16, 8, BUFFERS - 4, 512],
    ['room behind it', 16, 8, BUFFERS + DMA_BYTES - 4, 512],
    ['room outside the memory', 16, 8, 0xfffffff0, 512],
  ])('%s: a fault of the microcode', (_, header, data, address, room) => {
    const bench = new Bench().slot(0, 0, address, room)
    bench.port.offerFrame(0)
    expect(() => bench.receive(header, data)).toThrow(ControllerFault)
  })

  it('does not look at an address that means nothing: there are no data', () => {
    const bench = new Bench().slot(0, 0, 0xffffffff, 0)
    bench.port.offerFrame(0)
    expect(bench.receive(16, 0)).toBe(0)
  })

  it('gives back what waited when power goes', () => {
    const bench = new Bench()
    bench.receive(16, 100)
    bench.port.forget()
    expect(bench.taken).toBe(116)
    bench.port.arrived({ header: new Uint8Array(16), data: new Uint8Array(4) })
    expect(bench.taken).toBe(136)
  })
})
