// What a new EWF image is to be like, from the texts of its options.

import { parseBytes, UnitError } from '../../sim/units'
import type { FormatOption, NewImage } from '../format'
import { ImageInputError } from '../imageInputError'
import type { HeaderValues } from './headerValues'
import { COMPRESSION_LEVELS, type CompressionLevel } from './media'
import { segmentCountMax } from './segmentNames'

/** ewfacquire's own: files that fit on FAT, and that programs without 64-bit offsets can read. */
const SEGMENT_BYTES_DEFAULT = 1400 << 20
const SEGMENT_BYTES_MIN = 1 << 20
/** EnCase takes no more characters, and the end of the text. */
const VALUE_LENGTH_MAX = 2999
/** 32 KiB chunks of 512-byte sectors, as everybody has them; 32 to 64 KiB of larger ones. */
const SECTORS_PER_CHUNK = 64
const LARGE_SECTORS_PER_CHUNK = 16
/** What a chunk may take more than its bytes: checksum, entries in two tables, its part of everything else. */
const CHUNK_EXTRA_BYTES = 64

const VALUES: readonly (readonly [string, string, string])[] = [
  ['case_number', 'c', 'case number'],
  ['evidence_number', 'n', 'evidence number'],
  ['description', 'a', 'description'],
  ['examiner', 'e', "examiner's name"],
  ['notes', 't', 'notes'],
]

export const EWF_OPTIONS: readonly FormatOption[] = [
  { name: 'compression', description: 'none, fast or best; chunks of zeros are always compressed. Default: fast' },
  { name: 'segment_size', description: 'of each file, at least 1 MiB: 650MiB, 4GiB. Default: 1400MiB' },
  ...VALUES.map(([name, , title]) => ({ name, description: `${title}, to be stored. Default: none` })),
  { name: 'acquired', description: 'date to be stored: 2026-01-31T12:00:00Z, or seconds since 1970. Default: none' },
]

export interface EwfPlan {
  readonly compression: CompressionLevel
  readonly segmentBytes: number
  readonly sectorsPerChunk: number
  readonly headers: HeaderValues
}

/** Throws an ImageInputError. */
export function planEwf(path: string, { diskBytes, sectorBytes, options }: NewImage): EwfPlan {
  if (diskBytes === 0) throw new ImageInputError(`${path}: an EWF image holds at least one sector`)
  if (diskBytes % sectorBytes !== 0) {
    throw new ImageInputError(
      `${path}: an EWF image holds whole sectors; ${diskBytes} is no multiple of ${sectorBytes} bytes`,
    )
  }
  const sectorsPerChunk = sectorBytes > 1024 ? LARGE_SECTORS_PER_CHUNK : SECTORS_PER_CHUNK
  const chunkBytes = sectorsPerChunk * sectorBytes
  const chunkCount = Math.ceil(diskBytes / chunkBytes)
  if (chunkCount > 0xffff_ffff) throw new ImageInputError(`${path}: an EWF image has at most 2^32 chunks`)
  const segmentBytes = segmentSizeOf(options.get('segment_size'))
  const needed = Math.ceil((chunkCount * (chunkBytes + CHUNK_EXTRA_BYTES)) / (segmentBytes - chunkBytes))
  if (needed > segmentCountMax(path)) {
    throw new ImageInputError(
      `segment_size: up to ${needed} files of this size; ${segmentCountMax(path)} have names, so make them larger`,
    )
  }
  return {
    compression: compressionOf(options.get('compression')),
    segmentBytes,
    sectorsPerChunk,
    headers: headersOf(options),
  }
}

function compressionOf(text = 'fast'): CompressionLevel {
  const level = COMPRESSION_LEVELS.find((one) => one === text)
  if (level === undefined) throw new ImageInputError(`compression: found ${text}, expected none, fast or best`)
  return level
}

function segmentSizeOf(text: string | undefined): number {
  if (text === undefined) return SEGMENT_BYTES_DEFAULT
  let bytes: number
  try {
    bytes = parseBytes(text)
  } catch (error) {
    if (error instanceof UnitError) throw new ImageInputError(`segment_size: ${error.message}`)
    throw error
  }
  if (bytes < SEGMENT_BYTES_MIN) throw new ImageInputError(`segment_size: ${text} is less than 1 MiB`)
  return bytes
}

function headersOf(options: ReadonlyMap<string, string>): HeaderValues {
  const headers = new Map<string, string>([['av', 'Platterlab']])
  for (const [name, key] of VALUES) {
    const value = options.get(name)
    if (value === undefined || value === '') continue
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    if (/[\x00-\x1f]/.test(value)) throw new ImageInputError(`${name}: tabs and ends of lines cannot be stored`)
    if (value.length > VALUE_LENGTH_MAX) throw new ImageInputError(`${name}: more than ${VALUE_LENGTH_MAX} characters`)
    headers.set(key, value)
  }
  const acquired = options.get('acquired')
  if (acquired !== undefined) {
    const seconds = String(secondsOf(acquired))
    headers.set('m', seconds).set('u', seconds)
  }
  return headers
}

function secondsOf(text: string): number {
  // Without a zone it would be another date on another machine.
  const isDate = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/.test(text)
  const seconds = /^\d+$/.test(text) ? Number(text) : isDate ? Math.floor(Date.parse(text) / 1000) : Number.NaN
  if (seconds >= 0 && seconds <= 0xffff_ffff) return seconds
  throw new ImageInputError(`acquired: found ${text}, expected a date such as 2026-01-31T12:00:00Z`)
}
