// A disc in words: its tracks, and what is wrong with it. fixtures/discs has some; docs/optical.md has the format.
//
// The tracks' content is a function of the seed: noise with a counter, so that no two sectors are alike. The damage is not in the image: a
// simulated drive adds it, to each read anew (hardware/optical/readNoise.ts); `damaged` writes what one such read gives.

import { closeSync, readFileSync, writeSync } from 'node:fs'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { ImageInputError } from '../formats/imageInputError'
import { createCopyFile } from '../formats/raw/copyFile'
import { DATA_BYTES, FORM2_BYTES, RAW_BYTES, SUBCHANNEL_BYTES } from '../hardware/optical/cdSector'
import { encodeForm1, encodeForm2, encodeMode0, encodeMode1 } from '../hardware/optical/encodeSector'
import { type DiscDamage, ReadNoise, SECTOR_FRAMES } from '../hardware/optical/readNoise'
import { encodeSubchannels } from '../hardware/optical/subchannels'
import { RandomStream } from '../sim/random'

type TrackType = 'mode0' | 'mode1' | 'form1' | 'form2' | 'form2-no-edc' | 'audio' | 'dvd'

export interface Disc {
  readonly seed: number
  readonly tracks: readonly { readonly type: TrackType; readonly sectors: number }[]
  readonly damage: readonly DiscDamage[]
  /** The drive says which bytes its decoder could not vouch for. */
  readonly pointers: boolean
  /** Raw subchannels lie behind each sector. */
  readonly subchannels: boolean
  readonly sectorBytes: number
}

const count = z.number().int().min(0).max(1_000_000)
const frames = count.max(SECTOR_FRAMES, `a sector has ${SECTOR_FRAMES} frames`)
const range = z.union([count, z.string().regex(/^\d{1,7}(-\d{1,7})?$/, "expected sectors such as 100 or '100-120'")])

const schema = z.strictObject({
  seed: count.default(1),
  pointers: z.boolean().default(true),
  subchannels: z.boolean().default(false),
  tracks: z
    .array(
      z.strictObject({
        type: z.enum(['mode0', 'mode1', 'form1', 'form2', 'form2-no-edc', 'audio', 'dvd']),
        sectors: count.min(1),
      }),
    )
    .min(1),
  damage: z.array(z.strictObject({ sectors: range, fixed: frames.default(0), random: frames.default(0) })).default([]),
})

/** Throws ImageInputError. */
export function readDisc(path: string): Disc {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ImageInputError(`cannot read ${path}: ${(error as Error).message}`)
  }
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    if (error instanceof YAMLParseError) throw new ImageInputError(`${path}: ${error.message}`)
    throw error
  }
  const result = schema.safeParse(document)
  if (!result.success) {
    const { path: place, message } = result.error.issues[0]!
    throw new ImageInputError(`${path}: ${place.join('.') || 'document'}: ${message}`)
  }
  return discOf(path, result.data)
}

function discOf(path: string, { seed, pointers, subchannels, tracks, damage }: z.infer<typeof schema>): Disc {
  const dvdTracks = tracks.filter(({ type }) => type === 'dvd').length
  if (dvdTracks > 0 && dvdTracks < tracks.length) {
    throw new ImageInputError(`${path}: tracks: a disc is a DVD or a CD, not both`)
  }
  if (dvdTracks > 0 && subchannels) throw new ImageInputError(`${path}: subchannels: a DVD has none`)
  const sectors = tracks.reduce((sum, track) => sum + track.sectors, 0)
  const places = damage.map(({ sectors: where, fixed, random }) => {
    const [first, last = first] = String(where).split('-').map(Number) as [number, number?]
    if (last < first || last >= sectors) {
      throw new ImageInputError(`${path}: damage: found sectors ${where}, expected some of 0-${sectors - 1}`)
    }
    return { lba: first, sectors: last - first + 1, fixed, random }
  })
  const rawBytes = RAW_BYTES + (subchannels ? SUBCHANNEL_BYTES : 0)
  const sectorBytes = dvdTracks > 0 ? DATA_BYTES : rawBytes
  return { seed, pointers, subchannels, tracks, damage: places, sectorBytes }
}

/** Writes the disc as a new raw image; returns its number of sectors. Throws ImageInputError. */
export function writeDisc(disc: Disc, path: string, isDamaged: boolean): number {
  if (isDamaged && disc.sectorBytes < RAW_BYTES) {
    throw new ImageInputError('a DVD drive corrects or refuses: there is no damaged image of a DVD')
  }
  const noise = new ReadNoise({ ...disc, isDvd: false })
  const { descriptor } = createCopyFile(path)
  try {
    let lba = 0
    for (const [index, { type, sectors }] of disc.tracks.entries()) {
      const place = { track: index + 1, firstLba: lba, isData: type !== 'audio' }
      for (let end = lba + sectors; lba < end; lba++) {
        const sector = new Uint8Array(disc.sectorBytes)
        sector.set(sectorOf(type, lba, disc.seed))
        if (disc.subchannels) sector.set(encodeSubchannels(lba, place), RAW_BYTES)
        if (isDamaged) noise.misread(lba, 1, sector, 0, -1)
        writeSync(descriptor, sector)
      }
    }
    return lba
  } finally {
    closeSync(descriptor)
  }
}

function sectorOf(type: TrackType, lba: number, seed: number): Uint8Array {
  const random = RandomStream.fromSeed(seed, `sector:${lba}`)
  const noise = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, () => random.nextU32() & 0xff)
  switch (type) {
    case 'mode0':
      return encodeMode0(lba)
    case 'mode1':
      return encodeMode1(lba, noise(DATA_BYTES))
    case 'form1':
      return encodeForm1(lba, noise(DATA_BYTES))
    case 'form2':
      return encodeForm2(lba, noise(FORM2_BYTES))
    case 'form2-no-edc':
      return encodeForm2(lba, noise(FORM2_BYTES), false)
    case 'audio':
      return noise(RAW_BYTES)
    case 'dvd':
      return noise(DATA_BYTES)
  }
}
