// What is on a disk: its partition table, and the file systems and other volumes in the whole disk and in each partition.
//
// Nothing is mounted, and only what is needed to recognise things is read. Whatever the bytes are, the answer comes soon: what is wrong is
// said in notes, never thrown.

import { DiskWindow, LookedEnough } from './diskWindow'
import { readGpt } from './gpt'
import { isProtective, MBR_SECTOR_BYTES, readMbr } from './mbr'
import { MBR_PROTECTIVE } from './mbrTypes'
import type { Partition, PartitionTable } from './partition'
import type { SectorReader } from './sectorReader'
import type { Volume } from './volume'
import { recogniseVolumes } from './volumes'

export interface PartitionContents extends Partition {
  readonly startBytes: number
  readonly sizeBytes: number
  readonly volumes: readonly Volume[]
}

export interface TableContents extends PartitionTable {
  readonly partitions: readonly PartitionContents[]
}

export interface DiskContents {
  readonly diskBytes: number
  readonly table: TableContents | null
  /** In the disk as a whole, outside partitions. */
  readonly volumes: readonly Volume[]
  readonly notes: readonly string[]
}

/** Partitions that are looked into. */
const PARTITIONS_EXAMINED_MAX = 256

export async function examineDisk(reader: SectorReader): Promise<DiskContents> {
  const disk = DiskWindow.whole(reader)
  const notes: string[] = []
  const volumes: Volume[] = []
  let table: PartitionTable | null = null
  const inside = new Map<Partition, Volume[]>()
  try {
    await recogniseVolumes(disk, volumes)
    table = await readTable(disk, volumes, notes)
    if (table) await lookInside(disk, table, inside, notes)
  } catch (error) {
    if (!(error instanceof LookedEnough)) throw error
    notes.push(error.message)
  }
  // What lies near the end of the last partition also lies near the end of the disk; it is the partition's.
  const claimed = new Set([...inside.values()].flat().map(({ superblockBytes }) => superblockBytes))
  return {
    diskBytes: reader.diskBytes,
    table: table && withVolumes(table, inside),
    volumes: volumes.filter(({ superblockBytes }) => !claimed.has(superblockBytes)),
    notes: [...notes, ...disk.unreadable],
  }
}

async function readTable(
  disk: DiskWindow,
  volumes: readonly Volume[],
  notes: string[],
): Promise<PartitionTable | null> {
  const sector = await disk.head(MBR_SECTOR_BYTES)
  const [gpt, mbr] = [await readGpt(disk), await readMbr(disk, sector)]
  if (gpt) {
    if (!isProtective(sector))
      notes.push('no protective MBR stands before the GPT: tools that do not know GPT see free space')
    const others = mbr?.partitions.filter(({ type }) => Number.parseInt(type, 16) !== MBR_PROTECTIVE).length ?? 0
    if (others > 0) notes.push(`hybrid: the MBR lists ${others} partitions of its own`)
    return gpt
  }
  if (isProtective(sector)) notes.push('the MBR says that the disk has a GPT; there is none')
  const boots = volumes.find(({ type }) => ['vfat', 'ntfs', 'exfat'].includes(type))
  if (mbr && boots) {
    notes.push(
      `the first sector belongs to ${boots.title}: what looks like a partition table in it is not taken for one`,
    )
    return null
  }
  return mbr
}

async function lookInside(
  disk: DiskWindow,
  { partitions, sectorBytes }: PartitionTable,
  inside: Map<Partition, Volume[]>,
  notes: string[],
): Promise<void> {
  let count = 0
  for (const partition of partitions) {
    // The extended partition holds others; one that begins with the disk (hybrid ISO images) has what the disk has.
    if (partition.isExtended || partition.startSector === 0 || partition.sectors === 0) continue
    if (++count > PARTITIONS_EXAMINED_MAX)
      return void notes.push(`only ${PARTITIONS_EXAMINED_MAX} partitions are looked into`)
    const found: Volume[] = []
    inside.set(partition, found)
    await recogniseVolumes(disk.part(partition.startSector * sectorBytes, partition.sectors * sectorBytes), found)
  }
}

function withVolumes(table: PartitionTable, inside: ReadonlyMap<Partition, readonly Volume[]>): TableContents {
  const { sectorBytes } = table
  return {
    ...table,
    partitions: table.partitions.map((partition) => ({
      ...partition,
      startBytes: partition.startSector * sectorBytes,
      sizeBytes: partition.sectors * sectorBytes,
      volumes: inside.get(partition) ?? [],
    })),
  }
}
