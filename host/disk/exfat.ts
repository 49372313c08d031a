// exFAT: the boot region, and the label in the root directory. Microsoft, "exFAT file system specification", section 3 (boot region), 4.1
// (allocation table) and 7.3 (volume label entry).

import type { Bytes } from './bytes'
import type { DiskWindow } from './diskWindow'
import { type Place, type Volume, volume } from './volume'

/** 3.1.13 VolumeFlags. */
const FLAG_DIRTY = 2
const FLAG_MEDIA_FAILURE = 4
const ENTRY_BYTES = 32
/** 7.3: EntryType of a volume label that is in use. */
const ENTRY_LABEL = 0x83
const ROOT_CLUSTERS_MAX = 16
const PIECE_BYTES_MAX = 64 << 10

export async function recogniseExfat({ window, head }: Place): Promise<Volume | null> {
  // 3.1.2 FileSystemName, 3.1.3 MustBeZero
  if (!head.has(3, 'EXFAT   ') || !head.isZero(11, 53)) return null
  const [sectorShift, clusterShift] = [head.u8(108), head.u8(109)]
  // 3.1.14, 3.1.15
  if (sectorShift < 9 || sectorShift > 12 || clusterShift > 25 - sectorShift) return null
  const sectorBytes = 1 << sectorShift
  const flags = head.u16(106)
  const serial = head.u32(100).toString(16).toUpperCase().padStart(8, '0')
  const notes: string[] = []
  if (flags & FLAG_MEDIA_FAILURE) notes.push('its driver has found media failures')
  const region = head.slice(0, 12 * sectorBytes)
  if (region.length === 12 * sectorBytes && !hasGoodChecksum(region, sectorBytes)) {
    notes.push('the checksum of the boot region is wrong')
  }
  return volume(window, 0, {
    type: 'exfat',
    title: 'exFAT',
    label: await rootLabel(window, head, sectorBytes),
    uuid: `${serial.slice(0, 4)}-${serial.slice(4)}`,
    sizeBytes: head.u64(72) * sectorBytes,
    isClean: (flags & FLAG_DIRTY) === 0,
    facts: { sectorBytes, clusterBytes: sectorBytes << clusterShift, clusters: head.u32(92) },
    notes,
  })
}

/** 3.4: a sum over the first 11 sectors without VolumeFlags and PercentInUse, repeated through sector 11. */
function hasGoodChecksum(region: Bytes, sectorBytes: number): boolean {
  let sum = 0
  for (let at = 0; at < 11 * sectorBytes; at++) {
    if (at === 106 || at === 107 || at === 112) continue
    sum = (((sum << 31) | (sum >>> 1)) + region.array[at]!) >>> 0
  }
  return region.u32(11 * sectorBytes) === sum
}

async function rootLabel(window: DiskWindow, boot: Bytes, sectorBytes: number): Promise<string> {
  const clusterBytes = sectorBytes << boot.u8(109)
  const [fatStart, heapStart] = [boot.u32(80) * sectorBytes, boot.u32(88) * sectorBytes]
  let cluster = boot.u32(96)
  for (let count = 0; count < ROOT_CLUSTERS_MAX; count++) {
    if (cluster < 2 || cluster > boot.u32(92) + 1) return ''
    const length = Math.min(clusterBytes, PIECE_BYTES_MAX)
    const piece = await window.read(heapStart + (cluster - 2) * clusterBytes, length)
    if (!piece) return ''
    for (let at = 0; at < piece.length; at += ENTRY_BYTES) {
      const type = piece.u8(at)
      if (type === 0) return ''
      if (type === ENTRY_LABEL) return piece.utf16(at + 2, 2 * Math.min(11, piece.u8(at + 1)))
    }
    const next = await window.read(fatStart + cluster * 4, 4)
    if (!next) return ''
    cluster = next.u32(0)
  }
  return ''
}
