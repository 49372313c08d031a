// NTFS: the boot sector, and the record of $Volume in the master file table. Microsoft publishes no specification of the medium; the layout is
// that of the Linux-NTFS project's documentation, "NTFS concepts": Boot, File Record, $VOLUME_NAME, $VOLUME_INFORMATION.

import { type Bytes, isPowerOfTwo } from './bytes'
import { type Place, type Volume, volume } from './volume'

/** $Volume is record 3 of the master file table. */
const VOLUME_RECORD = 3
const ATTRIBUTE_VOLUME_NAME = 0x60
const ATTRIBUTE_VOLUME_INFORMATION = 0x70
const ATTRIBUTES_END = 0xffffffff
const FLAG_DIRTY = 1
/** Every sector of a record ends with a number of its update; the bytes that stood there are kept in the record's head. */
const FIXUP_STRIDE = 512

export async function recogniseNtfs({ window, head }: Place): Promise<Volume | null> {
  const [sectorBytes, clusterSectors] = [head.u16(11), sizeOrShift(head.u8(13))]
  if (!head.has(3, 'NTFS    ') || sectorBytes < 256 || sectorBytes > 4096) return null
  if (!isPowerOfTwo(sectorBytes) || !isPowerOfTwo(clusterSectors)) return null
  const clusterBytes = sectorBytes * clusterSectors
  const recordUnits = head.u8(64)
  const recordBytes = recordUnits > 127 ? 2 ** (256 - recordUnits) : recordUnits * clusterBytes
  if (clusterBytes > 2 << 20 || recordBytes < 256 || recordBytes > 64 << 10) return null
  const record = await window.read(head.u64(48) * clusterBytes + VOLUME_RECORD * recordBytes, recordBytes)
  const found = record ? readVolumeRecord(record) : null
  return volume(window, 0, {
    type: 'ntfs',
    title: 'NTFS',
    label: found?.label ?? null,
    uuid: [76, 72].map((at) => head.u32(at).toString(16).toUpperCase().padStart(8, '0')).join(''),
    // The last sector of the partition, a copy of this one, is not counted.
    sizeBytes: (head.u64(40) + 1) * sectorBytes,
    isClean: found?.isClean ?? null,
    facts: { sectorBytes, clusterBytes, ...(found?.version ? { version: found.version } : {}) },
    notes: found ? [] : ['there is no whole record of the volume in its master file table'],
  })
}

/** A byte above 128 is a negative power of two. */
function sizeOrShift(value: number): number {
  return value > 128 ? 2 ** Math.min(256 - value, 31) : value
}

interface VolumeRecord {
  label: string | null
  version: string
  isClean: boolean | null
}

function readVolumeRecord(record: Bytes): VolumeRecord | null {
  if (!record.has(0, 'FILE') || !undoFixups(record)) return null
  const found: VolumeRecord = { label: null, version: '', isClean: null }
  let at = record.u16(20)
  while (at + 24 <= record.length) {
    const [type, length] = [record.u32(at), record.u32(at + 4)]
    if (type === ATTRIBUTES_END || length < 24 || at + length > record.length) break
    const isResident = record.u8(at + 8) === 0
    const [valueLength, value] = [record.u32(at + 16), at + record.u16(at + 20)]
    if (isResident && value + valueLength <= record.length) {
      if (type === ATTRIBUTE_VOLUME_NAME) found.label = record.utf16(value, valueLength)
      if (type === ATTRIBUTE_VOLUME_INFORMATION && valueLength >= 12) {
        found.version = `${record.u8(value + 8)}.${record.u8(value + 9)}`
        found.isClean = (record.u16(value + 10) & FLAG_DIRTY) === 0
      }
    }
    at += length
  }
  return found
}

/** Puts the kept bytes back; false when a sector is of another update than the record. */
function undoFixups(record: Bytes): boolean {
  const [table, count] = [record.u16(4), record.u16(6)]
  if (count < 1 || table + 2 * count > record.length || (count - 1) * FIXUP_STRIDE > record.length) return false
  for (let sector = 1; sector < count; sector++) {
    const end = sector * FIXUP_STRIDE - 2
    if (record.u16(end) !== record.u16(table)) return false
    record.array.set(record.array.slice(table + 2 * sector, table + 2 * sector + 2), end)
  }
  return true
}
