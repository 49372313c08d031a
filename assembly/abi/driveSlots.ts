// A drive command slot: one command from the controller to the drive in a bay.
//
//   byte 0     4    8       12        16       20        24            28       32          36
//        +-----+----+-------+---------+--------+---------+-------------+--------+-----------+-----------+
//        | bay | op | flags | sectors | lbaLow | lbaHigh | bufferAddr  | status | badLbaLow | badLbaHigh|
//        +-----+----+-------+---------+--------+---------+-------------+--------+-----------+-----------+
//         written by the microcode before issue()                      written by the host before interrupt()
//
// The host fetches the data of a write when the entry point that issued it returns: two commands issued in one entry from one
// buffer carry the same bytes. The data of a read are in the buffer when interrupt() is called, and only then.

export const DRIVE_SLOT_BYTES = 48

export const DRIVE_SLOT_BAY = 0
export const DRIVE_SLOT_OP = 4
export const DRIVE_SLOT_FLAGS = 8
/** 0 for FLUSH and IDENTIFY. */
export const DRIVE_SLOT_SECTORS = 12
export const DRIVE_SLOT_LBA_LOW = 16
export const DRIVE_SLOT_LBA_HIGH = 20
export const DRIVE_SLOT_BUFFER = 24

export const DRIVE_SLOT_STATUS = 28
/** With DRIVE_MEDIUM_ERROR: the first sector that failed. */
export const DRIVE_SLOT_BAD_LBA_LOW = 32
export const DRIVE_SLOT_BAD_LBA_HIGH = 36

/** Operations of a drive. */
export const DRIVE_READ = 1
export const DRIVE_WRITE = 2
/** Everything whose write was completed before is on the medium when this completes (ATA FLUSH CACHE EXT). */
export const DRIVE_FLUSH = 3
/** Sectors read as zeros afterwards (deterministic read zero after trim). */
export const DRIVE_TRIM = 4
/** Reads without transfer: tells whether the sectors are readable. */
export const DRIVE_VERIFY = 5
/** Puts DRIVE_IDENTITY_BYTES into the buffer. */
export const DRIVE_IDENTIFY = 6
/**
 * Makes sectors unreadable until they are written again (ATA WRITE UNCORRECTABLE EXT; SBC-4 WRITE LONG with WR_UNCOR): how a copy
 * passes on "this sector is lost" instead of inventing its content.
 */
export const DRIVE_WRITE_UNCORRECTABLE = 7

/** Flag of DRIVE_WRITE: on the medium, not just in the drive's cache, when it completes. */
export const DRIVE_FLAG_FUA = 1

/** How a drive command ended. */
export const DRIVE_OK = 0
/** Unrecovered read error, or a write that the medium refused: see the bad LBA. */
export const DRIVE_MEDIUM_ERROR = 1
/** The drive gave the command up (transient): the same command may succeed when it is sent again. */
export const DRIVE_ABORTED = 2
/** There is no drive in the bay (any more). */
export const DRIVE_GONE = 3
/** The command makes no sense to the drive: beyond its capacity, unknown operation. */
export const DRIVE_ILLEGAL = 4
/** The electronics failed; nothing about the medium is known. */
export const DRIVE_HARDWARE_ERROR = 5

/** What DRIVE_IDENTIFY delivers: sectors (u64), sector bytes (u32), drive id (u32, unique for each drive of a rig), model (40 ASCII bytes). */
export const DRIVE_IDENTITY_SECTORS_LOW = 0
export const DRIVE_IDENTITY_SECTORS_HIGH = 4
export const DRIVE_IDENTITY_SECTOR_BYTES = 8
export const DRIVE_IDENTITY_ID = 12
export const DRIVE_IDENTITY_MODEL = 16
export const DRIVE_IDENTITY_MODEL_BYTES = 40
export const DRIVE_IDENTITY_BYTES = 56
