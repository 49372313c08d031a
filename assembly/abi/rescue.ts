// A rescue: a copy job with JOB_FLAG_RESCUE, done in the phases of GNU ddrescue (its manual, chapter "Algorithm"). What a host says to the
// copier about it beside the ordinary job block (copier.ts), and what it hears. docs/copier.md has the layouts; big-endian, as there.
//
//   START's data:  | job block, 56 | rescue block, 48 | areas, 16 each, ascending and without gaps; none = all is non-tried |

import { JOB_BYTES } from './copier'

/** Job flag: keeps a map of areas instead of a position, and goes through the phases below. */
export const JOB_FLAG_RESCUE = 0x100

export const RESCUE_FLAGS = JOB_BYTES
/** Skipped after the first failed or slow read, in sectors; doubled by each further one. 0 = a 100,000th of the job, at least 64 KiB. */
export const RESCUE_SKIP_FIRST = JOB_BYTES + 4
/** 0 = a hundredth of the job. */
export const RESCUE_SKIP_MAX = JOB_BYTES + 8
export const RESCUE_RETRY_PASSES = JOB_BYTES + 12
/** KiB per second; a slower read makes the first two passes skip. 0 = no read is too slow. */
export const RESCUE_MIN_RATE = JOB_BYTES + 16
/** A read that takes longer is given up, in milliseconds; 0 = the deadline of all commands. */
export const RESCUE_READ_DEADLINE_MS = JOB_BYTES + 20
/** Where an earlier rescue was: PHASE_COPYING and its pass, or PHASE_RETRYING and its pass. 0 = begin with the first pass. */
export const RESCUE_PHASE = JOB_BYTES + 24
export const RESCUE_PASS = JOB_BYTES + 28
/** Source LBA (u64) at which that pass goes on. */
export const RESCUE_POSITION = JOB_BYTES + 32
export const RESCUE_AREAS = JOB_BYTES + 40
export const RESCUE_BYTES = 48

export const RESCUE_REVERSE = 1
export const RESCUE_NO_TRIM = 2
export const RESCUE_NO_SCRAPE = 4
/** Every pass in the same direction. */
export const RESCUE_UNIDIRECTIONAL = 8
/** Skips nothing after errors and slow reads. */
export const RESCUE_NO_SKIP = 16

/** Statuses of areas and phases are the characters of ddrescue's map files ("Mapfile structure"). */
export const AREA_NON_TRIED = 0x3f // ?
export const AREA_NON_TRIMMED = 0x2a // *
export const AREA_NON_SCRAPED = 0x2f // /
export const AREA_BAD = 0x2d // -
export const AREA_FINISHED = 0x2b // +

export const PHASE_COPYING = AREA_NON_TRIED
export const PHASE_TRIMMING = AREA_NON_TRIMMED
export const PHASE_SCRAPING = AREA_NON_SCRAPED
export const PHASE_RETRYING = AREA_BAD
export const PHASE_FINISHED = AREA_FINISHED

/** An area, in START and in reports: source LBA (u64); sectors (56 bits); status (8 bits). */
export const AREA_LBA = 0
export const AREA_SECTORS_AND_STATUS = 8
export const AREA_BYTES = 16
/** Areas that the map has room for. Where more would be needed, it becomes less exact. */
export const AREAS_CAPACITY = 4000

/** Action of OP_COPY. Data-in: a header, then areas from number `first` on, as the last checkpoint has them: that is on the target. */
export const COPY_REPORT_AREAS = 0x08
export const AREAS_ENTRIES = 0
export const AREAS_FOLLOW = 4
/** u64 */
export const AREAS_SECTORS = 8
export const AREAS_PHASE = 16
export const AREAS_PASS = 20
/** Source LBA, u64. */
export const AREAS_POSITION = 24
export const AREAS_HEADER_BYTES = 32

/** Status words of a rescue: as of now, not of the last checkpoint. */
export const COPY_STATUS_PHASE = 82
export const COPY_STATUS_PASS = 83
export const COPY_STATUS_AREAS = 84
/** Sectors (two words each) that are non-tried, and bad. */
export const COPY_STATUS_NON_TRIED_LOW = 86
export const COPY_STATUS_NON_TRIED_HIGH = 87
export const COPY_STATUS_BAD_LOW = 88
export const COPY_STATUS_BAD_HIGH = 89

/** REASON_*: the target does not take sectors that were read. */
export const REASON_TARGET_REFUSES = 32
