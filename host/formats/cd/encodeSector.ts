// Makes raw sectors out of what images without sync, header and parities have.

import { putEcc } from './ecc'
import { edcOf, putEdc } from './edc'
import {
  DATA_BYTES,
  FORM1_EDC,
  HEADER,
  MODE1_DATA,
  MODE1_EDC,
  putHeader,
  RAW_BYTES,
  SUBHEADER,
  XA_DATA,
} from './sector'

/** Submode of a form 1 sector of data. */
const SUBMODE_DATA = 0x08

/**
 * A mode 1 sector around 2048 bytes of data. `isWhole` false: not all of the data could be read, and the sector says so by an EDC that is
 * wrong, with parities that agree with it, so that no drive takes it for right or makes it right.
 */
export function encodeMode1(sector: Uint8Array, lba: number, data: Uint8Array, isWhole = true): void {
  putHeader(sector, lba, 1)
  sector.set(data, MODE1_DATA)
  const edc = edcOf(sector, 0, MODE1_EDC)
  putEdc(sector, MODE1_EDC, isWhole ? edc : ~edc >>> 0)
  sector.fill(0, MODE1_EDC + 4, MODE1_EDC + 12)
  putEcc(sector)
}

/** A mode 2 form 1 sector around 2048 bytes. */
export function encodeForm1(sector: Uint8Array, lba: number, data: Uint8Array): void {
  sector.fill(0, HEADER, XA_DATA)
  sector[SUBHEADER + 2] = SUBMODE_DATA
  sector[SUBHEADER + 6] = SUBMODE_DATA
  sector.set(data, XA_DATA)
  putForm1Codes(sector)
  putHeader(sector, lba, 2)
}

/** EDC and parities of form 1; the header counts as zeros, and is zeros afterwards. */
export function putForm1Codes(sector: Uint8Array): void {
  putEdc(sector, FORM1_EDC, edcOf(sector, SUBHEADER, FORM1_EDC))
  sector.fill(0, HEADER, SUBHEADER)
  putEcc(sector)
}

/** A mode 2 sector out of all of it behind its header. */
export function encodeMode2(sector: Uint8Array, lba: number, rest: Uint8Array): void {
  putHeader(sector, lba, 2)
  sector.set(rest, SUBHEADER)
}

/** One whole sector, for tables and tests. */
export function mode1Sector(lba: number, data = new Uint8Array(DATA_BYTES)): Uint8Array {
  const sector = new Uint8Array(RAW_BYTES)
  encodeMode1(sector, lba, data)
  return sector
}
