// Where the chunks are. A table has the offsets of up to some thousand chunks of one segment file; table2 behind it is the same once more, for the
// case that the first one is damaged.
//
// [EWF] Table section: number of entries, base offset (EnCase 6.7 on), checksum; entries of 32 bits, the highest of which says that the chunk
// is compressed; their checksum. A chunk ends where the next one begins, and the last one of a table with its section.
//
// Tables stay in their files: what is kept is where each one is, and the pages of entries used last.

import type { DamagedImage } from '../damagedImage'
import type { ImageFile } from '../imageFile'
import { RecentlyUsed } from '../recentlyUsed'
import { adler32, isSummed } from './adler32'
import type { Section } from './sections'
import type { SegmentFiles } from './segmentFiles'

export const TABLE_HEADER_BYTES = 24
export const TABLE_BASE_AT = 8
export const ENTRY_BYTES = 4
export const COMPRESSED = 0x8000_0000

const PAGE_ENTRIES = 16 << 10
const PAGES_MAX = 128

/** One table section. */
export interface TableCopy {
  readonly startBytes: number
  readonly entriesBytes: number
  readonly count: number
  readonly baseBytes: number
  /** Whether a checksum follows the entries: not in SMART's. */
  readonly isSummed: boolean
}

export interface ChunkTable {
  readonly firstChunk: number
  readonly count: number
  readonly segment: number
  readonly copies: readonly TableCopy[]
  /** Within which the chunks lie. */
  readonly dataStartBytes: number
  readonly dataEndBytes: number
}

export interface ChunkPlace {
  readonly segment: number
  readonly fileOffsetBytes: number
  readonly storedBytes: number
  readonly isCompressed: boolean
}

/** `hasSectors`: the chunks are in a section of their own; otherwise they follow the entries. */
export function readTable(file: ImageFile, section: Section, hasSectors: boolean): TableCopy {
  const wrong = (what: string) => file.damage(section.startBytes, `section ${section.type}: ${what}`)
  const header = file.readBytes(section.dataBytes, TABLE_HEADER_BYTES, 'the header of a table')
  if (!isSummed(header, TABLE_HEADER_BYTES - 4)) throw wrong('the checksum of its header is wrong')
  const view = new DataView(header.buffer)
  const count = view.getUint32(0, true)
  const entriesBytes = section.dataBytes + TABLE_HEADER_BYTES
  const needed = count * ENTRY_BYTES + (hasSectors ? 4 : 0)
  if (entriesBytes + needed > section.endBytes) throw wrong(`${count} entries are more than it has room for`)
  const baseBytes = Number(view.getBigUint64(TABLE_BASE_AT, true))
  if (baseBytes > file.sizeBytes) throw wrong(`its base, ${baseBytes}, lies behind the end of the file`)
  return { startBytes: section.startBytes, entriesBytes, count, baseBytes, isSummed: hasSectors }
}

/** Throws a DamagedImage when the entries are not what their checksum says. */
export function checkEntries(file: ImageFile, copy: TableCopy): void {
  if (!copy.isSummed) return
  const end = copy.entriesBytes + copy.count * ENTRY_BYTES
  let sum = 1
  for (let at = copy.entriesBytes; at < end; at += PAGE_ENTRIES * ENTRY_BYTES) {
    const length = Math.min(PAGE_ENTRIES * ENTRY_BYTES, end - at)
    sum = adler32(file.readBytes(at, length, 'a table'), sum)
  }
  const stored = new DataView(file.readBytes(end, 4, 'the checksum of a table').buffer).getUint32(0, true)
  if (stored !== sum) throw file.damage(copy.startBytes, 'the checksum of the entries of a table is wrong')
}

export class ChunkTables {
  readonly tables: ChunkTable[] = []
  /** By table: the copy that is whole, once it was looked at, or what is wrong with all of them. */
  readonly #whole = new Map<number, TableCopy | DamagedImage>()
  readonly #pages = new RecentlyUsed<number, DataView>(PAGES_MAX)
  #pagesBefore: number[] = []

  constructor(private readonly files: SegmentFiles) {}

  get chunkCount(): number {
    const last = this.tables.at(-1)
    return last ? last.firstChunk + last.count : 0
  }

  add(table: Omit<ChunkTable, 'firstChunk'>): void {
    const last = this.tables.at(-1)
    const pages = last ? this.#pagesBefore.at(-1)! + Math.ceil(last.count / PAGE_ENTRIES) : 0
    this.#pagesBefore.push(pages)
    this.tables.push({ ...table, firstChunk: this.chunkCount })
  }

  /** A second copy of the table that was added last. */
  addCopy(copy: TableCopy): void {
    const last = this.tables.pop()!
    this.tables.push({ ...last, copies: [...last.copies, copy] })
  }

  /** Leaves the first `count` tables, before any was looked at. */
  cut(count: number): void {
    this.tables.length = count
    this.#pagesBefore.length = count
  }

  /** `chunk` is one of those that are there. Throws a DamagedImage. */
  locate(chunk: number): ChunkPlace {
    const number = this.#numberOfTable(chunk)
    const table = this.tables[number]!
    const file = this.files.at(table.segment)
    const copy = this.#wholeCopy(number)
    const index = chunk - table.firstChunk
    const entry = this.#entry(number, copy, index)
    const start = copy.baseBytes + (entry & ~COMPRESSED)
    const isEnd = index + 1 === table.count
    const end = isEnd ? table.dataEndBytes : copy.baseBytes + (this.#entry(number, copy, index + 1) & ~COMPRESSED)
    if (!(start >= table.dataStartBytes && end > start && end <= table.dataEndBytes)) {
      const at = copy.entriesBytes + index * ENTRY_BYTES
      throw file.damage(at, `chunk ${chunk} is at ${start} to ${end}, outside of where the chunks of its table are`)
    }
    const { segment } = table
    return { segment, fileOffsetBytes: start, storedBytes: end - start, isCompressed: (entry & COMPRESSED) !== 0 }
  }

  #numberOfTable(chunk: number): number {
    let [low, high] = [0, this.tables.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.tables[middle]!.firstChunk <= chunk) low = middle
      else high = middle - 1
    }
    return low
  }

  #wholeCopy(number: number): TableCopy {
    let whole = this.#whole.get(number)
    if (whole === undefined) {
      whole = this.#findWhole(this.tables[number]!)
      this.#whole.set(number, whole)
    }
    if (whole instanceof Error) throw whole
    return whole
  }

  #findWhole({ segment, copies }: ChunkTable): TableCopy | DamagedImage {
    let damage: DamagedImage | undefined
    for (const copy of copies) {
      try {
        checkEntries(this.files.at(segment), copy)
        return copy
      } catch (error) {
        damage = error as DamagedImage
      }
    }
    return damage!
  }

  #entry(number: number, copy: TableCopy, index: number): number {
    const page = Math.floor(index / PAGE_ENTRIES)
    const key = this.#pagesBefore[number]! + page
    let view = this.#pages.get(key)
    if (!view) {
      const first = page * PAGE_ENTRIES
      const length = Math.min(PAGE_ENTRIES, copy.count - first) * ENTRY_BYTES
      const file = this.files.at(this.tables[number]!.segment)
      view = new DataView(file.readBytes(copy.entriesBytes + first * ENTRY_BYTES, length, 'a table').buffer)
      this.#pages.set(key, view)
    }
    return view.getUint32((index - page * PAGE_ENTRIES) * ENTRY_BYTES, true)
  }
}
