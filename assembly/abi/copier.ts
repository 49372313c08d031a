// What a host says to the copier, and what the copier says about itself.
//
// One vendor specific command, OP_COPY, with a service action in byte 1 as SPC-5 does it; parameters and answers are in SCSI byte order
// (big-endian). docs/copier.md has the layouts with an example.
//
//   byte 0     1                2          6          10                  14
//        +----+-----------------+----------+----------+-------------------+---
//        | C0 | IMMED | action  | first    | 0        | allocation length | 0
//        +----+-----------------+----------+----------+-------------------+---

/** SPC-5 table 28: operation codes C0h to FFh are vendor specific. */
export const OP_COPY = 0xc0
/** Byte 1, bit 7: answer when the job has begun, not when it has ended. */
export const COPY_IMMED = 0x80
export const COPY_ACTION_MASK = 0x1f

/** Begins a job; data-out is a job block. Answers at the end of the job. */
export const COPY_START = 0x00
/** Ends reading, finishes and flushes what was read, keeps the position; then answers. */
export const COPY_STOP = 0x01
/** Goes on with a job that was stopped or is suspended; waits for one that runs. Answers at the end of the job. */
export const COPY_RESUME = 0x02
/** Gives the job up and clears the NVRAM; not while it runs. */
export const COPY_FORGET = 0x03
/** Data-in: COPY_LIST_HEADER_BYTES, then entries of the list of sectors from number `first` on. */
export const COPY_REPORT_SECTORS = 0x04

/** The job block. Words that are 0 stand for the microcode's default. */
export const JOB_FLAGS = 0
export const JOB_SOURCE_BAY = 4
export const JOB_TARGET_BAY = 8
export const JOB_SOURCE_LBA = 12
export const JOB_TARGET_LBA = 20
/** u64; 0 = from the source LBA to the end of the source. */
export const JOB_SECTORS = 28
export const JOB_CHUNK_SECTORS = 36
/** Sectors between two persisted positions. */
export const JOB_CHECKPOINT_SECTORS = 40
/** How often a single sector that cannot be read or written is tried again. */
export const JOB_RETRIES = 44
/** More listed sectors than this end the job; 0 = no limit. */
export const JOB_ERROR_LIMIT = 48
/** Zeros are looked for in pieces of so many sectors. */
export const JOB_ZERO_SECTORS = 52
export const JOB_BYTES = 56

/**
 * The block of further targets, last of START's data when JOB_FLAG_TARGETS is set: how many there are (u32), then an entry for each.
 * Targets have numbers: that of the job block is 0, these are 1 and up. Each is as good as the others.
 */
export const TARGETS_COUNT = 0
export const TARGETS_HEADER_BYTES = 4
/** An entry: bay (u32), flags (u32: JOB_FLAG_TARGET_BLANK, JOB_FLAG_ASCENDING, JOB_FLAG_ZERO_LOST, of this target), target LBA (u64). */
export const TARGET_BAY = 0
export const TARGET_FLAGS = 4
export const TARGET_LBA = 8
export const TARGET_BYTES = 16
/** Targets of one job: all bays but the source's. */
export const TARGETS_MAX = 7

/** Compare the two bays; write nothing. */
export const JOB_FLAG_VERIFY = 1
/** The target reads as zeros where nothing is written: zeros are not written. */
export const JOB_FLAG_TARGET_BLANK = 2
/** The target takes writes in ascending order only, one at a time: an image stream. */
export const JOB_FLAG_ASCENDING = 4
/** The target cannot hold unreadable sectors: sectors that are lost are written as zeros (and listed). */
export const JOB_FLAG_ZERO_LOST = 8
/** What was written is read back and compared; what differs is written again. Not in a verify. */
export const JOB_FLAG_READ_BACK = 0x200
/** A block of further targets follows; the flags above that speak of a target mean target 0 then. Not in a verify, nor in a rescue. */
export const JOB_FLAG_TARGETS = 0x400

/** Head of the answer to COPY_REPORT_SECTORS: entries that exist (u32), entries that follow (u32), sectors listed or dropped (u64). */
export const COPY_LIST_ENTRIES = 0
export const COPY_LIST_FOLLOW = 4
export const COPY_LIST_SECTORS = 8
/** Sectors that found no room in the list (u64): they are counted, and only counted. */
export const COPY_LIST_DROPPED = 16
export const COPY_LIST_HEADER_BYTES = 24
/** An entry: source LBA (u64), sectors (u32), why (u32). Ascending; neighbours may touch. */
export const COPY_ENTRY_LBA = 0
export const COPY_ENTRY_SECTORS = 8
export const COPY_ENTRY_WHY = 12
export const COPY_ENTRY_BYTES = 16
/** Entries that the list has room for. */
export const COPY_LIST_CAPACITY = 4096

/** Why a sector is listed: the cause, plus LOST_TARGET if it was the target that failed. */
export const LOST_MEDIUM = 1
export const LOST_ABORTED = 2
export const LOST_TIMEOUT = 3
export const LOST_TARGET = 0x10
/** Verify: both sides were read, and differ. */
export const LOST_DIFFERS = 0x20
/** With LOST_TARGET: the number of the target, from this bit on. */
export const LOST_TARGET_SHIFT = 8

