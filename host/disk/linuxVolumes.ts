// What Linux puts on disks besides ext: swap, LUKS, XFS, Btrfs. Each is known by a magic text near the start.

import type { Bytes } from './bytes'
import { crc32c, crc32cRegister, without } from './checksums'
import { type Place, type Volume, volume } from './volume'

/** Linux include/linux/swap.h (union swap_header): the magic ends the first page, whatever that is on the machine. */
const PAGE_SIZES = [4096, 8192, 16384, 32768, 65536]
const SWAP_HEADER = 1024

export function recogniseSwap({ window, head }: Place): Volume | null {
  for (const pageBytes of PAGE_SIZES) {
    const isHibernated = head.has(pageBytes - 10, 'S1SUSPEND') || head.has(pageBytes - 10, 'LINHIB0001')
    if (!isHibernated && !head.has(pageBytes - 10, 'SWAPSPACE2')) continue
    // Version 1: version, last page, bad pages, UUID, label.
    return volume(window, 0, {
      type: isHibernated ? 'swsuspend' : 'swap',
      title: isHibernated ? 'Linux swap, with a machine that sleeps in it' : 'Linux swap',
      label: head.text(SWAP_HEADER + 28, 16),
      uuid: head.uuid(SWAP_HEADER + 12),
      sizeBytes: (head.u32(SWAP_HEADER + 4) + 1) * pageBytes,
      facts: { pageBytes },
    })
  }
  return null
}

/** "LUKS On-Disk Format Specification" 1.2.3 (table of the partition header), and "LUKS2 On-Disk Format Specification", section 2.1. */
export function recogniseLuks({ window, head }: Place): Volume | null {
  if (!head.has(0, 'LUKS\xba\xbe')) return null
  const version = head.u16be(6)
  if (version !== 1 && version !== 2) return null
  const facts =
    version === 1
      ? {
          version,
          cipher: `${head.text(8, 32)}-${head.text(40, 32)}`,
          hash: head.text(72, 32),
          keyBits: head.u32be(108) * 8,
        }
      : { version, sequence: head.u64be(16) }
  return volume(window, 0, {
    type: 'crypto_LUKS',
    title: `LUKS${version}, encrypted`,
    label: version === 2 ? head.text(24, 48) : null,
    uuid: head.text(168, 40) || null,
    facts,
  })
}

/** "XFS Algorithms & Data Structures", chapter 13 (superblocks). Big-endian. */
export function recogniseXfs({ window, head }: Place): Volume | null {
  const [blockBytes, sectorBytes] = [head.u32be(4), head.u16be(102)]
  if (!head.has(0, 'XFSB') || blockBytes < 512 || blockBytes > 65536) return null
  if (sectorBytes < 512 || sectorBytes > 32768) return null
  const version = head.u16be(100) & 0xf
  const notes: string[] = []
  // sb_crc is the only little-endian field.
  if (version === 5) {
    const sum = crc32c(without(head.array.subarray(0, sectorBytes), 224, 4))
    if (sum !== head.u32(224)) notes.push('the checksum of the superblock is wrong')
  }
  if (head.u8(126) !== 0) notes.push('mkfs was never finished')
  return volume(window, 0, {
    type: 'xfs',
    title: 'XFS',
    label: head.text(108, 12),
    uuid: head.uuid(32),
    sizeBytes: head.u64be(8) * blockBytes,
    facts: { version, blockBytes, sectorBytes },
    notes,
  })
}

/** Btrfs documentation, "On-disk format", superblock. */
const BTRFS_SUPERBLOCK = 64 << 10
const BTRFS_SUPERBLOCK_BYTES = 4096
const BTRFS_CSUM_CRC32C = 0

export function recogniseBtrfs({ window, head }: Place): Volume | null {
  const block = head.slice(BTRFS_SUPERBLOCK, BTRFS_SUPERBLOCK_BYTES)
  if (!block.has(64, '_BHRfS_M')) return null
  const devices = block.u64(136)
  return volume(window, BTRFS_SUPERBLOCK, {
    type: 'btrfs',
    title: devices > 1 ? `Btrfs, one of ${devices} devices` : 'Btrfs',
    label: block.text(299, 256),
    uuid: block.uuid(32),
    // What dev_item says of this device; total_bytes is that of all of them.
    sizeBytes: block.u64(209),
    facts: { devices, deviceUuid: block.uuid(267) ?? '', usedBytes: block.u64(120), generation: block.u64(72) },
    notes: hasGoodBtrfsChecksum(block) ? [] : ['the checksum of the superblock is wrong'],
  })
}

function hasGoodBtrfsChecksum(block: Bytes): boolean {
  if (block.u16(196) !== BTRFS_CSUM_CRC32C) return true
  return ~crc32cRegister(0xffffffff, block.array.subarray(32)) >>> 0 === block.u32(0)
}
