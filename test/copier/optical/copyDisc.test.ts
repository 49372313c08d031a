import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COPY_DONE, COPY_FAILED, COPY_STATUS_STATE, LOST_MEDIUM } from '../../../assembly/abi/copier'
import {
  JOB_FLAG_ALL_AUDIO,
  JOB_FLAG_ALL_DATA,
  LOST_MISPLACED,
  LOST_UNCORRECTABLE,
  LOST_UNSTEADY,
  REASON_NO_CD_SECTORS,
} from '../../../assembly/abi/optical'
import { FaultFilter } from '../../../host/faults/faultFilter'
import { crc16 } from '../../../host/hardware/crc'
import { encodeForm1, encodeForm2 } from '../../../host/hardware/optical/encodeSector'
import { encodeSubchannels } from '../../../host/hardware/optical/subchannels'
import { readLost } from '../../../host/image/copyJob'
import { RandomStream } from '../../../host/sim/random'
import { Bench } from '../bench'
import { randomBytes, scattered, spoiled } from './damage'
import { audioSectors, DiscBench, mode1Sectors, RAW_BYTES } from './discBench'

const random = RandomStream.fromSeed(3, 'tests')

/** The sectors with some of them replaced. */
function withSectors(sectors: readonly Uint8Array[], changes: ReadonlyMap<number, Uint8Array>): Uint8Array[] {
  return sectors.map((sector, lba) => changes.get(lba) ?? sector)
}

describe('a copy of a disc', () => {
  it('is the disc, when nothing is wrong with it', async () => {
    const sectors = mode1Sectors(500)
    const bench = new DiscBench({ sectors })
    const { state, lostSectors } = await bench.copy()
    expect([state, lostSectors, bench.corrected, bench.reread, bench.unchecked]).toEqual([COPY_DONE, 0, 0, 0, 0])
    expect(bench.differing(sectors)).toEqual([])
  })

  it('holds sectors as they were mastered, where the disc has wrong bytes that the code corrects', async () => {
    const sectors = mode1Sectors(300)
    const damaged = sectors.map((sector) => spoiled(sector, scattered(random, 3), random))
    const bench = new DiscBench({ sectors: damaged })
    const { lostSectors } = await bench.copy()
    expect([lostSectors, bench.corrected, bench.reread]).toEqual([0, 300, 0])
    expect(bench.differing(sectors)).toEqual([])
  })

  it.each([false, true])('is whole where each read alone has too many errors (pointers: %s)', async (pointers) => {
    const sectors = mode1Sectors(300)
    const bench = new DiscBench({ sectors, pointers, damage: [{ lba: 50, sectors: 30, fixed: 0, random: 25 }] })
    const { lostSectors } = await bench.copy()
    expect([lostSectors, bench.reread]).toEqual([0, 30])
    expect(bench.differing(sectors)).toEqual([])
  })

  it('lists what is lost for good, has its bytes as they were read, and loses nothing else', async () => {
    const sectors = mode1Sectors(300)
    const bench = new DiscBench({ sectors, damage: [{ lba: 220, sectors: 4, fixed: 60, random: 0 }] })
    const { lost } = await bench.copy()
    expect(lost).toEqual([{ lba: 220, sectors: 4, why: LOST_UNCORRECTABLE }])
    expect(bench.differing(sectors)).toEqual([220, 221, 222, 223])
    const agree = [...bench.copied(221)].filter((byte, at) => byte === sectors[221]![at]).length
    expect(agree).toBeGreaterThan(RAW_BYTES / 2)
  })

  it('uses pointers: they tell of more holes than the code alone corrects', async () => {
    const sectors = mode1Sectors(300)
    const damage = [{ lba: 0, sectors: 300, fixed: 7, random: 0 }]
    const blind = new DiscBench({ sectors, damage, pointers: false })
    const seeing = new DiscBench({ sectors, damage, pointers: true })
    const lost = [(await blind.copy()).lostSectors, (await seeing.copy()).lostSectors]
    expect(lost[0]).toBeGreaterThan(10)
    expect(lost[1]).toBeLessThan(lost[0]! / 5)
  })

  it('never holds a wrong sector that is not listed, whatever the damage', async () => {
    const sectors = mode1Sectors(60)
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.nat(30), fc.nat(60), fc.boolean(), async (seed, fixed, noise, pointers) => {
        const damage = [{ lba: 5, sectors: 20, fixed, random: noise }]
        const bench = new DiscBench({ sectors, damage, pointers, seed })
        const { lost } = await bench.copy(0, 3)
        const listed = new Set(
          lost.flatMap(({ lba, sectors: count }) => Array.from({ length: count }, (_, at) => lba + at)),
        )
        expect(bench.differing(sectors).filter((lba) => !listed.has(lba))).toEqual([])
      }),
      { numRuns: 15 },
    )
  })

  it('lists sectors that belong to another place on the disc', async () => {
    const sectors = mode1Sectors(100)
    const bench = new DiscBench({ sectors: withSectors(sectors, new Map([[40, sectors[41]!]])) })
    expect((await bench.copy()).lost).toEqual([{ lba: 40, sectors: 1, why: LOST_MISPLACED }])
  })

  it('lists sectors that the drive refuses as what they are', async () => {
    const sectors = mode1Sectors(100)
    const bench = new DiscBench({ sectors })
    const faults = new FaultFilter({ seed: 1, driveId: 1, sectorBytes: RAW_BYTES, sectorCount: 100 })
    faults.makeUnreadable(30, 2)
    bench.source.filters.push(faults)
    expect((await bench.copy()).lost).toEqual([{ lba: 30, sectors: 2, why: LOST_MEDIUM }])
    expect(bench.differing(sectors)).toEqual([30, 31])
  })

  it('takes Mode 2 as well, with both forms in turn', async () => {
    const sectors = Array.from({ length: 250 }, (_, lba) => {
      const data = randomBytes(random, 2324)
      return lba % 3 === 0 ? encodeForm1(lba, data) : encodeForm2(lba, data, lba % 3 === 1)
    })
    const bench = new DiscBench({ sectors, damage: [{ lba: 30, sectors: 60, fixed: 0, random: 2 }] })
    const { lostSectors } = await bench.copy()
    expect([lostSectors, bench.differing(sectors).length]).toEqual([0, 0])
    expect(bench.unchecked).toBeGreaterThan(60)
  })

  it('is refused where sectors have another size', () => {
    const bench = new Bench({ sectorBytes: 2048 })
    bench.start({ flags: 0x1000 })
    bench.settle()
    expect([bench.state, bench.reason]).toEqual([COPY_FAILED, REASON_NO_CD_SECTORS])
  })
})

