// LVM2: the label of a physical volume, and the name of its group in the metadata text. lvm2 lib/format_text/layout.h and
// lib/label/label.h are the only description of the layout.

import type { Bytes } from './bytes'
import { crc32Register } from './checksums'
import type { DiskWindow } from './diskWindow'
import { type Place, type Volume, volume } from './volume'

const SECTOR_BYTES = 512
/** LABEL_SCAN_SECTORS: the label is in one of them. */
const SCAN_SECTORS = 4
/** INITIAL_CRC */
const CRC_START = 0xf597a6cf
const UUID_GROUPS = [6, 4, 4, 4, 4, 4, 6]
/** Pairs of offset and size in the header; real ones have two or three. */
const AREAS_MAX = 16
const METADATA_MAGIC = '\x20LVM2\x20x[5A%r0N*>'

export async function recogniseLvm({ window, head }: Place): Promise<Volume | null> {
  for (let sector = 0; sector < SCAN_SECTORS; sector++) {
    const label = head.slice(sector * SECTOR_BYTES, SECTOR_BYTES)
    if (!label.has(0, 'LABELONE') || !label.has(24, 'LVM2 001') || label.u64(8) !== sector) continue
    const header = label.u32(20)
    if (header < 32 || header > SECTOR_BYTES - 40) continue
    const sum = crc32Register(CRC_START, label.array.subarray(20))
    const group = await groupName(window, label, header)
    return volume(window, sector * SECTOR_BYTES, {
      type: 'LVM2_member',
      title: 'LVM2 physical volume',
      uuid: pvUuid(label.latin1(header, 32)),
      sizeBytes: label.u64(header + 32),
      facts: group === '' ? {} : { volumeGroup: group },
      notes: sum === label.u32(16) ? [] : ['the checksum of the label is wrong'],
    })
  }
  return null
}

function pvUuid(text: string): string {
  let at = 0
  const groups = UUID_GROUPS.map((length) => {
    at += length
    return text.slice(at - length, at)
  })
  return groups.join('-')
}

/** '' when the volume is in no group, or the text cannot be found. */
async function groupName(window: DiskWindow, label: Bytes, header: number): Promise<string> {
  // Two lists of (offset, size), each ended by zeros: data areas, then metadata areas.
  let at = header + 40
  let lists = 0
  for (let count = 0; count < AREAS_MAX && at + 16 <= label.length; count++, at += 16) {
    const offset = label.u64(at)
    if (offset === 0) {
      if (++lists === 2) return ''
      continue
    }
    if (lists === 1) return await nameInArea(window, offset)
  }
  return ''
}

async function nameInArea(window: DiskWindow, areaBytes: number): Promise<string> {
  const area = await window.read(areaBytes, SECTOR_BYTES)
  if (!area?.has(4, METADATA_MAGIC) || area.u64(40) === 0) return ''
  const text = await window.read(areaBytes + area.u64(40), SECTOR_BYTES)
  // The text begins with the group's name and a brace.
  return text ? (/^([\w.+-]{1,128}) \{/.exec(text.latin1(0, SECTOR_BYTES))?.[1] ?? '') : ''
}
