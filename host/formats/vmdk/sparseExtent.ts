// Reading a sparse extent: a directory of tables, tables of grains, and grains, which may be compressed.

import { inflateSync } from 'node:zlib'
import { type Place, storedPlace } from '../blocks/blockImage'
import { FileTable } from '../blocks/fileTable'
import { isZero } from '../blocks/zeros'
import type { Finding } from '../format'
import type { ImageFile } from '../imageFile'
import { RecentlyUsed } from '../recentlyUsed'
import type { Absent, VmdkExtent } from './extent'
import { checkSparseExtent } from './sparseCheck'
import {
  GRAIN_MARKER_BYTES,
  Marker,
  parseSparseHeader,
  SECTOR_BYTES,
  type SparseHeader,
  TABLE_ENTRIES,
  TABLE_SECTORS,
} from './sparseHeader'

/** Of 2 KiB each. */
const TABLES_MAX = 1024
/** Grains that have been decompressed. */
const GRAINS_BYTES_MAX = 16 << 20

export type Grain = 'absent' | 'zero' | number

export interface FoundHeader {
  readonly header: SparseHeader
  /** Its tables are behind their grains, with markers. QEMU puts tables first, also of what it calls a stream, and markers with grains only. */
  readonly isStream: boolean
}

export class SparseExtent implements VmdkExtent {
  readonly path: string
  readonly endBytes: number
  readonly grainBytes: number
  readonly header: SparseHeader
  readonly isStream: boolean
  readonly directory: FileTable
  readonly #tables = new RecentlyUsed<number, DataView | null>(TABLES_MAX)
  readonly #grains: RecentlyUsed<number, Uint8Array>

  constructor(
    readonly file: ImageFile,
    { header, isStream }: FoundHeader,
    readonly startBytes: number,
  ) {
    const { capacitySectors, grainSectors, directorySector } = header
    this.header = header
    this.isStream = isStream
    this.path = file.path
    this.endBytes = startBytes + capacitySectors * SECTOR_BYTES
    this.grainBytes = grainSectors * SECTOR_BYTES
    this.#grains = new RecentlyUsed(Math.max(2, GRAINS_BYTES_MAX / this.grainBytes))
    if (directorySector === null) throw file.damage(56, 'neither header nor footer say where the directory is')
    this.directory = this.#directoryAt(directorySector, 'grain directory')
    if (isStream) this.#expectMarker(directorySector, Marker.directory)
  }

  /** Of the other copy of all tables; null: there is none. */
  redundantDirectory(): FileTable | null {
    const { redundantSector } = this.header
    return redundantSector === 0 ? null : this.#directoryAt(redundantSector, 'redundant grain directory')
  }

