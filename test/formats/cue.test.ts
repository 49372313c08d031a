import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { dataTrackOf } from '../../host/formats/cd/dataTrack'
import { cueFormat } from '../../host/formats/cue/cueFormat'
import { DamagedImage } from '../../host/formats/damagedImage'
import { formatOf } from '../../host/formats/formats'
import { readVolume } from '../../host/formats/iso/volume'
import { at, useDirectory } from '../image/files'
import { audioTrack, form1Track, form2Sector, RAW, smallIsoTrack } from './discFiles'
import { findingsOf, readAll } from './imageAccess'
import { expectInputError, outcomeOf, sweepBytes, withImage } from './imageTrials'
import { SMALL_ISO_SECTORS, smallIso } from './smallIso'

useDirectory()

function sheet(text: string, files: Readonly<Record<string, Uint8Array>>): string {
  for (const [name, bytes] of Object.entries(files)) writeFileSync(at(name), bytes)
  writeFileSync(at('a.cue'), text.replace(/^ {4}/gm, ''))
  return at('a.cue')
}

const detailsOf = (path: string): Promise<Record<string, string>> =>
  withImage(cueFormat, path, ({ details }) => Object.fromEntries(details))

const texts = async (path: string): Promise<string[]> =>
  (await withImage(cueFormat, path, findingsOf)).map(({ text }) => text)

const one = (type: string): string => `FILE "a.bin" BINARY\n  TRACK 01 ${type}\n    INDEX 01 00:00:00\n`

describe('a cue sheet of one track', () => {
  it('of raw sectors is a disk of them, with a view of their data', async () => {
    const path = sheet(one('MODE1/2352'), { 'a.bin': smallIsoTrack() })
    expect(formatOf(path)).toBe(cueFormat)
    await withImage(cueFormat, path, async (image) => {
      expect(image.sectorBytes).toBe(RAW)
      expect((await readAll(image)).equals(smallIsoTrack())).toBe(true)
      const track = dataTrackOf(image)
      expect(track.sectorBytes).toBe(2048)
      expect((await readAll(track)).equals(smallIso())).toBe(true)
      expect((await readVolume(track)).iso.primary?.label).toBe('SMALL')
      expect(await findingsOf(image)).toEqual([])
      expect(() => dataTrackOf(image, 2)).toThrow('its data tracks are 1')
    })
  })

  it('of data alone is a disk of 2048-byte sectors', async () => {
    const path = sheet(one('MODE1/2048'), { 'a.bin': smallIso() })
    await withImage(cueFormat, path, async (image) => {
      expect(image.sectorBytes).toBe(2048)
      expect((await readAll(image)).equals(smallIso())).toBe(true)
      expect((await readAll(dataTrackOf(image))).equals(smallIso())).toBe(true)
      expect(await findingsOf(image)).toEqual([])
    })
  })

  it('of 2336 bytes a sector gets sync and header again', async () => {
    const whole = Buffer.concat([form1Track(smallIso()), form2Sector(SMALL_ISO_SECTORS)])
    const cut = Buffer.concat(
      Array.from({ length: whole.length / RAW }, (_, n) => whole.subarray(n * RAW + 16, (n + 1) * RAW)),
    )
    const path = sheet(one('MODE2/2336'), { 'a.bin': cut })
    await withImage(cueFormat, path, async (image) => {
      expect((await readAll(image)).equals(whole)).toBe(true)
      const data = new Uint8Array(smallIso().length)
      const track = dataTrackOf(image)
      await track.read(0, data)
      expect(smallIso().equals(data)).toBe(true)
      expect(() => track.read(data.length, new Uint8Array(2048))).toThrow('form 2')
    })
    expect(await texts(path)).toEqual([])
  })
})

const MIXED = `    REM made by hand
    CATALOG 4006381333931
    TITLE "A disc"
    PERFORMER Somebody
    FILE "data.bin" BINARY
      TRACK 01 MODE1/2352
        INDEX 01 00:00:00
    FILE "sound.bin" MOTOROLA
      TRACK 02 AUDIO
        TITLE "First"
        PERFORMER "Some Body"
        ISRC DEZ031800123
        FLAGS DCP PRE
        PREGAP 00:02:00
        INDEX 01 00:00:00
        INDEX 02 00:00:10
      TRACK 03 AUDIO
        INDEX 00 00:00:20
        INDEX 01 00:00:25
        POSTGAP 00:00:03
`

