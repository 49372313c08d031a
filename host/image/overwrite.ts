// Nothing is written over before somebody has named it. A target that holds data is described, and the copy goes on when it is called by a name
// that belongs to it: the last part of its path, or a label, a UUID or the id of the partition table that is on it. A blank target needs no name.

import { closeSync, existsSync, type Stats, statSync } from 'node:fs'
import { basename } from 'node:path'
import { visible } from '../disk/contentsText'
import type { SectorReader } from '../disk/sectorReader'
import { ImageInputError } from '../formats/imageInputError'
import { openCopyFile } from '../formats/raw/copyFile'
import { fileReader } from './fileReader'
import { shareStorage, useOf } from './storageUse'
import type { TargetContents } from './targetContents'

export interface OverwriteAsking {
  /** What the user has called the target; null: nothing. */
  readonly name: string | null
  /** Of several targets: each that holds data is called by one of these. In place of `name`. */
  readonly names?: readonly string[] | undefined
  /** Asks on the terminal for a name; null: there is nobody to ask. */
  readonly ask: ((question: string) => Promise<string>) | null
  /** Tells what was found and did not need a name. */
  readonly tell: (line: string) => void
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

/** A new file takes the place of an old one of its name, if there is one. */
export async function agreeToReplace(path: string, asking?: OverwriteAsking): Promise<readonly string[]> {
  if (!existsSync(path)) return agreeToOverwrite(path, null, asking)
  const old = openCopyFile(path, 'read')
  try {
    return await agreeToOverwrite(path, fileReader(old), asking)
  } finally {
    closeSync(old.descriptor)
  }
}

const NOBODY: OverwriteAsking = { name: null, ask: null, tell: () => {} }

/** Returns by which of the given names it may be written over; throws ImageInputError when it may not. `reader`: its bytes; null: there is nothing yet. */
export async function agreeToOverwrite(
  path: string,
  reader: SectorReader | null,
  { name, names: given, ask, tell }: OverwriteAsking = NOBODY,
): Promise<readonly string[]> {
  const contents = reader ? await contentsOf(path, reader) : { isBlank: true, lines: [], names: [ownName(path)] }
  const { isBlank, lines, names } = contents
  const belonging = (given ?? []).filter((one) => names.includes(one))
  if (belonging.length > 0) return belonging
  if (given !== undefined && given.length > 0 && !isBlank) {
    throw new ImageInputError(
      `--overwrite: none of the names is one of ${path}, and nothing was written.\n${described(path, contents)}`,
    )
  }
  if (name !== null) {
    if (names.includes(name)) return [name]
    throw new ImageInputError(
      `--overwrite: nothing on ${path} is called ${JSON.stringify(name)}.\n${described(path, contents)}`,
    )
  }
  if (isBlank) {
    for (const line of lines) tell(`${path}: ${line}`)
    return []
  }
  if (ask === null) throw new ImageInputError(`${described(path, contents)}\nNothing was written.`)
  const answer = await ask(`${described(path, contents)}\nIts name, to overwrite it: `)
  if (!names.includes(answer.trim())) throw new ImageInputError('that is not its name; nothing was written')
  return []
}

/** A name that belongs to no target is a mistake about one of them. */
export function refuseUnusedNames(asking: OverwriteAsking | undefined, used: readonly string[]): void {
  const unused = asking?.names?.find((name) => !used.includes(name))
  if (unused === undefined) return
  throw new ImageInputError(`--overwrite: no target is called ${JSON.stringify(unused)}; nothing was written`)
}

/** Loaded when there is something to look at: new images begin sooner without all that can be recognised. */
async function contentsOf(path: string, reader: SectorReader): Promise<TargetContents> {
  const { lookAt } = await import('./targetContents')
  const { isBlank, lines, names } = await lookAt(path, reader)
  return { isBlank, lines, names: [...new Set([ownName(path), ...names])] }
}

function ownName(path: string): string {
  return visible(basename(path))
}

function described(path: string, { isBlank, lines, names }: TargetContents): string {
  if (isBlank && lines.length === 0) return `${path} does not exist yet`
  const listed = lines.map((line) => `  ${line}`).join('\n')
  const head = isBlank ? `On ${path}:` : `${path} would be overwritten. On it:`
  return `${head}\n${listed}\n--overwrite NAME goes on; its names: ${names.map((name) => shellWord(name)).join(' ')}`
}

/** As it can be typed into a shell. */
function shellWord(name: string): string {
  return /^[\w.:@%+,/-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`
}
