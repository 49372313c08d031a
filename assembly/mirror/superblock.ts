// Encoding and checking of a member's superblock (md.ts has the layout). No state, no input or output.

import { CONFIG_EPOCH_SECONDS } from '../abi/config'
import { BAY_STATE_CATCHING_UP, BAY_STATE_REBUILDING } from '../abi/status'
import { now } from '../hal/hal'
import { crc32c } from '../lib/crc32c'
import {
  bayOf,
  createdSeconds,
  dataOffset,
  deviceCount,
  events,
  lunSectors,
  memberCount,
  role,
  uuid0,
  uuid1,
} from './array'
import {
  BITMAP_SECTOR,
  FEATURE_BITMAP_OFFSET,
  FEATURE_RECOVERY_BITMAP,
  FEATURE_RECOVERY_OFFSET,
  MD_MAGIC,
  SB_BITMAP_OFFSET,
  SB_CHECKSUM,
  SB_CRC,
  SB_CTIME,
  SB_DATA_OFFSET,
  SB_DATA_SIZE,
  SB_DEV_NUMBER,
  SB_DEV_ROLES,
  SB_DEVICE_UUID,
  SB_EVENTS,
  SB_FEATURE_MAP,
  SB_LEVEL,
  SB_MAGIC,
  SB_MAJOR_VERSION,
  SB_MAX_DEV,
  SB_RAID_DISKS,
  SB_RECOVERY_OFFSET,
  SB_RESYNC_OFFSET,
  SB_SET_NAME,
  SB_SET_UUID,
  SB_SIZE,
  SB_SUPER_OFFSET,
  SB_UTIME,
  SUPERBLOCK_BYTES,
  SUPERBLOCK_DEVICES_MAX,
  SUPERBLOCK_SECTOR,
} from './md'
import { config } from './memory'

/** md's calc_sb_1_csum: the sum of all 32-bit words, folded once; the checksum itself counts as 0. */
export function checksum(at: usize): u32 {
  const bytes = SB_DEV_ROLES + (load<u32>(at + SB_MAX_DEV) << 1)
  let sum: u64 = 0
  let offset: u32 = 0
  for (; offset + 4 <= bytes; offset += 4) if (offset != SB_CHECKSUM) sum += load<u32>(at + offset)
  if (offset < bytes) sum += load<u16>(at + offset)
  return <u32>sum + <u32>(sum >> 32)
}

/** Never 0: that is what a superblock says which is not of our making. */
function crcOf(at: usize): u32 {
  const sum = load<u32>(at + SB_CHECKSUM)
  const crc = load<u32>(at + SB_CRC)
  store<u32>(at + SB_CHECKSUM, 0)
  store<u32>(at + SB_CRC, 0)
  const value = crc32c(at, SUPERBLOCK_BYTES)
  store<u32>(at + SB_CHECKSUM, sum)
  store<u32>(at + SB_CRC, crc)
  return value != 0 ? value : 1
}

/** Whether there is a superblock that this controller understands. */
export function isValid(at: usize): bool {
  if (load<u32>(at + SB_MAGIC) != MD_MAGIC) return false
  if (load<u32>(at + SB_MAJOR_VERSION) != 1) return false
  if (load<u32>(at + SB_MAX_DEV) > SUPERBLOCK_DEVICES_MAX) return false
  if (load<u32>(at + SB_CHECKSUM) != checksum(at)) return false
  if (load<u32>(at + SB_CRC) != 0 && load<u32>(at + SB_CRC) != crcOf(at)) return false
  if (load<u32>(at + SB_LEVEL) != 1) return false
  if (load<u32>(at + SB_RAID_DISKS) > 8) return false
  if (load<u64>(at + SB_SUPER_OFFSET) != SUPERBLOCK_SECTOR) return false
  return load<u32>(at + SB_DEV_NUMBER) < load<u32>(at + SB_MAX_DEV)
}

/** Wall-clock seconds since 1970, as the rig's clock has them. */
export function wallSeconds(): u64 {
  return <u64>config(CONFIG_EPOCH_SECONDS) + <u64>(now() / 1e9)
}

/** Writes the superblock of the drive in a bay, as of now, to `at`. `clean`: no region is marked in the bitmap. */
export function encode(at: usize, index: u32, clean: bool): void {
  const bay = bayOf(index)
  memory.fill(at, 0, SUPERBLOCK_BYTES)
  store<u32>(at + SB_MAGIC, MD_MAGIC)
  store<u32>(at + SB_MAJOR_VERSION, 1)
  store<u64>(at + SB_SET_UUID, uuid0)
  store<u64>(at + SB_SET_UUID + 8, uuid1)
  // "platterlab", in bytes.
  store<u64>(at + SB_SET_NAME, 0x6c72657474616c70)
  store<u16>(at + SB_SET_NAME + 8, 0x6261)
  store<u64>(at + SB_CTIME, createdSeconds)
  store<u32>(at + SB_LEVEL, 1)
  store<u64>(at + SB_SIZE, lunSectors)
  store<u32>(at + SB_RAID_DISKS, memberCount)
  store<u32>(at + SB_BITMAP_OFFSET, <u32>(BITMAP_SECTOR - SUPERBLOCK_SECTOR))
  store<u64>(at + SB_DATA_OFFSET, dataOffset)
  store<u64>(at + SB_DATA_SIZE, bay.capacity - dataOffset)
  store<u64>(at + SB_SUPER_OFFSET, SUPERBLOCK_SECTOR)
  let features = FEATURE_BITMAP_OFFSET
  if (bay.state == BAY_STATE_REBUILDING) {
    features |= FEATURE_RECOVERY_OFFSET
    store<u64>(at + SB_RECOVERY_OFFSET, bay.cursor)
  } else if (bay.state == BAY_STATE_CATCHING_UP) {
    features |= FEATURE_RECOVERY_OFFSET | FEATURE_RECOVERY_BITMAP
  }
  store<u32>(at + SB_FEATURE_MAP, features)
  store<u32>(at + SB_DEV_NUMBER, bay.device)
  store<u64>(at + SB_DEVICE_UUID, bay.uuid0)
  store<u64>(at + SB_DEVICE_UUID + 8, bay.uuid1)
  store<u64>(at + SB_UTIME, wallSeconds())
  store<u64>(at + SB_EVENTS, events)
  store<u64>(at + SB_RESYNC_OFFSET, clean ? u64.MAX_VALUE : 0)
  store<u32>(at + SB_MAX_DEV, deviceCount)
  for (let device: u32 = 0; device < deviceCount; device++) {
    store<u16>(at + SB_DEV_ROLES + (device << 1), <u16>role(device))
  }
  store<u32>(at + SB_CRC, crcOf(at))
  store<u32>(at + SB_CHECKSUM, checksum(at))
}
