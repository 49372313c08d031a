// One data sector of a CD: checked, and corrected where its code can. Duties: `examine` says what it found, and changes the sector only
// when the result is proven: all code words consistent *and* the EDC right, or the EDC right as it was read and only the parity wrong.
// Sync and header are known beforehand: the sync is a constant, the address is the sector's place on the disc.
//
// Modes with nothing to check (audio; Form 2 without EDC) are not proven by anything here: the caller reads them twice.

import {
  EXAMINED_BAD,
  EXAMINED_CORRECTED,
  EXAMINED_GOOD,
  EXAMINED_MISPLACED,
  EXAMINED_UNCHECKED,
} from '../../abi/optical'
import { isZero } from '../../lib/bytes'
import { P_WORDS } from './codeWords'
import { edcOf } from './edc'
import {
  addressIn,
  addressOf,
  CD_SECTOR_BYTES,
  FORM1_EDC,
  FORM2_EDC,
  HEADER,
  hasSync,
  isAddress,
  MODE1_EDC,
  MODE1_ZEROS,
  MODE2_CHECKED,
  modeIn,
  SUBHEADER,
  SUBHEADER_COPY,
  SUBMODE,
  SUBMODE_COPY,
  SUBMODE_FORM2,
  writeSync,
} from './layout'
import { correctWords, isConsistent, writeParity } from './productCode'

const work: usize = memory.data(2352, 16)

/** `frame`: the address that the header should have, in frames. `marks`: a byte for each byte that is doubtful, or 0. */
export function examine(sector: usize, frame: u32, marks: usize): u32 {
  const mode = modeIn(sector)
  if (hasSync(sector)) {
    if (mode === 1 && isMode1Whole(sector)) return placeOf(sector, frame)
    if (mode === 2 && isForm1Whole(sector)) return placeOf(sector, frame)
    if (mode === 2 && isForm2Whole(sector)) return placeOf(sector, frame)
    if (mode === 0 && isZeroBehindHeader(sector)) return placeOf(sector, frame)
    if (mode === 2 && isForm2Unchecked(sector)) return EXAMINED_UNCHECKED
  }
  return repair(sector, frame, marks)
}

function placeOf(sector: usize, frame: u32): u32 {
  if (addressIn(sector) === addressOf(frame)) return EXAMINED_GOOD
  // Of Modes 0 and 2 no code covers the header: what cannot be an address is damage.
  if (modeIn(sector) !== 1 && !isAddress(addressIn(sector))) {
    writeHeader(sector, frame, modeIn(sector))
    return EXAMINED_CORRECTED
  }
  return EXAMINED_MISPLACED
}

function writeHeader(sector: usize, frame: u32, mode: u32): void {
  store<u32>(sector, addressOf(frame) | (mode << 24), HEADER)
}

function isMode1Edc(sector: usize): bool {
  return edcOf(sector, MODE1_EDC) === load<u32>(sector, MODE1_EDC)
}

function isForm1Edc(sector: usize): bool {
  return edcOf(sector + MODE2_CHECKED, FORM1_EDC - MODE2_CHECKED) === load<u32>(sector, FORM1_EDC)
}

function isForm2Edc(sector: usize): bool {
  return edcOf(sector + MODE2_CHECKED, FORM2_EDC - MODE2_CHECKED) === load<u32>(sector, FORM2_EDC)
}

function isMode1Whole(sector: usize): bool {
  return isMode1Edc(sector) && load<u64>(sector, MODE1_ZEROS) === 0 && isConsistent(sector)
}

function isForm1(sector: usize): bool {
  return ((load<u8>(sector, SUBMODE) | load<u8>(sector, SUBMODE_COPY)) & <u8>SUBMODE_FORM2) === 0
}

function isForm1Whole(sector: usize): bool {
  if (!isForm1(sector) || !isForm1Edc(sector)) return false
  const header = load<u32>(sector, HEADER)
  store<u32>(sector, 0, HEADER)
  const whole = isConsistent(sector)
  store<u32>(sector, header, HEADER)
  return whole
}

function saysForm2(sector: usize): bool {
  return (load<u8>(sector, SUBMODE) & load<u8>(sector, SUBMODE_COPY) & <u8>SUBMODE_FORM2) !== 0
}

/** The EDC of Form 2 may be left out: then it is 0. */
function isForm2Whole(sector: usize): bool {
  return saysForm2(sector) && load<u32>(sector, FORM2_EDC) !== 0 && isForm2Edc(sector)
}

