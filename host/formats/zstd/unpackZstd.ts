// Unpacks zstd (RFC 8878), for Node.js before 22.15, which has none of its own. Every rule of the format is held: what it does not permit is an
// error, never something else than was packed. Memory: the output, and a block.
//
// The known decoders in JavaScript take broken input for good, or do not end with it; an image may be broken.

import type { HuffmanTable } from './huffman'
import { littleEndian, readLiterals } from './literals'
import { type Output, type RecentOffsets, runSequences, type SequenceTables } from './sequences'
import { xxh64Low } from './xxh64'
import { ZstdError } from './zstdError'
import { type Block, type Frame, readFrame } from './zstdFrame'

/** Exactly `bytes` of content, from one frame or several. What lies behind the last is not looked at. */
export function unpackZstd(packed: Uint8Array, bytes: number): Uint8Array {
  const content = new Uint8Array(bytes)
  let done = 0
  let at = 0
  while (done < bytes) {
    const frame = readFrame(packed, at)
    if ('skipTo' in frame) at = frame.skipTo
    else {
      done = unpackFrame(packed, frame, content, done)
      at = frame.end
    }
  }
  return content
}

interface Memory {
  huffman: HuffmanTable | null
  tables: SequenceTables | null
  readonly recent: RecentOffsets
}

function unpackFrame(packed: Uint8Array, frame: Frame, content: Uint8Array, start: number): number {
  const output: Output = { bytes: content, frameStart: start, length: start }
  const memory: Memory = { huffman: null, tables: null, recent: [1, 4, 8] }
  for (const block of frame.blocks) {
    const before = output.length
    unpackBlock(packed, block, frame.blockBytesMax, memory, output)
    if (output.length - before > frame.blockBytesMax) throw new ZstdError('a block gives more than a block may')
  }
  const bytes = output.length - start
  if (frame.contentBytes !== null && frame.contentBytes !== bytes) {
    throw new ZstdError(`a frame gives ${bytes} bytes, but says ${frame.contentBytes}`)
  }
  if (frame.checksumAt !== null) {
    const expected = littleEndian(packed, frame.checksumAt, 4, packed.length)
    if (xxh64Low(content.subarray(start, output.length)) !== expected) throw new ZstdError('a checksum is wrong')
  }
  return output.length
}

function unpackBlock(packed: Uint8Array, block: Block, bytesMax: number, memory: Memory, output: Output): void {
  if (block.type === 'compressed') {
    const literals = readLiterals(packed, block.start, block.end, memory.huffman, bytesMax)
    memory.huffman = literals.huffman
    const { bytes, end } = literals
    memory.tables = runSequences(packed, end, block.end, bytes, memory.recent, memory.tables, output)
    return
  }
  if (output.length + block.size > output.bytes.length) throw new ZstdError('it is longer than it should be')
  if (block.type === 'raw') output.bytes.set(packed.subarray(block.start, block.end), output.length)
  else output.bytes.fill(packed[block.start]!, output.length, output.length + block.size)
  output.length += block.size
}
