// The literals section of a compressed block (RFC 8878, 3.1.1.3.1).

import { decodeHuffman, type HuffmanTable, readHuffmanTable } from './huffman'
import { ZstdError } from './zstdError'

export interface Literals {
  readonly bytes: Uint8Array
  /** Where the section ends. */
  readonly end: number
  /** For a block after this one that says so. */
  readonly huffman: HuffmanTable | null
}

const RAW = 0
const REPEATED = 1
const COMPRESSED = 2

export function readLiterals(
  bytes: Uint8Array,
  start: number,
  end: number,
  huffman: HuffmanTable | null,
  bytesMax: number,
): Literals {
  const type = byteAt(bytes, start, end) & 3
  const format = (bytes[start]! >> 2) & 3
  if (type > REPEATED) return readCompressed(bytes, start, end, type === COMPRESSED ? null : huffman, bytesMax)
  const headBytes = [1, 2, 1, 3][format]!
  const size = littleEndian(bytes, start, headBytes, end) >>> (headBytes === 1 ? 3 : 4)
  const dataStart = start + headBytes
  const dataEnd = dataStart + (type === RAW ? size : 1)
  if (size > bytesMax || dataEnd > end) throw new ZstdError('literals end behind their block')
  const literals = type === RAW ? bytes.subarray(dataStart, dataEnd) : new Uint8Array(size).fill(bytes[dataStart]!)
  return { bytes: literals, end: dataEnd, huffman }
}

function readCompressed(
  bytes: Uint8Array,
  start: number,
  end: number,
  known: HuffmanTable | null,
  bytesMax: number,
): Literals {
  const isTreeless = (bytes[start]! & 3) > COMPRESSED
  const format = (bytes[start]! >> 2) & 3
  const sizeBits = [10, 10, 14, 18][format]!
  const headBytes = [3, 3, 4, 5][format]!
  // Up to 40 bits: two sizes behind four bits.
  const head = littleEndian(bytes, start, headBytes, end)
  const size = Math.floor(head / 16) % 2 ** sizeBits
  const packedBytes = Math.floor(head / 2 ** (4 + sizeBits))
  const packedStart = start + headBytes
  const packedEnd = packedStart + packedBytes
  if (size > bytesMax || packedEnd > end) throw new ZstdError('literals end behind their block')
  let streams = packedStart
  let table = known
  if (!isTreeless) ({ table, end: streams } = readHuffmanTable(bytes, packedStart, packedEnd))
  if (!table) throw new ZstdError('literals without a Huffman table')
  const literals = new Uint8Array(size)
  if (format === 0) decodeHuffman(table, bytes, streams, packedEnd, literals)
  else decodeFour(table, bytes, streams, packedEnd, literals)
  return { bytes: literals, end: packedEnd, huffman: table }
}

/** Three lengths of 16 bits, and four streams. */
function decodeFour(table: HuffmanTable, bytes: Uint8Array, start: number, end: number, into: Uint8Array): void {
  const quarter = Math.ceil(into.length / 4)
  if (quarter * 3 > into.length) throw new ZstdError('too few literals for four streams')
  let streamStart = start + 6
  for (let index = 0; index < 4; index++) {
    const streamEnd = index < 3 ? streamStart + littleEndian(bytes, start + index * 2, 2, end) : end
    if (streamEnd > end) throw new ZstdError('a stream of literals ends behind its block')
    const part = into.subarray(index * quarter, index < 3 ? (index + 1) * quarter : into.length)
    decodeHuffman(table, bytes, streamStart, streamEnd, part)
    streamStart = streamEnd
  }
}

export function littleEndian(bytes: Uint8Array, start: number, count: number, end: number): number {
  if (start + count > end) throw new ZstdError('a block ends too early')
  let value = 0
  for (let index = count - 1; index >= 0; index--) value = value * 256 + bytes[start + index]!
  return value
}

export function byteAt(bytes: Uint8Array, at: number, end: number): number {
  if (at < end) return bytes[at]!
  throw new ZstdError('a block ends too early')
}
