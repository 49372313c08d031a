// Partitions and their tables, as found. Places and sizes are what the table says, also where that is impossible: a note says so then.

export interface Partition {
  /** As Linux numbers it: logical partitions begin at 5. */
  readonly number: number
  readonly startSector: number
  readonly sectors: number
  /** MBR: '83'; GPT: a GUID. */
  readonly type: string
  readonly typeName: string | null
  readonly name: string | null
  /** GPT: the unique GUID; MBR: disk id and number, as Linux has it (PARTUUID). */
  readonly id: string | null
  readonly isBootable: boolean
  /** Holds logical partitions, and no data of its own. */
  readonly isExtended: boolean
}

export interface PartitionTable {
  readonly kind: 'mbr' | 'gpt'
  readonly id: string | null
  readonly sectorBytes: number
  readonly partitions: readonly Partition[]
  readonly notes: readonly string[]
}

/** More than this are counted, not listed. */
export const PARTITIONS_MAX = 1024

/** What the sectors of partitions cannot be: beyond the disk, or two partitions' own. */
export function placeNotes(partitions: readonly Partition[], diskSectors: number): string[] {
  const notes: string[] = []
  const placed = partitions.filter(({ isExtended }) => !isExtended)
  for (const { number, startSector, sectors } of partitions) {
    if (startSector + sectors > diskSectors) {
      notes.push(`partition ${number} ends at sector ${startSector + sectors - 1}, the disk at ${diskSectors - 1}`)
    }
  }
  const sorted = [...placed].sort((a, b) => a.startSector - b.startSector)
  for (let index = 1; index < sorted.length; index++) {
    const [before, after] = [sorted[index - 1]!, sorted[index]!]
    if (before.startSector + before.sectors > after.startSector) {
      notes.push(`partitions ${before.number} and ${after.number} overlap`)
    }
  }
  return notes
}
