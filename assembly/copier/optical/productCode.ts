// The product code of a sector (ECMA-130, annex A), corrected in place.
//
// Each word has two parity bytes: its syndromes are the sum of its bytes, and their sum weighed with falling powers of alpha, ending with 1.
// With them a word finds one wrong byte, or restores two whose places are known ("marked": by the drive's C2 pointers, or because
// several reads differ there). What one word cannot do the words that cross it often can, so it goes on until nothing moves:
//
//   1  words with one or two marked bytes; bytes that both their words name
//   2  bytes that one word names, the surer ones first
//   3  stuck: where wrong P and wrong Q words cross are the suspects; a word with two of them restores both
//
// Not promised: that the result is right. Consistent is all that it says; the EDC must agree (correct.ts).

import { alphaTo, divide, logarithm, multiply, timesAlpha } from '../../lib/galois'
import { byteOf, crossing, lengthOf, NO_WORD, P_WORDS, pPlaceOf, pWordOf, qPlaceOf, qWordOf, WORDS } from './codeWords'
import { CD_SECTOR_BYTES, P_PARITY } from './layout'

/** More rounds than any sector needs that can be helped. */
const ROUNDS_MAX: u32 = 256

const NO_PLACE: u32 = 0xff

/** How far a single wrong byte is believed: both its words name it; after it the other word names a next one; the other word is wrong. */
const SURE: u32 = 0
const LIKELY: u32 = 1
const POSSIBLE: u32 = 2
/** In the Q parity, where no other word crosses, although this word is crossed by wrong ones. */
const GUESSED: u32 = 3

/** Two syndromes of each word. */
const syndromes: usize = memory.data(276, 16)
/** A byte each: whether a byte of the sector is marked, and how many are in each word. */
const marked: usize = memory.data(2352, 16)
const markedIn: usize = memory.data(138, 16)
let sector: usize = 0
let beginAt: u32 = 0

function first(word: u32): u32 {
  return <u32>load<u8>(syndromes + 2 * word)
}

function second(word: u32): u32 {
  return <u32>load<u8>(syndromes + 2 * word, 1)
}

function isWrong(word: u32): bool {
  return load<u16>(syndromes + 2 * word) !== 0
}

/** Weight of a place in the second syndrome: the last byte counts once. */
function weight(word: u32, place: u32): u32 {
  return alphaTo(lengthOf(word) - 1 - place)
}

function measure(word: u32): void {
  const length = lengthOf(word)
  let sum: u32 = 0
  let weighed: u32 = 0
  for (let place: u32 = 0; place < length; place++) {
    const value = <u32>load<u8>(sector + byteOf(word, place))
    sum ^= value
    weighed = timesAlpha(weighed) ^ value
  }
  store<u8>(syndromes + 2 * word, <u8>sum)
  store<u8>(syndromes + 2 * word, <u8>weighed, 1)
}

/** Adds to a byte, and to the syndromes of both its words. */
function change(offset: u32, by: u32): void {
  store<u8>(sector + offset, load<u8>(sector + offset) ^ <u8>by)
  const p = pWordOf(offset)
  if (p !== NO_WORD) shift(p, pPlaceOf(offset), by)
  const q = qWordOf(offset)
  if (q !== NO_WORD) shift(q, qPlaceOf(offset), by)
}

function shift(word: u32, place: u32, by: u32): void {
  const at = syndromes + 2 * word
  store<u8>(at, load<u8>(at) ^ <u8>by)
  store<u8>(at, load<u8>(at, 1) ^ <u8>multiply(weight(word, place), by), 1)
}

function mark(offset: u32): void {
  store<u8>(marked + offset, 1)
  count(offset, 1)
}

function unmark(offset: u32): void {
  store<u8>(marked + offset, 0)
  count(offset, -1)
}

function count(offset: u32, by: i32): void {
  const p = pWordOf(offset)
  if (p !== NO_WORD) store<u8>(markedIn + p, <u8>(<i32>load<u8>(markedIn + p) + by))
  const q = qWordOf(offset)
  if (q !== NO_WORD) store<u8>(markedIn + q, <u8>(<i32>load<u8>(markedIn + q) + by))
}

/** Whether every word of the sector is consistent. */
export function isConsistent(at: usize): bool {
  sector = at
  for (let word: u32 = 0; word < WORDS; word++) {
    measure(word)
    if (isWrong(word)) return false
  }
  return true
}

/**
 * Corrects the sector at `at`; `marks`: a byte for each of its bytes, or 0; `firstWord`: where each turn begins (0 with P, P_WORDS with Q
 * words), because a wrong guess in one order may be none in the other. Whether every word is consistent at the end.
 */
export function correctWords(at: usize, marks: usize, firstWord: u32): bool {
  sector = at
  beginAt = firstWord
  for (let word: u32 = 0; word < WORDS; word++) measure(word)
  memory.fill(marked, 0, CD_SECTOR_BYTES)
  memory.fill(markedIn, 0, WORDS)
  if (marks !== 0) {
    for (let offset: u32 = 0; offset < CD_SECTOR_BYTES; offset++) if (load<u8>(marks + offset) !== 0) mark(offset)
  }
  for (let round: u32 = 0; round < ROUNDS_MAX; round++) {
    if (!anyWrong()) return true
    if (!turn(SURE) && !turn(LIKELY) && !turn(POSSIBLE) && !fromCrossings() && !turn(GUESSED)) return false
  }
  return !anyWrong()
}