describe('audio', () => {
  it('is copied as it is, when two reads agree', async () => {
    const sectors = audioSectors(300)
    const bench = new DiscBench({ sectors })
    const { lostSectors } = await bench.copy()
    expect([lostSectors, bench.unchecked, bench.differing(sectors).length]).toEqual([0, 300, 0])
  })

  it('is what most reads say, where reads differ', async () => {
    const sectors = audioSectors(300)
    const bench = new DiscBench({ sectors, damage: [{ lba: 20, sectors: 40, fixed: 0, random: 6 }] })
    const { lostSectors } = await bench.copy()
    expect([lostSectors, bench.reread, bench.differing(sectors).length]).toEqual([0, 40, 0])
  })

  it('is listed where reads do not agree', async () => {
    const bench = new DiscBench({
      sectors: audioSectors(300),
      damage: [{ lba: 20, sectors: 2, fixed: 0, random: 300 }],
    })
    expect((await bench.copy()).lost).toEqual([{ lba: 20, sectors: 2, why: LOST_UNSTEADY }])
  })
})

describe('audio with errors that are the same in every read', () => {
  const damage = [{ lba: 20, sectors: 3, fixed: 1, random: 0 }]

  it('is listed when the drive points at them', async () => {
    const bench = new DiscBench({ sectors: audioSectors(300), damage })
    expect((await bench.copy()).lost).toEqual([{ lba: 20, sectors: 3, why: LOST_UNSTEADY }])
  })

  it('is copied as it is when nothing points at them', async () => {
    const sectors = audioSectors(300)
    const bench = new DiscBench({ sectors, damage, pointers: false })
    expect((await bench.copy()).lostSectors).toBe(0)
    expect(bench.differing(sectors)).toEqual([20, 21, 22])
  })
})

