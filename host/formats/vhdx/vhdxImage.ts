// Reading a VHDX: a table says where each block is, and a bitmap which sectors of a partial block are in this file.

import { bitAt, endOfRun } from '../blocks/bitRun'
import { BlockImage, type Place, parentPlace, storedPlace } from '../blocks/blockImage'
import type { ByteSource } from '../blocks/byteSource'
import { FileTable } from '../blocks/fileTable'
import { flatPlace } from '../blocks/flatPlace'
import { guidText } from '../blocks/guid'
import type { Finding } from '../format'
import type { HoleMap } from '../raw/holeMap'
import { RecentlyUsed } from '../recentlyUsed'
import { BatShape, parseEntry, State } from './bat'
import { MIB, type Region, type VhdxHeader } from './headers'
import type { Metadata } from './metadata'
import { checkVhdx } from './vhdxCheck'
import { vhdxFormat } from './vhdxFormat'

const BITMAPS_MAX = 64

export interface VhdxParts {
  readonly file: ByteSource
  readonly header: VhdxHeader
  readonly bat: Region
  /** All, also those that are not known. */
  readonly regions: readonly Region[]
  readonly metadata: Metadata
  /** Of the log that were carried out in memory. */
  readonly replayedEntries: number
  /** Of structures that are there twice, what is wrong with one of them. */
  readonly warnings: readonly { readonly fileOffsetBytes: number; readonly text: string }[]
  /** null where nothing is known of them, or the log says otherwise. */
  readonly holes: HoleMap | null
  readonly parent: VhdxImage | null
}

export class VhdxImage extends BlockImage {
  readonly format = vhdxFormat
  readonly diskBytes: number
  override readonly sectorBytes: number
  readonly files: readonly string[]
  readonly shape: BatShape
  readonly table: FileTable
  readonly #bitmaps = new RecentlyUsed<number, Uint8Array>(BITMAPS_MAX)

  constructor(readonly parts: VhdxParts) {
    super()
    const { file, metadata, bat, parent } = parts
    const { diskBytes, blockBytes, logicalSectorBytes } = metadata
    this.diskBytes = diskBytes
    this.sectorBytes = logicalSectorBytes
    this.files = [file.path, ...(parent?.files ?? [])]
    this.shape = new BatShape(diskBytes, blockBytes, logicalSectorBytes, parent !== null)
    const { entries } = this.shape
    if (entries * 8 > bat.lengthBytes) {
      throw file.damage(bat.offsetBytes, `a table of ${bat.lengthBytes} bytes has no room for ${entries} entries`)
    }
    // The rest of its region must be empty, which a check looks at.
    this.table = new FileTable(file, {
      offsetBytes: bat.offsetBytes,
      entries: bat.lengthBytes / 8,
      entryBytes: 8,
      what: 'block allocation table',
    })
  }

  get details(): [string, string][] {
    const { metadata, header, parent, replayedEntries, warnings } = this.parts
    const kind = parent ? 'differencing' : metadata.isFixed ? 'fixed' : 'dynamic'
    return [
      ['subformat', kind],
      ['block size', `${metadata.blockBytes}`],
      ['sectors', `${metadata.logicalSectorBytes} logical, ${metadata.physicalSectorBytes} physical`],
      ['id', guidText(metadata.diskId)],
      ['content id', guidText(header.dataWriteGuid)],
      ...(replayedEntries > 0
        ? [['log', `in use: ${replayedEntries} entries carried out in memory`] as [string, string]]
        : []),
      ...(parent ? [['parent', parent.files[0]!] as [string, string]] : []),
      ...warnings.map(({ text }): [string, string] => ['damaged', text]),
    ]
  }

  placeAt(offsetBytes: number): Place {
    const { file, metadata, parent, holes } = this.parts
    const { blockBytes } = metadata
    const block = Math.floor(offsetBytes / blockBytes)
    const startBytes = block * blockBytes
    const endBytes = startBytes + blockBytes
    const { state, offsetBytes: fileOffsetBytes } = this.blockEntry(block)
    if (state === State.present) return flatPlace({ file, holes, startBytes, endBytes, fileOffsetBytes }, offsetBytes)
    if (state === State.notPresent && parent) return parentPlace(parent, offsetBytes, endBytes)
    if (state !== State.partial) return { kind: 'zero', endBytes }
    const sectors = blockBytes / this.sectorBytes
    const bitmap = this.bitmapOf(block)
    const sector = Math.floor((offsetBytes - startBytes) / this.sectorBytes)
    const runEnd = startBytes + endOfRun(bitmap, sector, sectors, 'low bit first') * this.sectorBytes
    if (!bitAt(bitmap, sector, 'low bit first')) return parentPlace(parent!, offsetBytes, runEnd)
    return storedPlace(file, { startBytes, endBytes: runEnd, fileOffsetBytes })
  }

  /** Throws a DamagedImage when it cannot be. */
  blockEntry(block: number): { readonly state: number; readonly offsetBytes: number } {
    const { file, metadata, parent } = this.parts
    const index = this.shape.entryOf(block)
    const entry = parseEntry(this.table.u64(index))
    if (!entry || (entry.state === State.partial && !parent)) {
      throw file.damage(this.table.offsetOf(index), `the entry of block ${block} cannot be`)
    }
    if (entry.state !== State.present && entry.state !== State.partial) return entry
    const used = Math.min(metadata.blockBytes, this.diskBytes - block * metadata.blockBytes)
    if (entry.offsetBytes < MIB || entry.offsetBytes + used > file.sizeBytes) {
      throw file.damage(this.table.offsetOf(index), `block ${block} cannot be at ${entry.offsetBytes}`)
    }
    return entry
  }

  /** Which sectors of a partial block are in this file. */
  bitmapOf(block: number): Uint8Array {
    const { file, metadata } = this.parts
    const bytes = metadata.blockBytes / this.sectorBytes / 8
    return this.#bitmaps.getOrMake(block, () => {
      const start = this.bitmapOffset(Math.floor(block / this.shape.blocksPerChunk))
      if (start === null) throw file.damage(this.table.offsetOf(block), `block ${block} has no sector bitmap`)
      return file.readBytes(start + (block % this.shape.blocksPerChunk) * bytes, bytes, 'a sector bitmap')
    })
  }

  /** Where the bitmap of a chunk is; null: there is none. */
  bitmapOffset(chunk: number): number | null {
    const index = this.shape.bitmapEntryOf(chunk)
    const entry = parseEntry(this.table.u64(index))
    if (entry?.state === State.notPresent) return null
    if (entry?.state === State.present && entry.offsetBytes >= MIB) return entry.offsetBytes
    throw this.parts.file.damage(
      this.table.offsetOf(index),
      `the entry of the sector bitmap of chunk ${chunk} cannot be`,
    )
  }

  check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void> {
    return checkVhdx(this, report, signal)
  }

  close(): void {
    this.parts.parent?.close()
    this.parts.file.close()
  }
}