describe('a cue sheet of several tracks and files', () => {
  const swapped = Buffer.from(audioTrack(40)).swap16()
  const files = { 'data.bin': smallIsoTrack(), 'sound.bin': swapped }

  it('is one disc, with gaps as zeros, and samples low byte first', async () => {
    const path = sheet(MIXED, files)
    const gap = Buffer.alloc(150 * RAW)
    await withImage(cueFormat, path, async (image) => {
      const expected = Buffer.concat([smallIsoTrack(), gap, audioTrack(40), Buffer.alloc(3 * RAW)])
      expect((await readAll(image)).equals(expected)).toBe(true)
      expect(image.extentAt(0)).toEqual({ kind: 'data', endBytes: 27 * RAW })
      expect(image.extentAt(30 * RAW)).toEqual({ kind: 'zero', endBytes: 177 * RAW })
      expect(image.files).toEqual([path, at('data.bin'), at('sound.bin')])
      expect((await readAll(dataTrackOf(image))).equals(smallIso())).toBe(true)
    })
    expect(await texts(path)).toEqual([])
    const pieces = 'audio, 20 sectors from 177 (00:04:27), 150 before it, index 2 at 187'
    expect(await detailsOf(path)).toEqual({
      title: 'A disc',
      performer: 'Somebody',
      'catalog number': '4006381333931',
      'track 1': 'mode 1, 27 sectors from 0 (00:02:00), stored as MODE1/2352',
      'track 2': `${pieces}, ISRC DEZ031800123, stored as AUDIO, copy permitted, pre-emphasis, "First", by Some Body`,
      'track 3': 'audio, 18 sectors from 202 (00:04:52), 5 before it, stored as AUDIO',
    })
  })

  it('knows sectors of several lengths in one file', async () => {
    const bin = Buffer.concat([smallIso(), audioTrack(10), form1Track(smallIso('B'), 37)])
    const path = sheet(
      `FILE a.bin BINARY
      TRACK 01 MODE1/2048
        INDEX 01 00:00:00
      TRACK 02 AUDIO
        INDEX 01 00:00:27
      TRACK 03 MODE2/2352
        INDEX 01 00:00:37
    `,
      { 'a.bin': bin },
    )
    await withImage(cueFormat, path, async (image) => {
      expect((await readAll(image)).equals(Buffer.concat([smallIsoTrack(), bin.subarray(smallIso().length)]))).toBe(
        true,
      )
      expect((await readAll(dataTrackOf(image, 3))).equals(smallIso('B'))).toBe(true)
    })
    expect(await texts(path)).toEqual([])
  })

  it('takes what is before the first index of a file as the gap of its track', async () => {
    const path = sheet('FILE "a.bin" BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:04\n', { 'a.bin': audioTrack(10) })
    expect((await detailsOf(path))['track 1']).toContain('6 sectors from 4 (00:02:04), 4 before it')
    await withImage(cueFormat, path, async (image) => expect((await readAll(image)).equals(audioTrack(10))).toBe(true))
  })

  it('reads the samples of WAVE files of CDs, and refuses others', async () => {
    const path = sheet('FILE "a.wav" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n', {
      'a.wav': wave(audioTrack(5), 44100),
    })
    await withImage(cueFormat, path, async (image) => expect((await readAll(image)).equals(audioTrack(5))).toBe(true))
    writeFileSync(at('a.wav'), wave(audioTrack(5), 48000))
    await expect(cueFormat.open(path)).rejects.toThrow('not those of a CD')
    writeFileSync(at('a.wav'), wave(audioTrack(5), 44100).subarray(0, 9000))
    await expect(cueFormat.open(path)).rejects.toThrow(DamagedImage)
  })

  it('finds its files beside it only, by a name with folders, or in other letters', async () => {
    await mkdir(at('sub'))
    for (const [written, real] of [
      ['sub/x.bin', 'sub/x.bin'],
      ['sub\\y.bin', 'sub/y.bin'],
      ['C:\\dumps\\z.bin', 'z.bin'],
      ['/etc/../w.bin', 'w.bin'],
      ['V.BIN', 'v.bin'],
    ]) {
      const path = sheet(one('MODE1/2352').replace('a.bin', written!), { [real!]: smallIsoTrack() })
      expect(await texts(path)).toEqual([])
    }
    const away = sheet(one('MODE1/2352').replace('a.bin', '../../etc/passwd'), {})
    await expectInputError(() => cueFormat.open(away))
  })
})

