// What is wrong with a raw data sector, by the codes that are in it.

import {
  FIRST_FRAME,
  FORM1_EDC,
  FORM2_EDC,
  framesOfBcd,
  HEADER,
  hasSync,
  MODE,
  MODE1_EDC,
  msfText,
  SUBHEADER,
  SUBMODE_FORM2,
} from '../../hardware/optical/cdSector'
import { eccIsRight } from '../../hardware/optical/ecc'
import { edcOf, storedEdc } from '../../hardware/optical/edc'
import { isZero } from '../blocks/zeros'

const SUBMODE = SUBHEADER + 2

/** The first thing that is wrong; null: nothing. Mode 2 without forms has no codes. */
export function sectorFault(sector: Uint8Array, lba: number): string | null {
  if (!hasSync(sector)) {
    return isZero(sector) ? 'it is empty, as of sectors that could not be read' : 'it has no sync pattern'
  }
  const frames = framesOfBcd(sector, HEADER)
  if (frames < 0) return 'the address in its header is none'
  const expected = lba + FIRST_FRAME
  if (frames !== expected) return `its header says that it is at ${msfText(frames)}, and it is at ${msfText(expected)}`
  switch (sector[MODE]) {
    case 1:
      return mode1Fault(sector)
    case 2:
      return mode2Fault(sector)
    default:
      // Mode 0 is all zeros (ECMA-130, 14.2): of gaps, never of a track's data. Others are not defined.
      return sector[MODE] === 0 && isZero(sector.subarray(SUBHEADER)) ? null : `its mode is ${sector[MODE]}`
  }
}

function mode1Fault(sector: Uint8Array): string | null {
  if (edcOf(sector, 0, MODE1_EDC) !== storedEdc(sector, MODE1_EDC)) return 'its EDC is wrong'
  for (let at = MODE1_EDC + 4; at < MODE1_EDC + 12; at++) if (sector[at] !== 0) return 'its zeros are none'
  return eccIsRight(sector) ? null : 'its parities are wrong'
}

function mode2Fault(sector: Uint8Array): string | null {
  if (hasForms(sector)) return xaFault(sector)
  // A subheader is there twice. Two that differ: no forms, or one of them is damaged; the EDC knows.
  for (const [from, to] of [[0, 4] as const, [4, 0] as const]) {
    const mended = Uint8Array.from(sector)
    mended.copyWithin(SUBHEADER + to, SUBHEADER + from, SUBHEADER + from + 4)
    if (edcIsRight(mended) === true) return 'its two subheaders differ'
  }
  return null
}

export function hasForms(sector: Uint8Array): boolean {
  for (let at = SUBHEADER; at < SUBHEADER + 4; at++) if (sector[at] !== sector[at + 4]) return false
  return true
}

export function isForm2(sector: Uint8Array): boolean {
  return (sector[SUBMODE]! & SUBMODE_FORM2) !== 0
}

function xaFault(sector: Uint8Array): string | null {
  if (edcIsRight(sector) === false) return 'its EDC is wrong'
  if (isForm2(sector)) return null
  // The header counts as zeros here, so that a sector can be moved.
  const atZero = Uint8Array.from(sector)
  atZero.fill(0, HEADER, SUBHEADER)
  return eccIsRight(atZero) ? null : 'its parities are wrong'
}

/** null: a form 2 sector without one, which the standard allows. */
function edcIsRight(sector: Uint8Array): boolean | null {
  const at = isForm2(sector) ? FORM2_EDC : FORM1_EDC
  const stored = storedEdc(sector, at)
  if (isForm2(sector) && stored === 0) return null
  return edcOf(sector, SUBHEADER, at) === stored
}
