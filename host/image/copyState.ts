// What is kept of an interrupted copy: the contents of the copier's NVRAM, and which files it was about. JSON.
//
// Not promised: that the target holds what the NVRAM says. Whoever saves a state has flushed the target first.

import { rmSync } from 'node:fs'
import { ImageInputError } from '../formats/imageInputError'
import { readKeptFile } from './keptFile'

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

export function copyStateText({ nvram, ...rest }: CopyState): string {
  // The list at the window's end is mostly empty.
  const used = nvram.findLastIndex((byte) => byte !== 0) + 1
  const nvramBase64 = Buffer.from(nvram.subarray(0, used)).toString('base64')
  return `${JSON.stringify({ platterlabCopyState: FORMAT, ...rest, nvramBase64 }, null, 2)}\n`
}

/** Null when there is no such file; throws ImageInputError when it is not a state. */
export function readCopyState(path: string): CopyState | null {
  const text = readKeptFile(path)
  if (text === null) return null
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
