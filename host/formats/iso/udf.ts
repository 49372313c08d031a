// UDF as far as its volume goes (ECMA-167, 3rd edition, parts 2 and 3): that it is one, its name, and where its partitions end.
//
//   sector 16...  volume recognition sequence: BEA01, NSR02 or NSR03, TEA01 (2/9)
//   sector 256    anchor: where the volume descriptor sequence is (3/10.2)
//   a tag:        0 kind, 4 sum of the other 15 bytes, 8 CRC of what follows it, 10 length of that, 12 its own sector (3/7.2)

import { crc16 } from '../../hardware/crc'
import type { ReportProblem } from './problem'
import { FIRST_DESCRIPTOR, SECTOR_BYTES, textOf, type VolumeSectors, wideTextOf } from './volumeSectors'

const ANCHOR_SECTOR = 256
const SEQUENCE_SECTORS_MAX = 64
const RECOGNITION_SECTORS_MAX = 16

const PRIMARY = 1
const ANCHOR = 2
const PARTITION = 5
const LOGICAL_VOLUME = 6
const TERMINATING = 8
const TAG_BYTES = 16

export interface UdfVolume {
  /** NSR02: ECMA-167/2, UDF up to 1.50. NSR03: ECMA-167/3, UDF from 2.00 on. */
  readonly standard: string
  readonly label: string
  /** Where the last partition ends; 0 when no partition was found. */
  readonly endSector: number
}

export async function readUdf(sectors: VolumeSectors, report: ReportProblem): Promise<UdfVolume | null> {
  const standard = await recognise(sectors)
  if (standard === null) return null
  const at = ANCHOR_SECTOR * SECTOR_BYTES
  const anchor = await sectors.read(ANCHOR_SECTOR)
  const fault = anchor ? tagFault(anchor, ANCHOR, ANCHOR_SECTOR) : 'it lies outside the image'
  if (fault !== null) {
    report(at, `no UDF anchor at sector ${ANCHOR_SECTOR}: ${fault}`)
    return { standard, label: '', endSector: 0 }
  }
  // 3/10.2: the main sequence, and the reserve that is to be the same.
  const sequences = [16, 24].map((offset) => ({
    sectors: Math.min(Math.ceil(anchor!.getUint32(offset, true) / SECTOR_BYTES), SEQUENCE_SECTORS_MAX),
    first: anchor!.getUint32(offset + 4, true),
  }))
  const [main, reserve] = [
    await readSequence(sectors, sequences[0]!, report),
    await readSequence(sectors, sequences[1]!, report),
  ]
  return { standard, ...(main.endSector > 0 ? main : reserve) }
}

/** 2/9.1.2: the sequence ends at the first sector that is no structure of it. Those of ISO 9660 may come first. */
async function recognise(sectors: VolumeSectors): Promise<string | null> {
  for (let sector = FIRST_DESCRIPTOR; sector < FIRST_DESCRIPTOR + RECOGNITION_SECTORS_MAX; sector++) {
    const view = await sectors.read(sector)
    const name = view ? textOf(view, 1, 5) : ''
    if (name === 'NSR02' || name === 'NSR03') return name
    if (!['CD001', 'BEA01', 'BOOT2', 'CDW02'].includes(name)) return null
  }
  return null
}

interface Sequence {
  readonly label: string
  readonly endSector: number
}

async function readSequence(
  sectors: VolumeSectors,
  { first, sectors: count }: { readonly first: number; readonly sectors: number },
  report: ReportProblem,
): Promise<Sequence> {
  let label = ''
  let endSector = 0
  for (let sector = first; sector < first + count; sector++) {
    const view = await sectors.read(sector)
    const kind = view?.getUint16(0, true) ?? 0
    const fault = view ? tagFault(view, kind, sector) : 'it lies outside the image'
    if (fault !== null) {
      report(sector * SECTOR_BYTES, `a UDF volume descriptor is damaged: ${fault}`)
      break
    }
    if (kind === TERMINATING || kind === 0) break
    if (kind === LOGICAL_VOLUME) label = dstring(view!, 84, 128)
    if (kind === PRIMARY && label === '') label = dstring(view!, 24, 32)
    if (kind === PARTITION) {
      endSector = Math.max(endSector, view!.getUint32(188, true) + view!.getUint32(192, true))
    }
  }
  return { label, endSector }
}

/** What is wrong with a tag and what it guards; null: nothing. An empty sector has no tag, and ends a sequence. */
function tagFault(view: DataView, kind: number, sector: number): string | null {
  if (kind === 0) return null
  if (view.getUint16(0, true) !== kind) return `its kind is ${view.getUint16(0, true)}, expected ${kind}`
  let sum = 0
  for (let offset = 0; offset < TAG_BYTES; offset++) if (offset !== 4) sum += view.getUint8(offset)
  if ((sum & 0xff) !== view.getUint8(4)) return 'the checksum of its tag is wrong'
  if (view.getUint32(12, true) !== sector) return `it belongs to sector ${view.getUint32(12, true)}`
  const length = view.getUint16(10, true)
  if (TAG_BYTES + length > SECTOR_BYTES) return 'its CRC is of more than a sector'
  const covered = new Uint8Array(view.buffer, view.byteOffset + TAG_BYTES, length)
  return crc16(covered) === view.getUint16(8, true) ? null : 'its CRC is wrong'
}

/** 1/7.2.12, with the character sets of UDF 2.1.1: a first byte of 8 or 16 bits a character, the length in the last byte. */
function dstring(view: DataView, offset: number, field: number): string {
  const length = Math.min(view.getUint8(offset + field - 1), field - 1)
  const bits = view.getUint8(offset)
  return bits === 16 ? wideTextOf(view, offset + 1, length - 1) : textOf(view, offset + 1, Math.max(0, length - 1))
}