/**
 * A drive command that not every drive knows (ask; DRIVE_ILLEGAL is a fine answer), after SBC-4 GET LBA STATUS: which sectors are
 * known to read as zeros. Puts two u64 (little-endian) into the buffer: from the LBA on so many sectors read as zeros, and
 * so many after them may hold anything. One of the two may be 0.
 */
export const DRIVE_GET_LBA_STATUS = 8
export const LBA_STATUS_ZERO_SECTORS = 0
export const LBA_STATUS_DATA_SECTORS = 8
export const LBA_STATUS_BYTES = 16

/** SPC-5 table 49 and annex F: what a verify that found differences answers. */
export const SENSE_MISCOMPARE = 0xe
export const ASC_MISCOMPARE_DURING_VERIFY = 0x1d00
/** SPC-5 table 49 and annex F: not all targets of the copy have it. */
export const SENSE_COPY_ABORTED = 0xa
export const ASC_THIRD_PARTY_DEVICE_FAILURE = 0xd01
export const ASC_COMMAND_SEQUENCE_ERROR = 0x2c00
export const ASC_MULTIPLE_READ_ERRORS = 0x1103
export const ASC_INVALID_FIELD_IN_PARAMETER_LIST = 0x2600

/** Status words of the copier, beside the common ones. */
export const COPY_STATUS_STATE = 64
export const COPY_STATUS_REASON = 65
/** Sectors done from the job's start, and how many of those survive a power cut. */
export const COPY_STATUS_POSITION_LOW = 66
export const COPY_STATUS_POSITION_HIGH = 67
export const COPY_STATUS_DURABLE_LOW = 68
export const COPY_STATUS_DURABLE_HIGH = 69
export const COPY_STATUS_SECTORS_LOW = 70
export const COPY_STATUS_SECTORS_HIGH = 71
/** Sectors of zeros that were not transferred to the target. */
export const COPY_STATUS_ZERO_LOW = 72
export const COPY_STATUS_ZERO_HIGH = 73
/** Sectors listed, or dropped from a full list. */
export const COPY_STATUS_LOST_LOW = 74
export const COPY_STATUS_LOST_HIGH = 75
export const COPY_STATUS_DROPPED_LOW = 76
export const COPY_STATUS_DROPPED_HIGH = 77
export const COPY_STATUS_LIST_ENTRIES = 78
/** Drive commands that were sent again. */
export const COPY_STATUS_RETRIES = 79
export const COPY_STATUS_FLAGS = 80

/** How many targets the job has, and a word for each: TARGET_* and, from bit 8 on, the REASON_* for which it was dropped. */
export const COPY_STATUS_TARGETS = 104
export const COPY_STATUS_TARGET_0 = 105
export const TARGET_REASON_SHIFT = 8

/** Takes part; nothing is said about what is on it. */
export const TARGET_TAKES_PART = 1
/** The job has ended, and all of it is on this target but for the sectors that are listed. */
export const TARGET_GOOD = 2
/** Left the job while others went on: it is no copy, and becomes one only by a new job. */
export const TARGET_DROPPED = 3

export const COPY_IDLE = 0
/** Asks the drives who they are. */
export const COPY_IDENTIFYING = 1
export const COPY_RUNNING = 2
export const COPY_STOPPING = 3
/** Stopped by an initiator; COPY_RESUME goes on. */
export const COPY_STOPPED = 4
/** Waits for a drive; goes on by itself when it comes back, or by COPY_RESUME. */
export const COPY_SUSPENDED = 5
/** At the end of the job; what is listed was not copied. */
export const COPY_DONE = 6
export const COPY_FAILED = 7

/** Why the job is stopped, suspended or failed. */
export const REASON_NONE = 0
export const REASON_SOURCE_GONE = 1
export const REASON_TARGET_GONE = 2
/** Commands to the drive end in hardware errors, or do not end. */
export const REASON_SOURCE_DEAD = 3
export const REASON_TARGET_DEAD = 4
/** The drive in the bay is not the one that the job began with. */
export const REASON_SOURCE_EXCHANGED = 5
export const REASON_TARGET_EXCHANGED = 6
export const REASON_TARGET_TOO_SMALL = 7
export const REASON_SECTOR_SIZES_DIFFER = 8
export const REASON_SOURCE_TOO_SMALL = 9
export const REASON_TOO_MANY_LOST = 10
export const REASON_FLUSH_FAILS = 11
/** A drive calls a command illegal that its capacity allows. */
export const REASON_COMMAND_REFUSED = 12
/** Neither copy of the job in the NVRAM is whole. */
export const REASON_NVRAM_LOST = 13
/** Of a target alone: it was dropped because too many of its sectors are listed, or the list has no room for them. */
export const REASON_TARGET_LOSES_TOO_MUCH = 14
/** The job ended, and not all targets have it: COPY_STATUS_TARGET_0 and up say which. */
export const REASON_TARGETS_DROPPED = 15
