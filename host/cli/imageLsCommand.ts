// `platterlab image ls`: what is on a disk. Nothing is mounted or written.

import { type DiskContents, examineDisk } from '../disk/examineDisk'
import { type IsoListing, listIso } from '../disk/isoTree'
import type { SectorReader } from '../disk/sectorReader'
import { dataTrackOf } from '../formats/cd/dataTrack'
import { isOpenDisc } from '../formats/cd/openDisc'
import type { DiskImage } from '../formats/format'
import { formatNamed, formatOf, openImage } from '../formats/formats'
import { jsonText } from '../report/json'
import { EXIT_OK } from './exitCodes'
import { told } from './formatCommand'
import { diskText, filesText } from './imageLsReport'
import type { Terminal } from './terminal'

export interface RawLsOptions {
  readonly from?: string
  readonly files?: boolean
  readonly json?: boolean
}

/** Where an ISO 9660 volume begins, and what is on it. */
export interface PlacedListing extends IsoListing {
  readonly startBytes: number
}

export async function imageLsCommand(path: string, options: RawLsOptions, terminal: Terminal): Promise<number> {
  const wantsFiles = options.files ?? false
  return told(async () => {
    const image = await openImage(path, options.from === undefined ? formatOf(path) : formatNamed(options.from))
    try {
      const format = image.format.name
      const disk = dataOf(image)
      const contents = await examineDisk(disk)
      const listed = wantsFiles ? await listings(disk, contents) : []
      if (options.json) {
        terminal.out(jsonText({ image: path, format, ...contents, ...(wantsFiles ? { listings: listed } : {}) }))
      } else {
        terminal.out(diskText(path, format, contents) + listed.map(filesText).join(''))
      }
      if (wantsFiles && listed.length === 0) terminal.err('there is no ISO 9660 volume whose files could be listed\n')
      return EXIT_OK
    } finally {
      image.close()
    }
  })
}

/** Of a disc with whole sectors: the data in its first data track. */
function dataOf(image: DiskImage): SectorReader {
  const hasData = isOpenDisc(image) && image.disc.tracks.some(({ kind }) => kind !== 'audio')
  return hasData ? dataTrackOf(image) : image
}

async function listings(reader: SectorReader, { table, volumes }: DiskContents): Promise<PlacedListing[]> {
  const places = [{ startBytes: 0, volumes }, ...(table?.partitions ?? [])]
  const found: PlacedListing[] = []
  for (const { startBytes, volumes } of places) {
    if (!volumes.some(({ type }) => type === 'iso9660')) continue
    const listing = await listIso(reader, startBytes)
    if (listing) found.push({ startBytes, ...listing })
  }
  return found
}
