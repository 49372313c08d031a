// What people wrote about the case: `header2` (UTF-16) and `header` (ASCII), texts with one line of names and one of values, under zlib.
//
// [EWF] Header section, Header2 section. Names and values are divided by tabs; nothing can quote a tab or an end of a line.

import { deflateSync, inflateSync } from 'node:zlib'
import type { ImageFile } from '../imageFile'
import type { Section } from './sections'

/** By the names of the format: c, n, a, e, t, ... */
export type HeaderValues = ReadonlyMap<string, string>

/** What the names stand for, in the order in which they are shown. */
export const HEADER_NAMES: readonly (readonly [string, string])[] = [
  ['c', 'case number'],
  ['n', 'evidence number'],
  ['a', 'description'],
  ['e', 'examiner'],
  ['t', 'notes'],
  ['md', 'model'],
  ['sn', 'serial number'],
  ['l', 'device label'],
  ['av', 'software'],
  ['ov', 'operating system'],
  ['m', 'acquired'],
  ['u', 'system date'],
]

const TEXT_BYTES_MAX = 4 << 20

/** The section as it is stored; throws a DamagedImage when it cannot be unpacked. */
export function readHeaderValues(file: ImageFile, section: Section): HeaderValues {
  const length = section.endBytes - section.dataBytes
  const wrong = (what: string) => file.damage(section.startBytes, `section ${section.type}: ${what}`)
  if (length > TEXT_BYTES_MAX) throw wrong(`${length} bytes of text are not believed`)
  const packed = file.readBytes(section.dataBytes, length, `section ${section.type}`)
  let text: Uint8Array
  try {
    text = inflateSync(packed, { maxOutputLength: TEXT_BYTES_MAX })
  } catch (error) {
    throw wrong(`it cannot be unpacked: ${(error as Error).message}`)
  }
  return valuesIn(decode(text))
}

function decode(text: Uint8Array): string {
  if (text[0] === 0xff && text[1] === 0xfe) return new TextDecoder('utf-16le').decode(text)
  if (text[0] === 0xfe && text[1] === 0xff) return new TextDecoder('utf-16be').decode(text)
  return new TextDecoder('latin1').decode(text)
}

/** Those of the category `main`, the only one that describes the disk; without the empty ones. */
function valuesIn(text: string): HeaderValues {
  const lines = text.split(/\r?\n/)
  const main = lines.indexOf('main')
  const names = (main === -1 ? undefined : lines[main + 1])?.split('\t') ?? []
  const values = lines[main + 2]?.split('\t') ?? []
  return new Map(names.map((name, index) => [name, values[index] ?? ''] as const).filter(([, value]) => value !== ''))
}

/** As EnCase 6 has it: three categories, line ends of one character, UTF-16 with a byte order mark. */
export function header2Data(values: HeaderValues): Uint8Array {
  const names = ['a', 'c', 'n', 'e', 't', 'md', 'sn', 'av', 'ov', 'm', 'u', 'p', 'dc']
  const lines = [
    ...['3', 'main', names.join('\t'), lineOf(names, values), ''],
    ...['srce', '0\t1', 'p\tn\tid\tev\ttb\tlo\tpo\tah\tgu\taq', '0\t0', '\t\t\t\t\t-1\t-1\t\t\t', ''],
    ...['sub', '0\t1', 'p\tn\tid\tnu\tco\tgu', '0\t0', '\t\t\t\t1\t', ''],
  ]
  return deflateSync(Buffer.from(`\ufeff${lines.join('\n')}\n`, 'utf16le'), { level: 1 })
}

/** As EnCase 4 to 7 have it: one category, line ends of two characters, the date in words of numbers. */
export function headerData(values: HeaderValues): Uint8Array {
  const names = ['c', 'n', 'a', 'e', 't', 'av', 'ov', 'm', 'u', 'p']
  const dated = new Map(values)
  for (const name of ['m', 'u']) {
    const seconds = values.get(name)
    if (seconds !== undefined) dated.set(name, numbersOf(Number(seconds)))
  }
  const text = ['1', 'main', names.join('\t'), lineOf(names, dated), '', ''].join('\r\n')
  // Bytes above ASCII have no meaning without a code page: header2 has them right.
  const isAscii = (character: string) => character.charCodeAt(0) < 0x80
  return deflateSync(Buffer.from([...text].map((one) => (isAscii(one) ? one : '?')).join(''), 'latin1'), { level: 1 })
}

function lineOf(names: readonly string[], values: HeaderValues): string {
  // A password hash of 0: no password.
  return names.map((name) => (name === 'p' ? '0' : (values.get(name) ?? ''))).join('\t')
}

/** '2002 3 4 10 19 59', in UTC: nothing here knows the zone of the machine that made the image. */
function numbersOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  const day = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  return [...day, date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].join(' ')
}
