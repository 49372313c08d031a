// Writing a VHDX. Its log is empty; the table is in memory, 4 bytes a block, and is written last.

import { ftruncateSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { BlockSplitter, type BlockStore } from '../blocks/blockSplitter'
import { blocksWithData, changedSectors } from '../blocks/changedSectors'
import { ContentId } from '../blocks/contentId'
import { guidBytes, guidText } from '../blocks/guid'
import type { ImageWriter, NewImage } from '../format'
import { type NewFile, NewFiles } from '../newFiles'
import { BatShape, BITMAP_BYTES, encodeEntry, State } from './bat'
import {
  BAT_REGION,
  encodeFileType,
  encodeHeader,
  encodeRegionTable,
  HEADER_OFFSETS,
  METADATA_REGION,
  MIB,
  REGION_TABLE_OFFSETS,
} from './headers'
import { encodeMetadata } from './metadata'
import type { VhdxImage } from './vhdxImage'

const LOG = { offsetBytes: MIB, lengthBytes: MIB }
const METADATA = { offsetBytes: 2 * MIB, lengthBytes: MIB }
const BAT_OFFSET_BYTES = 3 * MIB
const PHYSICAL_SECTOR_BYTES = 4096
/** The table is encoded so much at a time. */
const PAGE_ENTRIES = 8192

export interface VhdxSettings {
  readonly blockBytes: number
  readonly isFixed: boolean
  readonly parent: VhdxImage | null
}

export class VhdxWriter implements ImageWriter, BlockStore {
  readonly #files = new NewFiles()
  readonly #file: NewFile
  readonly #id: ContentId
  readonly #splitter: BlockSplitter
  readonly #sectorBytes: number
  readonly #shape: BatShape
  /** Of each entry the state, and the MiB at which its block is: together they are below 2^32. */
  readonly #table: Uint32Array
  readonly #batBytes: number
  /** Of the chunk that is being written; the one of a child that has partial blocks in it. */
  readonly #bitmap: Uint8Array
  #bitmapChunk = -1
  #endBytes: number

  constructor(
    path: string,
    private readonly image: NewImage,
    private readonly settings: VhdxSettings,
  ) {
    const { blockBytes, isFixed, parent } = settings
    const { diskBytes } = image
    const asked = parent ? parent.sectorBytes : image.sectorBytes
    this.#sectorBytes = asked === 4096 && diskBytes % 4096 === 0 ? 4096 : 512
    this.#shape = new BatShape(diskBytes, blockBytes, this.#sectorBytes, parent !== null)
    this.#table = new Uint32Array(this.#shape.entries)
    this.#batBytes = Math.max(1, Math.ceil((this.#shape.entries * 8) / MIB)) * MIB
    this.#endBytes = BAT_OFFSET_BYTES + this.#batBytes
    this.#bitmap = new Uint8Array(parent ? BITMAP_BYTES : 0)
    this.#file = this.#files.create(path)
    const below = parent ? ` on ${guidText(parent.parts.header.dataWriteGuid)}` : ''
    this.#id = new ContentId(`vhdx ${isFixed ? 'fixed' : 'dynamic'}${below}`, diskBytes)
    this.#splitter = new BlockSplitter(diskBytes, blockBytes, this)
    if (isFixed) for (let block = 0; block < this.#shape.blocks; block++) this.#place(block, State.present)
  }

  write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    return this.#splitter.write(offsetBytes, bytes)
  }

  /** VHDX cannot say so: zeros. */
  unread(): void {}

  store(index: number, block: Uint8Array): void {
    const { parent, isFixed } = this.settings
    if (parent && !this.#keepChanges(parent, index, block)) return
    if (!parent && !isFixed) this.#place(index, State.present)
    this.#id.block(index, block)
    this.#file.write(Math.floor(this.#table[this.#shape.entryOf(index)]! / 8) * MIB, block)
  }

  /** Where the parent has data, zeros must be there: a state of the block says it. */
  zeros(start: number, end: number): void {
    const { parent, blockBytes } = this.settings
    if (!parent) return
    for (const index of blocksWithData(parent, blockBytes, start, end)) {
      this.#table[this.#shape.entryOf(index)] = State.zero
      this.#id.block(index, new Uint8Array(0))
    }
  }

  async finish(): Promise<void> {
    await this.#splitter.end()
    this.#endBitmap()
    ftruncateSync(this.#file.descriptor, this.#endBytes)
    this.#writeTable()
    const { image, settings } = this
    const metadata = encodeMetadata({
      blockBytes: settings.blockBytes,
      isFixed: settings.isFixed,
      diskBytes: image.diskBytes,
      diskId: this.#id.uuid('disk'),
      logicalSectorBytes: this.#sectorBytes,
      physicalSectorBytes: PHYSICAL_SECTOR_BYTES,
      parent: settings.parent && this.#locator(settings.parent),
    })
    this.#file.write(METADATA.offsetBytes, metadata)
    const regions = encodeRegionTable([
      [guidBytes(BAT_REGION), { offsetBytes: BAT_OFFSET_BYTES, lengthBytes: this.#batBytes }],
      [guidBytes(METADATA_REGION), METADATA],
    ])
    for (const offset of REGION_TABLE_OFFSETS) this.#file.write(offset, regions)
    for (const [index, offset] of HEADER_OFFSETS.entries()) {
      const header = {
        sequence: BigInt(index + 1),
        dataWriteGuid: this.#id.uuid('data'),
        logGuid: new Uint8Array(16),
        logOffsetBytes: LOG.offsetBytes,
        logBytes: LOG.lengthBytes,
      }
      this.#file.write(offset, encodeHeader(header, this.#id.uuid('file')))
    }
    this.#file.write(0, encodeFileType())
    settings.parent?.close()
    this.#files.commit()
  }

  abandon(): void {
    this.settings.parent?.close()
    this.#files.abandon()
  }

  #place(block: number, state: number): void {
    this.#table[this.#shape.entryOf(block)] = (this.#endBytes / MIB) * 8 + state
    this.#endBytes += this.settings.blockBytes
  }

  /** False: the parent has the same. */
  #keepChanges(parent: VhdxImage, index: number, block: Uint8Array): boolean {
    const sectorBytes = this.#sectorBytes
    const changed = changedSectors(parent, { index, bytes: block, sectorBytes, order: 'low bit first' })
    if (!changed) return false
    const isWhole = changed.every((byte) => byte === 0xff)
    this.#place(index, isWhole ? State.present : State.partial)
    if (isWhole) return true
    const { blocksPerChunk } = this.#shape
    const chunk = Math.floor(index / blocksPerChunk)
    if (chunk !== this.#bitmapChunk) this.#endBitmap()
    this.#bitmapChunk = chunk
    this.#bitmap.set(changed, (index % blocksPerChunk) * changed.length)
    return true
  }

  #endBitmap(): void {
    if (this.#bitmapChunk < 0) return
    this.#table[this.#shape.bitmapEntryOf(this.#bitmapChunk)] = (this.#endBytes / MIB) * 8 + State.present
    this.#file.write(this.#endBytes, this.#bitmap)
    this.#endBytes += BITMAP_BYTES
    this.#bitmap.fill(0)
    this.#bitmapChunk = -1
  }

  #writeTable(): void {
    for (let start = 0; start < this.#table.length; start += PAGE_ENTRIES) {
      const entries = this.#table.subarray(start, start + PAGE_ENTRIES)
      const bytes = Buffer.alloc(entries.length * 8)
      for (const [index, entry] of entries.entries()) {
        const encoded = encodeEntry({ state: entry & 7, offsetBytes: Math.floor(entry / 8) * MIB })
        bytes.writeBigUInt64LE(encoded, index * 8)
      }
      this.#file.write(BAT_OFFSET_BYTES + start * 8, bytes)
    }
  }

  #locator(parent: VhdxImage): ReadonlyMap<string, string> {
    const path = resolve(parent.files[0]!)
    const way = relative(dirname(resolve(this.#file.path)), path).replaceAll('/', '\\')
    return new Map([
      ['parent_linkage', `{${guidText(parent.parts.header.dataWriteGuid)}}`],
      ['relative_path', way.startsWith('..') ? way : `.\\${way}`],
      ['absolute_win32_path', path],
    ])
  }
}
