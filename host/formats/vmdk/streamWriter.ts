// Writing a streamOptimized VMDK: compressed grains, each with a marker, and tables behind their grains. A few grains are compressed at once, on
// other threads, and written in their order.

import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { BlockSplitter, type BlockStore } from '../blocks/blockSplitter'
import { ContentId } from '../blocks/contentId'
import type { ImageWriter, NewImage } from '../format'
import { ImageInputError } from '../imageInputError'
import { type NewFile, NewFiles } from '../newFiles'
import {
  encodeMarker,
  encodeSparseHeader,
  GRAIN_MARKER_BYTES,
  Marker,
  SECTOR_BYTES,
  type SparseHeader,
  TABLE_ENTRIES,
  TABLE_SECTORS,
} from './sparseHeader'
import { DESCRIPTOR_SECTOR, DESCRIPTOR_SECTORS, writeDescriptor } from './sparseWriter'

const compress = promisify(deflate) as (bytes: Uint8Array) => Promise<Buffer>
const IN_FLIGHT_MAX = 4
/** Where grains begin, as others write it. */
const OVERHEAD_SECTORS = 128
const VERSION = 3

export class StreamWriter implements ImageWriter, BlockStore {
  readonly #files = new NewFiles()
  readonly #file: NewFile
  readonly #id: ContentId
  readonly #splitter: BlockSplitter
  readonly #diskSectors: number
  readonly #grainSectors: number
  readonly #inFlight: { readonly index: number; readonly packed: Promise<Buffer> }[] = []
  /** Sectors of the tables. */
  readonly #directory: Uint32Array
  readonly #table = Buffer.alloc(TABLE_SECTORS * SECTOR_BYTES)
  #tableNumber = -1
  #end = OVERHEAD_SECTORS

  constructor(
    private readonly path: string,
    image: NewImage,
    grainBytes: number,
  ) {
    this.#diskSectors = image.diskBytes / SECTOR_BYTES
    this.#grainSectors = grainBytes / SECTOR_BYTES
    this.#directory = new Uint32Array(Math.ceil(this.#diskSectors / (this.#grainSectors * TABLE_ENTRIES)))
    this.#file = this.#files.create(path)
    this.#id = new ContentId('vmdk stream', image.diskBytes)
    this.#splitter = new BlockSplitter(image.diskBytes, grainBytes, this)
  }

  write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    return this.#splitter.write(offsetBytes, bytes)
  }

  /** VMDK cannot say so: zeros. */
  unread(): void {}

  async store(index: number, grain: Uint8Array): Promise<void> {
    this.#id.block(index, grain)
    const packed = compress(new Uint8Array(grain))
    // Whoever waits for it later gets the error; until then nobody may call it unhandled.
    packed.catch(() => {})
    this.#inFlight.push({ index, packed })
    if (this.#inFlight.length >= IN_FLIGHT_MAX) await this.#writeOldest()
  }

  async finish(): Promise<void> {
    await this.#splitter.end()
    while (this.#inFlight.length > 0) await this.#writeOldest()
    this.#endTable()
    const directory = Buffer.alloc(Math.ceil(Math.max(this.#directory.length * 4, 1) / SECTOR_BYTES) * SECTOR_BYTES)
    for (const [table, sector] of this.#directory.entries()) directory.writeUInt32LE(sector, table * 4)
    const directorySector = this.#append(Marker.directory, directory)
    this.#append(Marker.footer, encodeSparseHeader(this.#header(directorySector)))
    this.#file.write(this.#end * SECTOR_BYTES, encodeMarker(Marker.endOfStream, 0))
    this.#file.write(0, encodeSparseHeader(this.#header(null)))
    const createType = 'streamOptimized'
    writeDescriptor(this.#file, { createType, path: this.path, id: this.#id, diskSectors: this.#diskSectors })
    this.#files.commit()
  }

  abandon(): void {
    this.#files.abandon()
  }

  async #writeOldest(): Promise<void> {
    const { index, packed } = this.#inFlight.shift()!
    const data = await packed
    const table = Math.floor(index / TABLE_ENTRIES)
    if (table !== this.#tableNumber) this.#endTable()
    this.#tableNumber = table
    this.#table.writeUInt32LE(this.#end, (index % TABLE_ENTRIES) * 4)
    const sectors = Math.ceil((GRAIN_MARKER_BYTES + data.length) / SECTOR_BYTES)
    const bytes = Buffer.alloc(sectors * SECTOR_BYTES)
    bytes.writeBigUInt64LE(BigInt(index * this.#grainSectors), 0)
    bytes.writeUInt32LE(data.length, 8)
    bytes.set(data, GRAIN_MARKER_BYTES)
    this.#advance(sectors)
    this.#file.write((this.#end - sectors) * SECTOR_BYTES, bytes)
  }

  #endTable(): void {
    if (this.#tableNumber < 0) return
    this.#directory[this.#tableNumber] = this.#append(Marker.table, this.#table)
    this.#table.fill(0)
    this.#tableNumber = -1
  }

  /** A marker, and what it announces; the sector of the latter. */
  #append(type: number, bytes: Uint8Array): number {
    const sectors = bytes.length / SECTOR_BYTES
    const sector = this.#end + 1
    this.#file.write(this.#end * SECTOR_BYTES, encodeMarker(type, sectors))
    this.#file.write(sector * SECTOR_BYTES, bytes)
    this.#advance(1 + sectors)
    return sector
  }

  #advance(sectors: number): void {
    this.#end += sectors
    if (this.#end > 2 ** 32) throw new ImageInputError('a VMDK has 2 TiB at most, compressed; the disk takes more')
  }

  #header(directorySector: number | null): SparseHeader {
    return {
      version: VERSION,
      capacitySectors: this.#diskSectors,
      grainSectors: this.#grainSectors,
      descriptorSector: DESCRIPTOR_SECTOR,
      descriptorSectors: DESCRIPTOR_SECTORS,
      redundantSector: 0,
      directorySector,
      overheadSectors: OVERHEAD_SECTORS,
      isUnclean: false,
      hasZeroedGrains: false,
      isCompressed: true,
      hasMarkers: true,
    }
  }
}
