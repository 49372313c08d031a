import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dataTrackOf } from '../../host/formats/cd/dataTrack'
import { formatOf } from '../../host/formats/formats'
import { nrgFormat } from '../../host/formats/nrg/nrgFormat'
import { at, useDirectory } from '../image/files'
import {
  audioTrack,
  catalogQ,
  form1Track,
  isrcQ,
  mixedSubchannel,
  mode1Track,
  positionQ,
  RAW,
  smallIsoTrack,
} from './discFiles'
import { findingsOf, readAll } from './imageAccess'
import { outcomeOf, sweepBytes, withImage } from './imageTrials'
import { makeDaoNrg, makeEtnNrg } from './nrgMaker'
import { smallIso } from './smallIso'

useDirectory()

const none = Buffer.alloc(0)
const mixed = () =>
  makeDaoNrg(
    [
      { mode: 0, sectorBytes: 2048, gap: Buffer.alloc(150 * 2048), sectors: smallIso() },
      { mode: 7, sectorBytes: RAW, gap: audioTrack(10, 5), sectors: audioTrack(20), isrc: 'DEZ031800123' },
    ],
    '4006381333931',
  )

const detailsOf = (path: string): Promise<Record<string, string>> =>
  withImage(nrgFormat, path, ({ details }) => Object.fromEntries(details))

