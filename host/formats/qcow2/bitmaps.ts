// Dirty bitmaps that are stored in an image. What they say is of no use here; the clusters that they take are counted.

import type { ImageFile } from '../imageFile'
import type { Header } from './header'
import { OFFSET_HI, OFFSET_LO, TWO_32 } from './layout'
import type { TableReader } from './tableReader'

export type Refer = (hostOffset: number, hostBytes: number, at: number) => void

const ENTRY_BYTES = 24

/** Throws a DamagedImage for a directory that cannot be. */
export function referToBitmaps(file: ImageFile, header: Header, tables: TableReader, refer: Refer): void {
  const { bitmaps } = header.extensions
  if (!header.hasBitmaps || !bitmaps) return
  const { directoryOffset, directoryBytes, count } = bitmaps
  if (directoryOffset % header.clusterBytes > 0 || directoryOffset + directoryBytes > file.sizeBytes) {
    throw file.damage(directoryOffset, 'the directory of bitmaps cannot be there')
  }
  refer(directoryOffset, directoryBytes, 0)
  const end = directoryOffset + directoryBytes
  let at = directoryOffset
  for (let index = 0; index < count; index++) {
    if (at + ENTRY_BYTES > end) throw file.damage(at, 'the directory of bitmaps ends before its last entry')
    const entry = Buffer.from(file.readBytes(at, ENTRY_BYTES, 'entry of the directory of bitmaps'))
    const table = entry.readUInt32BE(0) * TWO_32 + entry.readUInt32BE(4)
    referToTable(file, header, tables, refer, table, entry.readUInt32BE(8))
    at += Math.ceil((ENTRY_BYTES + entry.readUInt16BE(18) + entry.readUInt32BE(20)) / 8) * 8
  }
}

function referToTable(
  file: ImageFile,
  { clusterBytes }: Header,
  tables: TableReader,
  refer: Refer,
  table: number,
  entries: number,
): void {
  if (table % clusterBytes > 0 || table + entries * 8 > file.sizeBytes) {
    throw file.damage(table, 'the table of a bitmap cannot be there')
  }
  if (entries > 0) refer(table, entries * 8, table)
  for (let index = 0; index < entries; index++) {
    const at = table + index * 8
    const hi = tables.u32(at, 'table of a bitmap')
    const lo = tables.u32(at + 4, 'table of a bitmap')
    const hostOffset = (hi & OFFSET_HI) * TWO_32 + ((lo & OFFSET_LO) >>> 0)
    if (hostOffset % clusterBytes > 0) throw file.damage(at, `a cluster of a bitmap at ${hostOffset}, no start of one`)
    if (hostOffset > 0) refer(hostOffset, clusterBytes, at)
  }
}
