import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ccdFormat } from '../../host/formats/ccd/ccdFormat'
import { dataTrackOf } from '../../host/formats/cd/dataTrack'
import { formatOf } from '../../host/formats/formats'
import { at, useDirectory } from '../image/files'
import { makeCcd } from './ccdMaker'
import { audioTrack, catalogQ, isrcQ, plainSubchannel, positionQ, smallIsoTrack } from './discFiles'
import { findingsOf, readAll } from './imageAccess'
import { outcomeOf, sweepBytes, withImage } from './imageTrials'
import { smallIso } from './smallIso'

useDirectory()

const TRACKS = [
  { mode: 1, start: 0 },
  { mode: 0, gapStart: 27, start: 37, isrc: 'DEZ031800123' },
] as const

const q = (sector: number): Buffer => {
  if (sector === 3) return catalogQ('4006381333931')
  if (sector === 40) return isrcQ('DEZ031800123')
  return positionQ(sector, sector < 27 ? 1 : 2, sector < 27 ? sector : Math.abs(sector - 37))
}

function make(): Buffer {
  const image = Buffer.concat([smallIsoTrack(), audioTrack(30)])
  writeFileSync(at('a.ccd'), makeCcd(TRACKS, 57, '4006381333931'))
  writeFileSync(at('a.img'), image)
  writeFileSync(at('a.sub'), Buffer.concat(Array.from({ length: 57 }, (_, sector) => plainSubchannel(q(sector)))))
  return image
}

const texts = async (): Promise<string[]> =>
  (await withImage(ccdFormat, at('a.ccd'), findingsOf)).map(({ text }) => text)

describe('a CloneCD image', () => {
  it('has tracks, and a subchannel that says the same', async () => {
    const bytes = make()
    expect(formatOf(at('a.ccd'))).toBe(ccdFormat)
    await withImage(ccdFormat, at('a.ccd'), async (image) => {
      expect((await readAll(image)).equals(bytes)).toBe(true)
      expect((await readAll(dataTrackOf(image))).equals(smallIso())).toBe(true)
      expect(image.files).toEqual(['a.ccd', 'a.img', 'a.sub'].map(at))
      expect(Object.fromEntries(image.details)).toEqual({
        version: '3',
        'catalog number': '4006381333931',
        subchannel: 'in a file of its own',
        'track 1': 'mode 1, 27 sectors from 0 (00:02:00)',
        'track 2': 'audio, 20 sectors from 37 (00:02:37), 10 before it, ISRC DEZ031800123',
        'catalog number in Q': '4006381333931',
        'Q of track 1': 'track 1, index 1, at 00:02:00',
        'Q of track 2': 'track 2, index 1, at 00:02:37, ISRC DEZ031800123',
      })
    })
    expect(await texts()).toEqual([])
  })

  it('has each Q checked, and the sizes of its files', async () => {
    make()
    const sub = readFileSync(at('a.sub'))
    sub[50 * 96 + 12 + 4]! ^= 1
    writeFileSync(at('a.sub'), sub)
    expect(await texts()).toEqual(['sector 50: its subchannel Q has a wrong CRC'])
    writeFileSync(at('a.sub'), sub.subarray(0, 30 * 96))
    expect(await texts()).toEqual(['the subchannel has 2880 bytes, and 5472 belong to 57 sectors'])
    writeFileSync(at('a.sub'), '')
    expect(await texts()).toEqual([])
    writeFileSync(at('a.img'), Buffer.concat([smallIsoTrack(), audioTrack(31)]))
    expect(await texts()).toEqual(['2352 bytes are behind the lead-out'])
    writeFileSync(at('a.img'), Buffer.concat([smallIsoTrack(), audioTrack(25)]))
    expect(await texts()).toEqual(['the file ends, and 5 sectors of track 2 are to come'])
  })

  it('never crashes, whatever its sheet says', async () => {
    const expected = make()
    const sheet = readFileSync(at('a.ccd'))
    const offsets = Array.from({ length: sheet.length }, (_, index) => index)
    const unnoticed = await sweepBytes(ccdFormat, at('a.ccd'), { file: at('a.ccd'), offsets, expected }, sheet)
    expect(unnoticed).toEqual([])
    for (let length = 0; length < sheet.length; length += 3) {
      writeFileSync(at('a.ccd'), sheet.subarray(0, length))
      await outcomeOf(ccdFormat, at('a.ccd'), expected)
    }
  })
})
