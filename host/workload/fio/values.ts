// Values of fio options: numbers with fio's own units, times, percentages, lists per direction.
//
// Bytes (checked against fio 3.33): k m g t p, with or without a b, in any case; with kb_base=1024 they are powers of 1024, with
// kb_base=1000 powers of 1000; `kib` and friends are the other way round; `ki` without the b is read like `k`. 0x... is hexadecimal.
// Times: d h m s ms us (also msec, usec); the default unit depends on the option. fio reads '1.5k' as 1 and ignores the rest: here that
// is an error, like everything that would be read only in part.

export type KbBase = 1000 | 1024

/** Why a value cannot be read; the caller knows where it stands. */
export class ValueError extends Error {
  override readonly name = 'ValueError'

  constructor(
    readonly found: string,
    readonly expected: string,
  ) {
    super(`found ${found}, expected ${expected}`)
  }
}

const INTEGER = /^(0x[0-9a-f]+|[0-9]+)(?:([kmgtp])(ib|i|b)?|b)?$/i
const PREFIXES = 'kmgtp'

export function readBytes(text: string, kbBase: KbBase): number {
  const match = INTEGER.exec(text)
  if (!match) throw new ValueError(quote(text), 'a size such as 4k, 1m or 4096')
  const base = (match[3] ?? '').toLowerCase() === 'ib' ? 2024 - kbBase : kbBase
  const power = match[2] === undefined ? 0 : PREFIXES.indexOf(match[2].toLowerCase()) + 1
  const value = Number(match[1]) * base ** power
  if (!Number.isSafeInteger(value)) throw new ValueError(quote(text), 'a size below 2^53 bytes')
  return value
}

/** Like sizes: fio allows 1k for 1024 (or 1000) here, too. */
export function readCount(text: string, kbBase: KbBase, least: number): number {
  if (!INTEGER.test(text)) throw new ValueError(quote(text), `an integer from ${least}`)
  const value = readBytes(text, kbBase)
  if (value < least) throw new ValueError(quote(text), `an integer from ${least}`)
  return value
}

const TIME_UNITS_NS: Readonly<Record<string, number>> = {
  d: 86_400e9,
  h: 3_600e9,
  m: 60e9,
  s: 1e9,
  ms: 1e6,
  msec: 1e6,
  us: 1e3,
  usec: 1e3,
}

export function readTimeNs(text: string, defaultUnit: 's' | 'us'): number {
  const match = /^([0-9]+)([a-z]*)$/i.exec(text)
  const unitNs = match ? TIME_UNITS_NS[match[2]!.toLowerCase() || defaultUnit] : undefined
  const valueNs = match && unitNs ? Number(match[1]) * unitNs : Number.NaN
  if (!Number.isSafeInteger(valueNs)) {
    const plain = defaultUnit === 's' ? 'seconds' : 'microseconds'
    throw new ValueError(quote(text), `a time: an integer (${plain}) or one with d, h, m, s, ms or us`)
  }
  return valueNs
}

export type BytesOrPercent = { readonly bytes: number } | { readonly percent: number }

export function readBytesOrPercent(text: string, kbBase: KbBase): BytesOrPercent {
  if (!text.endsWith('%')) return { bytes: readBytes(text, kbBase) }
  return { percent: readPercent(text.slice(0, -1)) }
}

export function readPercent(text: string): number {
  const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= 100)) throw new ValueError(quote(text), 'a percentage from 0 to 100')
  return value
}

export function readDecimal(text: string): number {
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text)) throw new ValueError(quote(text), 'a number such as 1.2')
  return Number(text)
}

export function readFlag(text: string | null): boolean {
  if (text === null || text === '1') return true
  if (text === '0') return false
  throw new ValueError(quote(text), '0 or 1')
}

/** Values for read, write and trim; undefined = keep the default. */
export type PerDirection<T> = readonly [T | undefined, T | undefined, T | undefined]

/** fio's lists: `a` = all; `a,b` = read, and write and trim; `a,b,c` = one each; an empty place keeps the default; so does `a,`. */
export function readPerDirection<T>(text: string, read: (part: string) => T): PerDirection<T> {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length > 3) throw new ValueError(quote(text), 'at most three values: read,write,trim')
  const values = parts.map((part) => (part === '' ? undefined : read(part)))
  if (values.length === 1) return [values[0], values[0], values[0]]
  if (values.length === 2) return [values[0], values[1], values[1]]
  return [values[0], values[1], values[2]]
}

export interface SplitPart {
  readonly bytes: number
  readonly percent: number
}

/** '4k/50:64k/50'; parts without a share have equal parts of what is left. */
export function readSplit(text: string, kbBase: KbBase): readonly SplitPart[] {
  const parts = text.split(':').map((part) => {
    const [size, share, more] = part.split('/')
    if (size === undefined || more !== undefined) throw new ValueError(quote(part), 'size/percent')
    return { bytes: readBytes(size, kbBase), percent: share ? readPercent(share) : null }
  })
  const given = parts.reduce((sum, part) => sum + (part.percent ?? 0), 0)
  const open = parts.filter((part) => part.percent === null).length
  if (given > 100 || (open === 0 && given !== 100)) throw new ValueError(quote(text), 'shares that sum to 100')
  return parts.map(({ bytes, percent }) => ({ bytes, percent: percent ?? (100 - given) / open }))
}

/** '4k-64k' */
export function readRange(text: string, kbBase: KbBase): { readonly minBytes: number; readonly maxBytes: number } {
  const ends = text.split(/[-:]/)
  if (ends.length !== 2) throw new ValueError(quote(text), 'a range such as 4k-64k')
  const [minBytes, maxBytes] = ends.map((end) => readBytes(end, kbBase)) as [number, number]
  if (minBytes > maxBytes) throw new ValueError(quote(text), 'a range whose end is not below its start')
  return { minBytes, maxBytes }
}

export function quote(text: string): string {
  return JSON.stringify(text)
}
