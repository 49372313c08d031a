// Reading a VHD. The footer at the end counts; is it damaged, then its copy at the beginning, which all but fixed disks have.

import { bitAt, endOfRun } from '../blocks/bitRun'
import { BlockImage, type Place, parentPlace, storedPlace } from '../blocks/blockImage'
import type { ByteSource } from '../blocks/byteSource'
import { uuidText } from '../blocks/contentId'
import { FileTable } from '../blocks/fileTable'
import { flatPlace } from '../blocks/flatPlace'
import type { Finding } from '../format'
import type { HoleMap } from '../raw/holeMap'
import { RecentlyUsed } from '../recentlyUsed'
import { bitmapBytesOf, type DynamicHeader, type Footer, SECTOR_BYTES, UNUSED } from './structures'
import { checkVhd } from './vhdCheck'
import { vhdFormat } from './vhdFormat'

const BITMAPS_MAX = 64

export interface VhdParts {
  readonly file: ByteSource
  readonly footer: Footer
  /** Where the footer at the end begins, or, is there none, the file ends. */
  readonly footerOffsetBytes: number
  /** What is wrong with the footer at the end, so that its copy was used. */
  readonly footerDamage: string | null
  /** Of a fixed disk. */
  readonly holes: HoleMap | null
  /** null: a fixed disk. */
  readonly header: DynamicHeader | null
  readonly parent: VhdImage | null
}

export class VhdImage extends BlockImage {
  readonly format = vhdFormat
  readonly diskBytes: number
  readonly files: readonly string[]
  readonly table: FileTable | null
  readonly #bitmaps = new RecentlyUsed<number, Uint8Array>(BITMAPS_MAX)

  constructor(readonly parts: VhdParts) {
    super()
    const { file, footer, header, parent } = parts
    this.diskBytes = footer.diskBytes
    this.files = [file.path, ...(parent?.files ?? [])]
    this.table = header && tableOf(parts, header)
  }

  get details(): [string, string][] {
    const { footer, header, parent, footerDamage } = this.parts
    const { cylinders, heads, sectors } = footer.geometry
    return [
      ['subformat', footer.type],
      ...(header ? ([['block size', `${header.blockBytes}`]] as [string, string][]) : []),
      ['creator', footer.creator.trim()],
      ['geometry', `${cylinders}/${heads}/${sectors}`],
      ['id', uuidText(footer.uniqueId)],
      ...(parent ? ([['parent', parent.files[0]!]] as [string, string][]) : []),
      ...(footerDamage === null ? [] : ([['footer', `${footerDamage}; its copy was used`]] as [string, string][])),
    ]
  }

  placeAt(offsetBytes: number): Place {
    const { file, header, parent } = this.parts
    if (!header) {
      const { diskBytes, parts } = this
      return flatPlace(
        { file, holes: parts.holes, startBytes: 0, endBytes: diskBytes, fileOffsetBytes: 0 },
        offsetBytes,
      )
    }
    const block = Math.floor(offsetBytes / header.blockBytes)
    const startBytes = block * header.blockBytes
    const absent = (endBytes: number): Place =>
      parent ? parentPlace(parent, offsetBytes, endBytes) : { kind: 'zero', endBytes }
    const blockOffset = this.blockOffset(block)
    if (blockOffset === null) return absent(startBytes + header.blockBytes)
    const bitmap = this.bitmap(block, blockOffset)
    const sector = Math.floor((offsetBytes - startBytes) / SECTOR_BYTES)
    const end = endOfRun(bitmap, sector, header.blockBytes / SECTOR_BYTES, 'high bit first')
    const endBytes = startBytes + end * SECTOR_BYTES
    if (!bitAt(bitmap, sector, 'high bit first')) return absent(endBytes)
    const fileOffsetBytes = blockOffset + bitmapBytesOf(header.blockBytes)
    return storedPlace(file, { startBytes, endBytes, fileOffsetBytes })
  }

  /** Where a block begins, its bitmap first; null: it is not there. Throws a DamagedImage when it cannot be where it is said to be. */
  blockOffset(block: number): number | null {
    const entry = this.table!.u32BigEndian(block)
    if (entry === UNUSED) return null
    const { file, header, footer, footerOffsetBytes } = this.parts
    const { tableOffsetBytes, blockBytes } = header!
    const start = entry * SECTOR_BYTES
    const end = start + bitmapBytesOf(blockBytes) + blockBytes
    const tableEnd = this.table!.offsetOf(this.table!.entries)
    // The last block may end with the disk.
    const needed = end - Math.max(0, (block + 1) * blockBytes - footer.diskBytes)
    if (
      needed > footerOffsetBytes ||
      start < footer.headerOffsetBytes ||
      (start < tableEnd && end > tableOffsetBytes)
    ) {
      throw file.damage(this.table!.offsetOf(block), `block ${block} cannot be at ${start}`)
    }
    return start
  }

  bitmap(block: number, blockOffset: number): Uint8Array {
    const { file, header } = this.parts
    return this.#bitmaps.getOrMake(block, () =>
      file.readBytes(blockOffset, bitmapBytesOf(header!.blockBytes), `the sector bitmap of block ${block}`),
    )
  }

  check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void> {
    return checkVhd(this, report, signal)
  }

  close(): void {
    this.parts.parent?.close()
    this.parts.file.close()
  }
}

function tableOf({ file, footer }: VhdParts, { tableOffsetBytes, tableEntries, blockBytes }: DynamicHeader): FileTable {
  if (tableEntries * blockBytes < footer.diskBytes) {
    throw file.damage(
      footer.headerOffsetBytes,
      `${tableEntries} blocks of ${blockBytes} bytes do not hold a disk of ${footer.diskBytes}`,
    )
  }
  const what = 'block allocation table'
  return new FileTable(file, { offsetBytes: tableOffsetBytes, entries: tableEntries, entryBytes: 4, what })
}
