// Optical discs: what a drive offers beside plain reads, and what the copier is told and says about sectors of 2,352 bytes.
//
//   START's data:  | job block, 56 | optical block, 4 |      big-endian, as in copier.ts

import { JOB_BYTES } from './copier'

/** What became of one sector. As it should be. */
export const EXAMINED_GOOD = 0
/** Was wrong, and is right now. */
export const EXAMINED_CORRECTED = 1
/** Wrong, and more than its code can correct. */
export const EXAMINED_BAD = 2
/** Right, but it is the sector of another address. */
export const EXAMINED_MISPLACED = 3
/** Has no code: nobody can tell. */
export const EXAMINED_UNCHECKED = 4

/**
 * A drive command that not every drive knows, after MMC-6 READ CD with C2 error information: reads sectors, and behind the bytes of each puts a
 * bit for each of them, highest bit first: 1 = the drive's own decoder could not vouch for this byte.
 */
export const DRIVE_READ_C2 = 9
/** MMC-6, 6.19: 2,352 bits. */
export const C2_BYTES = 294

/**
 * Flag of a copy job, beside those of abi/copier.ts: the source has CD sectors of 2,352 bytes, or of 2,448 with subchannels. Each is checked, corrected where its code can,
 * read again where it cannot. What stays wrong is listed, and written as it was read: such a sector says itself that it is damaged.
 */
export const JOB_FLAG_OPTICAL = 0x1000
/** Every sector is one of data, also those that have lost the pattern that shows it. */
export const JOB_FLAG_ALL_DATA = 0x2000
/** No sector is one of data, whatever it looks like. */
export const JOB_FLAG_ALL_AUDIO = 0x4000

/** The address, in frames of 1/75 s, of LBA 0 of the source; 0, or no optical block = 150: 00:02:00, where discs begin. */
export const OPTICAL_FIRST_FRAME = JOB_BYTES
export const OPTICAL_BYTES = 4

/** Why a sector of an optical source is listed (low four bits of the cause). More is wrong than its code can correct. */
export const LOST_UNCORRECTABLE = 8
/** A whole sector, but its header names another place on the disc. */
export const LOST_MISPLACED = 9
/** Without a code, and no two reads agree. */
export const LOST_UNSTEADY = 10
/** Causes from this one on: the sector was read, and what was read is in the target. */
export const LOST_BUT_READ = 8

/** Status words, counted since the controller was switched on or the job began. Sectors that their code corrected. */
export const COPY_STATUS_CORRECTED = 100
/** Sectors that took more than one read. */
export const COPY_STATUS_REREAD = 101
/** Sectors without a code: audio, and Form 2 without EDC. Two reads of each agreed. */
export const COPY_STATUS_UNCHECKED = 102
/** Sectors of 2,448 bytes whose subchannel Q is damaged; it is copied as it was read. */
export const COPY_STATUS_DAMAGED_Q = 103

/** Why a job fails: sectors of the source are neither of 2,352 nor of 2,448 bytes. */
export const REASON_NO_CD_SECTORS = 20
