import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkStamp, fillStamp, isFilledWith, readStamp, readStampLba, stampPattern } from '../../host/workload/stamp'

const SECTOR_BYTES = [512, 520, 4096, 2048, 2352] as const
const sectorBytesArbitrary = fc.constantFrom(...SECTOR_BYTES)
const lbaArbitrary = fc.maxSafeNat().map((lba) => lba % 2 ** 43)
const idArbitrary = fc.integer({ min: 1, max: 0xffff_ffff })

function stamped(sectorBytes: number, lba: number, sectors: number, writeId: number, skipWords = 0): Uint32Array {
  const words = new Uint32Array(skipWords + (sectors * sectorBytes) / 4)
  fillStamp(words, skipWords, lba, sectors, sectorBytes, writeId)
  return words
}

describe('stamps', () => {
  it('name the write and the LBA of every sector, and are whole', () => {
    fc.assert(
      fc.property(
        sectorBytesArbitrary,
        lbaArbitrary,
        idArbitrary,
        fc.nat(9),
        fc.nat(3),
        (sectorBytes, lba, id, more, skip) => {
          const sectors = more + 1
          const words = stamped(sectorBytes, lba, sectors, id, skip)
          for (let i = 0; i < sectors; i++) {
            const at = skip + (i * sectorBytes) / 4
            expect(readStamp(words, at)).toBe(id)
            expect(readStampLba(words, at)).toBe(lba + i)
            expect(checkStamp(words, at, sectorBytes / 4, lba + i, id)).toBe(true)
          }
        },
      ),
    )
  })

  it('touch nothing outside the run', () => {
    const words = new Uint32Array(1024)
    fillStamp(words, 128, 7, 2, 512, 9)
    expect(isFilledWith(words, 0, 128, 0)).toBe(true)
    expect(isFilledWith(words, 384, 1024, 0)).toBe(true)
  })

  it('show a single flipped bit, wherever it is', () => {
    fc.assert(
      fc.property(sectorBytesArbitrary, lbaArbitrary, idArbitrary, fc.nat(), (sectorBytes, lba, id, position) => {
        const words = stamped(sectorBytes, lba, 1, id)
        const bit = position % (sectorBytes * 8)
        words[bit >>> 5] = words[bit >>> 5]! ^ (1 << (bit & 31))
        expect(checkStamp(words, 0, sectorBytes / 4, lba, id)).toBe(false)
      }),
    )
  })

  it('show every flipped bit of one sector', () => {
    const words = stamped(520, 3, 1, 77)
    let missed = 0
    for (let bit = 0; bit < 520 * 8; bit++) {
      words[bit >>> 5] = words[bit >>> 5]! ^ (1 << (bit & 31))
      if (checkStamp(words, 0, 130, 3, 77)) missed++
      words[bit >>> 5] = words[bit >>> 5]! ^ (1 << (bit & 31))
    }
    expect(missed).toBe(0)
    expect(checkStamp(words, 0, 130, 3, 77)).toBe(true)
  })

  it('show a sector that is half of one write and half of another', () => {
    fc.assert(
      fc.property(
        sectorBytesArbitrary,
        lbaArbitrary,
        idArbitrary,
        idArbitrary,
        fc.nat(),
        (sectorBytes, lba, newer, older, cut) => {
          fc.pre(newer !== older)
          const words = stamped(sectorBytes, lba, 1, newer)
          // The first two words of both are equal.
          const from = 3 + (cut % (sectorBytes / 4 - 3))
          words.set(stamped(sectorBytes, lba, 1, older).subarray(from), from)
          expect(checkStamp(words, 0, sectorBytes / 4, lba, newer)).toBe(false)
          expect(checkStamp(words, 0, sectorBytes / 4, lba, older)).toBe(false)
        },
      ),
    )
  })

  it('show a sector in the wrong place, also 2^32 sectors away', () => {
    const words = stamped(512, 2 ** 32 + 5, 1, 1)
    expect(checkStamp(words, 0, 128, 5, 1)).toBe(false)
    expect(checkStamp(words, 0, 128, 2 ** 32 + 6, 1)).toBe(false)
    expect(readStampLba(words, 0)).toBe(2 ** 32 + 5)
  })

  it('are not found in zeros, in other data, or under a damaged header', () => {
    expect(readStamp(new Uint32Array(128), 0)).toBe(0)
    expect(readStamp(new Uint32Array(128).fill(0xffff_ffff), 0)).toBe(0)
    const words = stamped(512, 1, 1, 2)
    words[2] = 3
    expect(readStamp(words, 0)).toBe(0)
  })

  it('differ in most bits between neighbouring writes, and never look like zeros', () => {
    let bits = 0
    for (let id = 1; id <= 1000; id++) {
      expect(stampPattern(id)).not.toBe(0)
      let difference = stampPattern(id) ^ stampPattern(id + 1)
      for (; difference !== 0; difference &= difference - 1) bits++
    }
    expect(bits / 1000).toBeGreaterThan(12)
  })

  it('are checked exactly whatever the pattern looks like as a double, at any alignment', () => {
    const patterns = [0x7ff0_0000, 0x7fff_ffff, 0xfff0_0001, 0x0000_0001, 0x8000_0000, 0x000f_ffff, 0x3ff0_0000, 0]
    const buffer = new ArrayBuffer(4100)
    for (const skipBytes of [0, 4]) {
      const words = new Uint32Array(buffer, skipBytes, 1024)
      for (const pattern of patterns) {
        for (const [from, end] of [
          [0, 128],
          [1, 128],
          [3, 130],
          [4, 9],
        ] as const) {
          words.fill(pattern)
          expect(isFilledWith(words, from, end, pattern)).toBe(true)
          for (let i = from; i < end; i++) {
            words[i] = pattern ^ 0x8000_0000
            expect(isFilledWith(words, from, end, pattern)).toBe(false)
            words[i] = pattern
          }
        }
      }
    }
  })
})