  #directoryAt(sector: number, what: string): FileTable {
    const entries = Math.ceil(this.header.capacitySectors / (this.header.grainSectors * TABLE_ENTRIES))
    return new FileTable(this.file, { offsetBytes: sector * SECTOR_BYTES, entries, entryBytes: 4, what })
  }

  placeAt(offsetBytes: number, absent: Absent): Place {
    const { startBytes, grainBytes, file } = this
    const index = Math.floor((offsetBytes - startBytes) / grainBytes)
    const table = Math.floor(index / TABLE_ENTRIES)
    if (this.isEmptyTable(table)) {
      return absent(offsetBytes, Math.min(this.endBytes, startBytes + (table + 1) * TABLE_ENTRIES * grainBytes))
    }
    const grain = this.grain(index)
    const grainStart = startBytes + index * grainBytes
    const endBytes = Math.min(grainStart + grainBytes, this.endBytes)
    if (grain === 'absent') return absent(offsetBytes, endBytes)
    if (grain === 'zero') return { kind: 'zero', endBytes }
    if (!this.header.isCompressed)
      return storedPlace(file, { startBytes: grainStart, endBytes, fileOffsetBytes: grain })
    const fill = (from: number, into: Uint8Array): void => {
      const bytes = this.decompressed(index, grain)
      into.set(bytes.subarray(from - grainStart, from - grainStart + into.length))
    }
    return { kind: 'data', endBytes, fill }
  }

  /** Where a grain is in the file. Throws a DamagedImage when it cannot be there. */
  grain(index: number): Grain {
    const { file, header } = this
    const table = this.#table(Math.floor(index / TABLE_ENTRIES))
    const entry = table?.getUint32((index % TABLE_ENTRIES) * 4, true) ?? 0
    if (entry === 0) return 'absent'
    if (entry === 1 && header.hasZeroedGrains) return 'zero'
    const offset = entry * SECTOR_BYTES
    const least = header.isCompressed ? SECTOR_BYTES : this.bytesOf(index)
    if (entry < header.overheadSectors || offset + least > file.sizeBytes) {
      throw file.damage(this.entryOffset(index), `grain ${index} cannot be at ${offset}`)
    }
    return offset
  }

  /** Of a grain that lies in the disk; the last one may be cut. */
  bytesOf(index: number): number {
    return Math.min(this.grainBytes, this.endBytes - this.startBytes - index * this.grainBytes)
  }

  entryOffset(index: number): number {
    return this.directory.u32(Math.floor(index / TABLE_ENTRIES)) * SECTOR_BYTES + (index % TABLE_ENTRIES) * 4
  }

  /** Whether none of the grains from `table` * 512 on is anywhere. */
  isEmptyTable(table: number): boolean {
    return this.#table(table) === null
  }

  /**
   * The table of the grains from `number` * 512 on; null: it has none of them. That is also said of a table that is there and empty, as all
   * are in a new image: such a stretch is passed in one step.
   */
  #table(number: number): DataView | null {
    return this.#tables.getOrMake(number, () => {
      const sector = this.directory.u32(number)
      if (sector === 0) return null
      const { file, isStream } = this
      if (isStream) this.#expectMarker(sector, Marker.table)
      const bytes = file.readBytes(sector * SECTOR_BYTES, TABLE_SECTORS * SECTOR_BYTES, `grain table ${number}`)
      return isZero(bytes) ? null : new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    })
  }

  /** In a stream each table has a marker before it, which tells it from other things. */
  #expectMarker(sector: number, type: number): void {
    const offset = (sector - 1) * SECTOR_BYTES
    const marker = Buffer.from(this.file.readBytes(offset, 16, 'a marker'))
    if (marker.readUInt32LE(8) !== 0 || marker.readUInt32LE(12) !== type) {
      throw this.file.damage(offset, `expected a marker of type ${type}`)
    }
  }

  decompressed(index: number, offset: number): Uint8Array {
    return this.#grains.getOrMake(index, () => this.#decompress(index, offset))
  }

  #decompress(index: number, offset: number): Uint8Array {
    const { file, grainBytes, header } = this
    const marker = Buffer.from(file.readBytes(offset, GRAIN_MARKER_BYTES, 'a grain marker'))
    const sector = Number(marker.readBigUInt64LE(0))
    const packedBytes = marker.readUInt32LE(8)
    if (sector !== index * header.grainSectors) {
      throw file.damage(offset, `expected the grain of sector ${index * header.grainSectors}; it is that of ${sector}`)
    }
    if (packedBytes === 0 || packedBytes > 2 * grainBytes) {
      throw file.damage(offset + 8, `a compressed grain of ${packedBytes} bytes cannot be`)
    }
    const packed = file.readBytes(offset + GRAIN_MARKER_BYTES, packedBytes, 'a compressed grain')
    let bytes: Uint8Array
    try {
      // One byte more than a grain, so that it comes in one piece, and nothing is asked for again when it is full.
      bytes = inflateSync(packed, { maxOutputLength: grainBytes, chunkSize: Math.max(64, grainBytes + 1) })
    } catch (error) {
      throw file.damage(offset + GRAIN_MARKER_BYTES, `a compressed grain is damaged: ${(error as Error).message}`)
    }
    if (bytes.length >= this.bytesOf(index)) return bytes
    throw file.damage(offset, `a grain has ${bytes.length} bytes; expected ${this.bytesOf(index)}`)
  }

  check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void> {
    return checkSparseExtent(this, report, signal)
  }

  close(): void {
    this.file.close()
  }
}

/** The header that counts: a stream has it again at its end, with the place of the directory. */
export function readSparseHeader(file: ImageFile): FoundHeader {
  const header = headerAt(file, 0)
  if (header.directorySector !== null) return { header, isStream: false }
  // | marker | footer | end of stream |
  const offset = file.sizeBytes - 2 * SECTOR_BYTES
  const footer = headerAt(file, offset)
  const marker = Buffer.from(file.readBytes(offset - SECTOR_BYTES, 16, 'the marker of the footer'))
  if (marker.readUInt32LE(12) !== Marker.footer)
    throw file.damage(offset - SECTOR_BYTES, 'expected a marker of a footer')
  const same = JSON.stringify({ ...footer, directorySector: null }) === JSON.stringify(header)
  if (!same) throw file.damage(offset, 'header and footer differ')
  return { header: footer, isStream: true }
}

function headerAt(file: ImageFile, offset: number): SparseHeader {
  const header = parseSparseHeader(file.readBytes(offset, SECTOR_BYTES, 'the header of a sparse extent'))
  if (typeof header === 'string') throw file.damage(offset, header)
  return header
}