describe('a Nero image', () => {
  it('of a disc that was written at once has its tracks and gaps', async () => {
    writeFileSync(at('a.nrg'), mixed())
    expect(formatOf(at('a.nrg'))).toBe(nrgFormat)
    await withImage(nrgFormat, at('a.nrg'), async (image) => {
      const expected = Buffer.concat([smallIsoTrack(), audioTrack(10, 5), audioTrack(20)])
      expect((await readAll(image)).equals(expected)).toBe(true)
      expect((await readAll(dataTrackOf(image))).equals(smallIso())).toBe(true)
      expect(await findingsOf(image)).toEqual([])
    })
    expect(await detailsOf(at('a.nrg'))).toEqual({
      'catalog number': '4006381333931',
      sessions: '1',
      'track 1': 'mode 1, 27 sectors from 0 (00:02:00), stored with 2048 bytes a sector',
      'track 2':
        'audio, 20 sectors from 37 (00:02:37), 10 before it, ISRC DEZ031800123, stored with 2352 bytes a sector',
    })
  })

  it.each([true, false])(
    'of a disc that was written track by track has gaps that are in no file: %s',
    async (isWide) => {
      const first = { mode: 0, sectorBytes: 2048, sectors: smallIso() }
      const second = { mode: 3, sectorBytes: 2336, sectors: cut(form1Track(smallIso('B'), 177)) }
      writeFileSync(at('a.nrg'), makeEtnNrg([first, second], isWide))
      await withImage(nrgFormat, at('a.nrg'), async (image) => {
        const expected = Buffer.concat([smallIsoTrack(), Buffer.alloc(150 * RAW), form1Track(smallIso('B'), 177)])
        expect((await readAll(image)).equals(expected)).toBe(true)
        expect((await readAll(dataTrackOf(image, 2))).equals(smallIso('B'))).toBe(true)
        expect(await findingsOf(image)).toEqual([])
      })
    },
  )

  it('of data alone is a disk of 2048-byte sectors', async () => {
    writeFileSync(at('a.nrg'), makeEtnNrg([{ mode: 0, sectorBytes: 2048, sectors: smallIso() }], true))
    // From the front it is an ISO.
    expect(formatOf(at('a.nrg'))).toBe(nrgFormat)
    await withImage(nrgFormat, at('a.nrg'), async (image) => {
      expect(image.sectorBytes).toBe(2048)
      expect((await readAll(image)).equals(smallIso())).toBe(true)
    })
  })

  it('may have the subchannel in it, which says where it is, and is checked', async () => {
    const wide = (q: (sector: number) => Buffer) => {
      const track = smallIsoTrack()
      return Buffer.concat(
        Array.from({ length: 27 }, (_, n) => [track.subarray(n * RAW, (n + 1) * RAW), mixedSubchannel(q(n))]).flat(),
      )
    }
    const q = (n: number) =>
      n === 5 ? catalogQ('4006381333931') : n === 6 ? isrcQ('DEZ031800123') : positionQ(n, 1, n)
    const make = (q: (sector: number) => Buffer) =>
      writeFileSync(at('a.nrg'), makeDaoNrg([{ mode: 0x0f, sectorBytes: 2448, gap: none, sectors: wide(q) }]))
    make(q)
    await withImage(nrgFormat, at('a.nrg'), async (image) => {
      expect((await readAll(image)).equals(smallIsoTrack())).toBe(true)
      expect(await findingsOf(image)).toEqual([])
    })
    const details = await detailsOf(at('a.nrg'))
    expect(details['catalog number in Q']).toBe('4006381333931')
    expect(details['Q of track 1']).toBe('track 1, index 1, at 00:02:00, ISRC DEZ031800123')
    make((n) => (n === 9 ? positionQ(10, 1, 9) : n === 11 ? positionQ(11, 2, 11) : q(n)))
    expect((await withImage(nrgFormat, at('a.nrg'), findingsOf)).map(({ text }) => text)).toEqual([
      'sector 9: its subchannel Q says that it is at 00:02:10, and it is at 00:02:09',
      'sector 11: its subchannel Q says that it is in track 2, which the disc does not have',
    ])
    make((n) => (n === 9 ? q(n).fill(7, 3, 4) : q(n)))
    const [finding] = await withImage(nrgFormat, at('a.nrg'), findingsOf)
    expect(finding!.text).toBe('sector 9: its subchannel Q has a wrong CRC')
  })

  it('that says in two ways where a track is, and not the same, is found', async () => {
    const bytes = mixed()
    const points = bytes.indexOf('CUEX') + 8
    for (const [point, text] of [
      [4, 'track 2 is to be at sector 38, and is at 37'],
      [5, 'the disc is to end at sector 58, and ends at 57'],
    ] as const) {
      const changed = Buffer.from(bytes)
      changed[points + point * 8 + 7]!++
      writeFileSync(at('a.nrg'), changed)
      expect((await withImage(nrgFormat, at('a.nrg'), findingsOf)).map((finding) => finding.text)).toEqual([text])
    }
  })

  it('never crashes, and is found damaged where it says anything of its tracks', async () => {
    const bytes = mixed()
    writeFileSync(at('a.nrg'), bytes)
    const expected = await withImage(nrgFormat, at('a.nrg'), readAll)
    const start = bytes.indexOf('CUEX')
    const offsets = Array.from({ length: bytes.length - start }, (_, index) => start + index)
    const target = { file: at('a.nrg'), offsets, expected }
    const unnoticed = await sweepBytes(nrgFormat, at('a.nrg'), target, bytes)
    // The mode of a track: data of 2048 bytes are of mode 1 or of mode 2, and nothing else says which.
    expect(unnoticed.map((offset) => bytes.toString('latin1', start, offset).lastIndexOf('DAOX'))).toEqual(
      unnoticed.map(() => bytes.indexOf('DAOX') - start),
    )
    expect(unnoticed.length).toBeLessThanOrEqual(2)
    for (let length = start - 5; length < bytes.length; length++) {
      writeFileSync(at('a.nrg'), bytes.subarray(0, length))
      expect(await outcomeOf(nrgFormat, at('a.nrg'), expected)).toBe('found')
    }
  })
})

function cut(raw: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: raw.length / RAW }, (_, n) => raw.subarray(n * RAW + 16, (n + 1) * RAW)))
}

it('a track of raw sectors has its codes checked', async () => {
  const sectors = mode1Track(smallIso())
  sectors[20 * RAW + 100]! ^= 4
  writeFileSync(at('a.nrg'), makeDaoNrg([{ mode: 5, sectorBytes: RAW, gap: none, sectors }]))
  const told = await withImage(nrgFormat, at('a.nrg'), findingsOf)
  expect(told.map(({ text }) => text)).toEqual(['sector 20: its EDC is wrong'])
})
