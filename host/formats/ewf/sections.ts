// What a segment file consists of: a file header, and sections, each with a descriptor that names it and says where the next one is.
//
// [EWF]: Joachim Metz, Expert Witness Compression Format specification (libewf's documentation), 2006 to 2022. All numbers are little-endian.
// Of the two lengths in a descriptor, an offset and a size, most readers look at one only; where they disagree, two images are in one file.

import type { ImageFile } from '../imageFile'
import { isSummed, putSum } from './adler32'

/** [EWF] File header: the signature, 1, the segment's number in two bytes, two zeros. */
export const FILE_HEADER_BYTES = 13
const SIGNATURE = [0x45, 0x56, 0x46, 0x09, 0x0d, 0x0a, 0xff, 0x00]

/** [EWF] Section descriptor: type, next section's offset, size, padding, checksum. */
export const DESCRIPTOR_BYTES = 76
export const TYPE_BYTES = 16
const NEXT_AT = 16
const SIZE_AT = 24
export const SUM_AT = 72

export interface Section {
  readonly type: string
  readonly startBytes: number
  /** Behind the descriptor. */
  readonly dataBytes: number
  readonly endBytes: number
}

/** `next` and `done` are the last ones of a file: they point to themselves. */
export const isLast = (type: string): boolean => type === 'next' || type === 'done'

export function hasSignature(head: Uint8Array): boolean {
  return head.length >= FILE_HEADER_BYTES && SIGNATURE.every((byte, index) => head[index] === byte)
}

export function fileHeader(segmentNumber: number): Uint8Array {
  return Uint8Array.from([...SIGNATURE, 1, segmentNumber & 0xff, segmentNumber >> 8, 0, 0])
}

/** The segment's number; throws a DamagedImage when it is no segment at all. */
export function readFileHeader(file: ImageFile): number {
  const head = file.readBytes(0, FILE_HEADER_BYTES, 'the file header')
  if (!hasSignature(head)) throw file.damage(0, 'no EWF signature')
  if (head[8] !== 1 || head[11] !== 0 || head[12] !== 0) throw file.damage(8, 'the fields of the file header are wrong')
  return head[9]! | (head[10]! << 8)
}

export function readSection(file: ImageFile, startBytes: number): Section {
  const bytes = file.readBytes(startBytes, DESCRIPTOR_BYTES, 'a section descriptor')
  if (!isSummed(bytes, SUM_AT)) throw file.damage(startBytes, 'the checksum of a section descriptor is wrong')
  const view = new DataView(bytes.buffer)
  const type = typeOf(bytes)
  const next = Number(view.getBigUint64(NEXT_AT, true))
  const size = Number(view.getBigUint64(SIZE_AT, true))
  const dataBytes = startBytes + DESCRIPTOR_BYTES
  const wrong = (what: string) => file.damage(startBytes, `section ${type}: ${what}`)
  if (isLast(type)) {
    // SMART's points behind itself.
    if (next !== startBytes && next !== dataBytes)
      throw wrong(`it is the last one of the file, and names another at ${next}`)
    if (size !== 0 && size !== DESCRIPTOR_BYTES) throw wrong(`it has ${size} bytes, where no data are expected`)
    return { type, startBytes, dataBytes, endBytes: dataBytes }
  }
  if (!(next >= dataBytes)) throw wrong(`the next section, at ${next}, begins before this one ends`)
  // Expert Witness 1.35 sets no size.
  if (size !== 0 && startBytes + size !== next) throw wrong(`it has ${size} bytes, and the next one begins at ${next}`)
  if (next > file.sizeBytes) throw wrong(`it ends at ${next}, behind the end of the file at ${file.sizeBytes}`)
  return { type, startBytes, dataBytes, endBytes: next }
}

export function sectionDescriptor(type: string, startBytes: number, dataLength: number): Uint8Array {
  const bytes = new Uint8Array(DESCRIPTOR_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode(type))
  // As EnCase has it: the last section of a file has no size.
  const size = isLast(type) ? 0 : DESCRIPTOR_BYTES + dataLength
  view.setBigUint64(NEXT_AT, BigInt(startBytes + size), true)
  view.setBigUint64(SIZE_AT, BigInt(size), true)
  putSum(bytes, SUM_AT)
  return bytes
}

function typeOf(descriptor: Uint8Array): string {
  const name = descriptor.subarray(0, TYPE_BYTES)
  const end = name.indexOf(0)
  return String.fromCharCode(...name.subarray(0, end === -1 ? TYPE_BYTES : end))
}
