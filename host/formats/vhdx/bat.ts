// The block allocation table of a VHDX: [MS-VHDX] 2.5. An entry for each block of the disk, and, behind those of each chunk, one for the block with
// the chunk's sector bitmap. A chunk is as much of the disk as a bitmap of 1 MiB has bits for.

import { MIB } from './headers'

/** Of a block of the disk. */
export const State = { notPresent: 0, undefined: 1, zero: 2, unmapped: 3, present: 6, partial: 7 } as const
export const BITMAP_BYTES = MIB

export interface BatEntry {
  readonly state: number
  readonly offsetBytes: number
}

/** null: bits are set that must not be. */
export function parseEntry(entry: bigint): BatEntry | null {
  const state = Number(entry & 7n)
  if ((entry & 0xf_fff8n) !== 0n || state === 4 || state === 5) return null
  return { state, offsetBytes: Number(entry >> 20n) * MIB }
}

export function encodeEntry({ state, offsetBytes }: BatEntry): bigint {
  return (BigInt(offsetBytes / MIB) << 20n) | BigInt(state)
}

/** Blocks, chunks, and where their entries are. */
export class BatShape {
  readonly blocks: number
  readonly blocksPerChunk: number
  readonly entries: number

  constructor(diskBytes: number, blockBytes: number, logicalSectorBytes: number, hasParent: boolean) {
    this.blocks = Math.ceil(diskBytes / blockBytes)
    this.blocksPerChunk = (BITMAP_BYTES * 8 * logicalSectorBytes) / blockBytes
    const chunks = Math.ceil(this.blocks / this.blocksPerChunk)
    // Without a parent the last entry is that of the last block.
    this.entries = hasParent ? chunks * (this.blocksPerChunk + 1) : this.blocks + Math.max(0, chunks - 1)
  }

  entryOf(block: number): number {
    return block + Math.floor(block / this.blocksPerChunk)
  }

  bitmapEntryOf(chunk: number): number {
    return (chunk + 1) * this.blocksPerChunk + chunk
  }

  /** The block that an entry is of; null: it is that of a bitmap. */
  blockOf(entry: number): number | null {
    const chunk = Math.floor(entry / (this.blocksPerChunk + 1))
    return entry === this.bitmapEntryOf(chunk) ? null : entry - chunk
  }
}
