// NRG: the images of Nero Burning ROM, for reading.
//
// A disc that was written at once has its gaps in the file, also the one before sector 0, which is not in our disk. Of one that was written
// track by track, 150 sectors lie between two tracks, and are in no file.

import { FIRST_FRAME } from '../../hardware/optical/cdSector'
import type { Disc, Track, TrackIndex } from '../cd/disc'
import { DiscBuilder } from '../cd/discBuilder'
import { DiscImage, withFiles } from '../cd/discImage'

import type { ImageFormat } from '../format'
import { ImageFile } from '../imageFile'
import { footerOf, type NrgChunk, readChunks } from './nrgChunks'
import { cuePoints, daoTracks, etnTracks, type NrgPoint, type NrgTrack, textOf } from './nrgTracks'

export const nrgFormat: ImageFormat = {
  name: 'nrg',
  title: 'NRG: the images of Nero Burning ROM',
  extensions: ['nrg'],
  options: [],
  recognises: (_head, tail) => footerOf(tail) !== null,
  open: (path) =>
    withFiles((opened) => {
      const file = ImageFile.open(path)
      opened.push(file)
      return new DiscImage(nrgFormat, opened, layOutNrg(file, readChunks(file)))
    }),
  create: null,
}

function layOutNrg(file: ImageFile, chunks: readonly NrgChunk[]): Disc {
  const builder = new DiscBuilder(file.path)
  const tracks: Track[] = []
  const details: (readonly [string, string])[] = []
  let points: NrgPoint[] = []
  let session = 0
  for (const chunk of chunks) {
    const { name, view, offsetBytes } = chunk
    if (name === 'CUEX') points = cuePoints(chunk)
    if (name === 'CUES') points = []
    if (name === 'DAOX' || name === 'DAOI') {
      session++
      const added = daoTracks(file, chunk)
      const catalog = textOf(view, 4, 13)
      if (/^\d{13}$/.test(catalog)) details.push(['catalog number', catalog])
      addDao(builder, file, tracks, added, points, session)
      const [first, last] = [view.getUint8(20), view.getUint8(21)]
      if (last - first + 1 !== added.length) {
        builder.problem(
          file.path,
          offsetBytes,
          `session ${session} has tracks ${first} to ${last}, and ${added.length} are here`,
        )
      }
    }
    if (name === 'ETN2' || name === 'ETNF') {
      session++
      addEtn(builder, file, tracks, etnTracks(file, chunk), session)
    }
    if (name === 'SINF' && view.byteLength >= 4) {
      const own = tracks.filter((track) => track.session === session).length
      if (view.getUint32(0) !== own) {
        builder.problem(
          file.path,
          offsetBytes,
          `session ${session} is to have ${view.getUint32(0)} tracks, and has ${own}`,
        )
      }
    }
  }
  details.push(['sessions', String(session)])
  return builder.build(tracks, details)
}

function addDao(
  builder: DiscBuilder,
  file: ImageFile,
  tracks: Track[],
  added: readonly NrgTrack[],
  points: readonly NrgPoint[],
  session: number,
): void {
  for (const [place, track] of added.entries()) {
    const number = tracks.length + 1
    const own = points.filter((point) => point.track === number)
    const said = own.find(({ index }) => index === 1)?.lba
    const gap = sectorsBetween(file, track, track.gapBytes, track.startBytes)
    const indexes: TrackIndex[] = []
    if (place === 0) {
      // What is before the first sector of a session is its pause.
      if (session > 1 && said !== undefined && said >= builder.lba) builder.lba = said
    } else if (gap > 0) {
      indexes.push({ number: 0, lba: builder.lba })
      store(builder, file, number, track, gap, track.gapBytes)
    }
    const lba = builder.lba
    if (said !== undefined && said !== lba) {
      builder.problem(file.path, track.offsetBytes, `track ${number} is to be at sector ${said}, and is at ${lba}`)
    }
    store(builder, file, number, track, sectorsBetween(file, track, track.startBytes, track.endBytes), track.startBytes)
    indexes.push({ number: 1, lba })
    indexes.push(...own.filter(({ index }) => index > 1).map((point) => ({ number: point.index, lba: point.lba })))
    tracks.push(trackOf(number, session, track, indexes, builder.lba))
  }
  const leadOut = points.find(({ track }) => track === 0xaa)?.lba
  if (leadOut !== undefined && leadOut !== builder.lba) {
    builder.problem(
      file.path,
      added[0]!.offsetBytes,
      `the disc is to end at sector ${leadOut}, and ends at ${builder.lba}`,
    )
  }
}

function addEtn(
  builder: DiscBuilder,
  file: ImageFile,
  tracks: Track[],
  added: readonly NrgTrack[],
  session: number,
): void {
  for (const [place, track] of added.entries()) {
    const number = tracks.length + 1
    const indexes: TrackIndex[] = []
    if (place > 0) {
      indexes.push({ number: 0, lba: builder.lba })
      builder.addGap(number, track.kind, FIRST_FRAME)
    } else if (session > 1 && track.lba !== null && track.lba > builder.lba) builder.lba = track.lba
    const lba = builder.lba
    // Nero counts without the gaps.
    if (track.lba !== lba - place * FIRST_FRAME) {
      builder.problem(
        file.path,
        track.offsetBytes,
        `track ${number} is to be at sector ${track.lba}, without gaps, and is at ${lba}`,
      )
    }
    store(builder, file, number, track, sectorsBetween(file, track, track.startBytes, track.endBytes), track.startBytes)
    tracks.push(trackOf(number, session, track, [...indexes, { number: 1, lba }], builder.lba))
  }
}

function sectorsBetween(file: ImageFile, { storage, offsetBytes }: NrgTrack, start: number, end: number): number {
  const sectors = (end - start) / storage.strideBytes
  if (Number.isInteger(sectors) && sectors >= 0) return sectors
  throw file.damage(offsetBytes, `bytes ${start} to ${end} are no whole sectors of ${storage.strideBytes} bytes`)
}

function store(
  builder: DiscBuilder,
  file: ImageFile,
  number: number,
  { kind, storage }: NrgTrack,
  sectors: number,
  offsetBytes: number,
): void {
  builder.addStored({ track: number, kind, sectors, file, offsetBytes, storage })
}

function trackOf(
  number: number,
  session: number,
  { kind, isrc, storage }: NrgTrack,
  indexes: readonly TrackIndex[],
  endLba: number,
): Track {
  return { number, session, kind, indexes, endLba, isrc, notes: [`stored with ${storage.strideBytes} bytes a sector`] }
}
