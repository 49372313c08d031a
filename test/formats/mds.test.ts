import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dataTrackOf } from '../../host/formats/cd/dataTrack'
import { formatOf } from '../../host/formats/formats'
import { mdsFormat } from '../../host/formats/mds/mdsFormat'
import { at, useDirectory } from '../image/files'
import { audioTrack, mixedSubchannel, positionQ, RAW, smallIsoTrack } from './discFiles'
import { findingsOf, readAll } from './imageAccess'
import { expectInputError, outcomeOf, sweepBytes, withImage } from './imageTrials'
import { makeMds } from './mdsMaker'
import { smallIso } from './smallIso'

useDirectory()

const MODE1 = 0xaa
const AUDIO = 0xa9
const TRACKS = [
  { mode: MODE1, sectorBytes: RAW, gap: 150, sectors: 27 },
  { mode: AUDIO, sectorBytes: RAW, gap: 150, sectors: 20 },
]

const texts = async (): Promise<string[]> =>
  (await withImage(mdsFormat, at('a.mds'), findingsOf)).map(({ text }) => text)

describe('an Alcohol 120% image', () => {
  it.each([
    ['*.mdf', false],
    ['a.mdf', false],
    ['a.mdf', true],
  ])('has tracks, and gaps that are in no file: %s, %s', async (name, isWide) => {
    writeFileSync(at('a.mds'), makeMds(TRACKS, { name, isWide }))
    writeFileSync(at('a.mdf'), Buffer.concat([smallIsoTrack(), audioTrack(20)]))
    expect(formatOf(at('a.mds'))).toBe(mdsFormat)
    await withImage(mdsFormat, at('a.mds'), async (image) => {
      const expected = Buffer.concat([smallIsoTrack(), Buffer.alloc(150 * RAW), audioTrack(20)])
      expect((await readAll(image)).equals(expected)).toBe(true)
      expect((await readAll(dataTrackOf(image))).equals(smallIso())).toBe(true)
      expect(image.files).toEqual([at('a.mds'), at('a.mdf')])
      expect(Object.fromEntries(image.details)['track 2']).toContain('20 sectors from 177 (00:04:27), 150 before it')
    })
    expect(await texts()).toEqual([])
  })

  it('may have the subchannel in it', async () => {
    writeFileSync(
      at('a.mds'),
      makeMds([{ mode: MODE1, sectorBytes: 2448, hasSubchannel: true, gap: 150, sectors: 27 }]),
    )
    const track = smallIsoTrack()
    const sectors = Array.from({ length: 27 }, (_, n) => [
      track.subarray(n * RAW, (n + 1) * RAW),
      mixedSubchannel(positionQ(n, 1, n)),
    ])
    writeFileSync(at('a.mdf'), Buffer.concat(sectors.flat()))
    await withImage(mdsFormat, at('a.mds'), async (image) => {
      expect((await readAll(image)).equals(track)).toBe(true)
      expect(Object.fromEntries(image.details)['Q of track 1']).toBe('track 1, index 1, at 00:02:00')
    })
    expect(await texts()).toEqual([])
  })

  it('of a DVD is a disk of 2048-byte sectors', async () => {
    writeFileSync(at('a.mds'), makeMds([{ mode: MODE1, sectorBytes: 2048, gap: 0, sectors: 27 }], { isDvd: true }))
    writeFileSync(at('a.mdf'), smallIso())
    await withImage(mdsFormat, at('a.mds'), async (image) => {
      expect(image.sectorBytes).toBe(2048)
      expect((await readAll(image)).equals(smallIso())).toBe(true)
    })
    expect(await texts()).toEqual([])
  })

  it('with a file that is too short has sectors that cannot be read', async () => {
    writeFileSync(at('a.mds'), makeMds(TRACKS))
    writeFileSync(at('a.mdf'), Buffer.concat([smallIsoTrack(), audioTrack(13)]).subarray(0, -1))
    await withImage(mdsFormat, at('a.mds'), (image) => {
      expect(image.extentAt(189 * RAW)).toEqual({ kind: 'unread', endBytes: 197 * RAW })
    })
    expect(await texts()).toEqual(['the file ends, and 8 sectors of track 2 are to come'])
  })

  it('never crashes, whatever its descriptor says', async () => {
    const mds = makeMds(TRACKS)
    writeFileSync(at('a.mds'), mds)
    writeFileSync(at('a.mdf'), Buffer.concat([smallIsoTrack(), audioTrack(20)]))
    const expected = await withImage(mdsFormat, at('a.mds'), readAll)
    const offsets = Array.from({ length: mds.length }, (_, index) => index)
    const unnoticed = await sweepBytes(mdsFormat, at('a.mds'), { file: at('a.mds'), offsets, expected }, mds)
    // A descriptor has no checksum. What goes unseen: the offset of a track of audio, and its length, which are other samples.
    expect(unnoticed.length).toBeLessThan(16)
    for (let length = 0; length < mds.length; length++) {
      writeFileSync(at('a.mds'), mds.subarray(0, length))
      expect(await outcomeOf(mdsFormat, at('a.mds'), expected)).toBe('found')
    }
  })

  it('does not open files that are elsewhere', async () => {
    writeFileSync(at('a.mds'), makeMds(TRACKS, { name: '/etc/passwd' }))
    await expectInputError(() => mdsFormat.open(at('a.mds')))
  })
})
