import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeQ, qOf } from '../../host/formats/cd/qChannel'
import { sectorFault } from '../../host/formats/cd/sectorFault'
import { SectorStream } from '../../host/formats/cd/sectorStream'
import { framesOfBcd, HEADER, msfText, RAW_BYTES } from '../../host/hardware/optical/cdSector'
import { eccIsRight, putEcc } from '../../host/hardware/optical/ecc'
import { edcOf, storedEdc } from '../../host/hardware/optical/edc'
import { encodeForm1, encodeMode1, putMode1 } from '../../host/hardware/optical/encodeSector'
import { catalogQ, form2Sector, isrcQ, mixedSubchannel, plainSubchannel, positionQ } from './discFiles'

const data = (seed: number) => Uint8Array.from({ length: 2048 }, (_, at) => (at * seed * 31 + (at >> 3)) & 255)

describe('a raw sector', () => {
  it('has the address of its sector, two seconds later, in decimal digits', () => {
    const sector = encodeMode1(16, data(1))
    expect(Array.from(sector.subarray(0, 16))).toEqual([0, ...Array(10).fill(255), 0, 0x00, 0x02, 0x16, 1])
    expect(msfText(framesOfBcd(encodeMode1(449849, data(1)), HEADER))).toBe('99:59:74')
    expect(framesOfBcd(Uint8Array.of(0x0a, 0, 0), 0)).toBe(-1)
    expect(framesOfBcd(Uint8Array.of(0, 0x60, 0), 0)).toBe(-1)
    expect(framesOfBcd(Uint8Array.of(0, 0, 0x75), 0)).toBe(-1)
  })

  it('has an EDC that divides by the two polynomials of the standard', () => {
    const sector = encodeMode1(1234, data(7))
    // The CRC of what ends with its own CRC is zero.
    expect(edcOf(sector, 0, 2068)).toBe(0)
    // 1 and x, worked out by hand: x^32 and x^33 modulo the product, lowest bit last.
    expect(edcOf(Uint8Array.of(0x80), 0, 1)).toBe(0xd8018001)
    expect(storedEdc(sector, 2064)).toBe(edcOf(sector, 0, 2064))
  })

  it('has parities that make every column and every diagonal a code word', () => {
    const sector = encodeMode1(99, data(3))
    const times = (value: number, power: number): number => {
      let product = value
      for (let step = 0; step < power; step++) product = (product << 1) ^ (product & 0x80 ? 0x11d : 0)
      return product & 255
    }
    const word = (count: number, place: (index: number) => number): number[] =>
      Array.from({ length: count }, (_, index) => sector[12 + place(index)]!)
    const syndromes = (bytes: readonly number[]): number[] => [
      bytes.reduce((sum, byte) => sum ^ byte, 0),
      bytes.reduce((sum, byte, index) => sum ^ times(byte, bytes.length - 1 - index), 0),
    ]
    for (let column = 0; column < 86; column++) {
      expect(syndromes(word(26, (index) => column + 86 * index))).toEqual([0, 0])
    }
    for (let diagonal = 0; diagonal < 52; diagonal++) {
      const start = 86 * (diagonal >> 1) + (diagonal & 1)
      const place = (index: number) => (index < 43 ? (start + 88 * index) % 2236 : 2236 + 52 * (index - 43) + diagonal)
      expect(syndromes(word(45, place))).toEqual([0, 0])
    }
  })

  it('is found wrong at each of its bytes, in modes 1 and 2', () => {
    for (const sector of [encodeMode1(7, data(5)), encodeForm1(7, data(9)), form2Sector(7)]) {
      expect(sectorFault(sector, 7)).toBeNull()
      for (let at = 0; at < RAW_BYTES; at++) {
        sector[at]! ^= 1 << (at % 8)
        expect(sectorFault(sector, 7), `byte ${at}`).not.toBeNull()
        sector[at]! ^= 1 << (at % 8)
      }
      expect(sectorFault(sector, 8)).toContain('it is at 00:02:08')
    }
  })

  it('of form 2 may have no EDC', () => {
    expect(sectorFault(form2Sector(7, false), 7)).toBeNull()
  })

  it('that could not be read in part is never whole, and its parities do not mend it', () => {
    const sector = new Uint8Array(RAW_BYTES)
    putMode1(sector, 7, data(5), false)
    expect(eccIsRight(sector)).toBe(true)
    expect(sectorFault(sector, 7)).toBe('its EDC is wrong')
    expect(sectorFault(new Uint8Array(RAW_BYTES), 7)).toContain('could not be read')
  })

  it('keeps its parities right when they are made again', () => {
    const sector = encodeMode1(99, data(3))
    const again = sector.slice()
    putEcc(again)
    expect(again).toEqual(sector)
  })
})

describe('subchannel Q', () => {
  it('says where it is, the catalog number, and the ISRC, mixed or not', () => {
    for (const [q, expected] of [
      [positionQ(1000, 3, 20), { kind: 'position', track: 3, index: 1, frames: 1150 }],
      [catalogQ('4006381333931'), { kind: 'catalog', text: '4006381333931' }],
      [isrcQ('DEZ031800123'), { kind: 'isrc', text: 'DEZ031800123' }],
      [Buffer.alloc(12), { kind: 'none' }],
    ] as const) {
      expect(decodeQ(qOf(plainSubchannel(q), false))).toEqual(expected)
      expect(decodeQ(qOf(mixedSubchannel(q), true))).toEqual(expected)
    }
  })

  it('is that of a disc of which somebody published it', () => {
    // Sector 00:02:01 of a data track: 41 01 01 00 00 00 00 00 02 00 28 32.
    const q = Uint8Array.of(0x41, 1, 1, 0, 0, 0, 0, 0, 2, 0, 0x28, 0x32)
    expect(decodeQ(q)).toEqual({ kind: 'position', track: 1, index: 1, frames: 150 })
  })

  it('is found damaged at each of its bits', () => {
    const q = isrcQ('DEZ031800123')
    for (let bit = 0; bit < 96; bit++) {
      const damaged = Buffer.from(q)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      expect(decodeQ(damaged)).toEqual({ kind: 'damaged' })
    }
  })
})

describe('sectors out of pieces', () => {
  it('are the same whatever the pieces were', () => {
    const piece = fc.record({
      gap: fc.nat(40),
      bytes: fc.uint8Array({ maxLength: 40 }),
      isUnread: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const disk = new Uint8Array(1200)
        const unread = new Uint8Array(1200)
        const got: number[] = []
        const wholeness: string[] = []
        const stream = new SectorStream(disk.length, 20, (sector, bytes, how) => {
          expect(sector).toBe(wholeness.length)
          got.push(...bytes)
          wholeness.push(how)
        })
        let at = 0
        for (const { gap, bytes, isUnread } of pieces) {
          at += gap
          if (isUnread) {
            stream.unread(at, bytes.length)
            unread.fill(1, at, at + bytes.length)
          } else {
            stream.write(at, bytes)
            disk.set(bytes, at)
          }
          at += bytes.length
        }
        stream.finish()
        expect(Uint8Array.from(got)).toEqual(disk)
        for (const [sector, how] of wholeness.entries()) {
          const count = unread.subarray(sector * 20, sector * 20 + 20).reduce((sum, one) => sum + one, 0)
          expect(how === 'empty' ? 'whole' : how).toBe(count === 0 ? 'whole' : count === 20 ? 'unread' : 'in part')
        }
      }),
    )
  })
})
