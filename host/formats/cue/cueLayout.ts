// Where a cue sheet's tracks are in its files, and on the disc.
//
// Each index begins a piece of its track, which ends at the next index in the same file, or with the file. The disc begins with the first
// piece; a PREGAP of the first track is the pause before sector 0, and not in the image. Other PREGAPs and POSTGAPs are in no file, and zeros.

import { DATA_BYTES, MODE2_BYTES, RAW_BYTES, SUBCHANNEL_BYTES } from '../../hardware/optical/cdSector'
import type { Disc, Storage, Track, TrackIndex, TrackKind } from '../cd/disc'
import { DiscBuilder } from '../cd/discBuilder'

import { DamagedImage } from '../damagedImage'
import type { ImageFile } from '../imageFile'
import type { CueIndex, CueSheet, CueTrack } from './cueSheet'

interface TrackType {
  readonly kind: TrackKind
  readonly storage: Storage
}

const stored = (mainBytes: number): Storage => ({ mainBytes, strideBytes: mainBytes })

const TYPES: ReadonlyMap<string, TrackType> = new Map([
  ['AUDIO', { kind: 'audio', storage: stored(RAW_BYTES) }],
  ['MODE1/2048', { kind: 'mode 1', storage: stored(DATA_BYTES) }],
  ['MODE1/2352', { kind: 'mode 1', storage: stored(RAW_BYTES) }],
  ['MODE2/2048', { kind: 'mode 2', storage: { ...stored(DATA_BYTES), isForm1: true } }],
  ['MODE2/2336', { kind: 'mode 2', storage: stored(MODE2_BYTES) }],
  ['MODE2/2352', { kind: 'mode 2', storage: stored(RAW_BYTES) }],
  ['CDI/2336', { kind: 'mode 2', storage: stored(MODE2_BYTES) }],
  ['CDI/2352', { kind: 'mode 2', storage: stored(RAW_BYTES) }],
  // Audio with graphics: all of the subchannel is behind each sector.
  [
    'CDG',
    {
      kind: 'audio',
      storage: { mainBytes: RAW_BYTES, strideBytes: RAW_BYTES + SUBCHANNEL_BYTES, hasSubchannel: true },
    },
  ],
])

const FLAGS: ReadonlyMap<string, string> = new Map([
  ['DCP', 'copy permitted'],
  ['PRE', 'pre-emphasis'],
  ['4CH', 'four channels'],
  ['SCMS', 'serial copy management'],
])

/** A file of a sheet, open: where its sectors are in it. */
export interface CueSource {
  readonly file: ImageFile
  readonly startBytes: number
  readonly endBytes: number
  readonly isSwapped: boolean
}

export function layOutCue(sheet: CueSheet, sources: readonly CueSource[]): Disc {
  const builder = new DiscBuilder(sheet.path)
  const pieces = new Pieces(sheet, builder, sources)
  const points = sheet.tracks.flatMap(({ indexes }) => indexes)
  const tracks: Track[] = []
  let point = 0
  for (const [place, track] of sheet.tracks.entries()) {
    const type = typeOf(sheet, track)
    const start = builder.lba
    if (place > 0) builder.addGap(track.number, type.kind, track.pregapFrames)
    const indexes: TrackIndex[] = []
    for (const index of track.indexes) {
      const piece = { track, type, source: sources[index.file]! }
      pieces.addLead(piece, index)
      if (indexes.length === 0 && index.number === 1 && builder.lba > start) indexes.push({ number: 0, lba: start })
      indexes.push({ number: index.number, lba: index.number === 0 ? start : builder.lba })
      pieces.add(piece, index, points[++point])
    }
    builder.addGap(track.number, type.kind, track.postgapFrames)
    tracks.push(trackOf(track, type.kind, indexes, builder.lba))
  }
  return builder.build(tracks, detailsOf(sheet))
}

interface Piece {
  readonly track: CueTrack
  readonly type: TrackType
  readonly source: CueSource
}

/** How far each file is used up: sectors of one file may differ in length. */
class Pieces {
  readonly #places: number[]
  readonly #begun = new Set<number>()

  constructor(
    private readonly sheet: CueSheet,
    private readonly builder: DiscBuilder,
    sources: readonly CueSource[],
  ) {
    this.#places = sources.map(({ startBytes }) => startBytes)
  }

  /** What is in a file before its first index; it belongs to the gap before that track. */
  addLead(piece: Piece, index: CueIndex): void {
    if (!this.#begun.has(index.file)) this.#add(piece, index, index.frames)
    this.#begun.add(index.file)
  }

  /** From an index to the next one. */
  add(piece: Piece, index: CueIndex, next: CueIndex | undefined): void {
    if (next?.file !== index.file) {
      this.#addRest(piece, index)
      return
    }
    const sectors = next.frames - index.frames
    if (sectors < 0) {
      throw new DamagedImage(this.sheet.path, next.offsetBytes, 'an index comes before the one that it follows')
    }
    this.#add(piece, index, sectors)
  }

  #addRest(piece: Piece, index: CueIndex): void {
    const { track, source, type } = piece
    const at = this.#places[index.file]!
    const rest = (source.endBytes - at) / type.storage.strideBytes
    const sectors = Math.max(0, Math.floor(rest))
    if (sectors === 0) {
      const text = `index ${index.number} of track ${track.number} has no sectors: the file is too short`
      this.builder.problem(source.file.path, source.endBytes, text)
    }
    this.#add(piece, index, sectors)
    if (rest > sectors) {
      const text = `the file ends inside a sector of track ${track.number}`
      this.builder.problem(source.file.path, this.#places[index.file]!, text)
    }
  }

  #add({ track, type, source }: Piece, index: CueIndex, sectors: number): void {
    const storage = { ...type.storage, isSwapped: source.isSwapped && type.kind === 'audio' }
    const offsetBytes = this.#places[index.file]!
    const { file } = source
    this.builder.addStored({ track: track.number, kind: type.kind, sectors, file, offsetBytes, storage })
    this.#places[index.file] = offsetBytes + sectors * storage.strideBytes
  }
}

function typeOf(sheet: CueSheet, track: CueTrack): TrackType {
  const type = TYPES.get(track.type)
  if (!type)
    throw new DamagedImage(sheet.path, track.offsetBytes, `track ${track.number} is of no known type: ${track.type}`)
  if (track.indexes.some(({ number }) => number === 1)) return type
  throw new DamagedImage(sheet.path, track.offsetBytes, `track ${track.number} has no index 1`)
}

function trackOf(track: CueTrack, kind: TrackKind, indexes: readonly TrackIndex[], endLba: number): Track {
  const names = [track.title && `"${track.title}"`, track.performer && `by ${track.performer}`].filter(Boolean)
  return {
    number: track.number,
    session: 1,
    kind,
    indexes,
    endLba,
    isrc: track.isrc,
    notes: [`stored as ${track.type}`, ...track.flags.map((flag) => FLAGS.get(flag) ?? flag), ...names],
  }
}

function detailsOf(sheet: CueSheet): Disc['details'] {
  const named = [
    ['title', sheet.title],
    ['performer', sheet.performer],
    ['catalog number', sheet.catalog],
  ] as const
  return named.filter(([, value]) => value !== '')
}
