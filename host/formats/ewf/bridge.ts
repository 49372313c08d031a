// A section whose descriptor is damaged: what it must have been, where its neighbours tell, so that what is behind it is not lost with it. A
// table is as long as its copy; chunks begin where the first entry of the table behind them says; a last section has nothing behind it.
// Anything else may hide a table, and then the numbers of all chunks behind it are unknown: null.

import { DamagedImage } from '../damagedImage'
import type { ImageFile } from '../imageFile'
import { isSummed } from './adler32'
import { COMPRESSED, checkEntries, readTable } from './chunkTables'
import { DESCRIPTOR_BYTES, readSection, type Section, SUM_AT, TYPE_BYTES } from './sections'

const WINDOW_BYTES = 1 << 20
/** So many right checksums at wrong places are somebody's work: no section is looked for among them. */
const CANDIDATES_MAX = 1000

/** What the walk knows of the sections before. */
export interface Before {
  /** The last section of chunks in this file. */
  readonly sectors: Section | null
  /** The table that waits for its copy. */
  readonly table: Section | null
  /** It has the digests: [EWF] only the last one has. */
  readonly isLastFile: boolean
}

/** What is at `startBytes`, where the descriptor is damaged; it ends where the walk goes on. */
export function bridge(file: ImageFile, startBytes: number, before: Before): Section | null {
  const dataBytes = startBytes + DESCRIPTOR_BYTES
  // One that is right, and leads behind the end, is of a file that was cut.
  if (dataBytes > file.sizeBytes || isSummed(file.readBytes(startBytes, DESCRIPTOR_BYTES, 'a descriptor'), SUM_AT))
    return null
  const until = (type: string, endBytes: number): Section => ({ type, startBytes, dataBytes, endBytes })
  if (dataBytes === file.sizeBytes) return until(before.isLastFile ? 'done' : 'next', dataBytes)
  if (before.table) {
    const endBytes = startBytes + before.table.endBytes - before.table.startBytes
    return sectionAt(file, endBytes) && until('table2', endBytes)
  }
  if (before.sectors?.endBytes === startBytes) {
    const copy = nextOf('table2', file, dataBytes)
    const isAsLong = copy !== null && copy.endBytes - copy.startBytes === copy.startBytes - startBytes
    return isAsLong ? until('table', copy.startBytes) : null
  }
  const table = nextOf('table', file, dataBytes)
  return table && firstChunkAt(file, table) === dataBytes ? until('sectors', table.startBytes) : null
}

/** Where the first chunk of a table is; null: its entries are damaged, or there are none. */
function firstChunkAt(file: ImageFile, section: Section): number | null {
  return orNull(() => {
    const copy = readTable(file, section, true)
    checkEntries(file, copy)
    if (copy.count === 0) return null
    const entry = new DataView(file.readBytes(copy.entriesBytes, 4, 'a table').buffer).getUint32(0, true)
    return copy.baseBytes + (entry & ~COMPRESSED)
  })
}

function sectionAt(file: ImageFile, startBytes: number): Section | null {
  return orNull(() => readSection(file, startBytes))
}

/** The next descriptor of this type that is right, and at its place. */
function nextOf(type: string, file: ImageFile, from: number): Section | null {
  const name = Buffer.alloc(TYPE_BYTES)
  name.write(type, 'latin1')
  let candidates = 0
  for (let start = from; start + DESCRIPTOR_BYTES <= file.sizeBytes; start += WINDOW_BYTES) {
    const length = Math.min(WINDOW_BYTES + DESCRIPTOR_BYTES - 1, file.sizeBytes - start)
    const window = Buffer.from(file.readBytes(start, length, 'sections').buffer)
    for (let at = window.indexOf(name); at >= 0; at = window.indexOf(name, at + 1)) {
      const descriptor = window.subarray(at, at + DESCRIPTOR_BYTES)
      if (descriptor.length < DESCRIPTOR_BYTES || !isSummed(descriptor, SUM_AT)) continue
      const section = sectionAt(file, start + at)
      if (section) return section
      if (++candidates === CANDIDATES_MAX) return null
    }
  }
  return null
}

function orNull<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof DamagedImage) return null
    throw error
  }
}