describe('which sectors are data', () => {
  const broken = (): Uint8Array => randomBytes(random, RAW_BYTES)

  it('is known of one that has lost its sync, from those on both sides', async () => {
    const sectors = mode1Sectors(300)
    const lost = new Map([100, 101, 102, 103, 104].map((lba) => [lba, broken()]))
    const bench = new DiscBench({ sectors: withSectors(sectors, lost) })
    expect((await bench.copy()).lost).toEqual([{ lba: 100, sectors: 5, why: LOST_UNCORRECTABLE }])
  })

  it('is known at a chunk edge, too', async () => {
    const sectors = mode1Sectors(300)
    const bench = new DiscBench({ sectors: withSectors(sectors, new Map([221, 222].map((lba) => [lba, broken()]))) })
    expect((await bench.copy()).lost).toEqual([{ lba: 221, sectors: 2, why: LOST_UNCORRECTABLE }])
  })

  it('is not said of audio behind a track of data', async () => {
    const bench = new DiscBench({ sectors: [...mode1Sectors(100), ...audioSectors(300)] })
    const { lostSectors } = await bench.copy()
    expect([lostSectors, bench.unchecked]).toEqual([0, 300])
  })

  it('can be ordered: everything, or nothing', async () => {
    const audio = new DiscBench({ sectors: audioSectors(30) })
    expect((await audio.copy(JOB_FLAG_ALL_DATA, 1)).lostSectors).toBe(30)
    const sectors = mode1Sectors(30).map((sector) => spoiled(sector, scattered(random, 2), random))
    const data = new DiscBench({ sectors })
    expect((await data.copy(JOB_FLAG_ALL_AUDIO)).lostSectors).toBe(0)
    expect([data.corrected, data.unchecked, data.differing(sectors).length]).toEqual([0, 30, 0])
  })
})

describe('a disc with subchannels', () => {
  const place = { track: 1, firstLba: 0 }
  const framed = (sector: Uint8Array, lba: number, isData: boolean): Uint8Array =>
    Uint8Array.from([...sector, ...encodeSubchannels(lba, { ...place, isData })])

  it('is copied with them, and its damaged subchannels Q are counted', async () => {
    const sectors = mode1Sectors(450).map((sector, lba) => framed(sector, lba, true))
    const damaged = sectors.map((sector, lba) =>
      lba % 45 === 0 ? spoiled(sector, [RAW_BYTES + 50], { below: () => 0x3f }) : sector,
    )
    const bench = new DiscBench({ sectors: damaged })
    const { lostSectors, damagedQSectors } = await bench.copy()
    expect([lostSectors, damagedQSectors, bench.differing(damaged)]).toEqual([0, 10, []])
  })

  it('says by its subchannel Q which sectors are data', async () => {
    const noise = audioSectors(300)
    const said = noise.map((sector, lba) => framed(sector, lba, lba === 150))
    expect((await new DiscBench({ sectors: said }).copy()).lost).toEqual([
      { lba: 150, sectors: 1, why: LOST_UNCORRECTABLE },
    ])
  })

  it('is read again like any other', async () => {
    const sectors = mode1Sectors(300).map((sector, lba) => framed(sector, lba, true))
    const bench = new DiscBench({ sectors, damage: [{ lba: 100, sectors: 20, fixed: 0, random: 14 }] })
    const { lostSectors, rereadSectors } = await bench.copy(0, 12)
    expect(lostSectors).toBe(0)
    expect(rereadSectors).toBeGreaterThan(10)
    const wrong = bench
      .differing(sectors)
      .filter(
        (lba) => Buffer.compare(bench.copied(lba).subarray(0, RAW_BYTES), sectors[lba]!.subarray(0, RAW_BYTES)) !== 0,
      )
    expect(wrong).toEqual([])
  })

  it('has the CRC that the catalogue of parametrised CRC algorithms gives for CRC-16/GSM', () => {
    expect(~crc16(new TextEncoder().encode('123456789')) & 0xffff).toBe(0xce3c)
  })
})

describe('a power cut', () => {
  it('at any time leaves a job that ends with the same disc, its addresses and flags known', async () => {
    const sectors = mode1Sectors(700)
    const shifted = sectors.slice(100)
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const damage = [{ lba: 150, sectors: 20, fixed: 1, random: 12 }]
        const bench = new DiscBench({ sectors: shifted, damage, seed })
        bench.begin({ checkpointBytes: 200 * RAW_BYTES, firstFrame: 250, retries: 8 })
        for (let cut = 0; cut < 2; cut++) {
          bench.array.run(1 + ((seed >> (8 * cut)) & 0x7f))
          bench.array.powerCycle()
        }
        bench.settle()
        expect(bench.array.status(COPY_STATUS_STATE)).toBe(COPY_DONE)
        expect(readLost(bench.array)).toEqual([])
        expect(bench.differing(shifted)).toEqual([])
      }),
      { numRuns: 12 },
    )
  })
})
