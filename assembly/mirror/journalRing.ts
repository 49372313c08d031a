// The journal in NVRAM: a ring of writes, in the order in which this site took them. Positions count sectors since it began, and only grow.
//
//   byte 4096     4608                 8704   9216                                            end of the NVRAM
//        +--------+--------------------+- - - +----------------------------------------------+
//        | words  | regions (2 sets)   |      | ring of sectors                              |
//        +--------+--------------------+- - - +----------------------------------------------+
//
//        head            spilled                    tail
//         |  on the drives  |  in the ring            |
//
// A record is a sector that says what follows, and the data. None goes over the end of the ring: what is left there is a record of
// nothing. A record is there when the word `tail` behind it is durable: a cut before that, and it never was.

import { commitNvram, now } from '../hal/hal'
import { uuid0 } from './array'
import { fittedNvram, NVRAM, SECTOR_BYTES } from './memory'

const WORDS: u32 = 4096
const WORDS_BYTES: u32 = 512
export const JOURNAL_REGIONS: u32 = 4608
const RING: u32 = 9216
const MAGIC: u32 = 0x4c4e524a

// Words of 8 bytes: each is durable at once, and alone.
const WORD_KIND: u32 = WORDS
const WORD_ARRAY: u32 = WORDS + 8
const WORD_HEAD: u32 = WORDS + 16
const WORD_SPILLED: u32 = WORDS + 24
const WORD_TAIL: u32 = WORDS + 32
/** The name of what this site sends. */
const WORD_STREAM: u32 = WORDS + 40
/** The name of what this site has received, and up to which of its positions. */
const WORD_HELD_STREAM: u32 = WORDS + 48
const WORD_HELD: u32 = WORDS + 56
/** How many sectors of each member the spilled part goes round in. */
const WORD_AREA: u32 = WORDS + 64

/** What a record is. */
export const RECORD_WRITE: u32 = 1
/** Nothing: up to the end of the ring. */
export const RECORD_NOTHING: u32 = 2
/** A write that is not to be done any more. */
export const RECORD_VOID: u32 = 3

@unmanaged
export class Record {
  magic: u32
  /** Of what is here, this sector not counted. */
  sectors: u32
  kind: u32
  /** Filled in on the way to the drives: of the data, and of this sector. */
  dataSum: u32
  position: u64
  lba: u64
  /** When it was taken. */
  takenNs: f64
  /** A write of the other site: the position behind it in what that one sends; else 0. */
  origin: u64
  /** FUA, or not. */
  flags: u32
  reserved: u32
  sum: u32
}

/** Of a record's own sector: what its sum covers. */
export const RECORD_CHECKED_BYTES: usize = 56

export let head: u64 = 0
export let spilled: u64 = 0
export let tail: u64 = 0
export let stream: u64 = 0
export let heldStream: u64 = 0
export let held: u64 = 0
export let areaSectors: u64 = 0

/** Of what the board is fitted with. */
export function ringSectors(): u32 {
  const bytes = fittedNvram()
  return bytes < RING ? 0 : (bytes - RING) / SECTOR_BYTES
}

/** Reads what the last boot left. False: nothing that this array could use; it is empty then. */
export function openRing(): bool {
  const kind = ((<u64>MAGIC) << 32) | ringSectors()
  if (word(WORD_KIND) != kind || word(WORD_ARRAY) != uuid0) {
    memory.fill(NVRAM + WORDS, 0, WORDS_BYTES)
    commitNvram(WORDS, WORDS_BYTES)
    setWord(WORD_ARRAY, uuid0)
    setWord(WORD_KIND, kind)
    readWords()
    return false
  }
  readWords()
  return true
}

function readWords(): void {
  head = word(WORD_HEAD)
  spilled = word(WORD_SPILLED)
  tail = word(WORD_TAIL)
  stream = word(WORD_STREAM)
  heldStream = word(WORD_HELD_STREAM)
  held = word(WORD_HELD)
  areaSectors = word(WORD_AREA)
}

function word(at: u32): u64 {
  return load<u64>(NVRAM + at)
}

