// What the files of an image of a disc say is where: tracks, and stretches of sectors. Every format of such images comes down to this.
//
// The sectors of the image's disk are counted from 0, one stretch behind the other. `lba` is where the disc has them, which is the same but
// for what lies between two sessions, and is in no image.

import { DATA_BYTES, RAW_BYTES } from '../../hardware/optical/cdSector'
import type { ImageFile } from '../imageFile'

export type TrackKind = 'audio' | 'mode 1' | 'mode 2'

export interface TrackIndex {
  readonly number: number
  readonly lba: number
}

export interface Track {
  readonly number: number
  readonly session: number
  readonly kind: TrackKind
  /** 0: its gap before index 1, where it has one. */
  readonly indexes: readonly TrackIndex[]
  /** Behind its last sector. */
  readonly endLba: number
  readonly isrc: string
  /** `copy permitted`, `pre-emphasis`, `four channels`, a title. */
  readonly notes: readonly string[]
}

/** How a sector lies in a file: what is in front of and behind the part of the main channel that is stored. */
export interface Storage {
  /** 2048, 2336 or 2352 bytes of the main channel. */
  readonly mainBytes: number
  /** From one sector to the next. */
  readonly strideBytes: number
  /** 2048 bytes of mode 2 are the data of form 1. */
  readonly isForm1?: boolean
  /** Samples of audio, the high byte first. */
  readonly isSwapped?: boolean
  /** 96 bytes of subchannel behind the main channel. */
  readonly hasSubchannel?: boolean
}

export interface Stretch {
  readonly startSector: number
  readonly sectors: number
  readonly lba: number
  readonly track: number
  readonly kind: TrackKind
  /** null: in no file. A gap, which is zeros, or sectors that ought to be in a file and are not. */
  readonly stored: (Storage & { readonly file: ImageFile; readonly offsetBytes: number }) | null
  readonly isMissing: boolean
}

/** Where the subchannel is, when it has a file of its own: 96 bytes a sector, one channel behind the other. */
export interface SubchannelFile {
  readonly file: ImageFile
}

export interface DiscProblem {
  readonly file: string
  readonly offsetBytes: number
  readonly sectors: { readonly start: number; readonly end: number } | null
  readonly text: string
}

export interface Disc {
  readonly tracks: readonly Track[]
  readonly stretches: readonly Stretch[]
  readonly subchannelFile: SubchannelFile | null
  readonly details: readonly (readonly [string, string])[]
  readonly problems: readonly DiscProblem[]
}

/** An image of data alone, 2048 bytes a sector, is a disk of such sectors, as an ISO is. Every other one is of raw sectors. */
export function sectorBytesOf({ stretches }: Disc): number {
  const isData = stretches.length > 0 && stretches.every(({ stored }) => stored?.mainBytes === DATA_BYTES)
  return isData ? DATA_BYTES : RAW_BYTES
}

/** The first sector of a track's index 1, by the image's count; the end is where its stretches end. */
export function dataSectorsOf(disc: Disc, track: Track): { readonly start: number; readonly end: number } {
  const first = track.indexes.find(({ number }) => number > 0)?.lba ?? 0
  const own = disc.stretches.filter((stretch) => stretch.track === track.number)
  const home = own.find(({ lba, sectors }) => first >= lba && first < lba + sectors)
  const start = home ? home.startSector + first - home.lba : 0
  return { start, end: Math.max(start, ...own.map(({ startSector, sectors }) => startSector + sectors)) }
}
