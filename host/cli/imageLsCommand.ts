// `platterlab image ls`: what is on a disk. Nothing is mounted or written.

import { type DiskContents, examineDisk } from '../disk/examineDisk'
import { type IsoListing, listIso } from '../disk/isoTree'
import type { SectorReader } from '../disk/sectorReader'
import { DamagedImage } from '../formats/damagedImage'
import { formatNamed, formatOf, openImage } from '../formats/formats'
import { ImageInputError } from '../formats/imageInputError'
import { jsonText } from '../report/json'
import { BadInput } from './cliError'
import { EXIT_OK } from './exitCodes'
import { diskText, filesText } from './imageLsReport'
import type { Terminal } from './terminal'

export interface RawLsOptions {
  readonly files?: boolean
  readonly from?: string
  readonly json?: boolean
}

/** Where an ISO 9660 volume begins, and what is on it. */
export interface PlacedListing extends IsoListing {
  readonly startBytes: number
}

export async function imageLsCommand(path: string, options: RawLsOptions, terminal: Terminal): Promise<number> {
  const { contents, listings } = await lookAt(path, options)
  if (options.json) terminal.out(jsonText({ image: path, ...contents, ...(options.files ? { listings } : {}) }))
  else terminal.out(diskText(path, contents) + listings.map(filesText).join(''))
  if (options.files && listings.length === 0) terminal.err('there is no ISO 9660 volume whose files could be listed\n')
  return EXIT_OK
}

async function lookAt(
  path: string,
  { files, from }: RawLsOptions,
): Promise<{ contents: DiskContents; listings: PlacedListing[] }> {
  try {
    const image = await openImage(path, from === undefined ? formatOf(path) : formatNamed(from))
    try {
      const contents = await examineDisk(image)
      return { contents, listings: files ? await listings(image, contents) : [] }
    } finally {
      image.close()
    }
  } catch (error) {
    if (error instanceof ImageInputError || error instanceof DamagedImage) throw new BadInput(error.message)
    throw error
  }
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
