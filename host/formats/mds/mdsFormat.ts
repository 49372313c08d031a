// MDS/MDF: the images of Alcohol 120%, for reading. The gap before a track is in no file.

import { SUBCHANNEL_BYTES } from '../../hardware/optical/cdSector'
import { besideWithEnding, pathBeside } from '../cd/besideFile'
import type { Disc, Storage, Track, TrackIndex, TrackKind } from '../cd/disc'
import { DiscBuilder, isOnDisc } from '../cd/discBuilder'
import { DiscImage, withFiles } from '../cd/discImage'

import type { ImageFormat } from '../format'
import { ImageFile } from '../imageFile'
import { MDS_SIGNATURE, type Mds, type MdsTrack, readMds } from './mdsHeader'

/** The lower bits of a mode say it; 0 and 7 are mode 2, too. */
const KINDS: readonly TrackKind[] = ['mode 2', 'audio', 'mode 1', 'mode 2', 'mode 2', 'mode 2', 'mode 2', 'mode 2']
const FORM_1 = 4
const MIXED_SUBCHANNEL = 8

export const mdsFormat: ImageFormat = {
  name: 'mds',
  title: 'MDS/MDF: the images of Alcohol 120%',
  extensions: ['mds'],
  options: [],
  recognises: (head) => String.fromCharCode(...head.subarray(0, 16)) === MDS_SIGNATURE,
  open: (path) =>
    withFiles((opened) => {
      const descriptor = ImageFile.open(path)
      opened.push(descriptor)
      const mds = readMds(descriptor)
      const files = new Map<string, ImageFile>()
      const fileOf = (name: string): ImageFile => {
        // `*.mdf`: the descriptor's own name.
        const wanted = name.startsWith('*.') ? besideWithEnding(path, name.slice(2)) : pathBeside(path, name)
        const file = files.get(wanted) ?? ImageFile.open(wanted)
        if (!files.has(wanted)) opened.push(file)
        files.set(wanted, file)
        return file
      }
      return new DiscImage(mdsFormat, opened, layOutMds(descriptor, mds, fileOf))
    }),
  create: null,
}

function layOutMds(descriptor: ImageFile, mds: Mds, fileOf: (name: string) => ImageFile): Disc {
  const builder = new DiscBuilder(descriptor.path)
  const tracks: Track[] = []
  for (const track of mds.tracks) {
    const previous = tracks.at(-1)
    const kind = KINDS[track.mode]!
    const storage = storageOf(descriptor, track)
    const indexes: TrackIndex[] = []
    const gap = track.length?.gapSectors ?? 0
    if (!isOnDisc(track.lba) || !isOnDisc(gap))
      throw descriptor.damage(track.blockBytes, `track ${track.number} is on no disc`)
    if (previous?.session !== track.session) builder.lba = Math.max(builder.lba, track.lba)
    else if (gap > 0) {
      indexes.push({ number: 0, lba: builder.lba })
      builder.addGap(track.number, kind, gap)
    }
    if (builder.lba !== track.lba) {
      const text = `track ${track.number} is to be at sector ${track.lba}, and is at ${builder.lba}`
      builder.problem(descriptor.path, track.blockBytes, text)
    }
    indexes.push({ number: 1, lba: builder.lba })
    for (const [part, name] of track.names.entries())
      addFile(builder, track, { part, file: fileOf(name), kind, storage })
    const notes = [`stored with ${track.sectorBytes} bytes a sector`]
    tracks.push({ number: track.number, session: track.session, kind, indexes, endLba: builder.lba, isrc: '', notes })
  }
  for (const { number, firstTrack, lastTrack } of mds.sessions) {
    const own = tracks.filter(({ session }) => session === number).length
    if (lastTrack - firstTrack + 1 === own) continue
    builder.problem(
      descriptor.path,
      0,
      `session ${number} has tracks ${firstTrack} to ${lastTrack}, and ${own} are here`,
    )
  }
  return builder.build(tracks, [
    ['medium', mds.isDvd ? 'DVD' : 'CD'],
    ['sessions', String(mds.sessions.length)],
  ])
}

interface Part {
  readonly part: number
  readonly file: ImageFile
  readonly kind: TrackKind
  readonly storage: Storage
}

function addFile(builder: DiscBuilder, track: MdsTrack, { part, file, kind, storage }: Part): void {
  const offsetBytes = part === 0 ? track.offsetBytes : 0
  const room = Math.max(0, file.sizeBytes - offsetBytes) / storage.strideBytes
  const sectors = track.length && track.names.length === 1 ? track.length.sectors : Math.floor(room)
  if (!track.length && room !== sectors) builder.problem(file.path, file.sizeBytes, 'the file ends inside a sector')
  builder.addStored({ track: track.number, kind, sectors, file, offsetBytes, storage })
}

function storageOf(descriptor: ImageFile, { mode, subchannel, sectorBytes, blockBytes, number }: MdsTrack): Storage {
  const hasSubchannel = subchannel === MIXED_SUBCHANNEL
  const mainBytes = sectorBytes - (hasSubchannel ? SUBCHANNEL_BYTES : 0)
  const isKnown = [2048, 2336, 2352].includes(mainBytes) && (subchannel === 0 || hasSubchannel)
  if (isKnown) return { mainBytes, strideBytes: sectorBytes, hasSubchannel, isForm1: mode === FORM_1 }
  throw descriptor.damage(
    blockBytes,
    `track ${number} has ${sectorBytes} bytes a sector, with subchannel ${subchannel}`,
  )
}
