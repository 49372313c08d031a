// Sectors of a simulation -> a raw image file. Sparse: what was never written stays a hole.
//
// A sector that cannot be read has zeros in the file; the caller is told how many there are, and says so.

import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import type { SectorSource } from '../scenario/runTypes'

/** Bytes gathered for one write. */
const CHUNK_BYTES = 1 << 20

export interface WrittenImage {
  readonly unreadableSectors: number
}

function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  let done = 0
  while (done < bytes.length) done += writeSync(descriptor, bytes, done, bytes.length - done, position + done)
}

/** What the medium still holds under a sector that was lost is nobody's data. */
function blankUnreadable(source: SectorSource, lba: number, sectors: number, bytes: Uint8Array, offset: number): void {
  const { sectorBytes, unreadableSectors } = source
  if (unreadableSectors.size === 0) return
  for (let i = 0; i < sectors; i++) {
    const start = offset + i * sectorBytes
    if (unreadableSectors.has(lba + i)) bytes.fill(0, start, start + sectorBytes)
  }
}

/** Writes `source` into `path`, which is created or emptied. */
export function writeSectorFile(source: SectorSource, path: string): WrittenImage {
  const { sectorBytes, sectorCount, sectorsPerPage } = source
  const descriptor = openSync(path, 'w')
  try {
    ftruncateSync(descriptor, sectorCount * sectorBytes)
    const chunkSectors = Math.max(sectorsPerPage, Math.floor(CHUNK_BYTES / sectorBytes))
    const chunk = new Uint8Array(chunkSectors * sectorBytes)
    let first = 0
    let filled = 0
    const flush = (): void => {
      if (filled > 0) writeFully(descriptor, chunk.subarray(0, filled * sectorBytes), first * sectorBytes)
      filled = 0
    }
    for (const page of source.usedPages()) {
      const sectors = Math.min(sectorsPerPage, sectorCount - page)
      if (sectors <= 0) break
      if (filled === 0 || page !== first + filled || filled + sectors > chunkSectors) {
        flush()
        first = page
      }
      source.read(page, sectors, chunk, filled * sectorBytes)
      blankUnreadable(source, page, sectors, chunk, filled * sectorBytes)
      filled += sectors
    }
    flush()
    return { unreadableSectors: source.unreadableSectors.size }
  } finally {
    closeSync(descriptor)
  }
}
