// Configuration words: an array's jumpers. The host writes them before every boot; they are u32. A word that a microcode does not
// know is ignored by it; the front panel has the same settings by name.

/** Drives that hold a replica: 1 to 8. The lowest bays become members when an array is formatted. */
export const CONFIG_MEMBERS = 0
/** Drives kept as hot spares: the bays after the members. */
export const CONFIG_SPARES = 1
/** Write cache enabled towards the initiator (SBC-4 caching mode page, WCE): 0 = an acknowledged write is durable. */
export const CONFIG_WCE = 2
/** Sectors of one bit of the write-intent bitmap; a power of two; 0 = let the microcode choose. */
export const CONFIG_BITMAP_CHUNK_SECTORS = 3
/** At format: 1 = the drives are known to be equal (factory zeros), 0 = copy member 0 over the others first. */
export const CONFIG_ASSUME_CLEAN = 4
/** Identity of the array, 128 bits, used at format. */
export const CONFIG_UUID_0 = 5
export const CONFIG_UUID_1 = 6
export const CONFIG_UUID_2 = 7
export const CONFIG_UUID_3 = 8
/** A drive command that takes longer is aborted, in milliseconds; 0 = the microcode's default. */
export const CONFIG_COMMAND_DEADLINE_MS = 9
/** How long boot waits for members that its metadata promise, in milliseconds; 0 = the microcode's default. */
export const CONFIG_DISCOVERY_MS = 10
/** Pause between two clean-ups of the bitmap, in milliseconds; 0 = the microcode's default. */
export const CONFIG_BITMAP_SWEEP_MS = 11
/** Pause between two steps of resync or rebuild, in microseconds: leaves the drives to the initiators. */
export const CONFIG_RESYNC_PAUSE_US = 12
/** Sectors between two persisted checkpoints of a rebuild; 0 = the microcode's default. */
export const CONFIG_CHECKPOINT_SECTORS = 13
/** Sectors of each member reserved before the data; 0 = the microcode's default. */
export const CONFIG_DATA_OFFSET_SECTORS = 14
/** Mirror mode towards the other site: REMOTE_MODE_… */
export const CONFIG_REMOTE_MODE = 15
/** Wall-clock seconds since 1970 at simulated time 0: what superblocks are stamped with. */
export const CONFIG_EPOCH_SECONDS = 16
/** Event count that a new array begins with, used at format: what a long life would have led to. */
export const CONFIG_FIRST_EVENTS_LOW = 17
export const CONFIG_FIRST_EVENTS_HIGH = 18
/** Where the microcode's own u32 counters begin at boot: near 2^32 they wrap soon. */
export const CONFIG_FIRST_COUNTERS = 19
/** Which of two sites this is: at format, site 0 becomes the primary. */
export const CONFIG_SITE = 20
/** What a primary does without the other site: 0 = it serves alone and tracks what changes, 1 = it refuses writes. */
export const CONFIG_LINK_LOSS = 21
/** The other site counts as lost when nothing was heard of it for so long, in milliseconds; 0 = the microcode's default. */
export const CONFIG_LINK_TIMEOUT_MS = 22
/**
 * How old an acknowledged write may be, in milliseconds, that the other site does not have. 0: 1000 in mode async; in mode scheduled two
 * intervals, or no limit if there is no interval.
 */
export const CONFIG_RPO_MS = 23
/** In mode scheduled: between two appointed times, in milliseconds; 0 = when an operator asks for a point in time, and only then. */
export const CONFIG_INTERVAL_MS = 24
/**
 * In modes scheduled and async, at format: percent of each member, behind its metadata, that are kept free for points in time, or for the
 * journal. 0: 50 and 10.
 */
export const CONFIG_AREA_PERCENT = 25
/**
 * On an array without a second site, at format: percent of each member, behind its metadata, that are kept free for a snapshot (90 at most).
 * 0: there are no snapshots.
 */
export const CONFIG_SNAPSHOT_PERCENT = 26
/** Data that one frame may carry, in bytes: the line takes no longer ones (frames.ts). 0: any. */
export const CONFIG_FRAME_BYTES_MAX = 27
/** Of a resync of the other site, in KiB a second; 0 = as fast as it goes. */
export const CONFIG_REMOTE_RESYNC_RATE = 28
/** A resync of the other site sends sums first, and sectors where those differ: 1 = yes. */
export const CONFIG_RESYNC_SUMS = 29
/** In mode async, when the journal is full: 0 = initiators wait, 1 = regions are marked instead, and copied later. */
export const CONFIG_JOURNAL_OVERFLOW = 30
/** Bytes of the NVRAM window that are battery-backed, from its beginning: what the board is fitted with. The rest is RAM; 0 = all of it. */
export const CONFIG_NVRAM_BYTES = 31
/**
 * The LUNs: how much of the data space each one takes, in blocks of 4 KiB (CONFIG_LUN_BLOCK_SECTORS), one behind the other, LUN 0 first.
 * The first 0 ends the list; nothing there: LUN 0 has everything. A LUN that does not fit is not there.
 */
export const CONFIG_LUN_BLOCKS_0 = 32
export const CONFIG_LUNS_MAX = 8
export const CONFIG_LUN_BLOCK_SECTORS = 8
/** In place of a size: all that is left. */
export const CONFIG_LUN_REST = 0xffffffff
export const CONFIG_WORDS = 40

/** There is no other site. */
export const REMOTE_MODE_NONE = 0
/** A write is acknowledged when both sites have it as durable as the LUN promises (DRBD: protocol C). */
export const REMOTE_MODE_SYNC = 1
/** When the local members have it, and the other controller has received it (DRBD: protocol B). */
export const REMOTE_MODE_RECEIVED = 2
/** When the local members have it; the next write waits until the other controller has received this one. */
export const REMOTE_MODE_ONE_BEHIND = 3
/** Acknowledged when the members here have it; sent in order, and not older than CONFIG_RPO_MS when it arrives. */
export const REMOTE_MODE_ASYNC = 4
/** Acknowledged when the members here have it; the other site holds the LUN as it was at an appointed time. */
export const REMOTE_MODE_SCHEDULED = 5