function wave(samples: Uint8Array, hertz: number): Buffer {
  const head = Buffer.alloc(44)
  head.write('RIFF')
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(2, 22)
  head.writeUInt32LE(hertz, 24)
  head.writeUInt32LE(hertz * 4, 28)
  head.writeUInt16LE(4, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}

describe('a damaged cue sheet or BIN file', () => {
  it.each<[string, string, Buffer?]>([
    ['no track', 'FILE "a.bin" BINARY\n'],
    ['no index 1', 'FILE "a.bin" BINARY\nTRACK 01 AUDIO\nINDEX 00 00:00:00\n'],
    ['after track 1', `${one('AUDIO')}TRACK 03 AUDIO\nINDEX 01 00:00:05\n`],
    ['after index 1', `${one('AUDIO')}INDEX 03 00:00:05\n`],
    ['no time', one('AUDIO').replace('00:00:00', '00:00:75')],
    ['no known type', one('MODE3/2352')],
    ['13 digits', `CATALOG 12\n${one('AUDIO')}`],
    ['no command', `${one('AUDIO')}NONSENSE\n`],
    ['no command', `${one('AUDIO')}CONSTRUCTOR\n`],
    ['before the one', `${one('AUDIO')}TRACK 02 AUDIO\nINDEX 01 00:00:09\nTRACK 03 AUDIO\nINDEX 01 00:00:08\n`],
    ['no sectors', one('AUDIO'), Buffer.alloc(0)],
  ])('is told: %s', async (text, cue, bin: Buffer = audioTrack(20)) => {
    await expect(cueFormat.open(sheet(cue, { 'a.bin': bin }))).rejects.toThrow(text)
  })

  it('has sectors that are missing, which cannot be read', async () => {
    const path = sheet(MIXED, { 'data.bin': smallIsoTrack(), 'sound.bin': audioTrack(15) })
    await withImage(cueFormat, path, (image) => {
      expect(image.extentAt(191 * RAW)).toEqual({ kind: 'data', endBytes: 192 * RAW })
      expect(image.extentAt(192 * RAW)).toEqual({ kind: 'unread', endBytes: 197 * RAW })
      expect(image.diskBytes).toBe((177 + 25 + 3) * RAW)
    })
    const told = await texts(path)
    expect(told[0]).toBe('the file ends, and 5 sectors of track 2 are to come')
    expect(told[told.length - 1]).toContain('the file is too short')
  })

  it('is found at each byte of a data sector, and its data are not given', async () => {
    const bin = smallIsoTrack()
    const path = sheet(one('MODE1/2352'), { 'a.bin': bin })
    // Each byte is tried in cdSector.test.ts; here some, through files.
    const offsets = Array.from({ length: RAW / 21 }, (_, index) => 24 * RAW + index * 21)
    const file = at('a.bin')
    expect(await sweepBytes(cueFormat, path, { file, offsets, expected: bin }, bin)).toEqual([])
    for (const offset of [0, 5, 13, 100, 2064, 2100, 2300]) {
      bin[24 * RAW + offset]! ^= 8
      writeFileSync(file, bin)
      await withImage(cueFormat, path, (image) => {
        expect(() => dataTrackOf(image).read(24 * 2048 + 7, new Uint8Array(1))).toThrow(DamagedImage)
        dataTrackOf(image).read(23 * 2048, new Uint8Array(2048))
      })
      bin[24 * RAW + offset]! ^= 8
    }
  })

  it('is found at each length to which the BIN file can be cut', async () => {
    const bin = smallIsoTrack()
    const path = sheet(one('MODE1/2352'), {})
    for (let sectors = 0; sectors < SMALL_ISO_SECTORS; sectors++) {
      for (const rest of [0, 1, 12, 2048, RAW - 1]) {
        writeFileSync(at('a.bin'), bin.subarray(0, sectors * RAW + rest))
        // Neither a sheet nor its sectors say how many there are. The volume does, from its first descriptor on.
        const isUntold = rest === 0 && sectors > 0 && sectors < 17
        expect(await outcomeOf(cueFormat, path, bin), `${sectors} and ${rest}`).toBe(isUntold ? 'unnoticed' : 'found')
      }
    }
  })

  it('never crashes, whatever a byte of the sheet is turned to', async () => {
    const path = sheet(MIXED, { 'data.bin': smallIsoTrack(), 'sound.bin': audioTrack(40) })
    const text = readFileSync(path)
    const expected = await withImage(cueFormat, path, readAll)
    const all = Array.from({ length: text.length }, (_, index) => index)
    const unnoticed = await sweepBytes(cueFormat, path, { file: path, offsets: all, expected }, text)
    // A sheet has no checksum: another time, kind of file, or track type of the same length is another sheet.
    expect(unnoticed.length).toBeLessThan(60)
    for (let length = 0; length < text.length; length++) {
      writeFileSync(path, text.subarray(0, length))
      await outcomeOf(cueFormat, path, expected)
    }
  })
})
