import { deflateSync, inflateSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { type Deflater, deflaterFor } from '../../host/formats/deflater'
import { ewfFormat } from '../../host/formats/ewf/ewfFormat'
import { RandomStream } from '../../host/sim/random'
import { at, useDirectory } from '../image/files'

const MIB = 1 << 20
const CHUNK_BYTES = 32 << 10

useDirectory()
let deflater: Deflater | null = null
afterEach(() => deflater?.close())

/** Text that becomes shorter, and another one for each number. */
const textOf = (number: number, length = CHUNK_BYTES): Buffer => Buffer.alloc(length, `chunk ${number} of an image; `)

async function deflateAll(chunks: readonly Uint8Array[], totalBytes: number): Promise<(Uint8Array | null)[]> {
  const one = deflaterFor({ level: 1, chunkBytes: CHUNK_BYTES, totalBytes })
  deflater = one
  const packed: Promise<Uint8Array | null>[] = []
  for (const chunk of chunks) {
    await one.room()
    packed.push(one.deflate(chunk))
  }
  one.flush()
  return Promise.all(packed)
}

describe.each([
  ['a small', MIB],
  ['a large', 1024 * MIB],
])('the chunks of %s image', (_, totalBytes) => {
  it('are packed as zlib packs each of them alone, however many there are', async () => {
    const chunks = Array.from({ length: 100 }, (_, number) => textOf(number))
    const packed = await deflateAll([...chunks, textOf(100, 700)], totalBytes)
    for (const [number, chunk] of chunks.entries()) {
      expect(deflateSync(chunk, { level: 1 }).equals(packed[number]!)).toBe(true)
    }
    expect(inflateSync(packed[100]!).equals(textOf(100, 700))).toBe(true)
  })

  it('are said not to become shorter when they do not', async () => {
    const random = RandomStream.fromSeed(1, 'noise')
    const noise = new Uint8Array(Uint32Array.from({ length: CHUNK_BYTES / 4 }, () => random.nextU32()).buffer)
    const packed = await deflateAll([textOf(1), noise, textOf(2)], totalBytes)
    expect(packed.map((bytes) => bytes !== null)).toEqual([true, false, true])
  })
})

describe('an E01 image that is large enough for threads', () => {
  it.each(['none', 'fast'])('is whole where zeros follow a few data, compression %s', async (compression) => {
    const bytes = 40 * MIB
    const options = new Map([['compression', compression]])
    const writer = await ewfFormat.create!(at('image.E01'), { diskBytes: bytes, sectorBytes: 512, options })
    const offsets = [0, CHUNK_BYTES, 2 * CHUNK_BYTES, 20 * MIB, 39 * MIB]
    const pieces = offsets.map((offset, number) => [offset, textOf(number)] as const)
    for (const [offset, text] of pieces) await writer.write(offset, text)
    await writer.finish()
    const image = await ewfFormat.open(at('image.E01'))
    try {
      const findings: string[] = []
      await image.check(({ text }) => findings.push(text))
      expect(findings).toEqual([])
      for (const [offset, text] of pieces) {
        const stored = Buffer.alloc(text.length)
        await image.read(offset, stored)
        expect(stored.equals(text)).toBe(true)
      }
    } finally {
      image.close()
    }
  })
})
