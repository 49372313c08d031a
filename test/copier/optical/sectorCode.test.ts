import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { edcOf } from '../../../host/hardware/optical/edc'
import {
  encodeForm1,
  encodeForm2,
  encodeMode0,
  encodeMode1,
  putForm1,
  putForm2,
  putMode1,
  putMode2,
} from '../../../host/hardware/optical/encodeSector'
import { RandomStream } from '../../../host/sim/random'
import { burst, randomBytes, scattered, spoiled } from './damage'
import { SectorCode } from './sectorCode'

const LBA = 16_000
const ENCODERS = [
  ['Mode 1', encodeMode1],
  ['Mode 2 Form 1', encodeForm1],
] as const

let code: SectorCode
beforeAll(async () => {
  code = await SectorCode.load()
})

const seeds = fc.nat(1_000_000)

/** Runs a property with random bytes and a sector made of them. */
function forSectors(runs: number, check: (random: RandomStream, data: Uint8Array) => void): void {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = RandomStream.fromSeed(seed, 'sector')
      check(random, randomBytes(random, 2324))
    }),
    { numRuns: runs },
  )
}

describe('a sector as it was mastered', () => {
  it('is good in every mode, and left alone', () => {
    forSectors(20, (_, data) => {
      for (const sector of [
        encodeMode0(LBA),
        encodeMode1(LBA, data),
        encodeForm1(LBA, data),
        encodeForm2(LBA, data),
        encodeMode1(LBA, new Uint8Array(2048)),
        encodeForm1(LBA, new Uint8Array(2048)),
      ]) {
        expect(code.examine(sector, LBA)).toEqual({ verdict: 'good', sector })
      }
    })
  })

  it('is the same wherever it is written, whatever was there before', () => {
    forSectors(20, (random, data) => {
      const place = (): Uint8Array => randomBytes(random, 2352)
      for (const [put, encode] of [
        [putMode1, encodeMode1],
        [putForm1, encodeForm1],
        [putForm2, encodeForm2],
      ] as const) {
        const sector = place()
        put(sector, LBA, data)
        expect(code.examine(sector, LBA)).toEqual({ verdict: 'good', sector: encode(LBA, data) })
      }
      const form1 = encodeForm1(LBA, data)
      const moved = place()
      putMode2(moved, LBA + 1, form1.subarray(16))
      expect(code.examine(moved, LBA + 1)).toEqual({ verdict: 'good', sector: encodeForm1(LBA + 1, data) })
    })
  })

  it('is bad for good when some of its data could not be read: no code makes it whole', () => {
    forSectors(20, (_, data) => {
      const sector = encodeMode0(LBA)
      putMode1(sector, LBA, data, false)
      expect(code.examine(sector, LBA)).toEqual({ verdict: 'bad', sector })
    })
  })

  it('cannot be checked when its EDC is left out', () => {
    const sector = encodeForm2(LBA, new Uint8Array(2324).fill(7), false)
    expect(code.examine(sector, LBA).verdict).toBe('unchecked')
  })

  it('is misplaced at every other address, in every mode', () => {
    const data = new Uint8Array(2324).fill(1)
    for (const encode of [encodeMode1, encodeForm1, encodeForm2, encodeMode0]) {
      for (const lba of [LBA - 1, LBA + 1, 0, 333_000]) {
        expect(code.examine(encode(LBA, data), lba).verdict).toBe('misplaced')
      }
    }
  })

  it('has the EDC that the catalogue of parametrised CRC algorithms gives for CRC-32/CD-ROM-EDC', () => {
    expect(edcOf(new TextEncoder().encode('123456789'), 0, 9)).toBe(0x6ec2edc4)
  })

  it('has the same EDC on both sides', () => {
    forSectors(20, (_, data) => expect(code.edc(data.subarray(0, 2064))).toBe(edcOf(data, 0, 2064)))
  })
})

