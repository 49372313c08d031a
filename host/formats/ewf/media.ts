// The section `volume` (FTK: `disk`), which describes the disk, and its copies `data` in the other segment files.
//
// [EWF] Volume section: 94 bytes as ASR Data and SMART have it, 1052 bytes in EnCase, linen and FTK Imager.

import type { ImageFile } from '../imageFile'
import { isSummed, putSum } from './adler32'
import type { Section } from './sections'

export const MEDIA_BYTES = 1052
const SMART_BYTES = 94

const TYPE_AT = 0
const CHUNK_COUNT_AT = 4
const SECTORS_PER_CHUNK_AT = 8
const SECTOR_BYTES_AT = 12
const SECTOR_COUNT_AT = 16
const FLAGS_AT = 36
const LEVEL_AT = 52
const GRANULARITY_AT = 56
export const SET_IDENTIFIER_AT = 64
export const SET_IDENTIFIER_BYTES = 16

export const MEDIA_TYPES: ReadonlyMap<number, string> = new Map([
  [0x00, 'removable'],
  [0x01, 'fixed'],
  [0x03, 'optical'],
  [0x0e, 'logical files'],
  [0x10, 'memory'],
])

export const COMPRESSION_LEVELS = ['none', 'fast', 'best'] as const
export type CompressionLevel = (typeof COMPRESSION_LEVELS)[number]

/** Media flags: an image file, of a physical device. */
const IMAGE_OF_DEVICE = 0x03

/** EnCase goes up to 32768 sectors of 512 bytes; a chunk has to fit in memory, a few times. */
const CHUNK_BYTES_MAX = 32 << 20
const SECTOR_BYTES_MAX = 1 << 16

export interface Media {
  readonly type: number
  readonly chunkCount: number
  readonly sectorsPerChunk: number
  readonly sectorBytes: number
  readonly sectorCount: number
  readonly compression: CompressionLevel | null
  /** In hexadecimal; zeros where there is none. */
  readonly setIdentifier: string
}

export function readMedia(file: ImageFile, section: Section): Media {
  const length = section.endBytes - section.dataBytes
  const wrong = (what: string) => file.damage(section.startBytes, `section ${section.type}: ${what}`)
  if (length !== MEDIA_BYTES && length !== SMART_BYTES) throw wrong(`${length} bytes, expected ${MEDIA_BYTES}`)
  const bytes = file.readBytes(section.dataBytes, length, `section ${section.type}`)
  if (!isSummed(bytes, length - 4)) throw wrong('its checksum is wrong')
  const media = parse(bytes)
  const { sectorBytes, sectorsPerChunk, sectorCount } = media
  if (!(sectorBytes > 0 && sectorBytes <= SECTOR_BYTES_MAX)) throw wrong(`sectors of ${sectorBytes} bytes`)
  if (!(sectorsPerChunk > 0 && sectorsPerChunk * sectorBytes <= CHUNK_BYTES_MAX)) {
    throw wrong(`chunks of ${sectorsPerChunk} sectors of ${sectorBytes} bytes`)
  }
  if (!Number.isSafeInteger(sectorCount * sectorBytes)) throw wrong(`a disk of ${sectorCount} sectors`)
  return media
}

function parse(bytes: Uint8Array): Media {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isSmart = bytes.length === SMART_BYTES
  const count = isSmart ? view.getUint32(SECTOR_COUNT_AT, true) : Number(view.getBigUint64(SECTOR_COUNT_AT, true))
  const identifier = bytes.subarray(SET_IDENTIFIER_AT, SET_IDENTIFIER_AT + SET_IDENTIFIER_BYTES)
  return {
    type: isSmart ? 0x01 : bytes[TYPE_AT]!,
    chunkCount: view.getUint32(CHUNK_COUNT_AT, true),
    sectorsPerChunk: view.getUint32(SECTORS_PER_CHUNK_AT, true),
    sectorBytes: view.getUint32(SECTOR_BYTES_AT, true),
    sectorCount: count,
    compression: isSmart ? null : (COMPRESSION_LEVELS[bytes[LEVEL_AT]!] ?? null),
    setIdentifier: isSmart ? '0'.repeat(2 * SET_IDENTIFIER_BYTES) : Buffer.from(identifier).toString('hex'),
  }
}

/** What two copies have to agree in; null when they do. */
export function difference(left: Media, right: Media): string | null {
  const names = ['sectorCount', 'sectorBytes', 'sectorsPerChunk', 'chunkCount', 'setIdentifier'] as const
  const name = names.find((one) => left[one] !== right[one])
  return name === undefined ? null : `${name} is ${right[name]}, and ${left[name]} in the first copy`
}

export function mediaData(media: Omit<Media, 'compression'> & { readonly compression: CompressionLevel }): Uint8Array {
  const bytes = new Uint8Array(MEDIA_BYTES)
  const view = new DataView(bytes.buffer)
  bytes[TYPE_AT] = media.type
  view.setUint32(CHUNK_COUNT_AT, media.chunkCount, true)
  view.setUint32(SECTORS_PER_CHUNK_AT, media.sectorsPerChunk, true)
  view.setUint32(SECTOR_BYTES_AT, media.sectorBytes, true)
  view.setBigUint64(SECTOR_COUNT_AT, BigInt(media.sectorCount), true)
  bytes[FLAGS_AT] = IMAGE_OF_DEVICE
  bytes[LEVEL_AT] = COMPRESSION_LEVELS.indexOf(media.compression)
  // One sector: what is listed as unread is exactly what was.
  view.setUint32(GRANULARITY_AT, 1, true)
  bytes.set(Buffer.from(media.setIdentifier, 'hex'), SET_IDENTIFIER_AT)
  putSum(bytes, MEDIA_BYTES - 4)
  return bytes
}
