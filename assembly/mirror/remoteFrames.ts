// What the two controllers say to each other: a header of 64 bytes, and data for some.
//
//   byte 0     4         8    12    16    24       28   32               48     56      60      64
//        +-----+---------+----+-----+-----+--------+----+----------------+------+-------+-------+
//        |type | sequence| to | from| lba | sectors| tag| two generations| size | flags | sum   |
//        +-----+---------+----+-----+-----+--------+----+----------------+------+-------+-------+
//
// `to` and `from` name the two ends' sessions: what belongs to a session that is over is thrown away. Within a session frames are numbered;
// one that is missing ends it. `size`: HELLO: of the LUN, in sectors; else of the data, in bytes, with those of the parts that follow (parts.ts).
// `sum` covers header and data: what was damaged on the way counts as missing. Little-endian.

import { FRAME_HEADER } from '../abi/frames'
import { sendFrame } from '../hal/hal'
import { fletcher } from '../lib/fletcher'
import { FRAME_BYTES, FRAME_TABLE, frameSlot, REMOTE_SLOTS } from './memory'

const FRAME_BYTES_USED: u32 = 64

/** Who I am, and what I have: begins a session. Not numbered. */
export const FRAME_HELLO: u32 = 1
/** I am still here. */
export const FRAME_PING: u32 = 2
/** The target's marks: regions that it has otherwise, as far as it knows; mode async: which stream it has, and how much of it. */
export const FRAME_MARKS: u32 = 3
/** From now on you are not consistent, until IN_STEP. */
export const FRAME_SYNC_BEGIN: u32 = 4
/** You have what I have: its name is the first generation. */
export const FRAME_IN_STEP: u32 = 5
export const FRAME_IN_STEP_TAKEN: u32 = 6
/** A write of a host; `flags`: FUA; mode async: the first generation is the position behind it. */
export const FRAME_WRITE: u32 = 7
/** Sectors of a resync; without data: one that is lost. */
export const FRAME_COPY: u32 = 8
/** The write with this tag is in the other controller; mode async: all before the position in the first generation is. */
export const FRAME_RECEIVED: u32 = 9
/** It is on the other site's members; `flags`: 0, or 1 = it could not be stored. */
export const FRAME_STORED: u32 = 10
/** Mode async: the writes that follow are of the stream of the first name, from the position in the second one on. */
export const FRAME_STREAM: u32 = 11
/** Of a resync, in place of sectors: their sums, in the two generations. It is answered as a copy is, or with DIFFERS. */
export const FRAME_SUM: u32 = 12
export const FRAME_DIFFERS: u32 = 13
/** Mode sync, with the write cache enabled: what was stored is to be on the media. */
export const FRAME_FLUSH: u32 = 14
/** It is; `flags`: 0, or 1 = it may have been lost. */
export const FRAME_FLUSHED: u32 = 15
/** More of the data of the frame before. */
export const FRAME_PART: u32 = 16

@unmanaged
export class Header {
  type: u32
  sequence: u32
  to: u32
  from: u32
  lba: u64
  sectors: u32
  tag: u32
  current: u64
  base: u64
  size: u64
  flags: u32
  sum: u32
}

let nextFrame: u32 = 0

/** A header to fill in, of a frame that has not been sent; zeros. */
export function newFrame(type: u32): Header {
  const frame = REMOTE_SLOTS + nextFrame
  const header = headerOf(frame)
  memory.fill(changetype<usize>(header), 0, FRAME_BYTES_USED)
  header.type = type
  const slot = frameSlot(frame)
  slot.headerBytes = FRAME_BYTES_USED
  slot.dataAddress = 0
  slot.dataBytes = 0
  return header
}

/** Sends the frame that `newFrame` gave last. */
export function send(header: Header, data: u32, bytes: u32): void {
  const frame = REMOTE_SLOTS + nextFrame
  nextFrame++
  const slot = frameSlot(frame)
  slot.dataAddress = data
  slot.dataBytes = bytes
  header.sum = sumOf(header, data, bytes)
  sendFrame(frame)
}

/** The entry point ends: all that was sent has been fetched. */
export function framesAreFree(): void {
  nextFrame = 0
}

export function headerOf(frame: u32): Header {
  return changetype<Header>(FRAME_TABLE + frame * FRAME_BYTES + FRAME_HEADER)
}

/** Whether a received frame is as it was sent. */
export function isWhole(frame: u32): bool {
  const slot = frameSlot(frame)
  const header = headerOf(frame)
  return slot.headerBytes == FRAME_BYTES_USED && header.sum == sumOf(header, slot.dataAddress, slot.dataBytes)
}

function sumOf(header: Header, data: u32, bytes: u32): u32 {
  const stored = header.sum
  header.sum = 0
  const sum = fletcher(changetype<usize>(header), FRAME_BYTES_USED) + (bytes > 0 ? fletcher(data, bytes) * 31 : 0)
  header.sum = stored
  return <u32>sum ^ <u32>(sum >> 32)
}
