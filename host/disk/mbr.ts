// The partition table of a master boot record, with the chain of logical partitions. UEFI 2.10 section 5.2; the chain of extended
// partitions is in no standard: it is as DOS 3.3 made it, and every system reads it.
//
//   446            462  478  494  510
//   +--------------+----+----+----+-------+
//   | entry of 16  |    |    |    | 55 AA |     entry: status, CHS, type, CHS, first sector (u32), sectors (u32)
//   +--------------+----+----+----+-------+
//
// A table is believed when every status is one that exists, and every entry in use lies somewhere on the disk: boot sectors of FAT and
// NTFS end with the same two bytes.

import type { Bytes } from './bytes'
import type { DiskWindow } from './diskWindow'
import { MBR_EXTENDED, MBR_PROTECTIVE, mbrTypeName } from './mbrTypes'
import { PARTITIONS_MAX, type Partition, type PartitionTable, placeNotes } from './partition'

/** CHS and LBA of the table count sectors of 512 bytes; disks with others use GPT. */
export const MBR_SECTOR_BYTES = 512
const SIGNATURE = 510
const DISK_ID = 440
const ENTRIES = 446
const ENTRY_BYTES = 16

interface Entry {
  readonly isBootable: boolean
  readonly type: number
  readonly start: number
  readonly sectors: number
}

export function hasMbrSignature(sector: Bytes): boolean {
  return sector.u8(SIGNATURE) === 0x55 && sector.u8(SIGNATURE + 1) === 0xaa
}

export function isProtective(sector: Bytes): boolean {
  return hasMbrSignature(sector) && entriesOf(sector).some(({ type }) => type === MBR_PROTECTIVE)
}

export async function readMbr(disk: DiskWindow, sector: Bytes): Promise<PartitionTable | null> {
  const entries = entriesOf(sector)
  const diskSectors = Math.floor(disk.sizeBytes / MBR_SECTOR_BYTES)
  if (!hasMbrSignature(sector) || !isPlausible(sector, entries, diskSectors)) return null
  const diskId = sector.u32(DISK_ID).toString(16).padStart(8, '0')
  const primary = entries.flatMap((entry, index) => (entry.type === 0 ? [] : [partitionOf(index + 1, entry, diskId)]))
  const logical: Entry[] = []
  const notes: string[] = []
  for (const extended of entries.filter(({ type }) => MBR_EXTENDED.has(type))) {
    await followChain(disk, extended, logical, notes)
  }
  const partitions = [...primary, ...logical.map((entry, index) => partitionOf(5 + index, entry, diskId))]
  notes.push(...placeNotes(partitions, diskSectors))
  return { kind: 'mbr', id: diskId === '00000000' ? null : diskId, sectorBytes: MBR_SECTOR_BYTES, partitions, notes }
}

function isPlausible(sector: Bytes, entries: readonly Entry[], diskSectors: number): boolean {
  // UEFI 2.10 table 5-2: 80h is bootable, everything else is not; everything else that is met is 0.
  for (let index = 0; index < 4; index++) if ((sector.u8(ENTRIES + index * ENTRY_BYTES) & 0x7f) !== 0) return false
  const used = entries.filter(({ type }) => type !== 0)
  return used.length > 0 && used.every(({ start, sectors }) => sectors > 0 && start < diskSectors)
}

function entriesOf(sector: Bytes): Entry[] {
  return [0, 1, 2, 3].map((index) => {
    const at = ENTRIES + index * ENTRY_BYTES
    return {
      isBootable: sector.u8(at) === 0x80,
      type: sector.u8(at + 4),
      start: sector.u32(at + 8),
      sectors: sector.u32(at + 12),
    }
  })
}

/**
 * Each link of the chain is a sector like an MBR: the first entry is a logical partition, counted from the link itself; the second one is the
 * next link, counted from the start of the extended partition.
 */
async function followChain(disk: DiskWindow, extended: Entry, logical: Entry[], notes: string[]): Promise<void> {
  const seen = new Set<number>()
  let link = extended.start
  for (;;) {
    if (seen.has(link)) return void notes.push(`the chain of logical partitions comes back to sector ${link}`)
    if (logical.length >= PARTITIONS_MAX) return void notes.push(`more than ${PARTITIONS_MAX} logical partitions`)
    seen.add(link)
    const sector = await disk.read(link * MBR_SECTOR_BYTES, MBR_SECTOR_BYTES)
    if (!sector || !hasMbrSignature(sector)) {
      return void notes.push(`the chain of logical partitions breaks off: there is no link at sector ${link}`)
    }
    const [own, next] = entriesOf(sector) as [Entry, Entry, Entry, Entry]
    if (own.type !== 0 && own.sectors > 0) logical.push({ ...own, start: link + own.start })
    if (!MBR_EXTENDED.has(next.type) || next.sectors === 0) return
    link = extended.start + next.start
    if (link >= extended.start + extended.sectors) {
      return void notes.push(`the chain of logical partitions leaves the extended partition, for sector ${link}`)
    }
  }
}

function partitionOf(number: number, entry: Entry, diskId: string): Partition {
  return {
    number,
    startSector: entry.start,
    sectors: entry.sectors,
    type: entry.type.toString(16),
    typeName: mbrTypeName(entry.type),
    name: null,
    id: `${diskId}-${number.toString(16).padStart(2, '0')}`,
    isBootable: entry.isBootable,
    isExtended: MBR_EXTENDED.has(entry.type),
  }
}
