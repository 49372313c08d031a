import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binFormat } from '../../host/formats/bin/binFormat'
import { dataTrackOf } from '../../host/formats/cd/dataTrack'
import { cueFormat } from '../../host/formats/cue/cueFormat'
import { DamagedImage } from '../../host/formats/damagedImage'
import { formatOf } from '../../host/formats/formats'
import { at, storedBytes, useDirectory } from '../image/files'
import { audioTrack, form1Track, mode1Track, RAW, smallIsoTrack } from './discFiles'
import { findingsOf, readAll } from './imageAccess'
import { expectInputError, withImage, writeAll } from './imageTrials'
import { smallIso } from './smallIso'

useDirectory()

const detailsOf = (path: string): Promise<Record<string, string>> =>
  withImage(cueFormat, path, ({ details }) => Object.fromEntries(details))

const texts = async (path: string): Promise<string[]> =>
  (await withImage(cueFormat, path, findingsOf)).map(({ text }) => text)

describe('writing cue', () => {
  it('makes raw sectors of 2048-byte ones, whatever their content', async () => {
    await writeAll(cueFormat, at('b.cue'), smallIso(), { sectorBytes: 2048 })
    expect(readFileSync(at('b.bin')).equals(smallIsoTrack())).toBe(true)
    expect(await texts(at('b.cue'))).toEqual([])
  })

  it('stores data alone when asked', async () => {
    await writeAll(cueFormat, at('b.cue'), smallIso(), { sectorBytes: 2048, options: { track: 'mode1/2048' } })
    expect(readFileSync(at('b.bin')).equals(smallIso())).toBe(true)
    expect(readFileSync(at('b.cue'), 'utf8')).toContain('MODE1/2048')
  })

  it('finds tracks in raw sectors, where they are long enough', async () => {
    const noise = audioTrack(3, 77)
    const first = Buffer.concat([smallIsoTrack(), noise, mode1Track(Buffer.alloc(300 * 2048, 5), 30)])
    const disc = Buffer.concat([
      first,
      Buffer.alloc(150 * RAW),
      audioTrack(310),
      form1Track(Buffer.alloc(300 * 2048), 790),
    ])
    await writeAll(cueFormat, at('b.cue'), disc, { sectorBytes: RAW })
    expect(readFileSync(at('b.bin')).equals(disc)).toBe(true)
    const details = await detailsOf(at('b.cue'))
    expect(details['track 1']).toContain('mode 1, 330 sectors from 0')
    expect(details['track 2']).toContain('audio, 460 sectors from 330')
    expect(details['track 3']).toContain('mode 2, 300 sectors from 790')
    // The noise inside the track of data is damage, and nothing else is.
    expect((await texts(at('b.cue'))).every((text) => /sector (27|28|29): it has no sync/.test(text))).toBe(true)
  })

  it('leaves sectors that could not be read without sync, and never takes them for data', async () => {
    const writer = await cueFormat.create!(at('b.cue'), { diskBytes: 4 * 2048, sectorBytes: 2048, options: new Map() })
    await writer.write(0, new Uint8Array(2048).fill(1))
    await writer.unread(2048, 2048 + 512)
    await writer.write(4096 + 512, new Uint8Array(1536).fill(2))
    await writer.finish()
    expect(await texts(at('b.cue'))).toEqual([
      'sector 1: it is empty, as of sectors that could not be read',
      'sector 2: its EDC is wrong',
    ])
    await withImage(cueFormat, at('b.cue'), async (image) => {
      expect(() => dataTrackOf(image).read(2048, new Uint8Array(1))).toThrow('could not be read')
      expect((await readAll(image))[2 * RAW + 16 + 512]).toBe(2)
      const last = new Uint8Array(2048).fill(9)
      await dataTrackOf(image).read(3 * 2048, last)
      expect(last.every((byte) => byte === 0)).toBe(true)
    })
  })

  it('refuses what it cannot hold, and makes no file', async () => {
    const make = (diskBytes: number, sectorBytes: number, track = 'mode1/2352') =>
      cueFormat.create!(at('c.cue'), { diskBytes, sectorBytes, options: new Map([['track', track]]) })
    for (const diskBytes of [0, 1, 2047, 2049]) await expectInputError(() => make(diskBytes, 512))
    await expectInputError(() => make(2048, RAW))
    await expectInputError(() => make(449_851 * 2048, 2048))
    await expectInputError(() => make(4096, 4096))
    await expectInputError(() => make(2048, 2048, 'mode9'))
    await expectInputError(() => make(RAW, RAW, 'mode1/2048'))
    expect(existsSync(at('c.cue.partial')) || existsSync(at('c.bin.partial'))).toBe(false)
    const writer = await make(5 * 2 ** 30, 2048, 'mode1/2048')
    await writer.write(5 * 2 ** 30 - 2048, new Uint8Array(2048).fill(3))
    await writer.finish()
    expect(statSync(at('c.bin')).size).toBe(5 * 2 ** 30)
    expect(storedBytes('c.bin')).toBeLessThan(1 << 20)
  })

  it('gives back what was written, however it was cut up', async () => {
    const piece = fc.record({
      sectors: fc.integer({ min: 1, max: 5 }),
      kind: fc.constantFrom('data', 'zero', 'unread'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        const sectors = pieces.reduce((sum, one) => sum + one.sectors, 0)
        const disk = Buffer.alloc(sectors * 2048)
        const unread = new Set<number>()
        const writer = await cueFormat.create!(at('p.cue'), {
          diskBytes: disk.length,
          sectorBytes: 2048,
          options: new Map(),
        })
        let sector = 0
        for (const { sectors: count, kind } of pieces) {
          const bytes = disk.subarray(sector * 2048, (sector + count) * 2048)
          if (kind === 'data') await writer.write(sector * 2048, bytes.fill(sector + 1))
          if (kind === 'unread') await writer.unread(sector * 2048, bytes.length)
          for (let n = sector; n < sector + count && kind === 'unread'; n++) unread.add(n)
          sector += count
        }
        await writer.finish()
        await withImage(cueFormat, at('p.cue'), async (image) => {
          expect(image.extentAt(0)).toEqual({ kind: 'data', endBytes: sectors * RAW })
          const track = dataTrackOf(image)
          for (let n = 0; n < sectors; n++) {
            const got = Buffer.alloc(2048)
            if (unread.has(n)) expect(() => track.read(n * 2048, got)).toThrow(DamagedImage)
            else await track.read(n * 2048, got)
            expect(got.equals(disk.subarray(n * 2048, (n + 1) * 2048))).toBe(true)
          }
          expect((await findingsOf(image)).length).toBe(unread.size)
        })
      }),
      { numRuns: 30 },
    )
  })
})

