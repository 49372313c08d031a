// What a mastering machine does: user data become raw sectors, with sync, address, EDC and parities (ECMA-130, 14 and annex A; the forms of
// Mode 2 as in MMC-6 4.2.3.8). `put...` writes into a place that may hold anything; `encode...` makes a new sector.
//
// It shares nothing with the microcode that checks such sectors but the standard, so that one judges the other.

import {
  DATA_BYTES,
  FORM1_EDC,
  FORM2_BYTES,
  FORM2_EDC,
  HEADER,
  MODE1_DATA,
  MODE1_EDC,
  putHeader,
  RAW_BYTES,
  SUBHEADER,
  SUBMODE_DATA,
  SUBMODE_FORM2,
  XA_DATA,
} from './cdSector'
import { putEcc } from './ecc'
import { edcOf, putEdc } from './edc'

/** File number, channel, submode, coding. A sector has it twice. */
export type Subheader = readonly number[]

const OF_DATA: Subheader = [0, 0, SUBMODE_DATA, 0]
const OF_FORM2: Subheader = [0, 0, SUBMODE_FORM2, 0]

/**
 * `isWhole` false: not all of the data could be read, and the sector says so by an EDC that is wrong, with parities that agree with it, so
 * that no drive takes it for right or makes it right.
 */
export function putMode1(sector: Uint8Array, lba: number, data: Uint8Array, isWhole = true): void {
  putHeader(sector, lba, 1)
  sector.set(data.subarray(0, DATA_BYTES), MODE1_DATA)
  const edc = edcOf(sector, 0, MODE1_EDC)
  putEdc(sector, MODE1_EDC, isWhole ? edc : ~edc >>> 0)
  sector.fill(0, MODE1_EDC + 4, MODE1_EDC + 12)
  putEcc(sector)
}

export function putForm1(sector: Uint8Array, lba: number, data: Uint8Array, subheader = OF_DATA): void {
  putSubheader(sector, subheader)
  sector.set(data.subarray(0, DATA_BYTES), XA_DATA)
  putEdc(sector, FORM1_EDC, edcOf(sector, SUBHEADER, FORM1_EDC))
  // The address is no part of the code: a sector may be copied to another place.
  sector.fill(0, HEADER, SUBHEADER)
  putEcc(sector)
  putHeader(sector, lba, 2)
}

export function putForm2(sector: Uint8Array, lba: number, data: Uint8Array, hasEdc = true, subheader = OF_FORM2): void {
  putHeader(sector, lba, 2)
  putSubheader(sector, subheader)
  sector.set(data.subarray(0, FORM2_BYTES), XA_DATA)
  putEdc(sector, FORM2_EDC, hasEdc ? edcOf(sector, SUBHEADER, FORM2_EDC) : 0)
}

/** A Mode 2 sector out of all of it behind its header. */
export function putMode2(sector: Uint8Array, lba: number, rest: Uint8Array): void {
  putHeader(sector, lba, 2)
  sector.set(rest, SUBHEADER)
}

function putSubheader(sector: Uint8Array, subheader: Subheader): void {
  sector.set(subheader, SUBHEADER)
  sector.set(subheader, SUBHEADER + subheader.length)
}

/** ECMA-130, 14.2: nothing but zeros behind the header. */
export function encodeMode0(lba: number): Uint8Array {
  const sector = new Uint8Array(RAW_BYTES)
  putHeader(sector, lba, 0)
  return sector
}

export function encodeMode1(lba: number, data: Uint8Array): Uint8Array {
  const sector = new Uint8Array(RAW_BYTES)
  putMode1(sector, lba, data)
  return sector
}

export function encodeForm1(lba: number, data: Uint8Array, subheader = OF_DATA): Uint8Array {
  const sector = new Uint8Array(RAW_BYTES)
  putForm1(sector, lba, data, subheader)
  return sector
}

export function encodeForm2(lba: number, data: Uint8Array, hasEdc = true, subheader = OF_FORM2): Uint8Array {
  const sector = new Uint8Array(RAW_BYTES)
  putForm2(sector, lba, data, hasEdc, subheader)
  return sector
}
