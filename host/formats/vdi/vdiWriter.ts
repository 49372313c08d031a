// Writing a VDI. The map is in memory, 4 bytes a block, and is written last.

import { ftruncateSync } from 'node:fs'
import { BlockSplitter, type BlockStore } from '../blocks/blockSplitter'
import { ContentId } from '../blocks/contentId'
import type { ImageWriter, NewImage } from '../format'
import { type NewFile, NewFiles } from '../newFiles'
import { encodeVdiHeader, HEADER_BYTES, SECTOR_BYTES, UNUSED } from './vdiHeader'

/** The usual size of blocks; another one is not what others know. */
export const BLOCK_BYTES = 1 << 20

export class VdiWriter implements ImageWriter, BlockStore {
  readonly #files = new NewFiles()
  readonly #file: NewFile
  readonly #id: ContentId
  readonly #splitter: BlockSplitter
  readonly #map: Uint32Array
  readonly #dataOffsetBytes: number
  #stored = 0

  constructor(
    path: string,
    private readonly image: NewImage,
    private readonly type: 'dynamic' | 'static',
    private readonly blockBytes: number,
  ) {
    const blocks = Math.ceil(image.diskBytes / blockBytes)
    this.#map = new Uint32Array(blocks).fill(UNUSED)
    this.#dataOffsetBytes = HEADER_BYTES + Math.ceil((blocks * 4) / SECTOR_BYTES) * SECTOR_BYTES
    this.#file = this.#files.create(path)
    this.#id = new ContentId(`vdi ${type}`, image.diskBytes)
    this.#splitter = new BlockSplitter(image.diskBytes, blockBytes, this)
    if (type === 'static') {
      // Blocks lie in order, and all have their place; zeros are holes.
      for (let block = 0; block < blocks; block++) this.#map[block] = block
      this.#stored = blocks
      ftruncateSync(this.#file.descriptor, this.#dataOffsetBytes + blocks * blockBytes)
    }
  }

  write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    return this.#splitter.write(offsetBytes, bytes)
  }

  /** VDI cannot say so: zeros. */
  unread(): void {}

  store(index: number, block: Uint8Array): void {
    if (this.type === 'dynamic') this.#map[index] = this.#stored++
    this.#id.block(index, block)
    this.#file.write(this.#dataOffsetBytes + this.#map[index]! * this.blockBytes, block)
  }

  async finish(): Promise<void> {
    await this.#splitter.end()
    const { type, blockBytes, image } = this
    const header = encodeVdiHeader({
      type,
      mapOffsetBytes: HEADER_BYTES,
      dataOffsetBytes: this.#dataOffsetBytes,
      diskBytes: image.diskBytes,
      blockBytes,
      extraBytes: 0,
      blocks: this.#map.length,
      blocksStored: this.#stored,
      id: this.#id.uuid(),
    })
    this.#file.write(0, header)
    const map = Buffer.alloc(this.#dataOffsetBytes - HEADER_BYTES)
    for (const [block, entry] of this.#map.entries()) map.writeUInt32LE(entry, block * 4)
    this.#file.write(HEADER_BYTES, map)
    this.#files.commit()
  }

  abandon(): void {
    this.#files.abandon()
  }
}
