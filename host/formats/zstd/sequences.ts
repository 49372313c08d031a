// The sequences section of a compressed block (RFC 8878, 3.1.1.3.2), and what its sequences do: copy literals, then earlier output.

import { BackwardBits } from './backwardBits'
import { buildTable, constantTable, FseState, type FseTable, readTable } from './fse'
import { byteAt } from './literals'
import { ZstdError } from './zstdError'

export interface SequenceTables {
  readonly literalLengths: FseTable
  readonly offsets: FseTable
  readonly matchLengths: FseTable
}

export interface Output {
  readonly bytes: Uint8Array
  /** Where the frame begins: no match reaches before it. */
  readonly frameStart: number
  length: number
}

/** The three offsets that were used last. */
export type RecentOffsets = [number, number, number]

interface Kind {
  readonly accuracyLogMax: number
  readonly symbolMax: number
  readonly predefined: FseTable
}

const LITERAL_LENGTHS: Kind = {
  accuracyLogMax: 9,
  symbolMax: 35,
  predefined: buildTable(
    [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
    6,
  ),
}
const OFFSETS: Kind = {
  accuracyLogMax: 8,
  symbolMax: 31,
  predefined: buildTable(
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
    5,
  ),
}
const MATCH_LENGTHS: Kind = {
  accuracyLogMax: 9,
  symbolMax: 52,
  predefined: buildTable([1, 4, 3, 2, 2, 2, 2, 2, 2, ...Array<number>(37).fill(1), -1, -1, -1, -1, -1, -1, -1], 6),
}

const LITERAL_LENGTH_BITS = [
  ...Array<number>(16).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]
const MATCH_LENGTH_BITS = [
  ...[...Array<number>(32).fill(0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
]
const LITERAL_LENGTH_BASES = bases(LITERAL_LENGTH_BITS, 0)
const MATCH_LENGTH_BASES = bases(MATCH_LENGTH_BITS, 3)

function bases(bits: readonly number[], first: number): number[] {
  let next = first
  return bits.map((count) => {
    const base = next
    next += 2 ** count
    return base
  })
}

/** Appends what the block gives to `output`; returns its tables, for a block after it that says so. */
export function runSequences(
  bytes: Uint8Array,
  start: number,
  end: number,
  literals: Uint8Array,
  recent: RecentOffsets,
  known: SequenceTables | null,
  output: Output,
): SequenceTables | null {
  const { count, at } = readCount(bytes, start, end)
  if (count === 0) {
    if (at !== end) throw new ZstdError('a block has bytes behind its literals')
    append(output, literals, 0, literals.length)
    return known
  }
  const { tables, at: streamStart } = readTables(bytes, at, end, known)
  const stream = new BackwardBits(bytes, streamStart, end)
  const used = execute(stream, tables, count, literals, recent, output)
  append(output, literals, used, literals.length - used)
  return tables
}

function execute(
  stream: BackwardBits,
  tables: SequenceTables,
  count: number,
  literals: Uint8Array,
  recent: RecentOffsets,
  output: Output,
): number {
  const literalLengths = new FseState(tables.literalLengths, stream)
  const offsets = new FseState(tables.offsets, stream)
  const matchLengths = new FseState(tables.matchLengths, stream)
  let used = 0
  for (let index = 0; index < count; index++) {
    const offsetCode = offsets.symbol
    const offsetValue = 2 ** offsetCode + stream.read(offsetCode)
    const matchCode = matchLengths.symbol
    const matchLength = MATCH_LENGTH_BASES[matchCode]! + stream.read(MATCH_LENGTH_BITS[matchCode]!)
    const literalCode = literalLengths.symbol
    const literalLength = LITERAL_LENGTH_BASES[literalCode]! + stream.read(LITERAL_LENGTH_BITS[literalCode]!)
    if (index < count - 1) {
      literalLengths.next(stream)
      matchLengths.next(stream)
      offsets.next(stream)
    }
    if (stream.left < 0) throw new ZstdError('sequences end too early')
    append(output, literals, used, literalLength)
    used += literalLength
    copyMatch(output, offsetOf(offsetValue, literalLength, recent), matchLength)
  }
  if (stream.left !== 0) throw new ZstdError('sequences have bits left over')
  return used
}

function offsetOf(value: number, literalLength: number, recent: RecentOffsets): number {
  if (value > 3) return remember(value - 3, 2, recent)
  const index = value - 1 + (literalLength === 0 ? 1 : 0)
  return index === 3 ? remember(recent[0] - 1, 2, recent) : remember(recent[index]!, index, recent)
}

/** Puts `offset` first; those up to `index` move on by one place. */
function remember(offset: number, index: number, recent: RecentOffsets): number {
  if (index > 1) recent[2] = recent[1]
  if (index > 0) recent[1] = recent[0]
  recent[0] = offset
  return offset
}

function append(output: Output, literals: Uint8Array, start: number, count: number): void {
  if (start + count > literals.length) throw new ZstdError('a sequence has more literals than there are')
  if (output.length + count > output.bytes.length) throw new ZstdError('it is longer than it should be')
  output.bytes.set(literals.subarray(start, start + count), output.length)
  output.length += count
}

function copyMatch(output: Output, offset: number, count: number): void {
  const { bytes, length } = output
  if (offset <= 0 || offset > length - output.frameStart) throw new ZstdError('a match begins before the frame')
  if (length + count > bytes.length) throw new ZstdError('it is longer than it should be')
  if (offset >= count) bytes.copyWithin(length, length - offset, length - offset + count)
  // It goes on with what it has just written.
  else for (let index = length; index < length + count; index++) bytes[index] = bytes[index - offset]!
  output.length = length + count
}

function readCount(bytes: Uint8Array, start: number, end: number): { readonly count: number; readonly at: number } {
  const first = byteAt(bytes, start, end)
  if (first < 128) return { count: first, at: start + 1 }
  const second = byteAt(bytes, start + 1, end)
  if (first < 255) return { count: ((first - 128) << 8) + second, at: start + 2 }
  return { count: second + (byteAt(bytes, start + 2, end) << 8) + 0x7f00, at: start + 3 }
}

function readTables(bytes: Uint8Array, start: number, end: number, known: SequenceTables | null) {
  const modes = byteAt(bytes, start, end)
  if ((modes & 3) !== 0) throw new ZstdError('reserved bits of a block are set')
  let at = start + 1
  const next = (kind: Kind, shift: number, before: FseTable | undefined): FseTable => {
    const one = readOne(bytes, at, end, kind, (modes >> shift) & 3, before)
    at = one.end
    return one.table
  }
  const literalLengths = next(LITERAL_LENGTHS, 6, known?.literalLengths)
  const offsets = next(OFFSETS, 4, known?.offsets)
  const matchLengths = next(MATCH_LENGTHS, 2, known?.matchLengths)
  return { tables: { literalLengths, offsets, matchLengths }, at }
}

function readOne(
  bytes: Uint8Array,
  at: number,
  end: number,
  kind: Kind,
  mode: number,
  before: FseTable | undefined,
): { readonly table: FseTable; readonly end: number } {
  if (mode === 0) return { table: kind.predefined, end: at }
  if (mode === 2) return readTable(bytes, at, end, kind)
  if (mode === 3) {
    if (!before) throw new ZstdError('a table is to be used again, but there is none')
    return { table: before, end: at }
  }
  const symbol = byteAt(bytes, at, end)
  if (symbol > kind.symbolMax) throw new ZstdError(`a table of symbol ${symbol}`)
  return { table: constantTable(symbol), end: at + 1 }
}
