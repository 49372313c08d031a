// CCD/IMG/SUB: the images of CloneCD, for reading: raw sectors in one file, and all of the subchannel in another, where there is one.

import { existsSync } from 'node:fs'
import { RAW_BYTES, SUBCHANNEL_BYTES } from '../../hardware/optical/cdSector'
import { besideWithEnding } from '../cd/besideFile'
import type { Disc, Track, TrackIndex, TrackKind } from '../cd/disc'
import { DiscBuilder, isOnDisc } from '../cd/discBuilder'
import { DiscImage, withFiles } from '../cd/discImage'

import { readSheet, sheetText } from '../cd/sheetText'
import type { ImageFormat } from '../format'
import { ImageFile } from '../imageFile'
import { type CcdEntry, type CcdSheet, numberIn, parseCcd } from './ccdSheet'

const LEAD_OUT = 0xa2
/** Bit 2 of a control: data. */
const IS_DATA = 4

export const ccdFormat: ImageFormat = {
  name: 'ccd',
  title: 'CCD/IMG/SUB: the images of CloneCD',
  extensions: ['ccd'],
  options: [],
  recognises: (head) => /^\s*\[CloneCD\]\s*$/im.test(sheetText(head.subarray(0, 256)).replace(/^\ufeff/, '')),
  open: (path) =>
    withFiles((opened) => {
      const file = ImageFile.open(path)
      opened.push(file)
      const sheet = parseCcd(file, readSheet(file))
      const image = ImageFile.open(besideWithEnding(path, 'img'))
      opened.push(image)
      const subPath = besideWithEnding(path, 'sub')
      // An empty one is as good as none.
      const sub = existsSync(subPath) ? ImageFile.open(subPath) : null
      if (sub) opened.push(sub)
      return new DiscImage(ccdFormat, opened, layOutCcd(file, sheet, image, sub && sub.sizeBytes > 0 ? sub : null))
    }),
  create: null,
}

interface Place {
  readonly entry: CcdEntry
  readonly indexes: readonly TrackIndex[]
  readonly startLba: number
  readonly endLba: number
}

function layOutCcd(file: ImageFile, sheet: CcdSheet, image: ImageFile, sub: ImageFile | null): Disc {
  const builder = new DiscBuilder(file.path)
  const tracks: Track[] = []
  const storage = { mainBytes: RAW_BYTES, strideBytes: RAW_BYTES }
  for (const { entry, indexes, startLba, endLba } of placesOf(file, sheet)) {
    const section = sheet.tracks.get(entry.point)
    const kind = kindOf(entry, section?.get('mode'))
    // Sessions lie one behind the other in the file, without what the disc has between them.
    if (startLba > builder.lba) builder.lba = startLba
    const offsetBytes = builder.sectors * RAW_BYTES
    const track = { track: entry.point, kind, file: image, storage }
    builder.addStored({ ...track, sectors: endLba - startLba, offsetBytes })
    const isrc = section?.get('isrc') ?? ''
    tracks.push({ number: entry.point, session: entry.session, kind, indexes, endLba, isrc, notes: [] })
  }
  const { sectors } = builder
  if (image.sizeBytes > sectors * RAW_BYTES) {
    builder.problem(
      image.path,
      sectors * RAW_BYTES,
      `${image.sizeBytes - sectors * RAW_BYTES} bytes are behind the lead-out`,
    )
  }
  if (sub && sub.sizeBytes !== sectors * SUBCHANNEL_BYTES) {
    const text = `the subchannel has ${sub.sizeBytes} bytes, and ${sectors * SUBCHANNEL_BYTES} belong to ${sectors} sectors`
    builder.problem(sub.path, Math.min(sub.sizeBytes, sectors * SUBCHANNEL_BYTES), text)
  }
  const details: (readonly [string, string])[] = [['version', sheet.version]]
  if (sheet.catalog) details.push(['catalog number', sheet.catalog])
  details.push(['subchannel', sub ? 'in a file of its own' : 'none'])
  return builder.build(tracks, details, sub && { file: sub })
}

/** Where each track begins, with its gap, and ends: at the next one's beginning, or at its session's lead-out. */
function placesOf(file: ImageFile, { entries, tracks }: CcdSheet): Place[] {
  const own = entries.filter(({ point }) => point >= 1 && point <= 99).sort((a, b) => a.point - b.point)
  const starts = own.map((entry) => {
    const indexes = indexesOf(file, entry, tracks.get(entry.point))
    return { entry, indexes, startLba: indexes[0]!.lba }
  })
  return starts.map(({ entry, indexes, startLba }, place) => {
    const next = starts[place + 1]
    const isFirst = own[place - 1]?.session !== entry.session
    // What is before the first track of the disc, from sector 0 on, is in the file, too.
    const start = isFirst && place === 0 ? 0 : startLba
    const leadOut = entries.find(({ point, session }) => point === LEAD_OUT && session === entry.session)?.lba
    const end = next?.entry.session === entry.session ? next.startLba : leadOut
    if (end === undefined || !isOnDisc(start) || !isOnDisc(end) || end < start) {
      throw file.damage(0, `track ${entry.point} goes from sector ${start} to ${end ?? 'nowhere'}`)
    }
    const first = indexes[0]!.lba > start ? [{ number: 0, lba: start }] : []
    return { entry, indexes: [...first, ...indexes], startLba: start, endLba: end }
  })
}

/** The indexes of a session count from its own beginning: they are taken as they lie to index 1, which is where the entry says. */
function indexesOf(file: ImageFile, entry: CcdEntry, section: ReadonlyMap<string, string> | undefined): TrackIndex[] {
  const numbers = [...(section?.keys() ?? [])].flatMap((key) => /^index (\d{1,2})$/.exec(key)?.[1] ?? [])
  const said = numbers.map((number) => ({
    number: Number(number),
    lba: numberIn(file, section!, `TRACK ${entry.point}`, `index ${number}`),
  }))
  const base = said.find(({ number }) => number === 1)?.lba
  if (base === undefined) return [{ number: 1, lba: entry.lba }]
  return said.map(({ number, lba }) => ({ number, lba: entry.lba + lba - base })).sort((a, b) => a.number - b.number)
}

function kindOf({ control }: CcdEntry, mode: string | undefined): TrackKind {
  if ((control & IS_DATA) === 0) return 'audio'
  return mode === '2' ? 'mode 2' : 'mode 1'
}
