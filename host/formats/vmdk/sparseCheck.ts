// What of a sparse extent can be checked: both copies of the tables against each other, grains that overlap, and in a stream, from its beginning
// to its end, that all grains in it are in the tables, and are whole.

import { breathe } from '../blocks/blockImage'
import { Claims } from '../blocks/claims'
import type { FileTable } from '../blocks/fileTable'
import { DamagedImage } from '../damagedImage'
import type { Finding } from '../format'
import type { SparseExtent } from './sparseExtent'
import { GRAIN_MARKER_BYTES, Marker, SECTOR_BYTES, TABLE_ENTRIES, TABLE_SECTORS } from './sparseHeader'

type Report = (finding: Finding) => void

export async function checkSparseExtent(extent: SparseExtent, report: Report, signal?: AbortSignal): Promise<void> {
  const { file, header } = extent
  const say = (fileOffsetBytes: number, text: string): void =>
    report({ kind: 'damage', file: file.path, fileOffsetBytes, disk: null, text })
  if (header.isUnclean) say(72, 'was not closed: what was written last may be missing')
  const redundant = extent.redundantDirectory()
  const claims = new Claims(extent.grainBytes, SECTOR_BYTES)
  let stored = 0
  for (let table = 0; table < extent.directory.entries; table++) {
    if (!(await breathe(signal))) return
    try {
      if (redundant) compareTables(extent, redundant, table)
      if (extent.isEmptyTable(table)) continue
      stored += checkTable(extent, table, claims, report)
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error
      say(error.fileOffsetBytes, error.text)
    }
  }
  if (extent.isStream) {
    await walkStream(extent, report, signal)
    return
  }
  const unused = file.sizeBytes - header.overheadSectors * SECTOR_BYTES - stored * extent.grainBytes
  if (!header.isCompressed && unused >= extent.grainBytes) {
    const fileOffsetBytes = header.overheadSectors * SECTOR_BYTES
    report({ kind: 'leak', file: file.path, fileOffsetBytes, disk: null, text: `${unused} bytes in no grain` })
  }
}

function compareTables(extent: SparseExtent, redundant: FileTable, table: number): void {
  const { file, directory } = extent
  const [one, other] = [directory, redundant].map((tables) => tables.u32(table) * SECTOR_BYTES)
  const bytes = TABLE_SECTORS * SECTOR_BYTES
  const isSame =
    one === 0 || other === 0
      ? one === other
      : Buffer.compare(file.readBytes(one!, bytes, 'a grain table'), file.readBytes(other!, bytes, 'a grain table')) ===
        0
  if (!isSame) throw file.damage(one!, `grain table ${table} and its copy at ${other} differ`)
}

/** How many grains are stored. */
function checkTable(extent: SparseExtent, table: number, claims: Claims, report: Report): number {
  const { file, header, grainBytes, startBytes } = extent
  const grains = Math.ceil(header.capacitySectors / header.grainSectors)
  let stored = 0
  for (let index = table * TABLE_ENTRIES; index < Math.min(grains, (table + 1) * TABLE_ENTRIES); index++) {
    const start = startBytes + index * grainBytes
    const disk = { startBytes: start, endBytes: start + extent.bytesOf(index) }
    const damage = (fileOffsetBytes: number, text: string): void =>
      report({ kind: 'damage', file: file.path, fileOffsetBytes, disk, text })
    try {
      const grain = extent.grain(index)
      if (typeof grain === 'string') continue
      stored++
      const other = header.isCompressed ? null : claims.claim(grain)
      if (other !== null) damage(grain, `grain ${index} overlaps the grain at ${other}`)
      if (header.isCompressed) extent.decompressed(index, grain)
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error
      damage(error.fileOffsetBytes, error.text)
    }
  }
  return stored
}

/** From marker to marker, as a reader without tables would. */
async function walkStream(extent: SparseExtent, report: Report, signal?: AbortSignal): Promise<void> {
  const { file, header } = extent
  const say = (fileOffsetBytes: number, text: string): void =>
    report({ kind: 'damage', file: file.path, fileOffsetBytes, disk: null, text })
  const marker = Buffer.alloc(16)
  let at = header.overheadSectors * SECTOR_BYTES
  for (let count = 0; at + SECTOR_BYTES <= file.sizeBytes; count++) {
    if (count % 256 === 0 && !(await breathe(signal))) return
    file.readInto(at, marker, 'a marker')
    const value = Number(marker.readBigUInt64LE(0))
    const packedBytes = marker.readUInt32LE(8)
    if (packedBytes > 0) {
      const text = strayGrain(extent, value, at)
      if (text !== null) say(at, text)
      at += Math.ceil((GRAIN_MARKER_BYTES + packedBytes) / SECTOR_BYTES) * SECTOR_BYTES
      continue
    }
    const type = marker.readUInt32LE(12)
    if (type === Marker.endOfStream) break
    at += (1 + value) * SECTOR_BYTES
  }
  if (at + SECTOR_BYTES !== file.sizeBytes) say(at, 'the stream does not end with the file')
}

function strayGrain(extent: SparseExtent, sector: number, at: number): string | null {
  const { capacitySectors, grainSectors } = extent.header
  if (!(sector < capacitySectors) || sector % grainSectors !== 0) return `a grain of sector ${sector} cannot be`
  try {
    return extent.grain(sector / grainSectors) === at ? null : `the grain of sector ${sector} is in no table`
  } catch (error) {
    // The table is damaged: that has been said.
    if (error instanceof DamagedImage) return null
    throw error
  }
}
