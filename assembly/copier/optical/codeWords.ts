// The code words of a sector (ECMA-130, annex A): which bytes each consists of, and which two words a byte belongs to.
//
// From the header on, the bytes are 16-bit words, low byte first; the low bytes are one code, the high bytes another. 1,118 words are 26 rows
// of 43; the last two rows are the P parity. A column is a P word of 26 bytes. A Q word of 45 bytes is a diagonal of 43, row + 1 and
// column + 1 at each step, and two bytes of Q parity behind the rows. So a byte of the rows belongs to one P and one Q word, and a P and
// a Q word of the same half have exactly one byte in common.

import { CD_SECTOR_BYTES, CODE } from './layout'

const COLUMNS: u32 = 43
const ROWS: u32 = 26
const CELLS: u32 = COLUMNS * ROWS

export const P_WORDS: u32 = 2 * COLUMNS
export const Q_WORDS: u32 = 2 * ROWS
/** P words are 0 to 85, Q words 86 to 137. */
export const WORDS: u32 = P_WORDS + Q_WORDS
const P_LENGTH: u32 = ROWS
const Q_LENGTH: u32 = COLUMNS + 2
export const NO_WORD: u32 = 0xff

/** For each word, the offset in the sector of each of its bytes: 45 16-bit numbers. */
const OFFSETS: usize = memory.data(138 * 45 * 2, 16)
/** For each byte of a sector: its P word, the place in it, its Q word, the place in it. */
const CROSSINGS: usize = memory.data(2352 * 4, 16)

function enter(word: u32, place: u32, offset: u32): void {
  store<u16>(OFFSETS + 2 * (word * Q_LENGTH + place), <u16>offset)
  const at = CROSSINGS + 4 * offset + (word < P_WORDS ? 0 : 2)
  store<u8>(at, <u8>word)
  store<u8>(at, <u8>place, 1)
}

function fillTables(): void {
  memory.fill(CROSSINGS, <u8>NO_WORD, 4 * CD_SECTOR_BYTES)
  for (let half: u32 = 0; half < 2; half++) {
    for (let column: u32 = 0; column < COLUMNS; column++) {
      for (let row: u32 = 0; row < ROWS; row++)
        enter(2 * column + half, row, CODE + 2 * (COLUMNS * row + column) + half)
    }
    for (let diagonal: u32 = 0; diagonal < ROWS; diagonal++) {
      const word = P_WORDS + 2 * diagonal + half
      for (let place: u32 = 0; place < COLUMNS; place++) {
        enter(word, place, CODE + 2 * (((COLUMNS + 1) * place + COLUMNS * diagonal) % CELLS) + half)
      }
      enter(word, COLUMNS, CODE + 2 * (CELLS + diagonal) + half)
      enter(word, COLUMNS + 1, CODE + 2 * (CELLS + ROWS + diagonal) + half)
    }
  }
}
fillTables()

export function lengthOf(word: u32): u32 {
  return word < P_WORDS ? P_LENGTH : Q_LENGTH
}

/** Offset in the sector of a word's byte. */
export function byteOf(word: u32, place: u32): u32 {
  return <u32>load<u16>(OFFSETS + 2 * (word * Q_LENGTH + place))
}

/** The P word of a byte; NO_WORD for Q parity and what is not covered. */
export function pWordOf(offset: u32): u32 {
  return <u32>load<u8>(CROSSINGS + 4 * offset)
}

export function pPlaceOf(offset: u32): u32 {
  return <u32>load<u8>(CROSSINGS + 4 * offset, 1)
}

export function qWordOf(offset: u32): u32 {
  return <u32>load<u8>(CROSSINGS + 4 * offset, 2)
}

export function qPlaceOf(offset: u32): u32 {
  return <u32>load<u8>(CROSSINGS + 4 * offset, 3)
}

/** The word of the other direction that crosses `word` at `place`; NO_WORD in the Q parity. */
export function crossing(word: u32, place: u32): u32 {
  const offset = byteOf(word, place)
  return word < P_WORDS ? qWordOf(offset) : pWordOf(offset)
}
