// What is kept of an interrupted copy: the contents of the copier's NVRAM, and which files it was about. JSON, written under a temporary name
// and renamed, so that it is always whole.
//
// Not promised: that the target holds what the NVRAM says. Whoever saves a state has flushed the target first.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { ImageInputError } from '../formats/imageInputError'

export type ImageCommand = 'create' | 'restore' | 'verify' | 'clone'

export interface CopyState {
  readonly command: ImageCommand
  readonly sourcePath: string
  readonly sourceBytes: number
  readonly sourceModifiedMs: number
  readonly targetPath: string
  /** Where the copy goes to several targets at once, in their order. */
  readonly furtherTargetPaths?: readonly string[]
  readonly sectorBytes: number
  readonly nvram: Uint8Array
}

const FORMAT = 1

export function writeCopyState(path: string, state: CopyState): void {
  const { nvram, ...rest } = state
  // The list at the window's end is mostly empty.
  const used = nvram.findLastIndex((byte) => byte !== 0) + 1
  const nvramBase64 = Buffer.from(nvram.subarray(0, used)).toString('base64')
  const text = `${JSON.stringify({ platterlabCopyState: FORMAT, ...rest, nvramBase64 }, null, 2)}\n`
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const descriptor = openSync(temporary, 'w')
    try {
      writeSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Null when there is no such file; throws ImageInputError when it is not a state. */
export function readCopyState(path: string): CopyState | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new ImageInputError(`cannot read ${path}: ${(error as Error).message}`)
  }
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch (error) {
    throw new ImageInputError(`${path}: ${(error as Error).message}; expected the state of a copy`)
  }
  return checked(path, found)
}

export function removeCopyState(path: string): void {
  rmSync(path, { force: true })
}

function checked(path: string, found: unknown): CopyState {
  const refuse = (what: string): never => {
    throw new ImageInputError(`${path}: ${what}; expected the state of a copy, as platterlab image writes it`)
  }
  if (typeof found !== 'object' || found === null) return refuse('found no object')
  const record = found as Record<string, unknown>
  if (record.platterlabCopyState !== FORMAT) {
    refuse(`found platterlabCopyState ${JSON.stringify(record.platterlabCopyState)}, expected ${FORMAT}`)
  }
  const text = (key: string): string => {
    const value = record[key]
    return typeof value === 'string' ? value : refuse(`found ${JSON.stringify(value)} as ${key}`)
  }
  const number = (key: string): number => {
    const value = record[key]
    return typeof value === 'number' && value >= 0 ? value : refuse(`found ${JSON.stringify(value)} as ${key}`)
  }
  const command = text('command')
  if (command !== 'create' && command !== 'restore' && command !== 'verify' && command !== 'clone') {
    return refuse(`found command ${JSON.stringify(command)}`)
  }
  const further = record.furtherTargetPaths ?? []
  if (!Array.isArray(further) || further.some((one) => typeof one !== 'string')) {
    return refuse(`found ${JSON.stringify(further)} as furtherTargetPaths`)
  }
  return {
    command,
    sourcePath: text('sourcePath'),
    sourceBytes: number('sourceBytes'),
    sourceModifiedMs: number('sourceModifiedMs'),
    targetPath: text('targetPath'),
    ...(further.length > 0 && { furtherTargetPaths: further as string[] }),
    sectorBytes: number('sectorBytes'),
    nvram: new Uint8Array(Buffer.from(text('nvramBase64'), 'base64')),
  }
}
