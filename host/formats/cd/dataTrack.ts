// The data of one track, 2048 bytes a sector, as a drive gives them to a file system. A sector whose codes are wrong is refused.

import { DATA_BYTES, MODE, MODE1_DATA, RAW_BYTES, XA_DATA } from '../../hardware/optical/cdSector'
import type { DiskImage, Extent, Finding } from '../format'
import { ImageInputError } from '../imageInputError'
import { dataSectorsOf, type Track } from './disc'
import { isOpenDisc, type OpenDisc } from './openDisc'

import { hasForms, isForm2, sectorFault } from './sectorFault'

class DataTrack implements DiskImage {
  readonly sectorBytes = DATA_BYTES
  readonly diskBytes: number
  readonly details: DiskImage['details']
  readonly #start: number

  constructor(
    private readonly image: OpenDisc,
    track: Track,
  ) {
    const { start, end } = dataSectorsOf(image.disc, track)
    this.#start = start
    this.diskBytes = (end - start) * DATA_BYTES
    this.details = image.details.filter(([what]) => what === `track ${track.number}`)
  }

  get format(): DiskImage['format'] {
    return this.image.format
  }

  get files(): readonly string[] {
    return this.image.files
  }

  extentAt(offsetBytes: number): Extent {
    const { startSector, sectors, stored, isMissing } = this.image.sectors.stretchAt(
      this.#start + Math.floor(offsetBytes / DATA_BYTES),
    )
    const endBytes = Math.min(this.diskBytes, (startSector + sectors - this.#start) * DATA_BYTES)
    return { kind: stored ? 'data' : isMissing ? 'unread' : 'zero', endBytes }
  }

  read(offsetBytes: number, into: Uint8Array): void {
    for (let done = 0; done < into.length; ) {
      const sector = Math.floor((offsetBytes + done) / DATA_BYTES)
      const skip = offsetBytes + done - sector * DATA_BYTES
      const part = this.#data(this.#start + sector).subarray(skip, skip + into.length - done)
      into.set(part, done)
      done += part.length
    }
  }

  #data(sector: number): Uint8Array {
    const { image } = this
    const stretch = image.sectors.stretchAt(sector)
    const { stored } = stretch
    if (!stored) return new Uint8Array(DATA_BYTES)
    if (stored.mainBytes === DATA_BYTES) return image.sectors.sectors(stretch, sector, 1, DATA_BYTES)
    const raw = image.sectors.sectors(stretch, sector, 1, RAW_BYTES)
    const lba = stretch.lba + sector - stretch.startSector
    const fault = sectorFault(raw, lba) ?? noDataFault(raw)
    if (fault !== null) {
      const at = stored.offsetBytes + (sector - stretch.startSector) * stored.strideBytes
      throw stored.file.damage(at, `sector ${lba}: ${fault}`)
    }
    const start = raw[MODE] === 1 ? MODE1_DATA : XA_DATA
    return raw.subarray(start, start + DATA_BYTES)
  }

  async check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void> {
    await this.image.check(report, signal)
  }

  /** The image is its own. */
  close(): void {}
}

function noDataFault(raw: Uint8Array): string | null {
  if (raw[MODE] === 1) return null
  if (!hasForms(raw)) return 'it is of mode 2 without forms, and has no 2048 bytes of data'
  return isForm2(raw) ? 'it is of form 2, and has no 2048 bytes of data' : null
}

/** The view of a data track; the first one when no number is given. It lives as long as the image does. */
export function dataTrackOf(image: DiskImage, number?: number): DiskImage {
  if (!isOpenDisc(image)) throw new ImageInputError(`${image.files[0]} is no image with tracks`)
  const tracks = image.disc.tracks.filter(({ kind }) => kind !== 'audio')
  const track = number === undefined ? tracks[0] : tracks.find((one) => one.number === number)
  if (track) return new DataTrack(image, track)
  const have =
    tracks.length > 0 ? `its data tracks are ${tracks.map((one) => one.number).join(', ')}` : 'it has no data track'
  throw new ImageInputError(`${image.files[0]}: no data track ${number ?? ''}: ${have}`)
}
