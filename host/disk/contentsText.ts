// What is on a disk in a few lines, and the names by which it can be called: labels, UUIDs, the id of the partition table.
//
// Names come from the disk. Characters that would not be seen (controls, marks of direction) are written as their numbers, in the lines and in the
// names alike: what is printed is what can be typed.

import type { DiskContents, PartitionContents } from './examineDisk'
import type { Volume } from './volume'

/** More lines than this help nobody to decide. */
const LINES_MAX = 24

/** Empty: nothing is recognised. */
export function contentsLines({ table, volumes }: DiskContents): string[] {
  const lines = volumes.map(volumeLine)
  if (table) {
    const id = table.id === null ? '' : ` ${table.id}`
    lines.push(
      `partition table: ${table.kind === 'gpt' ? 'GPT' : 'MBR'}${id}`,
      ...table.partitions.flatMap(partitionLines),
    )
  }
  const more = lines.length - LINES_MAX
  return more > 0 ? [...lines.slice(0, LINES_MAX), `and ${more} more lines (platterlab image ls shows them)`] : lines
}

/** In the order of their lines, each once. */
export function contentsNames({ table, volumes }: DiskContents): string[] {
  const all = [...volumes, ...(table?.partitions ?? []).flatMap(({ volumes }) => volumes)]
  const names = [table?.id, ...all.flatMap(({ label, uuid }) => [label, uuid])]
  return [...new Set(names.filter((name) => typeof name === 'string' && name !== '').map((name) => visible(name!)))]
}

function partitionLines({ number, typeName, type, name, volumes }: PartitionContents): string[] {
  const head = `partition ${number}, ${typeName ?? type}${name === null ? '' : ` "${visible(name)}"`}`
  return volumes.length === 0 ? [head] : volumes.map((volume) => `${head}: ${volumeLine(volume)}`)
}

function volumeLine({ title, label, uuid, facts }: Volume): string {
  const group = 'volumeGroup' in facts ? `in group ${visible(String(facts.volumeGroup))}` : null
  const mounted = 'lastMountedOn' in facts ? `last mounted on ${visible(String(facts.lastMountedOn))}` : null
  const name = [title, label === null ? null : `"${visible(label)}"`, uuid === null ? null : visible(uuid)]
  return [name.filter((part) => part !== null).join(' '), group, mounted].filter((part) => part !== null).join(', ')
}

export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}
