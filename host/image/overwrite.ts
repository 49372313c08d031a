// Nothing is written over before somebody has named it. A target that holds data is described, and the copy goes on when it is called by a name
// that belongs to it: the last part of its path, or a label, a UUID or the id of the partition table that is on it. A blank target needs no name.

import { type Stats, statSync } from 'node:fs'
import { basename } from 'node:path'
import { lookForData } from '../disk/blank'
import { contentsLines, contentsNames, visible } from '../disk/contentsText'
import { examineDisk } from '../disk/examineDisk'
import type { SectorReader } from '../disk/sectorReader'
import { formatOf } from '../formats/formats'
import { ImageInputError } from '../formats/imageInputError'
import { shareStorage, useOf } from './storageUse'

export interface OverwriteAsking {
  /** What the user has called the target; null: nothing. */
  readonly name: string | null
  /** Asks on the terminal for a name; null: there is nobody to ask. */
  readonly ask: ((question: string) => Promise<string>) | null
  /** Tells what was found and did not need a name. */
  readonly tell: (line: string) => void
}

export interface TargetContents {
  readonly isBlank: boolean
  /** What is there, a line each. */
  readonly lines: readonly string[]
  /** By which it may be called. */
  readonly names: readonly string[]
}

/** Refuses a target that is in use, or is one of the source's files by another name. */
export function refuseUsedTarget(sourcePaths: readonly string[], targetPath: string): void {
  const target = statSync(targetPath, { throwIfNoEntry: false })
  if (!target) return
  for (const sourcePath of sourcePaths) {
    const source = statSync(sourcePath)
    if (!shareStorage(source, target)) continue
    const how = isSameNode(source, target)
      ? 'are the same file'
      : 'share storage: one would be written over while it is read'
    throw new ImageInputError(`${sourcePath} and ${targetPath} ${how}`)
  }
  const use = useOf(target)
  if (use !== null) throw new ImageInputError(`${targetPath} is in use: ${use}`)
}

function isSameNode(source: Stats, target: Stats): boolean {
  return source.isBlockDevice() ? source.rdev === target.rdev : source.dev === target.dev && source.ino === target.ino
}

/** Returns when the target may be written over; throws ImageInputError otherwise. `reader`: its bytes; null: there is nothing yet. */
export async function agreeToOverwrite(
  path: string,
  reader: SectorReader | null,
  asking: OverwriteAsking,
): Promise<void> {
  const own = visible(basename(path))
  const contents = reader ? await contentsOf(path, reader) : { isBlank: true, lines: [], names: [own] }
  const { isBlank, lines, names } = contents
  if (asking.name !== null) {
    if (names.includes(asking.name)) return
    throw new ImageInputError(
      `--overwrite: nothing on ${path} is called ${JSON.stringify(asking.name)}.\n${told(path, contents)}`,
    )
  }
  if (isBlank) {
    for (const line of lines) asking.tell(`${path}: ${line}`)
    return
  }
  if (asking.ask === null) throw new ImageInputError(`${told(path, contents)}\nNothing was written.`)
  const answer = await asking.ask(`${told(path, contents)}\nIts name, to overwrite it: `)
  if (!names.includes(answer.trim())) throw new ImageInputError('that is not its name; nothing was written')
}

async function contentsOf(path: string, reader: SectorReader): Promise<TargetContents> {
  const disk = await examineDisk(reader)
  const names = [visible(basename(path)), ...contentsNames(disk)]
  const format = statSync(path).isFile() ? formatOf(path).name : 'raw'
  const lines = [...(format === 'raw' ? [] : [`an image of the format ${format}`]), ...contentsLines(disk)]
  if (lines.length > 0) return { isBlank: false, lines, names }
  const { isBlank, looked } = await lookForData(reader)
  if (isBlank) return { isBlank, lines: [`blank (looked at ${looked})`], names }
  return { isBlank, lines: ['data that is not recognised'], names }
}

function told(path: string, { isBlank, lines, names }: TargetContents): string {
  if (isBlank && lines.length === 0) return `${path} does not exist yet`
  const listed = lines.map((line) => `  ${line}`).join('\n')
  const head = isBlank ? `On ${path}:` : `${path} would be overwritten. On it:`
  return `${head}\n${listed}\n--overwrite NAME goes on; its names: ${names.map((name) => shellWord(name)).join(' ')}`
}

/** As it can be typed into a shell. */
function shellWord(name: string): string {
  return /^[\w.:@%+,/-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`
}
