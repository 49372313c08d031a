// Puts stretches of sectors one behind the other, and sees to it that none reaches behind its file.

import { LAST_FRAME } from '../../hardware/optical/cdSector'
import { DamagedImage } from '../damagedImage'
import type { ImageFile } from '../imageFile'
import type { Disc, DiscProblem, Storage, Stretch, SubchannelFile, Track, TrackKind } from './disc'

export interface NewStretch {
  readonly track: number
  readonly kind: TrackKind
  readonly sectors: number
  readonly file: ImageFile
  readonly offsetBytes: number
  readonly storage: Storage
}

/** No disc has more: a BD of four layers has 62,500,000. */
const SECTORS_MAX = 2 ** 27

export class DiscBuilder {
  readonly #stretches: Stretch[] = []
  readonly #problems: DiscProblem[] = []
  #nextSector = 0
  #nextLba = 0

  /** The file that says where everything is. */
  constructor(private readonly path: string) {}

  /** The address of what comes next. */
  get lba(): number {
    return this.#nextLba
  }

  set lba(lba: number) {
    this.#nextLba = lba
  }

  get sectors(): number {
    return this.#nextSector
  }

  /** Sectors that no file holds, and that are zeros. */
  addGap(track: number, kind: TrackKind, sectors: number): void {
    this.#push({ track, kind, sectors, stored: null, isMissing: false })
  }

  /** The part of them that is behind the end of the file is missing: a problem, and sectors that cannot be read. */
  addStored({ track, kind, sectors, file, offsetBytes, storage }: NewStretch): void {
    const room = Math.max(0, Math.floor((file.sizeBytes - offsetBytes) / storage.strideBytes))
    const here = Math.min(sectors, room)
    this.#push({ track, kind, sectors: here, stored: { ...storage, file, offsetBytes }, isMissing: false })
    if (here === sectors) return
    const start = this.#nextSector
    this.#push({ track, kind, sectors: sectors - here, stored: null, isMissing: true })
    this.problem(
      file.path,
      file.sizeBytes,
      `the file ends, and ${sectors - here} sectors of track ${track} are to come`,
      { start, end: this.#nextSector },
    )
  }

  problem(file: string, offsetBytes: number, text: string, sectors: DiscProblem['sectors'] = null): void {
    this.#problems.push({ file, offsetBytes, text, sectors })
  }

  build(tracks: readonly Track[], details: Disc['details'], subchannelFile: SubchannelFile | null = null): Disc {
    if (this.#nextSector === 0) throw new DamagedImage(this.path, 0, 'it has no sectors')
    return { tracks, details, stretches: this.#stretches, problems: this.#problems, subchannelFile }
  }

  #push(stretch: Omit<Stretch, 'startSector' | 'lba'>): void {
    if (stretch.sectors === 0) return
    if (this.#nextSector + stretch.sectors > SECTORS_MAX)
      throw new DamagedImage(this.path, 0, 'it has more sectors than any disc')
    this.#stretches.push({ ...stretch, startSector: this.#nextSector, lba: this.#nextLba })
    this.#nextSector += stretch.sectors
    this.#nextLba += stretch.sectors
  }
}

/** What a sheet may say of a place on a CD. */
export function isOnDisc(lba: number): boolean {
  return Number.isInteger(lba) && lba >= 0 && lba <= LAST_FRAME
}
