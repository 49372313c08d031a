// Frames made by hand, by the rules of RFC 8878; where Node.js has zstd of its own, its frames, too. test/external has more of others.

import * as zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unpackZstd } from '../../../host/formats/zstd/unpackZstd'
import { xxh64Low } from '../../../host/formats/zstd/xxh64'
import { ZstdError } from '../../../host/formats/zstd/zstdError'

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd]
const SINGLE = 0x20
/** Of 1 KiB; the size of the content is not said. */
const WINDOW: readonly [number, number] = [0, 0]
const CHECKSUM = 0x04

function block(type: number, size: number, isLast: boolean, ...content: number[]): number[] {
  const head = (size << 3) | (type << 1) | (isLast ? 1 : 0)
  return [head & 255, (head >> 8) & 255, head >> 16, ...content]
}

const frame = (descriptor: number, size: number, ...rest: number[]): number[] => [...MAGIC, descriptor, size, ...rest]

function unpacked(bytes: number[], size: number): string {
  return Buffer.from(unpackZstd(Uint8Array.from(bytes), size)).toString('latin1')
}

const abc = [...Buffer.from('abc')]

describe('a zstd frame', () => {
  it('has raw and repeated blocks', () => {
    expect(unpacked(frame(SINGLE, 8, ...block(0, 3, false, ...abc), ...block(1, 5, true, 0x78)), 8)).toBe('abcxxxxx')
  })

  it('has a block of literals, and nothing to repeat', () => {
    // Literals: raw, 3 bytes; no sequences.
    expect(unpacked(frame(...WINDOW, ...block(2, 5, true, 3 << 3, ...abc, 0)), 3)).toBe('abc')
  })

  it('repeats what was before, by a sequence', () => {
    // One sequence with three tables of one symbol: 3 literals, offset code 2 (two bits: 2, so 6 - 3 = 3), match code 3 (6 bytes).
    const sequences = [1, 0b01010100, 3, 2, 3, 0b110]
    const literals = [3 << 3, ...abc]
    expect(unpacked(frame(...WINDOW, ...block(2, 10, true, ...literals, ...sequences)), 9)).toBe('abcabcabc')
  })

  it('may be one of several, with frames for others between, and anything behind', () => {
    const one = frame(SINGLE, 3, ...block(0, 3, true, ...abc))
    const skipped = [0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9]
    expect(unpacked([...one, ...skipped, ...one, 1, 2, 3], 6)).toBe('abcabc')
  })

  it('is held to its checksum', () => {
    // XXH64 of 'abc' is 44bc2cf5ad770999.
    const whole = frame(SINGLE | CHECKSUM, 3, ...block(0, 3, true, ...abc), 0x99, 0x09, 0x77, 0xad)
    expect(unpacked(whole, 3)).toBe('abc')
    expect(() => unpacked([...whole.slice(0, -1), 0xac], 3)).toThrow('a checksum is wrong')
  })

  it.each([
    ['no frame', [1, 2, 3, 4, 5], 'there is no zstd frame'],
    ['nothing', [], 'ends too early'],
    ['a dictionary', [...MAGIC, SINGLE | 1, 7, 3, ...block(0, 3, true, ...abc)], 'needs a dictionary'],
    ['a reserved bit', frame(SINGLE | 8, 3, ...block(0, 3, true, ...abc)), 'a reserved bit'],
    ['a reserved block', frame(SINGLE, 3, ...block(3, 3, true, ...abc)), 'a block of a reserved type'],
    ['a block larger than the window', frame(SINGLE, 2, ...block(0, 3, true, ...abc)), 'a block of 3 bytes'],
    ['a block cut off', frame(SINGLE, 9, ...block(0, 9, true, ...abc)), 'a block ends behind the data'],
    ['too few bytes', frame(SINGLE, 4, ...block(0, 3, true, ...abc)), 'gives 3 bytes, but says 4'],
    ['too many bytes', frame(SINGLE, 200, ...block(1, 200, true, 1)), 'longer than it should be'],
    [
      'a match before the frame',
      frame(...WINDOW, ...block(2, 10, true, 24, ...abc, 1, 0x54, 3, 2, 3, 7)),
      'before the frame',
    ],
    ['literals without a table', frame(SINGLE, 9, ...block(2, 5, true, 3, 0, 0, 0, 0)), 'without a Huffman table'],
    ['a table that is not there', frame(SINGLE, 9, ...block(2, 6, true, 8, 65, 1, 0xfc, 0, 1)), 'there is none'],
  ])('with %s is refused', (_, bytes, message) => {
    expect(() => unpacked(bytes, 9)).toThrow(message)
  })
})

describe('XXH64', () => {
  it('gives the values of its specification', () => {
    expect(xxh64Low(new Uint8Array(0))).toBe(0x51d8e999)
    expect(xxh64Low(Buffer.from('a'))).toBe(0xa98c6e5b)
    expect(xxh64Low(Buffer.from('abc'))).toBe(0xad770999)
  })
})

interface NodeZstd {
  zstdCompressSync?(bytes: Uint8Array, options: { params: Record<number, number> }): Buffer
}
const pack = (zlib as unknown as NodeZstd).zstdCompressSync
const LEVEL = 100
const CHECKSUM_FLAG = 201

describe.skipIf(!pack)('a frame of Node.js', () => {
  const contents = fc
    .array(fc.tuple(fc.nat({ max: 5000 }), fc.nat({ max: 255 }), fc.boolean()), { maxLength: 30 })
    .map((parts) =>
      Buffer.concat(
        parts.map(([bytes, seed, isNoise]) =>
          Buffer.from(Array.from({ length: bytes }, (_, index) => (isNoise ? (index * index * seed) >> 3 : seed))),
        ),
      ),
    )

  it('gives what was packed', () => {
    fc.assert(
      fc.property(contents, fc.integer({ min: 1, max: 19 }), fc.nat({ max: 1 }), (content, level, checksum) => {
        const packed = pack!(content, { params: { [LEVEL]: level, [CHECKSUM_FLAG]: checksum } })
        expect(Buffer.from(unpackZstd(packed, content.length)).equals(content)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('with a changed byte is refused, or gives the same', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 255 }), (content, place, mask) => {
        const packed = pack!(content, { params: { [CHECKSUM_FLAG]: 1 } })
        packed[place % packed.length]! ^= mask
        try {
          expect(Buffer.from(unpackZstd(packed, content.length)).equals(content)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(ZstdError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