describe('raw sectors without a sheet', () => {
  it('are known by their sync, with or without a subchannel', async () => {
    writeFileSync(at('a.img'), smallIsoTrack())
    expect(formatOf(at('a.img'))).toBe(binFormat)
    await withImage(binFormat, at('a.img'), async (image) => {
      expect((await readAll(image)).equals(smallIsoTrack())).toBe(true)
      expect((await readAll(dataTrackOf(image))).equals(smallIso())).toBe(true)
      expect(await findingsOf(image)).toEqual([])
    })
    const track = smallIsoTrack()
    const wide = Buffer.concat(
      Array.from({ length: 27 }, (_, n) => [track.subarray(n * RAW, (n + 1) * RAW), Buffer.alloc(96)]).flat(),
    )
    writeFileSync(at('b.img'), wide)
    expect(formatOf(at('b.img'))).toBe(binFormat)
    await withImage(binFormat, at('b.img'), async (image) => expect((await readAll(image)).equals(track)).toBe(true))
  })

  it('out of the middle of a disc keep their addresses', async () => {
    writeFileSync(at('a.bin'), mode1Track(smallIso(), 5000))
    await withImage(binFormat, at('a.bin'), async (image) => {
      expect(await findingsOf(image)).toEqual([])
      expect(image.details.find(([what]) => what === 'track 1')![1]).toContain('from 5000')
    })
  })

  it('are written from either kind of sector, and not from a hard disk', async () => {
    await writeAll(binFormat, at('c.bin'), smallIso(), { sectorBytes: 2048 })
    expect(readFileSync(at('c.bin')).equals(smallIsoTrack())).toBe(true)
    await writeAll(binFormat, at('c.bin'), smallIsoTrack(), { sectorBytes: RAW })
    expect(readFileSync(at('c.bin')).equals(smallIsoTrack())).toBe(true)
    await expectInputError(() => writeAll(binFormat, at('d.bin'), smallIso(), { sectorBytes: 512 }))
    for (const length of [0, 11, 100, RAW - 1]) {
      writeFileSync(at('d.bin'), smallIsoTrack().subarray(0, length))
      await expect(binFormat.open(at('d.bin'))).rejects.toThrow(DamagedImage)
    }
  })
})
