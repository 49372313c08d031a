// What is on a disk, for people. Labels and names come from the disk: nothing in them reaches the terminal unseen.

import type { DiskContents, TableContents } from '../disk/examineDisk'
import type { Volume } from '../disk/volume'
import { printable } from '../report/printable'
import { bytesText, countText } from '../report/quantities'
import type { PlacedListing } from './imageLsCommand'

/** Facts that are shown in the line of a volume; JSON has all of them. */
const SHOWN: readonly (readonly [fact: string, words: (value: string) => string])[] = [
  ['level', (value) => value],
  ['volumeGroup', (value) => `group ${value}`],
  ['lastMountedOn', (value) => `last mounted on ${value}`],
  ['boots', (value) => `boots ${value}`],
]

export function diskText(path: string, format: string, contents: DiskContents): string {
  const { diskBytes, table, volumes, notes } = printable(contents)
  const size = `${bytesText(diskBytes)} (${countText(diskBytes)} bytes)`
  const lines = [`${path}: ${format === 'raw' ? '' : `${format}, `}${size}, ${tableText(table)}`]
  for (const volume of volumes) lines.push(`  ${volumeText(volume)}`, ...volumeNotes(volume, '    '))
  if (table) lines.push(...partitionLines(table))
  for (const note of [...(table?.notes ?? []), ...notes]) lines.push(`  note: ${note}`)
  if (!table && volumes.length === 0) lines.push('  nothing on it is recognised')
  return `${lines.join('\n')}\n`
}

function tableText(table: TableContents | null): string {
  if (!table) return 'no partition table'
  const id = table.id === null ? '' : ` ${table.id}`
  return `${table.kind === 'gpt' ? 'GPT' : 'MBR'}${id}, sectors of ${table.sectorBytes} B`
}

/** One volume in one line: 'ext4 "root" 0f3c..., 64 MiB, clean'. */
export function volumeText(volume: Volume): string {
  const { title, label, uuid, sizeBytes, isClean, facts } = volume
  const name = [title, ...(label === null ? [] : [JSON.stringify(label)]), ...(uuid === null ? [] : [uuid])].join(' ')
  const parts = [name]
  if (sizeBytes !== null) parts.push(bytesText(sizeBytes))
  if (isClean !== null) parts.push(isClean ? 'clean' : 'not clean')
  for (const [fact, words] of SHOWN) if (fact in facts) parts.push(words(String(facts[fact])))
  return parts.join(', ')
}

function volumeNotes({ notes }: Volume, indent: string): string[] {
  return notes.map((note) => `${indent}note: ${note}`)
}

function partitionLines({ partitions }: TableContents): string[] {
  const head = ['#', 'first sector', 'last sector', 'size', 'type', 'name']
  const rows = partitions.map((partition) => [
    String(partition.number),
    countText(partition.startSector),
    countText(partition.startSector + partition.sectors - 1),
    bytesText(partition.sizeBytes),
    `${partition.typeName ?? partition.type}${partition.isBootable ? ' (boot)' : ''}`,
    partition.name ?? '',
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => (column < 4 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  ')}`.trimEnd()
  const lines = [line(head)]
  for (const [index, partition] of partitions.entries()) {
    lines.push(line(rows[index]!))
    const indent = ' '.repeat(widths[0]! + 4)
    for (const volume of partition.volumes)
      lines.push(`${indent}${volumeText(volume)}`, ...volumeNotes(volume, `${indent}  `))
  }
  return lines
}

export function filesText(listing: PlacedListing): string {
  const { names, files, notes } = printable(listing)
  const where = listing.startBytes === 0 ? '' : ` at byte ${countText(listing.startBytes)}`
  const lines = [`files of the ISO 9660 volume${where} (names of ${names}):`]
  for (const { path, sizeBytes, link } of files) {
    lines.push(`${countText(sizeBytes).padStart(15)}  ${path}${link === null ? '' : ` -> ${link}`}`)
  }
  for (const note of notes) lines.push(`  note: ${note}`)
  return `${lines.join('\n')}\n`
}
