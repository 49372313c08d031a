// What initiators write when a workload brings no data of its own: sectors that say which write they come from.
//
//   word 0                  1           2         3                          4 …
//        +------------------+-----------+---------+--------------------------+---------------------------+
//        | magic, LBA high  | LBA low   | writeId | mix of LBA and writeId   | pattern of writeId, repeated |
//        +------------------+-----------+---------+--------------------------+---------------------------+
//
// The body of a whole run is one fill, so a stamp costs little more than clearing memory. The pattern is a bijection of the write id and
// never 0: two writes differ in every word of the body, so that half a sector of one and half of another, a sector that lies in
// the wrong place, and a flipped bit are all noticed. Not cryptographic: nobody here forges sectors.
//
// Limits: sectors of at least 32 bytes and a multiple of 4 bytes, LBAs below 2^44, write ids from 1 to 2^32 - 1.

export const STAMP_HEADER_WORDS = 4

/** The upper 20 bits of word 0; the lower 12 hold bits 32 to 43 of the LBA. */
const MAGIC = 0x5174_b000
const MAGIC_MASK = 0xffff_f000

/** Finalizer of MurmurHash3 (A. Appleby, public domain): a bijection of 32-bit words; only 0 becomes 0. */
function mix(word: number): number {
  let h = word | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The word that the body of a stamp repeats. */
export function stampPattern(writeId: number): number {
  return mix(writeId)
}

function headerCheck(highWord: number, lbaLow: number, writeId: number): number {
  return mix(lbaLow ^ mix(writeId ^ highWord))
}

/** Word 0 of a stamp at this LBA. */
function highWordOf(lba: number): number {
  return (MAGIC | Math.floor(lba / 0x1_0000_0000)) >>> 0
}

/** Fills `sectors` sectors from word `wordOffset` on with the stamps of one write. */
export function fillStamp(
  words: Uint32Array,
  wordOffset: number,
  lba: number,
  sectors: number,
  sectorBytes: number,
  writeId: number,
): void {
  const sectorWords = sectorBytes >>> 2
  words.fill(mix(writeId), wordOffset, wordOffset + sectors * sectorWords)
  let at = wordOffset
  for (let i = 0; i < sectors; i++) {
    const highWord = highWordOf(lba + i)
    const lbaLow = (lba + i) >>> 0
    words[at] = highWord
    words[at + 1] = lbaLow
    words[at + 2] = writeId
    words[at + 3] = headerCheck(highWord, lbaLow, writeId)
    at += sectorWords
  }
}

/** The write that the header of a sector names, or 0 where there is no sound header. Says nothing of the body. */
export function readStamp(words: Uint32Array, wordOffset: number): number {
  const highWord = words[wordOffset]!
  if ((highWord & MAGIC_MASK) >>> 0 !== MAGIC) return 0
  const writeId = words[wordOffset + 2]!
  return headerCheck(highWord, words[wordOffset + 1]!, writeId) === words[wordOffset + 3]! ? writeId : 0
}

/** The LBA that the header names; only where `readStamp` found one. */
export function readStampLba(words: Uint32Array, wordOffset: number): number {
  return (words[wordOffset]! & ~MAGIC_MASK) * 0x1_0000_0000 + words[wordOffset + 1]!
}

/** Whether every word of a sector is as write `writeId` left it at `lba`. */
export function checkStamp(
  words: Uint32Array,
  wordOffset: number,
  sectorWords: number,
  lba: number,
  writeId: number,
): boolean {
  const highWord = highWordOf(lba)
  const lbaLow = lba >>> 0
  if (words[wordOffset]! !== highWord || words[wordOffset + 1]! !== lbaLow || words[wordOffset + 2]! !== writeId) {
    return false
  }
  if (words[wordOffset + 3]! !== headerCheck(highWord, lbaLow, writeId)) return false
  return isFilledWith(words, wordOffset + STAMP_HEADER_WORDS, wordOffset + sectorWords, mix(writeId))
}

/** Whether all words in [from, end) equal `word`. */
export function isFilledWith(words: Uint32Array, from: number, end: number, word: number): boolean {
  if (words !== lastWords) lookAt(words)
  const exponent = word & 0x7ff0_0000
  const count = end - from
  if (exponent === 0 || exponent === 0x7ff0_0000 || ((from + lastSkew) & 1) !== 0 || (count & 1) !== 0) {
    return isFilledByWords(words, from, end, word)
  }
  // Two words at a time, as a double: exact, because a word repeated is neither 0 nor (as tested above) a denormal, infinite or no number.
  const doubles = lastDoubles
  pairWords[0] = word
  pairWords[1] = word
  const pair = pairDouble[0]!
  let at = (from + lastSkew) >>> 1
  const pairsEnd = at + (count >>> 1)
  for (const last = pairsEnd - 3; at < last; at += 4) {
    if (doubles[at]! !== pair || doubles[at + 1]! !== pair || doubles[at + 2]! !== pair || doubles[at + 3]! !== pair) {
      return false
    }
  }
  for (; at < pairsEnd; at++) if (doubles[at]! !== pair) return false
  return true
}

/** Differences are collected, not branched on: the expected answer is yes. */
function isFilledByWords(words: Uint32Array, from: number, end: number, word: number): boolean {
  const expected = word | 0
  let difference = 0
  let at = from
  for (const last = end - 3; at < last; at += 4) {
    difference |=
      (words[at]! ^ expected) | (words[at + 1]! ^ expected) | (words[at + 2]! ^ expected) | (words[at + 3]! ^ expected)
  }
  for (; at < end; at++) difference |= words[at]! ^ expected
  return difference === 0
}

const pairWords = new Uint32Array(2)
const pairDouble = new Float64Array(pairWords.buffer)

/** The array looked at last, and the doubles over its buffer: sectors are checked in long runs in one memory. */
let lastWords: Uint32Array = new Uint32Array(0)
let lastDoubles: Float64Array = new Float64Array(0)
/** Words of the buffer before the array, modulo 2, plus twice the doubles before it. */
let lastSkew = 0

function lookAt(words: Uint32Array): void {
  lastWords = words
  lastDoubles = new Float64Array(words.buffer, 0, words.buffer.byteLength >>> 3)
  lastSkew = words.byteOffset >>> 2
}
