// What of a block differs from the parent: a child stores only that.

import { type BitOrder, setBit } from './bitRun'
import type { BlockImage } from './blockImage'

export interface ChildBlock {
  readonly index: number
  /** Whole, also when the disk ends inside it. */
  readonly bytes: Uint8Array
  readonly sectorBytes: number
  readonly order: BitOrder
}

/** A bit for each sector that the parent has differently; null: none. */
export function changedSectors(parent: BlockImage, block: ChildBlock): Uint8Array | null {
  const { index, bytes, sectorBytes, order } = block
  const start = index * bytes.length
  const below = new Uint8Array(Math.min(bytes.length, parent.diskBytes - start))
  parent.read(start, below)
  const bitmap = new Uint8Array(bytes.length / sectorBytes / 8)
  let changed = 0
  for (let at = 0; at < below.length; at += sectorBytes) {
    const end = at + sectorBytes
    if (Buffer.compare(bytes.subarray(at, end), below.subarray(at, end)) === 0) continue
    setBit(bitmap, at / sectorBytes, order)
    changed++
  }
  return changed === 0 ? null : bitmap
}

/** Which of the blocks from `start` to before `end` the parent has data in: there, zeros are a change. */
export function* blocksWithData(parent: BlockImage, blockBytes: number, start: number, end: number): Generator<number> {
  const endBytes = Math.min(end * blockBytes, parent.diskBytes)
  for (let at = start * blockBytes; at < endBytes; ) {
    const extent = parent.extentAt(at)
    if (extent.kind === 'zero') {
      at = extent.endBytes
    } else {
      const index = Math.floor(at / blockBytes)
      yield index
      at = (index + 1) * blockBytes
    }
  }
}
