// `platterlab image ls`: what is on a disk. Nothing is mounted or written.

import { closeSync } from 'node:fs'
import { type DiskContents, examineDisk } from '../disk/examineDisk'
import { type IsoListing, listIso } from '../disk/isoTree'
import type { SectorReader } from '../disk/sectorReader'
import { openCopyFile } from '../image/copyFile'
import { fileReader } from '../image/fileReader'
import { ImageInputError } from '../image/imageInputError'
import { jsonText } from '../report/json'
import { BadInput } from './cliError'
import { EXIT_OK } from './exitCodes'
import { diskText, filesText } from './imageLsReport'
import type { Terminal } from './terminal'

export interface RawLsOptions {
  readonly files?: boolean
  readonly json?: boolean
}

/** Where an ISO 9660 volume begins, and what is on it. */
export interface PlacedListing extends IsoListing {
  readonly startBytes: number
}

export async function imageLsCommand(path: string, options: RawLsOptions, terminal: Terminal): Promise<number> {
  const { contents, listings } = await lookAt(path, options.files ?? false)
  if (options.json) terminal.out(jsonText({ image: path, ...contents, ...(options.files ? { listings } : {}) }))
  else terminal.out(diskText(path, contents) + listings.map(filesText).join(''))
  if (options.files && listings.length === 0) terminal.err('there is no ISO 9660 volume whose files could be listed\n')
  return EXIT_OK
}

async function lookAt(
  path: string,
  wantsFiles: boolean,
): Promise<{ contents: DiskContents; listings: PlacedListing[] }> {
  try {
    const file = openCopyFile(path, 'read')
    try {
      const reader = fileReader(file)
      const contents = await examineDisk(reader)
      return { contents, listings: wantsFiles ? await listings(reader, contents) : [] }
    } finally {
      closeSync(file.descriptor)
    }
  } catch (error) {
    if (error instanceof ImageInputError) throw new BadInput(error.message)
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