function anyWrong(): bool {
  for (let word: u32 = 0; word < WORDS; word++) if (isWrong(word)) return true
  return false
}

/** Every word once; of what is not sure, one change at a time. */
function turn(trust: u32): bool {
  let moved = false
  for (let at: u32 = 0; at < WORDS; at++) {
    if (!advance((at + beginAt) % WORDS, trust)) continue
    if (trust !== SURE) return true
    moved = true
  }
  return moved
}

function advance(word: u32, trust: u32): bool {
  const marks = <u32>load<u8>(markedIn + word)
  if (marks > 2) return false
  if (!isWrong(word)) return marks > 0 && unmarkAll(word)
  if (marks === 0) return findOne(word, trust)
  const length = lengthOf(word)
  let one = length
  let two = length
  for (let place: u32 = 0; place < length; place++) {
    if (load<u8>(marked + byteOf(word, place)) === 0) continue
    if (one === length) one = place
    else two = place
  }
  return marks === 1 ? restoreOne(word, one) : restoreTwo(word, one, two)
}

/** A consistent word vouches for its marked bytes, if it has no more of them than it could restore. */
function unmarkAll(word: u32): bool {
  const length = lengthOf(word)
  for (let place: u32 = 0; place < length; place++) {
    const offset = byteOf(word, place)
    if (load<u8>(marked + offset) !== 0) unmark(offset)
  }
  return true
}

/** Where a single wrong byte would be: the quotient of the syndromes is its weight. NO_PLACE: there are more. */
function suspect(word: u32): u32 {
  if (first(word) === 0 || second(word) === 0) return NO_PLACE
  const power = logarithm(divide(second(word), first(word)))
  return power < lengthOf(word) ? lengthOf(word) - 1 - power : NO_PLACE
}

/** Two wrong bytes can look like one elsewhere. So the word that crosses there is asked, too. */
function findOne(word: u32, trust: u32): bool {
  const place = suspect(word)
  if (place === NO_PLACE) return false
  const offset = byteOf(word, place)
  const other = crossing(word, place)
  if (other === NO_WORD) {
    if (trust !== GUESSED && isCrossedByWrong(word)) return false
  } else if (!isWrong(other)) {
    return false
  } else if (trust === SURE) {
    if (first(other) !== first(word) || suspect(other) === NO_PLACE || byteOf(other, suspect(other)) !== offset)
      return false
  } else if (trust === LIKELY) {
    const by = first(word)
    change(offset, by)
    if (pointsAtWrong(other)) return true
    change(offset, by)
    return false
  }
  change(offset, first(word))
  return true
}

/** One wrong byte is left in it, where nothing speaks against it. */
function pointsAtWrong(word: u32): bool {
  const place = suspect(word)
  if (place === NO_PLACE) return false
  const other = crossing(word, place)
  return other === NO_WORD || isWrong(other)
}

function isCrossedByWrong(word: u32): bool {
  const length = lengthOf(word)
  for (let place: u32 = 0; place < length; place++) {
    const other = crossing(word, place)
    if (other !== NO_WORD && isWrong(other)) return true
  }
  return false
}

/** One syndrome restores it, the other one must agree. */
function restoreOne(word: u32, place: u32): bool {
  if (second(word) !== multiply(weight(word, place), first(word))) return false
  const offset = byteOf(word, place)
  change(offset, first(word))
  unmark(offset)
  return true
}

function restoreTwo(word: u32, one: u32, two: u32): bool {
  solveTwo(word, one, two)
  unmark(byteOf(word, one))
  unmark(byteOf(word, two))
  return true
}

/** Both syndromes restore two bytes; nothing is left to check with. */
function solveTwo(word: u32, one: u32, two: u32): void {
  const sum = first(word)
  const numerator = second(word) ^ multiply(weight(word, two), sum)
  const byOne = divide(numerator, weight(word, one) ^ weight(word, two))
  change(byteOf(word, one), byOne)
  change(byteOf(word, two), sum ^ byOne)
}

/** A wrong word that exactly two wrong words cross has its wrong bytes there. */
function fromCrossings(): bool {
  for (let word: u32 = 0; word < WORDS; word++) {
    if (!isWrong(word)) continue
    const length = lengthOf(word)
    let suspects: u32 = 0
    let one: u32 = 0
    let two: u32 = 0
    for (let place: u32 = 0; place < length && suspects < 3; place++) {
      const other = crossing(word, place)
      if (other === NO_WORD || !isWrong(other)) continue
      suspects++
      one = two
      two = place
    }
    if (suspects !== 2) continue
    solveTwo(word, one, two)
    return true
  }
  return false
}

/** Computes both parities anew from the data before them. */
export function writeParity(at: usize): void {
  memory.fill(at + P_PARITY, 0, CD_SECTOR_BYTES - P_PARITY)
  sector = at
  for (let word: u32 = 0; word < WORDS; word++) {
    const length = lengthOf(word)
    measure(word)
    solveTwo(word, length - 2, length - 1)
  }
}
