// Finds tracks in raw sectors that come without a list of them: by sync and mode. Where one audio track ends and the next begins is not in
// the sectors; so audio is one track.
//
// A track has 300 sectors at least (IEC 60908: 4 seconds): less of another kind is damage, or noise, in the track around it. Sectors of zeros
// are of any kind; they go with what comes before them, unless audio follows: then they are its silence.

import { hasSync, MODE } from '../../hardware/optical/cdSector'
import { isZero } from '../blocks/zeros'
import type { TrackKind } from '../cd/disc'

const TRACK_SECTORS_MIN = 300

export interface FoundTrack {
  readonly kind: TrackKind
  readonly startSector: number
}

export class TrackFinder {
  readonly #tracks: FoundTrack[] = []
  /** A run of another kind than the last track's, that may become a track. */
  #run: { readonly kind: TrackKind; readonly startSector: number; sectors: number } | null = null
  /** Where the zeros began that came last; -1: it was no zeros. */
  #zerosFrom = -1

  add(sector: number, bytes: Uint8Array): void {
    const kind = kindOf(bytes)
    if (kind === null) {
      if (this.#zerosFrom < 0) this.#zerosFrom = sector
      return
    }
    const from = kind === 'audio' && this.#zerosFrom >= 0 ? this.#zerosFrom : sector
    this.#zerosFrom = -1
    const last = this.#tracks.at(-1)
    if (!last) this.#tracks.push({ kind, startSector: 0 })
    else if (kind === last.kind) this.#run = null
    else this.#extend(kind, from, sector)
  }

  /** An image of zeros alone is audio: silence. */
  get tracks(): readonly FoundTrack[] {
    return this.#tracks.length > 0 ? this.#tracks : [{ kind: 'audio', startSector: 0 }]
  }

  #extend(kind: TrackKind, from: number, sector: number): void {
    if (this.#run?.kind !== kind) this.#run = { kind, startSector: from, sectors: 0 }
    this.#run.sectors = sector + 1 - this.#run.startSector
    if (this.#run.sectors < TRACK_SECTORS_MIN) return
    this.#tracks.push({ kind, startSector: this.#run.startSector })
    this.#run = null
  }
}

/** null: zeros. */
function kindOf(bytes: Uint8Array): TrackKind | null {
  if (hasSync(bytes)) return bytes[MODE] === 2 ? 'mode 2' : 'mode 1'
  return isZero(bytes) ? null : 'audio'
}