function isForm2Unchecked(sector: usize): bool {
  return (
    saysForm2(sector) &&
    load<u32>(sector, FORM2_EDC) === 0 &&
    load<u32>(sector, SUBHEADER) === load<u32>(sector, SUBHEADER_COPY)
  )
}

/** ECMA-130, 14.2: the 2,336 bytes of a sector of Mode 0 are zeros. */
function isZeroBehindHeader(sector: usize): bool {
  return isZero(sector + MODE2_CHECKED, CD_SECTOR_BYTES - MODE2_CHECKED)
}

/** Tries the mode that the header names first, then the others: the header may be what is damaged. */
function repair(sector: usize, frame: u32, marks: usize): u32 {
  const mode = modeIn(sector)
  let found: u32 = EXAMINED_BAD
  if (mode === 2) {
    found = repairForm1(sector, frame, marks)
    if (found === EXAMINED_BAD) found = repairForm2(sector, frame)
    if (found === EXAMINED_BAD) found = repairMode1(sector, frame, marks)
    return found
  }
  found = repairMode1(sector, frame, marks)
  if (found === EXAMINED_BAD) found = repairForm1(sector, frame, marks)
  if (found === EXAMINED_BAD) found = repairForm2(sector, frame)
  return found
}

/** Takes the corrected copy over. */
function adopt(sector: usize): void {
  memory.copy(sector, work, CD_SECTOR_BYTES)
}

function repairMode1(sector: usize, frame: u32, marks: usize): u32 {
  memory.copy(work, sector, CD_SECTOR_BYTES)
  writeSync(work)
  if (isMode1Edc(work)) {
    // The data are proven; whatever stands in the parity, it follows from them.
    store<u64>(work, 0, MODE1_ZEROS)
    writeParity(work)
  } else if (!solves(sector, marks, 1)) {
    return EXAMINED_BAD
  }
  if (modeIn(work) !== 1) return EXAMINED_BAD
  // The EDC covers the header: an address that is not this one is another sector's.
  if (addressIn(work) !== addressOf(frame)) return EXAMINED_MISPLACED
  adopt(sector)
  return EXAMINED_CORRECTED
}

function repairForm1(sector: usize, frame: u32, marks: usize): u32 {
  memory.copy(work, sector, CD_SECTOR_BYTES)
  store<u32>(work, 0, HEADER)
  if (isForm1Edc(work)) writeParity(work)
  else if (!solves(sector, marks, 2)) return EXAMINED_BAD
  if (!isForm1(work)) return EXAMINED_BAD
  return finishMode2(sector, frame, load<u32>(work, FORM1_EDC))
}

/** Nothing can be corrected but what lies before the part that is checked. */
function repairForm2(sector: usize, frame: u32): u32 {
  if (!isForm2Whole(sector)) return EXAMINED_BAD
  memory.copy(work, sector, CD_SECTOR_BYTES)
  return finishMode2(sector, frame, load<u32>(work, FORM2_EDC))
}

/** `work` holds the proven sector, but for what no code of Mode 2 covers: sync and header. */
function finishMode2(sector: usize, frame: u32, edc: u32): u32 {
  const isNamed = hasSync(sector) && modeIn(sector) === 2
  // An EDC of 0 is that of zeros: it proves nothing where not even the mode is sure.
  if (edc === 0 && !isNamed) return EXAMINED_BAD
  if (isNamed && isAddress(addressIn(sector)) && addressIn(sector) !== addressOf(frame)) return EXAMINED_MISPLACED
  writeSync(work)
  writeHeader(work, frame, 2)
  adopt(sector)
  return EXAMINED_CORRECTED
}

/** Corrects `work`, with the marks first and then without them; a try that does not end well begins anew. */
function solves(sector: usize, marks: usize, mode: u32): bool {
  if (marks !== 0 && tries(sector, marks, mode, P_WORDS)) return true
  return tries(sector, 0, mode, P_WORDS) || tries(sector, 0, mode, 0)
}

function tries(sector: usize, marks: usize, mode: u32, firstWord: u32): bool {
  memory.copy(work, sector, CD_SECTOR_BYTES)
  if (mode === 1) writeSync(work)
  else store<u32>(work, 0, HEADER)
  return correctWords(work, marks, firstWord) && isProven(mode)
}

function isProven(mode: u32): bool {
  return mode === 1 ? isMode1Edc(work) && load<u64>(work, MODE1_ZEROS) === 0 : isForm1Edc(work)
}
