// Writing a monolithicSparse VMDK. All tables have their place at the beginning, each twice; a table is in memory while its grains are written.

import { basename } from 'node:path'
import { BlockSplitter, type BlockStore } from '../blocks/blockSplitter'
import { ContentId } from '../blocks/contentId'
import type { ImageWriter, NewImage } from '../format'
import { ImageInputError } from '../imageInputError'
import { type NewFile, NewFiles } from '../newFiles'
import { descriptorText } from './descriptor'
import { encodeSparseHeader, SECTOR_BYTES, type SparseHeader, TABLE_ENTRIES, TABLE_SECTORS } from './sparseHeader'

export const DESCRIPTOR_SECTOR = 1
export const DESCRIPTOR_SECTORS = 20

/** Sectors at which things are. */
interface Layout {
  readonly redundantDirectory: number
  readonly redundantTables: number
  readonly directory: number
  readonly tables: number
  readonly tableCount: number
  readonly grains: number
}

function layoutOf(diskSectors: number, grainSectors: number): Layout {
  const tableCount = Math.ceil(diskSectors / (grainSectors * TABLE_ENTRIES))
  const directorySectors = Math.ceil((tableCount * 4) / SECTOR_BYTES)
  const redundantDirectory = DESCRIPTOR_SECTOR + DESCRIPTOR_SECTORS
  const redundantTables = redundantDirectory + directorySectors
  const directory = redundantTables + tableCount * TABLE_SECTORS
  const tables = directory + directorySectors
  const grains = Math.ceil((tables + tableCount * TABLE_SECTORS) / grainSectors) * grainSectors
  // Sectors are counted with 32 bits.
  if (grains + Math.ceil(diskSectors / grainSectors) * grainSectors > 2 ** 32) {
    throw new ImageInputError(`a sparse VMDK holds 2 TiB at most, tables included; the disk has ${diskSectors} sectors`)
  }
  return { redundantDirectory, redundantTables, directory, tables, tableCount, grains }
}

export class SparseWriter implements ImageWriter, BlockStore {
  readonly #files = new NewFiles()
  readonly #file: NewFile
  readonly #id: ContentId
  readonly #splitter: BlockSplitter
  readonly #layout: Layout
  readonly #diskSectors: number
  readonly #table = new Uint8Array(TABLE_SECTORS * SECTOR_BYTES)
  #tableNumber = 0
  #end: number

  constructor(
    private readonly path: string,
    image: NewImage,
    private readonly grainBytes: number,
  ) {
    this.#diskSectors = image.diskBytes / SECTOR_BYTES
    this.#layout = layoutOf(this.#diskSectors, grainBytes / SECTOR_BYTES)
    this.#end = this.#layout.grains
    this.#file = this.#files.create(path)
    this.#id = new ContentId('vmdk', image.diskBytes)
    this.#splitter = new BlockSplitter(image.diskBytes, grainBytes, this)
  }

  write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    return this.#splitter.write(offsetBytes, bytes)
  }

  /** VMDK cannot say so: zeros. */
  unread(): void {}

  store(index: number, grain: Uint8Array): void {
    this.#useTable(Math.floor(index / TABLE_ENTRIES))
    new DataView(this.#table.buffer).setUint32((index % TABLE_ENTRIES) * 4, this.#end, true)
    this.#id.block(index, grain)
    this.#file.write(this.#end * SECTOR_BYTES, grain)
    this.#end += this.grainBytes / SECTOR_BYTES
  }

  async finish(): Promise<void> {
    await this.#splitter.end()
    const { redundantDirectory, redundantTables, directory, tables, grains } = this.#layout
    this.#useTable(-1)
    this.#writeDirectory(redundantDirectory, redundantTables)
    this.#writeDirectory(directory, tables)
    const header: SparseHeader = {
      version: 1,
      capacitySectors: this.#diskSectors,
      grainSectors: this.grainBytes / SECTOR_BYTES,
      descriptorSector: DESCRIPTOR_SECTOR,
      descriptorSectors: DESCRIPTOR_SECTORS,
      redundantSector: redundantDirectory,
      directorySector: directory,
      overheadSectors: grains,
      isUnclean: false,
      hasZeroedGrains: false,
      isCompressed: false,
      hasMarkers: false,
    }
    this.#file.write(0, encodeSparseHeader(header))
    const createType = 'monolithicSparse'
    writeDescriptor(this.#file, { createType, path: this.path, id: this.#id, diskSectors: this.#diskSectors })
    // Without grains the file would end inside its tables.
    if (this.#end === grains) this.#file.write(grains * SECTOR_BYTES - 1, new Uint8Array(1))
    this.#files.commit()
  }

  abandon(): void {
    this.#files.abandon()
  }

  /** The table before it is whole, and goes to both its places. */
  #useTable(number: number): void {
    if (number === this.#tableNumber) return
    for (const start of [this.#layout.redundantTables, this.#layout.tables]) {
      if (this.#layout.tableCount > 0)
        this.#file.write((start + this.#tableNumber * TABLE_SECTORS) * SECTOR_BYTES, this.#table)
    }
    this.#table.fill(0)
    this.#tableNumber = number
  }

  #writeDirectory(sector: number, tables: number): void {
    const bytes = Buffer.alloc(Math.ceil((this.#layout.tableCount * 4) / SECTOR_BYTES) * SECTOR_BYTES)
    for (let table = 0; table < this.#layout.tableCount; table++) {
      bytes.writeUInt32LE(tables + table * TABLE_SECTORS, table * 4)
    }
    this.#file.write(sector * SECTOR_BYTES, bytes)
  }
}

interface Described {
  readonly createType: string
  readonly path: string
  readonly id: ContentId
  readonly diskSectors: number
}

/** Inside an extent, where both kinds that are written have it. */
export function writeDescriptor(file: NewFile, { createType, path, id, diskSectors }: Described): void {
  // Not ffffffff, which means none, since the bits of a version are in it.
  const cid = Buffer.from(id.uuid()).toString('hex', 4, 8)
  const extent = `RW ${diskSectors} SPARSE "${basename(path).replaceAll('"', '_')}"`
  const bytes = Buffer.alloc(DESCRIPTOR_SECTORS * SECTOR_BYTES)
  bytes.write(descriptorText({ createType, cid, diskSectors, extent }), 'utf8')
  file.write(DESCRIPTOR_SECTOR * SECTOR_BYTES, bytes)
}
