// The header of a zstd frame, and its blocks (RFC 8878, 3.1).

import { littleEndian } from './literals'
import { ZstdError } from './zstdError'

export const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
export const BLOCK_BYTES_MAX = 128 << 10

export interface Block {
  readonly type: 'raw' | 'repeated' | 'compressed'
  readonly start: number
  readonly end: number
  /** What it gives; of a compressed block not known. */
  readonly size: number
}

export interface Frame {
  /** null: not said. */
  readonly contentBytes: number | null
  readonly blockBytesMax: number
  readonly blocks: readonly Block[]
  /** Where its checksum is; null: it has none. */
  readonly checksumAt: number | null
  readonly end: number
}

/** Walks from block to block without unpacking anything; null: a frame for others, to be skipped, ends at `end`. */
export function readFrame(bytes: Uint8Array, start: number): Frame | { readonly skipTo: number } {
  const magic = littleEndian(bytes, start, 4, bytes.length)
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
    return { skipTo: start + 8 + littleEndian(bytes, start + 4, 4, bytes.length) }
  }
  if (magic !== FRAME_MAGIC) throw new ZstdError('there is no zstd frame')
  const { contentBytes, windowBytes, hasChecksum, end } = readHead(bytes, start + 4)
  const blockBytesMax = Math.min(windowBytes, BLOCK_BYTES_MAX)
  const blocks: Block[] = []
  let at = end
  for (let isLast = false; !isLast; at = blocks.at(-1)!.end) {
    const head = littleEndian(bytes, at, 3, bytes.length)
    isLast = (head & 1) === 1
    blocks.push(blockAt(bytes, at + 3, head >> 1, blockBytesMax))
  }
  if (hasChecksum && at + 4 > bytes.length) throw new ZstdError('a frame ends before its checksum')
  return { contentBytes, blockBytesMax, blocks, checksumAt: hasChecksum ? at : null, end: hasChecksum ? at + 4 : at }
}

function blockAt(bytes: Uint8Array, start: number, head: number, bytesMax: number): Block {
  const type = (['raw', 'repeated', 'compressed'] as const)[head & 3]
  const size = head >> 2
  if (type === undefined) throw new ZstdError('a block of a reserved type')
  if (size > bytesMax) throw new ZstdError(`a block of ${size} bytes`)
  const end = start + (type === 'repeated' ? 1 : size)
  if (end > bytes.length) throw new ZstdError('a block ends behind the data')
  return { type, start, end, size }
}

function readHead(bytes: Uint8Array, start: number) {
  const descriptor = littleEndian(bytes, start, 1, bytes.length)
  if ((descriptor & 8) !== 0) throw new ZstdError('a reserved bit of a frame is set')
  const isSingle = (descriptor & 0x20) !== 0
  let at = start + 1
  let windowBytes = 0
  if (!isSingle) {
    const window = littleEndian(bytes, at++, 1, bytes.length)
    windowBytes = 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8)
  }
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  if (littleEndian(bytes, at, dictionaryBytes, bytes.length) !== 0) throw new ZstdError('it needs a dictionary')
  at += dictionaryBytes
  const sizeFlag = descriptor >> 6
  const sizeBytes = sizeFlag === 0 ? (isSingle ? 1 : 0) : 2 ** sizeFlag
  const size = littleEndian(bytes, at, sizeBytes, bytes.length) + (sizeFlag === 1 ? 256 : 0)
  const contentBytes = sizeBytes === 0 ? null : size
  return {
    contentBytes,
    windowBytes: isSingle ? size : windowBytes,
    hasChecksum: (descriptor & 4) !== 0,
    end: at + sizeBytes,
  }
}
