// ext2, ext3, ext4: the superblock at byte 1024. Linux Documentation/filesystems/ext4, "Super Block".

import type { Bytes } from './bytes'
import { crc32cRegister } from './checksums'
import { type Place, type Volume, volume } from './volume'

const SUPERBLOCK = 1024
const SUPERBLOCK_BYTES = 1024
const MAGIC = 0xef53

/** s_state */
const STATE_CLEAN = 1
const STATE_ERRORS = 2
/** s_feature_compat */
const COMPAT_HAS_JOURNAL = 0x4
/** s_feature_incompat */
const INCOMPAT_FILETYPE = 0x2
const INCOMPAT_RECOVER = 0x4
const INCOMPAT_JOURNAL_DEV = 0x8
const INCOMPAT_META_BG = 0x10
const INCOMPAT_64BIT = 0x80
/** s_feature_ro_compat */
const RO_SPARSE_SUPER = 0x1
const RO_LARGE_FILE = 0x2
const RO_BTREE_DIR = 0x4
const RO_METADATA_CSUM = 0x400

/** What the drivers of ext2 and ext3 know; whatever has more is ext4. */
const INCOMPAT_BEFORE_EXT4 = INCOMPAT_FILETYPE | INCOMPAT_RECOVER | INCOMPAT_META_BG
const RO_BEFORE_EXT4 = RO_SPARSE_SUPER | RO_LARGE_FILE | RO_BTREE_DIR

export function recogniseExt({ window, head }: Place): Volume | null {
  const block = head.slice(SUPERBLOCK, SUPERBLOCK_BYTES)
  if (block.u16(0x38) !== MAGIC) return null
  const [logBlock, incompat] = [block.u32(0x18), block.u32(0x60)]
  // s_log_block_size: 1 KiB << n, up to 64 KiB.
  if (logBlock > 6 || block.u32(0x28) === 0) return null
  const blockBytes = 1024 << logBlock
  const high = incompat & INCOMPAT_64BIT ? block.u32(0x150) * 2 ** 32 : 0
  const type = typeOf(block)
  const state = block.u16(0x3a)
  const needsRecovery = (incompat & INCOMPAT_RECOVER) !== 0
  const notes: string[] = []
  if (state & STATE_ERRORS) notes.push('errors were found in it, and not repaired')
  if (!hasGoodChecksum(block)) notes.push('the checksum of the superblock is wrong')
  const lastMounted = block.text(0x88, 64)
  return volume(window, SUPERBLOCK, {
    type,
    title: type === 'jbd' ? 'journal of an ext file system' : type,
    label: block.text(0x78, 16),
    uuid: block.uuid(0x68),
    sizeBytes: (high + block.u32(0x04)) * blockBytes,
    isClean: (state & STATE_CLEAN) !== 0 && !needsRecovery,
    facts: {
      blockBytes,
      inodes: block.u32(0),
      freeBlocks: block.u32(0x0c),
      freeInodes: block.u32(0x10),
      hasJournal: (block.u32(0x5c) & COMPAT_HAS_JOURNAL) !== 0,
      needsRecovery,
      ...(lastMounted === '' ? {} : { lastMountedOn: lastMounted }),
      lastMountedSeconds: block.u32(0x2c),
      lastWrittenSeconds: block.u32(0x30),
    },
    notes,
  })
}

function typeOf(block: Bytes): string {
  const [compat, incompat, readOnly] = [block.u32(0x5c), block.u32(0x60), block.u32(0x64)]
  if (incompat & INCOMPAT_JOURNAL_DEV) return 'jbd'
  if ((incompat & ~INCOMPAT_BEFORE_EXT4) !== 0 || (readOnly & ~RO_BEFORE_EXT4) !== 0) return 'ext4'
  return compat & COMPAT_HAS_JOURNAL ? 'ext3' : 'ext2'
}

function hasGoodChecksum(block: Bytes): boolean {
  if (!(block.u32(0x64) & RO_METADATA_CSUM)) return true
  return crc32cRegister(0xffffffff, block.array.subarray(0, 0x3fc)) === block.u32(0x3fc)
}
