// The section `error2`: the sectors that could not be read. [EWF] Error2 section: a header, ranges of sectors, each part with its checksum.

import type { ImageFile } from '../imageFile'
import { adler32, isSummed, putSum } from './adler32'
import type { Section } from './sections'

const HEADER_BYTES = 520
const ENTRY_BYTES = 8
const SUM_BYTES = 4
/** More bad stretches than any disk has: 32 MiB of them. */
const ENTRIES_MAX = 4 << 20

/** How many bytes behind its descriptor an error2 of so many ranges has. */
export const error2Bytes = (rangeCount: number): number => HEADER_BYTES + rangeCount * ENTRY_BYTES + SUM_BYTES

/** Stretches of a disk, ascending and apart from each other. */
export class UnreadRanges {
  #starts: Float64Array
  #ends: Float64Array

  /** Starts and ends in turn, in bytes of the disk; in any order, and overlapping, if need be. */
  constructor(pairs: Float64Array) {
    const count = pairs.length / 2
    const order = Uint32Array.from({ length: count }, (_, index) => index)
    order.sort((left, right) => pairs[2 * left]! - pairs[2 * right]!)
    this.#starts = new Float64Array(count)
    this.#ends = new Float64Array(count)
    let filled = 0
    for (const index of order) {
      const [start, end] = [pairs[2 * index]!, pairs[2 * index + 1]!]
      if (filled > 0 && start <= this.#ends[filled - 1]!) {
        this.#ends[filled - 1] = Math.max(end, this.#ends[filled - 1]!)
        continue
      }
      this.#starts[filled] = start
      this.#ends[filled++] = end
    }
    this.#starts = this.#starts.subarray(0, filled)
    this.#ends = this.#ends.subarray(0, filled)
  }

  get count(): number {
    return this.#starts.length
  }

  get totalBytes(): number {
    return this.#starts.reduce((sum, start, index) => sum + this.#ends[index]! - start, 0)
  }

  /** The first one that ends behind `offsetBytes`. */
  after(offsetBytes: number): { readonly startBytes: number; readonly endBytes: number } | null {
    let [low, high] = [0, this.#ends.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#ends[middle]! > offsetBytes) high = middle
      else low = middle + 1
    }
    if (low === this.#ends.length) return null
    return { startBytes: this.#starts[low]!, endBytes: this.#ends[low]! }
  }
}

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
