// An image of a disc with tracks, open for reading; the same for all formats.
//
// Reading gives sectors as they are, with wrong codes where they are wrong: raw sectors are what somebody wants to correct. `check` tells
// them, and the view of a data track (dataTrack.ts) refuses them.

import { FIRST_FRAME, msfText } from '../../hardware/optical/cdSector'
import type { Extent, Finding, ImageFormat } from '../format'
import type { ImageFile } from '../imageFile'
import { checkDisc } from './checkDisc'
import { type Disc, sectorBytesOf, type Track } from './disc'
import { DiscSectors } from './discSectors'
import type { OpenDisc } from './openDisc'

import { subchannelDetails } from './subchannel'

export class DiscImage implements OpenDisc {
  readonly sectorBytes: number
  readonly diskBytes: number
  readonly files: readonly string[]
  readonly details: OpenDisc['details']
  readonly sectors: DiscSectors

  constructor(
    readonly format: ImageFormat,
    private readonly opened: readonly ImageFile[],
    readonly disc: Disc,
  ) {
    this.sectorBytes = sectorBytesOf(disc)
    this.diskBytes = this.sectorBytes * disc.stretches.reduce((sum, { sectors }) => sum + sectors, 0)
    this.files = opened.map(({ path }) => path)
    this.sectors = new DiscSectors(disc)
    this.details = [
      ...disc.details,
      ...disc.tracks.map((track) => trackDetail(track)),
      ...subchannelDetails(disc, this.sectors),
    ]
  }

  extentAt(offsetBytes: number): Extent {
    const { startSector, sectors, stored, isMissing } = this.sectors.stretchAt(
      Math.floor(offsetBytes / this.sectorBytes),
    )
    const endBytes = (startSector + sectors) * this.sectorBytes
    return { kind: stored ? 'data' : isMissing ? 'unread' : 'zero', endBytes }
  }

  read(offsetBytes: number, into: Uint8Array): void {
    this.sectors.read(offsetBytes, into, this.sectorBytes)
  }

  check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void> {
    return checkDisc(this, report, signal)
  }

  close(): void {
    for (const file of this.opened) file.close()
  }
}

/** Opens files, and closes them again when what is made of them fails. */
export async function withFiles<T>(use: (opened: ImageFile[]) => T | Promise<T>): Promise<T> {
  const opened: ImageFile[] = []
  try {
    return await use(opened)
  } catch (error) {
    for (const file of opened) file.close()
    throw error
  }
}

function trackDetail({ number, session, kind, indexes, endLba, isrc, notes }: Track): readonly [string, string] {
  const first = indexes.find((index) => index.number > 0)?.lba ?? 0
  const gap = indexes.find((index) => index.number === 0)
  const parts = [
    `${kind}, ${endLba - first} sectors from ${first} (${msfText(first + FIRST_FRAME)})`,
    ...(gap && first > gap.lba ? [`${first - gap.lba} before it`] : []),
    ...indexes.filter((index) => index.number > 1).map((index) => `index ${index.number} at ${index.lba}`),
    ...(session > 1 ? [`session ${session}`] : []),
    ...(isrc ? [`ISRC ${isrc}`] : []),
    ...notes,
  ]
  return [`track ${number}`, parts.join(', ')]
}
