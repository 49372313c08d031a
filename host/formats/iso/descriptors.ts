// The volume descriptors of ISO 9660 (ECMA-119, 4th edition, clause 8): one a sector, from sector 16 on, up to the terminator.
//
//   byte 0  type: 0 boot record, 1 primary, 2 supplementary (Joliet), 3 partition, 255 terminator
//        1  'CD001'
//        6  version, 1

import type { ReportProblem } from './problem'
import { FIRST_DESCRIPTOR, SECTOR_BYTES, textOf, type VolumeSectors, wideTextOf } from './volumeSectors'

/** More descriptors than this are no volume: real ones have three or four. */
const DESCRIPTORS_MAX = 64

/** 8.5.5: the escape sequences of UCS-2 levels 1 to 3 say that a supplementary descriptor is Joliet's. */
const JOLIET_ESCAPES = ['%/@', '%/C', '%/E']

export interface Extent9660 {
  readonly block: number
  readonly bytes: number
}

export interface VolumeDescriptor {
  readonly sector: number
  readonly isJoliet: boolean
  readonly label: string
  readonly blocks: number
  readonly blockBytes: number
  /** `YYYY-MM-DD hh:mm:ss`, empty when the volume does not say. */
  readonly created: string
  readonly root: Extent9660
}

export interface Descriptors {
  readonly primary: VolumeDescriptor | null
  readonly joliet: VolumeDescriptor | null
  /** The sector of El Torito's boot catalog. */
  readonly bootCatalog: number | null
}

export async function readDescriptors(sectors: VolumeSectors, report: ReportProblem): Promise<Descriptors> {
  let primary: VolumeDescriptor | null = null
  let joliet: VolumeDescriptor | null = null
  let bootCatalog: number | null = null
  for (let sector = FIRST_DESCRIPTOR; sector < FIRST_DESCRIPTOR + DESCRIPTORS_MAX; sector++) {
    const view = await sectors.read(sector)
    const isDescriptor = view !== null && textOf(view, 1, 5) === 'CD001'
    if (!isDescriptor) {
      const isIso = sector > FIRST_DESCRIPTOR
      if (isIso) report(sector * SECTOR_BYTES, 'the volume descriptors have no terminator')
      break
    }
    const type = view.getUint8(0)
    if (type === 255) break
    if (type === 1 && !primary) primary = parseVolume(view, sector, false, report)
    if (type === 2 && !joliet && JOLIET_ESCAPES.includes(textOf(view, 88, 3))) {
      joliet = parseVolume(view, sector, true, report)
    }
    // El Torito 1.0, figure 7.
    if (type === 0 && textOf(view, 7, 23) === 'EL TORITO SPECIFICATION') bootCatalog = view.getUint32(71, true)
  }
  return { primary, joliet, bootCatalog }
}

function parseVolume(view: DataView, sector: number, isJoliet: boolean, report: ReportProblem): VolumeDescriptor {
  const at = sector * SECTOR_BYTES
  const blockBytes = both16(view, 128, at, 'logical block size', report)
  // 6.2.2: a power of two, from 512 to the size of a sector.
  const isBlockSize = blockBytes === 512 || blockBytes === 1024 || blockBytes === SECTOR_BYTES
  if (!isBlockSize) report(at + 128, `the logical block size is ${blockBytes} bytes: expected 512, 1024 or 2048`)
  both16(view, 120, at, 'volume set size', report)
  both16(view, 124, at, 'volume sequence number', report)
  both32(view, 132, at, 'path table size', report)
  return {
    sector,
    isJoliet,
    label: isJoliet ? wideTextOf(view, 40, 32) : textOf(view, 40, 32),
    blocks: both32(view, 80, at, 'volume space size', report),
    blockBytes: isBlockSize ? blockBytes : SECTOR_BYTES,
    created: dateOf(view, 813),
    // 9.1: the root's directory record is inside the descriptor.
    root: {
      block: both32(view, 156 + 2, at, 'place of the root directory', report),
      bytes: both32(view, 156 + 10, at, 'size of the root directory', report),
    },
  }
}

/** 7.3.3: a number that is written twice, the low byte first and the high byte first. */
export function both32(view: DataView, offset: number, at: number, what: string, report: ReportProblem): number {
  const value = view.getUint32(offset, true)
  const other = view.getUint32(offset + 4)
  if (value !== other) report(at + offset, `the ${what} is written as ${value} and as ${other}`)
  return value
}

/** 7.2.3 */
function both16(view: DataView, offset: number, at: number, what: string, report: ReportProblem): number {
  const value = view.getUint16(offset, true)
  const other = view.getUint16(offset + 2)
  if (value !== other) report(at + offset, `the ${what} is written as ${value} and as ${other}`)
  return value
}

/** 8.4.26.1: 16 digits, hundredths last, and the distance from Greenwich, which nobody needs here. */
function dateOf(view: DataView, offset: number): string {
  const digits = textOf(view, offset, 16)
  if (!/^\d{16}$/.test(digits) || /^0+$/.test(digits)) return ''
  return digits.replace(/^(....)(..)(..)(..)(..)(..).*$/, '$1-$2-$3 $4:$5:$6')
}
