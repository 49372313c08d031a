// The GUID partition table: UEFI 2.10 section 5.3. A header in the second sector and one in the last, each with its own copy of the entries,
// each with a CRC of itself and of its entries.
//
//   0      8          12            16    24     32        40      48     56    72        80      84     88
//   +------+----------+-------------+-----+------+---------+-------+------+-----+---------+-------+------+------+
//   | sig. | revision | header size | CRC | this | other's | first | last | id  | entries | count | size | CRC  |
//   |      |          |             |     | LBA  | LBA     | usable LBAs  |     | LBA     |       | each |      |
//   +------+----------+-------------+-----+------+---------+-------+------+-----+---------+-------+------+------+

import { type Bytes, isPowerOfTwo } from './bytes'
import { crc32, without } from './checksums'
import type { DiskWindow } from './diskWindow'
import { gptTypeName } from './gptTypes'
import { PARTITIONS_MAX, type Partition, type PartitionTable, placeNotes } from './partition'

const SIGNATURE = 'EFI PART'
const HEADER_BYTES_MIN = 92
/** UEFI 2.10 5.3.1: 16,384 bytes at least; what is longer than this is not believed. */
const ENTRIES_BYTES_MAX = 4 << 20
/** Logical sector sizes of disks, the most common first. */
const SECTOR_SIZES = [512, 4096, 2048, 1024]
/** UEFI 2.10 table 5-8. */
const ATTRIBUTE_LEGACY_BOOT = 4

interface Header {
  readonly sectorBytes: number
  readonly ownLba: number
  readonly otherLba: number
  readonly id: string | null
  readonly entries: Bytes | null
  readonly entryBytes: number
  readonly entriesCrc: number
  /** What is wrong with it; '' = nothing. */
  readonly fault: string
}

export async function readGpt(disk: DiskWindow): Promise<PartitionTable | null> {
  const primary = await findPrimary(disk)
  const backup = await findBackup(disk, primary)
  const good = [primary, backup].find((header) => header?.fault === '')
  if (!good) {
    const header = primary ?? backup
    if (!header) return null
    const notes = ['neither header of the partition table is whole', ...faultNotes(primary, backup)]
    return { kind: 'gpt', id: header.id, sectorBytes: header.sectorBytes, partitions: [], notes }
  }
  const notes = [...faultNotes(primary, backup), ...agreementNotes(disk, primary, backup)]
  const partitions = partitionsOf(good, notes)
  notes.push(...placeNotes(partitions, Math.floor(disk.sizeBytes / good.sectorBytes)))
  return { kind: 'gpt', id: good.id, sectorBytes: good.sectorBytes, partitions, notes }
}

async function findPrimary(disk: DiskWindow): Promise<Header | null> {
  let found: Header | null = null
  for (const sectorBytes of SECTOR_SIZES) {
    const header = await readHeader(disk, sectorBytes, 1)
    if (header?.fault === '') return header
    found ??= header
  }
  return found
}

/** Where the primary header says, or, when it cannot be believed, in the last sector. */
async function findBackup(disk: DiskWindow, primary: Header | null): Promise<Header | null> {
  if (primary?.fault === '') {
    const named = await readHeader(disk, primary.sectorBytes, primary.otherLba)
    if (named) return named
  }
  for (const sectorBytes of primary?.fault === '' ? [primary.sectorBytes] : SECTOR_SIZES) {
    const header = await readHeader(disk, sectorBytes, Math.floor(disk.sizeBytes / sectorBytes) - 1)
    if (header) return header
  }
  return null
}

async function readHeader(disk: DiskWindow, sectorBytes: number, lba: number): Promise<Header | null> {
  const sector = lba >= 1 ? await disk.read(lba * sectorBytes, sectorBytes) : null
  if (!sector?.has(0, SIGNATURE)) return null
  const headerBytes = sector.u32(12)
  const [count, entryBytes] = [sector.u32(80), sector.u32(84)]
  const header = {
    sectorBytes,
    ownLba: lba,
    otherLba: sector.u64(32),
    id: sector.guid(56),
    entries: null,
    entryBytes,
    entriesCrc: sector.u32(88),
  }
  if (headerBytes < HEADER_BYTES_MIN || headerBytes > sectorBytes) return { ...header, fault: 'has an impossible size' }
  const covered = without(sector.array.subarray(0, headerBytes), 16, 4)
  if (crc32(covered) !== sector.u32(16)) return { ...header, fault: 'has a wrong CRC' }
  if (sector.u64(24) !== lba) return { ...header, fault: `says that it is sector ${sector.u64(24)}` }
  // UEFI 2.10 table 5-5: 128 times a power of two.
  if (entryBytes < 128 || !isPowerOfTwo(entryBytes) || count * entryBytes > ENTRIES_BYTES_MAX) {
    return { ...header, fault: `has ${count} entries of ${entryBytes} bytes` }
  }
  const entries = await disk.read(sector.u64(72) * sectorBytes, count * entryBytes)
  if (!entries) return { ...header, fault: 'has its entries beyond the end of the disk' }
  const fault = crc32(entries.array) === header.entriesCrc ? '' : 'has entries with a wrong CRC'
  return { ...header, entries, fault }
}

function faultNotes(primary: Header | null, backup: Header | null): string[] {
  const told = (name: string, other: string, header: Header | null, otherHeader: Header | null): string[] => {
    if (header?.fault === '') return []
    const used = otherHeader?.fault === '' ? `; the ${other} one is used` : ''
    return [header ? `the ${name} header ${header.fault}${used}` : `there is no ${name} header${used}`]
  }
  return [...told('primary', 'backup', primary, backup), ...told('backup', 'primary', backup, primary)]
}

function agreementNotes(disk: DiskWindow, primary: Header | null, backup: Header | null): string[] {
  if (primary?.fault !== '' || backup?.fault !== '') return []
  const notes: string[] = []
  const last = Math.floor(disk.sizeBytes / primary.sectorBytes) - 1
  if (backup.ownLba !== last) {
    notes.push(`the backup header is in sector ${backup.ownLba}, not in the last one (${last}): the disk has grown`)
  }
  if (primary.entriesCrc !== backup.entriesCrc || primary.id !== backup.id) {
    notes.push('the two headers describe different partitions; the primary one is used')
  }
  return notes
}

function partitionsOf({ entries, entryBytes }: Header, notes: string[]): Partition[] {
  const partitions: Partition[] = []
  for (let at = 0; entries && at < entries.length; at += entryBytes) {
    const type = entries.guid(at)
    if (type === null) continue
    if (partitions.length === PARTITIONS_MAX) {
      notes.push(`more than ${PARTITIONS_MAX} partitions`)
      break
    }
    const [first, last] = [entries.u64(at + 32), entries.u64(at + 40)]
    const number = at / entryBytes + 1
    if (last < first) notes.push(`partition ${number} ends before it begins`)
    partitions.push({
      number,
      startSector: first,
      sectors: Math.max(0, last - first + 1),
      type,
      typeName: gptTypeName(type),
      name: entries.utf16(at + 56, 72) || null,
      id: entries.guid(at + 16),
      isBootable: (entries.u8(at + 48) & ATTRIBUTE_LEGACY_BOOT) !== 0,
      isExtended: false,
    })
  }
  return partitions
}
