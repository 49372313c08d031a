// Raw images in and out of simulated media: sparse both ways, one MiB at a time.
//
// A last sector that is short in the file is padded with zeros on the medium. Sectors that are unreadable on the medium are zeros in
// the file: whoever stores them lists them.

import { writeSync } from 'node:fs'
import { readUpTo } from '../formats/openFile'
import type { HoleMap } from '../formats/raw/holeMap'
import type { Medium } from '../hardware/medium'

const CHUNK_BYTES = 1 << 20

/** Fills a blank medium from an open file. `holes`: where the file need not be read. */
export function loadMedium(medium: Medium, descriptor: number, sizeBytes: number, holes: HoleMap | null): void {
  const chunkSectors = Math.floor(CHUNK_BYTES / medium.sectorBytes)
  const chunk = new Uint8Array(chunkSectors * medium.sectorBytes)
  for (let start = 0; start < sizeBytes; start += chunk.length) {
    const bytes = Math.min(chunk.length, sizeBytes - start)
    if (holes?.isHole(start, bytes)) continue
    const got = readUpTo(descriptor, start, chunk.subarray(0, bytes))
    if (got < bytes) throw new Error('a file must not become shorter while it is read')
    chunk.fill(0, bytes)
    writePages(
      medium,
      start / medium.sectorBytes,
      chunk.subarray(0, Math.ceil(bytes / medium.sectorBytes) * medium.sectorBytes),
    )
  }
}

/** Page by page: pages of zeros stay the page of zeros. */
function writePages(medium: Medium, lba: number, bytes: Uint8Array): void {
  const pageBytes = medium.sectorsPerPage * medium.sectorBytes
  for (let at = 0; at < bytes.length; at += pageBytes) {
    const page = bytes.subarray(at, at + pageBytes)
    if (page.some((byte) => byte !== 0)) medium.write(lba + at / medium.sectorBytes, page)
  }
}

/** Writes a medium's first `sizeBytes` over an open file; into a blank file only what is not zero. */
export function storeMedium(medium: Medium, descriptor: number, sizeBytes: number, isBlank: boolean): void {
  const { sectorBytes, sectorsPerPage } = medium
  const pageBytes = sectorsPerPage * sectorBytes
  const page = new Uint8Array(pageBytes)
  const store = (lba: number): void => {
    const start = lba * sectorBytes
    const bytes = Math.min(pageBytes, sizeBytes - start)
    if (bytes <= 0) return
    const sectors = Math.min(sectorsPerPage, medium.sectorCount - lba)
    medium.read(lba, sectors, page, 0)
    for (let sector = 0; sector < sectors; sector++) {
      if (medium.unreadableSectors.has(lba + sector)) page.fill(0, sector * sectorBytes, (sector + 1) * sectorBytes)
    }
    let done = 0
    while (done < bytes) done += writeSync(descriptor, page, done, bytes - done, start + done)
  }
  if (isBlank) for (const lba of medium.usedPages()) store(lba)
  else for (let lba = 0; lba * sectorBytes < sizeBytes; lba += sectorsPerPage) store(lba)
}