describe.each(ENCODERS)('a damaged sector of %s', (_, encode) => {
  const isRestored = (sector: Uint8Array, broken: Uint8Array, marks?: Iterable<number>): void => {
    const result = code.examine(broken, LBA, marks)
    expect(result.verdict).toBe('corrected')
    expect(Buffer.compare(result.sector, sector)).toBe(0)
  }

  it('is restored from any four wrong bytes: the code has distance 9', () => {
    forSectors(300, (random, data) => {
      const sector = encode(LBA, data)
      const count = 1 + random.below(4)
      isRestored(sector, spoiled(sector, scattered(random, count), random))
    })
  })

  it('is restored where two wrong P words cross two wrong Q words: no word alone can tell', () => {
    forSectors(100, (random, data) => {
      const sector = encode(LBA, data)
      const columns = [2 + random.below(20), 22 + random.below(20)]
      const diagonals = [random.below(13), 13 + random.below(13)]
      const offsets = columns.flatMap((column) =>
        diagonals.map((diagonal) => 12 + 2 * (43 * ((column + diagonal) % 26) + column)),
      )
      isRestored(sector, spoiled(sector, offsets, random))
    })
  })

  it('is restored from any eight bytes that are pointed at', () => {
    forSectors(300, (random, data) => {
      const sector = encode(LBA, data)
      const offsets = scattered(random, 1 + random.below(8))
      isRestored(sector, spoiled(sector, offsets, random), offsets)
    })
  })

  it('is restored from a burst of 86 bytes: every P word has one of them', () => {
    forSectors(200, (random, data) => {
      const sector = encode(LBA, data)
      isRestored(sector, spoiled(sector, burst(random, 86, 2248), random))
    })
  })

  it('is restored from a burst of 172 bytes that are pointed at', () => {
    forSectors(200, (random, data) => {
      const sector = encode(LBA, data)
      const offsets = burst(random, 172, 2248)
      isRestored(sector, spoiled(sector, offsets, random), offsets)
    })
  })

  it('is restored with any sync, header and parity, as long as data and EDC are whole', () => {
    forSectors(50, (random, data) => {
      const sector = encode(LBA, data)
      const broken = sector.slice()
      broken.set(randomBytes(random, 276), 2076)
      broken.set(randomBytes(random, 12))
      isRestored(sector, broken)
    })
  })

  it('is restored where wrong marks lie beside the right ones', () => {
    forSectors(100, (random, data) => {
      const sector = encode(LBA, data)
      const offsets = scattered(random, 6)
      isRestored(sector, spoiled(sector, offsets, random), [...offsets, ...scattered(random, 60)])
    })
  })

  it('is right or called bad, never wrong and called right', () => {
    forSectors(400, (random, data) => {
      const sector = encode(LBA, data)
      const offsets = random.chance(1, 2)
        ? scattered(random, 1 + random.below(600))
        : burst(random, 1 + random.below(900))
      // Some errors have no mark, some marks no error.
      const marks = [...offsets].filter(() => random.chance(7, 8))
      const { verdict, sector: left } = code.examine(
        spoiled(sector, offsets, random),
        LBA,
        random.chance(1, 2) ? marks : undefined,
      )
      if (verdict === 'corrected') expect(Buffer.compare(left, sector)).toBe(0)
      else expect(verdict).toBe('bad')
    })
  })

  it('is left as it was when it is bad', () => {
    forSectors(20, (random, data) => {
      const broken = spoiled(encode(LBA, data), scattered(random, 800), random)
      expect(code.examine(broken, LBA)).toEqual({ verdict: 'bad', sector: broken })
    })
  })
})

describe('what is no sector of data', () => {
  it('is never taken for one, whatever bytes it has', () => {
    forSectors(100, (random) => {
      expect(code.examine(randomBytes(random, 2352), LBA).verdict).toBe('bad')
    })
    expect(code.examine(new Uint8Array(2352), LBA).verdict).toBe('bad')
    expect(code.examine(new Uint8Array(2352).fill(0xff), LBA).verdict).toBe('bad')
  })

  it('is not made of the zeros that stand in for lost data behind a header', () => {
    const sector = encodeMode1(LBA, new Uint8Array(2048).fill(9))
    sector.fill(0, 16)
    expect(code.examine(sector, LBA).verdict).toBe('bad')
  })
})

describe('a damaged sector of Mode 2 Form 2', () => {
  it('is bad wherever the EDC covers it, and restored before that', () => {
    forSectors(50, (random, data) => {
      const sector = encodeForm2(LBA, data)
      expect(code.examine(spoiled(sector, scattered(random, 1), random), LBA).verdict).toBe('bad')
      const broken = spoiled(sector, [random.below(12)], random)
      expect(code.examine(broken, LBA)).toEqual({ verdict: 'corrected', sector })
    })
  })
})