function setWord(at: u32, value: u64): void {
  store<u64>(NVRAM + at, value)
  commitNvram(at, 8)
}

export function setHead(position: u64): void {
  head = position
  setWord(WORD_HEAD, position)
}

export function setSpilled(position: u64): void {
  spilled = position
  setWord(WORD_SPILLED, position)
}

export function setAreaSectors(sectors: u64): void {
  areaSectors = sectors
  setWord(WORD_AREA, sectors)
}

export function setStream(name: u64): void {
  stream = name
  setWord(WORD_STREAM, name)
}

/** A cut between the two words: nothing is known of what is held. */
export function setHeldStream(name: u64, position: u64): void {
  if (heldStream != name) {
    heldStream = 0
    setWord(WORD_HELD_STREAM, 0)
  }
  setHeld(position)
  if (heldStream == name) return
  heldStream = name
  setWord(WORD_HELD_STREAM, name)
}

export function setHeld(position: u64): void {
  held = position
  setWord(WORD_HELD, position)
}

/** Where the part in the ring begins. */
export function ringStart(): u64 {
  return max(head, spilled)
}

function offsetOf(position: u64): u32 {
  return RING + <u32>(position % ringSectors()) * SECTOR_BYTES
}

/** In the ring, where the sector at a position is. */
export function inRing(position: u64): usize {
  return NVRAM + offsetOf(position)
}

/** How many sectors from a position to the end of the ring. */
export function untilRingEnd(position: u64): u32 {
  return ringSectors() - <u32>(position % ringSectors())
}

export function recordAt(position: u64): Record {
  return changetype<Record>(inRing(position))
}

export function lengthOf(record: Record): u32 {
  return 1 + record.sectors
}

/** Whether a write of so many sectors fits into the ring now. */
export function hasRoomFor(sectors: u32): bool {
  const length: u32 = 1 + sectors
  const rest = untilRingEnd(tail)
  const needed = length > rest ? rest + length : length
  return tail - ringStart() + needed <= <u64>ringSectors()
}

/** Adds a write that has room. It is durable when this returns. Where it begins; it ends at `tail`. */
export function appendRecord(lba: u64, sectors: u32, buffer: usize, flags: u32, origin: u64): u64 {
  const rest = untilRingEnd(tail)
  if (1 + sectors > rest) {
    describe(tail, RECORD_NOTHING, rest - 1, 0, 0, 0)
    commitNvram(offsetOf(tail), SECTOR_BYTES)
    setTail(tail + rest)
  }
  const position = tail
  describe(position, RECORD_WRITE, sectors, lba, flags, origin)
  memory.copy(inRing(position) + SECTOR_BYTES, buffer, sectors * SECTOR_BYTES)
  commitNvram(offsetOf(position), (1 + sectors) * SECTOR_BYTES)
  setTail(position + 1 + sectors)
  return position
}

function setTail(position: u64): void {
  tail = position
  setWord(WORD_TAIL, position)
}

function describe(position: u64, kind: u32, sectors: u32, lba: u64, flags: u32, origin: u64): void {
  const record = recordAt(position)
  record.magic = MAGIC
  record.kind = kind
  record.sectors = sectors
  record.position = position
  record.lba = lba
  record.takenNs = now()
  record.origin = origin
  record.flags = flags
}

/** A record in the ring is not to be done any more. */
export function makeVoid(position: u64): void {
  recordAt(position).kind = RECORD_VOID
  // The word that it is in.
  commitNvram(offsetOf(position) + 8, 8)
}

/** Whether these bytes begin with the record of a position. */
export function isRecordOf(at: usize, position: u64): bool {
  const record = changetype<Record>(at)
  return record.magic == MAGIC && record.position == position && record.sectors < ringSectors()
}

/** After a boot: a write was received, and the word that says so may not have been durable yet. */
export function recallHeld(): void {
  for (let position = ringStart(); position < tail; position += lengthOf(recordAt(position))) {
    const origin = recordAt(position).origin
    if (recordAt(position).kind != RECORD_NOTHING && origin > held) setHeld(origin)
  }
}
