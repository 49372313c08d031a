// The format of Linux md, metadata version 1.2: offsets, flags and numbers.
// Source: Linux include/uapi/linux/raid/md_p.h (struct mdp_superblock_1) and drivers/md/md-bitmap.h (bitmap_super_t). All fields are
// little-endian. Sectors are of 512 bytes.
//
//   sector 0      8               16                                128        136           data offset
//          +------+---------------+---------------------------------+----------+-------------+--------+------
//          |      | superblock    | bitmap: header (256 B), bits    | backup A | backup B    |        | data
//          +------+---------------+---------------------------------+----------+-------------+--------+------
//
// The backups are ours: md relies on the atomicity of one sector for its only superblock. Each commit goes to a backup slot first,
// in turns, and then to the superblock: a torn superblock costs nothing.

export const SUPERBLOCK_SECTOR: u64 = 8
export const BITMAP_SECTOR: u64 = 16
export const BACKUP_SECTOR_A: u64 = 128
export const BACKUP_SECTOR_B: u64 = 136
/** The whole superblock with its role table: one sector, which drives write atomically. */
export const SUPERBLOCK_BYTES: u32 = 512
export const SUPERBLOCK_DEVICES_MAX: u32 = 128

export const MD_MAGIC: u32 = 0xa92b4efc
export const SB_MAGIC: u32 = 0
export const SB_MAJOR_VERSION: u32 = 4
export const SB_FEATURE_MAP: u32 = 8
export const SB_SET_UUID: u32 = 16
export const SB_SET_NAME: u32 = 32
export const SB_CTIME: u32 = 64
export const SB_LEVEL: u32 = 72
/** Used sectors of each member. */
export const SB_SIZE: u32 = 80
export const SB_RAID_DISKS: u32 = 92
/** Sectors from the superblock to the bitmap, signed. */
export const SB_BITMAP_OFFSET: u32 = 96
export const SB_DATA_OFFSET: u32 = 128
export const SB_DATA_SIZE: u32 = 136
export const SB_SUPER_OFFSET: u32 = 144
export const SB_RECOVERY_OFFSET: u32 = 152
export const SB_DEV_NUMBER: u32 = 160
export const SB_DEVICE_UUID: u32 = 168
export const SB_UTIME: u32 = 192
export const SB_EVENTS: u32 = 200
/** Sectors from here on may differ between members; all ones = clean. */
export const SB_RESYNC_OFFSET: u32 = 208
export const SB_CHECKSUM: u32 = 216
export const SB_MAX_DEV: u32 = 220
/**
 * Ours, in pad3: CRC-32C of the superblock with this word and SB_CHECKSUM 0. md's own checksum is a sum of words: of a sector that was torn
 * between two role tables it may be right although the roles are those of another commit.
 */
export const SB_CRC: u32 = 224
export const SB_DEV_ROLES: u32 = 256

export const FEATURE_BITMAP_OFFSET: u32 = 1
/** recovery_offset is valid: the member holds data below it only. */
export const FEATURE_RECOVERY_OFFSET: u32 = 2
/** The recovery that is going on follows the bitmap. */
export const FEATURE_RECOVERY_BITMAP: u32 = 64

export const ROLE_SPARE: u32 = 0xffff
export const ROLE_FAULTY: u32 = 0xfffe

export const BITMAP_MAGIC: u32 = 0x6d746962
export const BITMAP_VERSION: u32 = 4
export const BM_MAGIC: u32 = 0
export const BM_VERSION: u32 = 4
export const BM_UUID: u32 = 8
export const BM_EVENTS: u32 = 24
export const BM_EVENTS_CLEARED: u32 = 32
export const BM_SYNC_SIZE: u32 = 40
export const BM_CHUNK_BYTES: u32 = 52
export const BM_DAEMON_SLEEP: u32 = 56
export const BM_SECTORS_RESERVED: u32 = 64
export const BM_BITS: u32 = 256
