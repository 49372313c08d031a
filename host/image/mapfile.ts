// Map files of GNU ddrescue: which bytes of a source are rescued, and which are not yet (its manual, chapter "Mapfile structure").
//
//   # comments
//   0x00120000     ?               1        position, what is being done, pass; older ones have no pass
//   0x00000000  0x00117000  +               position, size, status; without gaps
//   0x00117000  0x00000200  -
//
// Numbers are as in C++: decimal, 0x hexadecimal, 0 octal. Units are bytes; a rescue counts sectors (rescueMap.ts).
// Not promised: more than 2^53 bytes.

import { ImageInputError } from '../formats/imageInputError'
import { KeptFile, readKeptFile } from './keptFile'

/** Non-tried, non-trimmed, non-scraped, bad, finished. */
export type AreaStatus = '?' | '*' | '/' | '-' | '+'

/** What is done to areas: a status says which are being read; F and G are fill mode and generate mode. */
export type MapfileState = AreaStatus | 'F' | 'G'

export interface MapfileBlock {
  readonly startBytes: number
  readonly bytes: number
  readonly status: AreaStatus
}

export interface Mapfile {
  readonly positionBytes: number
  readonly state: MapfileState
  readonly pass: number
  readonly blocks: readonly MapfileBlock[]
}

const STATUSES = '?*/-+'
const STATES = `${STATUSES}FG`

/** Throws ImageInputError; `path` is for its words. */
export function parseMapfile(text: string, path: string): Mapfile {
  let head: Omit<Mapfile, 'blocks'> | null = null
  const blocks: MapfileBlock[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const words = line
      .replace(/(^|\s)#.*$/, '')
      .split(/\s+/)
      .filter((word) => word !== '')
    if (words.length === 0) continue
    const refuse = (expected: string): never => {
      throw new ImageInputError(`${path}:${index + 1}: found ${JSON.stringify(line.trim())}, expected ${expected}`)
    }
    if (head === null) head = statusLine(words) ?? refuse('a status line, such as "0x00120000  ?  1"')
    else
      blocks.push(block(words) ?? refuse('position, size and status of a block, such as "0x00000000  0x00117000  +"'))
    const [before, last] = [blocks.at(-2), blocks.at(-1)]
    if (before && last && before.startBytes + before.bytes !== last.startBytes) {
      refuse(`a block that begins at ${hex(before.startBytes + before.bytes)}, where the one before it ends`)
    }
  }
  if (head === null) throw new ImageInputError(`${path}: found no status line; expected a map file of GNU ddrescue`)
  return { ...head, blocks }
}

/** `comments` come first, a line each. */
export function printMapfile(mapfile: Mapfile, comments: readonly string[]): string {
  const { positionBytes, state, pass, blocks } = mapfile
  const lines = [
    ...comments.map((comment) => `# ${comment}`),
    '# current_pos  current_status  current_pass',
    `${hex(positionBytes)}     ${state}               ${pass}`,
    '#      pos        size  status',
    ...blocks.map(({ startBytes, bytes, status }) => `${hex(startBytes)}  ${hex(bytes)}  ${status}`),
  ]
  return `${lines.join('\n')}\n`
}

function statusLine(words: readonly string[]): Omit<Mapfile, 'blocks'> | null {
  const [position, state, pass = '1'] = words
  const positionBytes = integer(position)
  const passNumber = /^[1-9]\d{0,8}$/.test(pass) ? Number(pass) : Number.NaN
  if (words.length < 2 || words.length > 3 || Number.isNaN(positionBytes) || Number.isNaN(passNumber)) return null
  return state !== undefined && state.length === 1 && STATES.includes(state)
    ? { positionBytes, state: state as MapfileState, pass: passNumber }
    : null
}

function block(words: readonly string[]): MapfileBlock | null {
  const [start, size, status] = words
  const startBytes = integer(start)
  const bytes = integer(size)
  if (words.length !== 3 || Number.isNaN(startBytes) || Number.isNaN(bytes) || bytes === 0) return null
  return status !== undefined && status.length === 1 && STATUSES.includes(status)
    ? { startBytes, bytes, status: status as AreaStatus }
    : null
}

function integer(text = ''): number {
  const isHex = /^0[xX][0-9a-fA-F]+$/.test(text)
  const isOctal = /^0[0-7]+$/.test(text)
  if (!isHex && !isOctal && !/^(0|[1-9]\d*)$/.test(text)) return Number.NaN
  const value = isOctal ? Number.parseInt(text, 8) : Number(text)
  return Number.isSafeInteger(value) ? value : Number.NaN
}

function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(8, '0')}`
}

/** Null when there is no such file, or nothing in it. */
export function readMapfile(path: string): Mapfile | null {
  const text = readKeptFile(path)
  return text === null || text.trim() === '' ? null : parseMapfile(text, path)
}

export function keptMapfile(
  path: string,
  comments: readonly string[],
  interrupted: AbortSignal | undefined,
): KeptFile<Mapfile> {
  return new KeptFile(path, (mapfile) => printMapfile(mapfile, comments), interrupted)
}
