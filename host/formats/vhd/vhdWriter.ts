// Writing a VHD. The tables of a dynamic disk are in memory, 4 bytes a block, and are written last.

import { ftruncateSync } from 'node:fs'
import { basename } from 'node:path'
import { BlockSplitter, type BlockStore } from '../blocks/blockSplitter'
import { blocksWithData, changedSectors } from '../blocks/changedSectors'
import { ContentId, uuidText } from '../blocks/contentId'
import type { ImageWriter, NewImage } from '../format'
import { type NewFile, NewFiles } from '../newFiles'
import { geometryOf } from './geometry'
import { modifiedSeconds, type NewLocators, newLocators } from './parent'
import {
  bitmapBytesOf,
  type DiskType,
  encodeFooter,
  encodeHeader,
  FOOTER_BYTES,
  HEADER_BYTES,
  NO_PARENT,
  SECTOR_BYTES,
  UNUSED,
} from './structures'
import type { VhdImage } from './vhdImage'

/** QEMU takes the size from the geometry, which is rounded, unless the creator is one that it knows to write exact sizes: this is Windows. */
const CREATOR = 'win '
/** A bitmap has a bit for each sector, the first one the highest of a byte. */
const SECTORS = { sectorBytes: SECTOR_BYTES, order: 'high bit first' } as const
/** Of a fixed disk: so many zeros at once are left as a hole. */
const FIXED_BLOCK_BYTES = 1 << 20
const TABLE_OFFSET_BYTES = FOOTER_BYTES + HEADER_BYTES

abstract class VhdWriter implements ImageWriter {
  protected readonly files = new NewFiles()
  protected readonly file: NewFile
  protected readonly id: ContentId

  constructor(
    path: string,
    protected readonly type: DiskType,
    protected readonly image: NewImage,
    /** Of the parent. */
    below = '',
  ) {
    this.file = this.files.create(path)
    this.id = new ContentId(`vhd ${type} ${below}`, image.diskBytes)
  }

  abstract write(offsetBytes: number, bytes: Uint8Array): Promise<void>
  abstract finish(): Promise<void>

  /** VHD cannot say so: zeros. */
  unread(): void {}

  abandon(): void {
    this.files.abandon()
  }

  protected footer(): Uint8Array {
    const { diskBytes } = this.image
    const geometry = geometryOf(diskBytes / SECTOR_BYTES)
    const uniqueId = this.id.uuid()
    return encodeFooter({
      type: this.type,
      diskBytes,
      headerOffsetBytes: FOOTER_BYTES,
      creator: CREATOR,
      geometry,
      uniqueId,
    })
  }
}

export class FixedVhdWriter extends VhdWriter implements BlockStore {
  readonly #splitter: BlockSplitter

  constructor(path: string, image: NewImage) {
    super(path, 'fixed', image)
    ftruncateSync(this.file.descriptor, image.diskBytes)
    this.#splitter = new BlockSplitter(image.diskBytes, FIXED_BLOCK_BYTES, this)
  }

  write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    return this.#splitter.write(offsetBytes, bytes)
  }

  store(index: number, block: Uint8Array): void {
    const start = index * FIXED_BLOCK_BYTES
    this.id.block(index, block)
    this.file.write(start, block.subarray(0, this.image.diskBytes - start))
  }

  async finish(): Promise<void> {
    await this.#splitter.end()
    this.file.write(this.image.diskBytes, this.footer())
    this.files.commit()
  }
}

export class DynamicVhdWriter extends VhdWriter implements BlockStore {
  readonly #splitter: BlockSplitter
  /** Sectors at which blocks begin. */
  readonly #table: Uint32Array
  readonly #bitmapBytes: number
  readonly #locators: NewLocators
  #endBytes: number

  constructor(
    path: string,
    image: NewImage,
    private readonly blockBytes: number,
    private readonly parent: VhdImage | null,
  ) {
    super(path, parent ? 'differencing' : 'dynamic', image, parent ? uuidText(parent.parts.footer.uniqueId) : '')
    this.#table = new Uint32Array(Math.ceil(image.diskBytes / blockBytes)).fill(UNUSED)
    this.#bitmapBytes = bitmapBytesOf(blockBytes)
    const tableEnd = TABLE_OFFSET_BYTES + Math.ceil((this.#table.length * 4) / SECTOR_BYTES) * SECTOR_BYTES
    this.#locators = parent
      ? newLocators(path, parent.files[0]!, tableEnd)
      : { locators: [], data: [], endBytes: tableEnd }
    this.#endBytes = this.#locators.endBytes
    this.#splitter = new BlockSplitter(image.diskBytes, blockBytes, this)
  }

  write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    return this.#splitter.write(offsetBytes, bytes)
  }

  store(index: number, block: Uint8Array): void {
    const bitmap = this.parent ? changedSectors(this.parent, { index, bytes: block, ...SECTORS }) : this.#allSectors()
    if (!bitmap) return
    this.#table[index] = this.#endBytes / SECTOR_BYTES
    this.id.block(index, block)
    this.file.write(this.#endBytes, bitmap)
    this.file.write(this.#endBytes + this.#bitmapBytes, block)
    this.#endBytes += this.#bitmapBytes + this.blockBytes
  }

  /** Where the parent has data, zeros must be stored. */
  zeros(start: number, end: number): void {
    if (!this.parent) return
    for (const index of blocksWithData(this.parent, this.blockBytes, start, end)) {
      this.store(index, new Uint8Array(this.blockBytes))
    }
  }

  async finish(): Promise<void> {
    await this.#splitter.end()
    const footer = this.footer()
    this.file.write(0, footer)
    this.file.write(FOOTER_BYTES, this.#header())
    this.file.write(TABLE_OFFSET_BYTES, this.#encodedTable())
    for (const { offsetBytes, bytes } of this.#locators.data) this.file.write(offsetBytes, bytes)
    this.file.write(this.#endBytes, footer)
    this.parent?.close()
    this.files.commit()
  }

  override abandon(): void {
    this.parent?.close()
    super.abandon()
  }

  #header(): Uint8Array {
    const { parent, blockBytes } = this
    return encodeHeader({
      tableOffsetBytes: TABLE_OFFSET_BYTES,
      tableEntries: this.#table.length,
      blockBytes,
      parent: parent
        ? {
            uniqueId: parent.parts.footer.uniqueId,
            modifiedSeconds: modifiedSeconds(parent.files[0]!),
            name: basename(parent.files[0]!),
            locators: this.#locators.locators,
          }
        : NO_PARENT,
    })
  }

  #encodedTable(): Uint8Array {
    const bytes = Buffer.alloc(Math.ceil((this.#table.length * 4) / SECTOR_BYTES) * SECTOR_BYTES, 0xff)
    for (const [index, sector] of this.#table.entries()) bytes.writeUInt32BE(sector, index * 4)
    return bytes
  }

  /** The rest of the sectors that it fills are a hole, or what is behind it: zeros. */
  #allSectors(): Uint8Array {
    return new Uint8Array(this.blockBytes / SECTOR_BYTES / 8).fill(0xff)
  }
}
