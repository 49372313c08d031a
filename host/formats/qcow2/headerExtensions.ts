// Header extensions: what stands between the header and the name of the backing file, as (type, length, data, padding to 8).

import type { ImageFile } from '../imageFile'
import { Extension, FEATURE_NAME_BYTES, TWO_32 } from './layout'

export interface BitmapsExtension {
  readonly count: number
  readonly directoryBytes: number
  readonly directoryOffset: number
}

export interface Extensions {
  readonly backingFormat: string | null
  readonly dataFile: string | null
  /** Names of incompatible features, by bit. */
  readonly featureNames: ReadonlyMap<number, string>
  readonly bitmaps: BitmapsExtension | null
}

interface Found {
  backingFormat: string | null
  dataFile: string | null
  featureNames: Map<number, string>
  bitmaps: BitmapsExtension | null
}

/** Reads them from `start` up to the mark of their end, or `end`. */
export function parseExtensions(file: ImageFile, start: number, end: number): Extensions {
  const found: Found = { backingFormat: null, dataFile: null, featureNames: new Map(), bitmaps: null }
  const area = Buffer.from(
    file.readBytes(start, Math.max(0, Math.min(end, file.sizeBytes) - start), 'header extensions'),
  )
  const seen = new Set<number>()
  let at = 0
  while (at + 8 <= area.length) {
    const type = area.readUInt32BE(at)
    const length = area.readUInt32BE(at + 4)
    if (type === Extension.end) break
    if (length > area.length - at - 8) {
      throw file.damage(start + at, `a header extension of ${length} bytes ends behind the area for them`)
    }
    if (seen.has(type)) throw file.damage(start + at, `a second header extension of type 0x${type.toString(16)}`)
    seen.add(type)
    take(file, found, type, area.subarray(at + 8, at + 8 + length), start + at)
    at += 8 + Math.ceil(length / 8) * 8
  }
  return found
}

function take(file: ImageFile, found: Found, type: number, data: Buffer, offset: number): void {
  if (type === Extension.backingFormat) found.backingFormat = data.toString('utf8')
  else if (type === Extension.dataFile) found.dataFile = data.toString('utf8')
  else if (type === Extension.featureNames) found.featureNames = featureNames(data)
  else if (type === Extension.bitmaps) found.bitmaps = bitmaps(file, data, offset)
}

function featureNames(data: Buffer): Map<number, string> {
  const names = new Map<number, string>()
  for (let at = 0; at + FEATURE_NAME_BYTES <= data.length; at += FEATURE_NAME_BYTES) {
    const name = data.subarray(at + 2, at + FEATURE_NAME_BYTES)
    const end = name.indexOf(0)
    if (data[at] === 0) names.set(data[at + 1]!, name.toString('utf8', 0, end < 0 ? name.length : end))
  }
  return names
}

function bitmaps(file: ImageFile, data: Buffer, offset: number): BitmapsExtension {
  if (data.length < 24) throw file.damage(offset, `a header extension for bitmaps of ${data.length} bytes`)
  const directoryBytes = data.readUInt32BE(8) * TWO_32 + data.readUInt32BE(12)
  const directoryOffset = data.readUInt32BE(16) * TWO_32 + data.readUInt32BE(20)
  return { count: data.readUInt32BE(0), directoryBytes, directoryOffset }
}
