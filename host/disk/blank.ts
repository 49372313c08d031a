// Whether a disk holds anything at all: all of a small one is read; of a large one its ends, and places all over it.

import type { SectorReader } from './sectorReader'

const ALL_BYTES_MAX = 64 << 20
const END_BYTES = 4 << 20
const PLACES = 256
const PLACE_BYTES = 64 << 10
const PIECE_BYTES = 1 << 20

export interface BlankLook {
  /** Only zeros were found. */
  readonly isBlank: boolean
  /** What was looked at, in words. */
  readonly looked: string
}

export async function lookForData(reader: SectorReader): Promise<BlankLook> {
  const { diskBytes } = reader
  if (diskBytes <= ALL_BYTES_MAX) return { isBlank: await isZero(reader, 0, diskBytes), looked: 'all of it' }
  const looked = `its first and last ${END_BYTES >> 20} MiB, and ${PLACES} places of ${PLACE_BYTES >> 10} KiB between`
  const step = Math.floor((diskBytes - 2 * END_BYTES) / PLACES)
  const places = Array.from({ length: PLACES }, (_, index) => [END_BYTES + index * step, PLACE_BYTES] as const)
  for (const [at, length] of [[0, END_BYTES], [diskBytes - END_BYTES, END_BYTES], ...places] as const) {
    if (!(await isZero(reader, at, length))) return { isBlank: false, looked }
  }
  return { isBlank: true, looked }
}

/** What cannot be read may be anything. */
async function isZero(reader: SectorReader, startBytes: number, length: number): Promise<boolean> {
  const piece = new Uint8Array(PIECE_BYTES)
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const into = piece.subarray(0, Math.min(PIECE_BYTES, length - at))
    try {
      await reader.read(startBytes + at, into)
    } catch {
      return false
    }
    if (into.some((byte) => byte !== 0)) return false
  }
  return true
}
