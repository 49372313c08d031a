// The section `error2`: the sectors that could not be read. [EWF] Error2 section: a header, ranges of sectors, each part with its checksum.

import type { ImageFile } from '../imageFile'
import { UnreadRanges } from '../unreadRanges'
import { adler32, isSummed, putSum } from './adler32'
import type { Section } from './sections'

const HEADER_BYTES = 520
const ENTRY_BYTES = 8
const SUM_BYTES = 4
/** More bad stretches than any disk has: 32 MiB of them. */
const ENTRIES_MAX = 4 << 20

/** How many bytes behind its descriptor an error2 of so many ranges has. */
export const error2Bytes = (rangeCount: number): number => HEADER_BYTES + rangeCount * ENTRY_BYTES + SUM_BYTES

/** Throws a DamagedImage: what is not known to be right says nothing about any sector. */
export function readError2(file: ImageFile, section: Section, sectorBytes: number, diskBytes: number): UnreadRanges {
  const wrong = (what: string) => file.damage(section.startBytes, `section error2: ${what}`)
  const room = section.endBytes - section.dataBytes
  if (room < error2Bytes(0)) throw wrong(`${room} bytes are too few`)
  const header = file.readBytes(section.dataBytes, HEADER_BYTES, 'the header of error2')
  if (!isSummed(header, HEADER_BYTES - SUM_BYTES)) throw wrong('the checksum of its header is wrong')
  const count = new DataView(header.buffer).getUint32(0, true)
  if (count > ENTRIES_MAX || error2Bytes(count) > room) throw wrong(`${count} ranges in ${room} bytes are not believed`)
  const bytes = file.readBytes(section.dataBytes + HEADER_BYTES, count * ENTRY_BYTES + SUM_BYTES, 'error2')
  if (!isSummed(bytes, count * ENTRY_BYTES)) throw wrong('the checksum of its ranges is wrong')
  const view = new DataView(bytes.buffer)
  const pairs = new Float64Array(2 * count)
  for (let index = 0; index < count; index++) {
    const start = view.getUint32(index * ENTRY_BYTES, true) * sectorBytes
    const end = start + view.getUint32(index * ENTRY_BYTES + 4, true) * sectorBytes
    if (start > diskBytes) throw wrong(`range ${index} lies behind the disk`)
    pairs[2 * index] = start
    pairs[2 * index + 1] = Math.min(end, diskBytes)
  }
  return new UnreadRanges(pairs)
}

/** Pairs of a first sector and a number of sectors. */
export function error2Data(sectors: readonly number[]): Uint8Array {
  const count = sectors.length / 2
  const bytes = new Uint8Array(error2Bytes(count))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, count, true)
  putSum(bytes, HEADER_BYTES - SUM_BYTES)
  sectors.forEach((value, index) => {
    view.setUint32(HEADER_BYTES + 4 * index, value, true)
  })
  const end = bytes.length - SUM_BYTES
  view.setUint32(end, adler32(bytes.subarray(HEADER_BYTES, end)), true)
  return bytes
}
