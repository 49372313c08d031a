// Writes a cue sheet, and the BIN file beside it.

import { basename } from 'node:path'
import { DATA_BYTES, msfText, RAW_BYTES } from '../../hardware/optical/cdSector'
import { RAW_SECTORS_MAX, RawWriter } from '../cd/rawWriter'

import type { FormatOption, ImageWriter, NewImage } from '../format'
import { ImageInputError } from '../imageInputError'
import { NewFiles } from '../newFiles'
import { type FoundTrack, TrackFinder } from './trackFinder'

export const CUE_OPTIONS: readonly FormatOption[] = [
  {
    name: 'track',
    description:
      'how the data of a source of 2048-byte sectors are stored: mode1/2352 (with sync, header, EDC and ECC; the default) or mode1/2048',
  },
]

const TYPES: Readonly<Record<FoundTrack['kind'], string>> = {
  audio: 'AUDIO',
  'mode 1': 'MODE1/2352',
  'mode 2': 'MODE2/2352',
}

export async function createCue(path: string, image: NewImage): Promise<ImageWriter> {
  const { sectors, sourceBytes } = sectorsOf('cue', image)
  const storedBytes = storedBytesOf(image, sourceBytes)
  if (storedBytes === RAW_BYTES) refuseMoreThanFits('cue', sectors)
  const bin = `${path.replace(/\.[^./\\]*$/, '')}.bin`
  if (bin === path || /["\n\r]/.test(basename(bin))) {
    throw new ImageInputError(`${path}: a cue sheet has a name that ends with .cue, and no quotation marks in it`)
  }
  const files = new NewFiles()
  const sheet = files.create(path)
  const finder = new TrackFinder()
  return new RawWriter(files, files.create(bin), {
    sectors,
    sourceBytes,
    storedBytes,
    ...(sourceBytes === RAW_BYTES && { see: (sector: number, bytes: Uint8Array) => finder.add(sector, bytes) }),
    complete: () => {
      const tracks = sourceBytes === RAW_BYTES ? finder.tracks : null
      sheet.write(0, new TextEncoder().encode(sheetOf(basename(bin), tracks, storedBytes)))
    },
  })
}

/** How many sectors a source has, of 2048 or of 2352 bytes. */
export function sectorsOf(format: string, image: NewImage): { readonly sectors: number; readonly sourceBytes: number } {
  const sourceBytes = image.sectorBytes === RAW_BYTES ? RAW_BYTES : DATA_BYTES
  if (image.sectorBytes > DATA_BYTES && image.sectorBytes !== RAW_BYTES) {
    throw new ImageInputError(
      `${format} holds sectors of 2048 or 2352 bytes, and the disk has some of ${image.sectorBytes}`,
    )
  }
  const sectors = image.diskBytes / sourceBytes
  if (Number.isInteger(sectors) && sectors > 0) return { sectors, sourceBytes }
  throw new ImageInputError(
    `${format} holds whole sectors of ${sourceBytes} bytes, one at least, and the disk has ${image.diskBytes} bytes`,
  )
}

export function refuseMoreThanFits(format: string, sectors: number): void {
  if (sectors <= RAW_SECTORS_MAX) return
  throw new ImageInputError(
    `${format} holds at most ${RAW_SECTORS_MAX} raw sectors: their addresses end at 99:59:74; the disk has ${sectors}`,
  )
}

function storedBytesOf({ options }: NewImage, sourceBytes: number): number {
  const asked = options.get('track')?.toLowerCase()
  if (asked !== undefined && asked !== 'mode1/2352' && asked !== 'mode1/2048') {
    throw new ImageInputError(`track=${asked}: expected mode1/2352 or mode1/2048`)
  }
  if (sourceBytes === RAW_BYTES) {
    if (asked === 'mode1/2048') throw new ImageInputError('track=mode1/2048: the source has raw sectors of 2352 bytes')
    return RAW_BYTES
  }
  return asked === 'mode1/2048' ? DATA_BYTES : RAW_BYTES
}

/** `tracks` null: one track of data. */
function sheetOf(bin: string, tracks: readonly FoundTrack[] | null, storedBytes: number): string {
  const lines = [`FILE "${bin}" BINARY`]
  const found = tracks?.map(({ kind, startSector }) => ({ type: TYPES[kind], startSector }))
  for (const [index, track] of (found ?? [{ type: `MODE1/${storedBytes}`, startSector: 0 }]).entries()) {
    lines.push(`  TRACK ${String(index + 1).padStart(2, '0')} ${track.type}`)
    lines.push(`    INDEX 01 ${msfText(track.startSector)}`)
  }
  return `${lines.join('\n')}\n`
}
