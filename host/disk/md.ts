// A member of a Linux software RAID: md superblocks 1.0, 1.1, 1.2 and 0.90. Linux include/uapi/linux/raid/md_p.h.
//
//   1.1: at the start     1.2: 4 KiB behind it     1.0: at least 8 KiB before the end, on a border of 4 KiB
//   0.90: at least 64 KiB before the end, on a border of 64 KiB. Seen from the disk it may be that of its last partition: nothing in it tells.

import type { Bytes } from './bytes'
import type { DiskWindow } from './diskWindow'
import { type Place, type Volume, volume } from './volume'

const MAGIC = 0xa92b4efc
const SUPERBLOCK_BYTES = 4096
/** Sectors of md are of this size. */
const SECTOR_BYTES = 512
const ROLES = 256
/** A superblock with its roles fits into 4 KiB. */
const DEVICES_MAX = 1920

export async function recogniseMd({ window }: Place): Promise<Volume | null> {
  const end1 = Math.floor((window.sizeBytes - 8192) / 4096) * 4096
  for (const [minor, at] of [
    [1, 0],
    [2, 4096],
    [0, end1],
  ] as const) {
    const block = await window.read(at, SUPERBLOCK_BYTES)
    const found = block && member1(window, block, at, minor)
    if (found) return found
  }
  const end0 = Math.floor(window.sizeBytes / 65536) * 65536 - 65536
  const block = await window.read(end0, SUPERBLOCK_BYTES)
  return block && member0(window, block, end0)
}

function member1(window: DiskWindow, block: Bytes, at: number, minor: number): Volume | null {
  const devices = block.u32(220)
  // super_offset tells this superblock from one that happens to lie here.
  if (block.u32(0) !== MAGIC || block.u32(4) !== 1 || block.u64(144) * SECTOR_BYTES !== at) return null
  const hasRoles = devices <= DEVICES_MAX
  return volume(window, at, {
    type: 'linux_raid_member',
    title: 'Linux RAID member',
    label: block.text(32, 32),
    uuid: block.uuid(16),
    sizeBytes: (block.u64(128) + block.u64(136)) * SECTOR_BYTES,
    // resync_offset: everything is in sync when it is all ones.
    isClean: block.hex(208, 8) === 'ffffffffffffffff',
    facts: {
      version: `1.${minor}`,
      level: levelName(block.u32(72) | 0),
      devices: block.u32(92),
      deviceUuid: block.uuid(168) ?? '',
      events: block.u64(200),
      dataOffsetBytes: block.u64(128) * SECTOR_BYTES,
    },
    notes: hasRoles && checksum1(block, devices) === block.u32(216) ? [] : ['the checksum of the superblock is wrong'],
  })
}

/** sb_csum: the sum of all 32-bit words, itself counted as 0, folded once. */
function checksum1(block: Bytes, devices: number): number {
  let sum = 0
  const bytes = ROLES + 2 * devices
  for (let at = 0; at + 4 <= bytes; at += 4) if (at !== 216) sum += block.u32(at)
  if (bytes % 4 === 2) sum += block.u16(bytes - 2)
  return ((sum % 2 ** 32) + Math.floor(sum / 2 ** 32)) >>> 0
}

function member0(window: DiskWindow, block: Bytes, at: number): Volume | null {
  // Words: 0 magic, 1 major, 2 minor version, 5 and 13 to 15 set uuid, 7 level, 8 size in KiB, 10 disks, 33 state (bit 0: clean).
  if (block.u32(0) !== MAGIC || block.u32(4) !== 0 || block.u32(8) < 90) return null
  // Four numbers, and printed as such; version 1 prints its bytes in order.
  const id = [20, 52, 56, 60].map((word) => block.u32(word).toString(16).padStart(8, '0')).join('')
  return volume(window, at, {
    type: 'linux_raid_member',
    title: 'Linux RAID member',
    uuid: id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    sizeBytes: block.u32(32) * 1024,
    isClean: (block.u32(132) & 1) !== 0,
    facts: {
      version: `0.${block.u32(8)}.${block.u32(12)}`,
      level: levelName(block.u32(28) | 0),
      devices: block.u32(40),
    },
  })
}

function levelName(level: number): string {
  if (level === -1) return 'linear'
  return `raid${level}`
}
