// Huffman-coded literals (RFC 8878, 4.2).

import { BackwardBits } from './backwardBits'
import { FseState, readTable } from './fse'
import { ZstdError } from './zstdError'

const CODE_BITS_MAX = 11
const WEIGHTS_MAX = 255

export interface HuffmanTable {
  readonly codeBits: number
  /** For the next `codeBits` bits: the symbol, and above it (<< 8) how many of them are its code. */
  readonly entries: Uint16Array
}

export function readHuffmanTable(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly table: HuffmanTable; readonly end: number } {
  if (start >= end) throw new ZstdError('a Huffman table is missing')
  const head = bytes[start]!
  const isDirect = head >= 128
  const tableEnd = start + 1 + (isDirect ? Math.ceil((head - 127) / 2) : head)
  if (tableEnd > end) throw new ZstdError('a Huffman table ends behind its block')
  const weights = isDirect ? directWeights(bytes, start + 1, head - 127) : codedWeights(bytes, start + 1, tableEnd)
  return { table: buildHuffman(weights), end: tableEnd }
}

function directWeights(bytes: Uint8Array, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const pair = bytes[start + (index >> 1)]!
    return index % 2 === 0 ? pair >> 4 : pair & 15
  })
}

/** Two states take turns until the bits are used up; then the other one has a last word. */
function codedWeights(bytes: Uint8Array, start: number, end: number): number[] {
  const { table, end: tableEnd } = readTable(bytes, start, end, { accuracyLogMax: 6, symbolMax: 255 })
  const stream = new BackwardBits(bytes, tableEnd, end)
  let state = new FseState(table, stream)
  let other = new FseState(table, stream)
  if (stream.left < 0) throw new ZstdError('a Huffman table ends too early')
  const weights: number[] = []
  for (;;) {
    if (weights.length >= WEIGHTS_MAX) throw new ZstdError('a Huffman table with too many symbols')
    weights.push(state.symbol)
    if (state.bits > stream.left) {
      weights.push(other.symbol)
      return weights
    }
    state.next(stream)
    const turn = state
    state = other
    other = turn
  }
}

/** The weight of the last symbol is not stored: it is what makes the sum a power of two. */
function buildHuffman(weights: number[]): HuffmanTable {
  const sum = weights.reduce((total, weight) => total + (weight > 0 ? 2 ** (weight - 1) : 0), 0)
  if (sum === 0) throw new ZstdError('a Huffman table without codes')
  const codeBits = Math.floor(Math.log2(sum)) + 1
  const last = Math.log2(2 ** codeBits - sum) + 1
  if (codeBits > CODE_BITS_MAX || !Number.isInteger(last)) throw new ZstdError('a Huffman table that does not add up')
  weights.push(last)
  if (weights.length > WEIGHTS_MAX + 1) throw new ZstdError('a Huffman table with too many symbols')
  const entries = new Uint16Array(1 << codeBits)
  let position = 0
  for (let weight = 1; weight <= codeBits; weight++) {
    weights.forEach((own, symbol) => {
      if (own !== weight) return
      const count = 1 << (weight - 1)
      entries.fill(((codeBits + 1 - weight) << 8) | symbol, position, position + count)
      position += count
    })
  }
  return { codeBits, entries }
}

/** Fills `into` from one stream, which must have just enough for it. */
export function decodeHuffman(
  { codeBits, entries }: HuffmanTable,
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
): void {
  const stream = new BackwardBits(bytes, start, end)
  for (let index = 0; index < into.length; index++) {
    const entry = entries[stream.peek(codeBits)]!
    into[index] = entry
    stream.left -= entry >>> 8
  }
  if (stream.left !== 0) throw new ZstdError('a stream of literals has another length than it should')
}
