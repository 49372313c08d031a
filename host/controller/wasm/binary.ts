// The grain of a WebAssembly binary (core specification 2.0, sections 5.2 and 5.5): LEB128 numbers, names, vectors, and sections.
//
//   00 61 73 6d | version, u32 | { id, u8 | size, LEB128 u32 | content }*
//
// For modules that an engine has accepted, or will be asked to: what is read is checked against the end of the bytes, and otherwise
// believed. For files that may be anything, host/controller/wasmSections.ts comes first. Nothing here knows what sections mean.

export const MAGIC = [0x00, 0x61, 0x73, 0x6d]
export const VERSION = 1
export const HEADER_BYTES = 8

export const SECTION_CUSTOM = 0
export const SECTION_TYPE = 1
export const SECTION_IMPORT = 2
export const SECTION_FUNCTION = 3
export const SECTION_TABLE = 4
export const SECTION_MEMORY = 5
export const SECTION_GLOBAL = 6
export const SECTION_EXPORT = 7
export const SECTION_START = 8
export const SECTION_ELEMENT = 9
export const SECTION_CODE = 10
export const SECTION_DATA = 11
export const SECTION_DATA_COUNT = 12
export const SECTION_TAG = 13

/** The order in which sections come, custom ones anywhere (section 5.5.15). */
const SECTION_ORDER = [
  SECTION_TYPE,
  SECTION_IMPORT,
  SECTION_FUNCTION,
  SECTION_TABLE,
  SECTION_MEMORY,
  SECTION_TAG,
  SECTION_GLOBAL,
  SECTION_EXPORT,
  SECTION_START,
  SECTION_ELEMENT,
  SECTION_DATA_COUNT,
  SECTION_CODE,
  SECTION_DATA,
]

export interface Section {
  readonly id: number
  /** Of its content: a view of the module. */
  readonly content: Uint8Array
  /** Where the content begins in the module. */
  readonly offset: number
}

/** What the code here cannot read: malformed, or of a later edition of WebAssembly. */
export class UnsupportedWasm extends Error {
  override readonly name = 'UnsupportedWasm'
}

/** An unsigned LEB128 number of at most 5 bytes, or null where the bytes end or the number does not. */
export function readU32(bytes: Uint8Array, start: number): { value: number; next: number } | null {
  let value = 0
  for (let index = 0; index < 5 && start + index < bytes.length; index++) {
    const byte = bytes[start + index]
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: start + index + 1 }
  }
  return null
}

/** Reads forward; throws UnsupportedWasm rather than run over the end. */
export class Reader {
  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
    readonly end = bytes.length,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.end
  }

  byte(): number {
    if (this.at >= this.end) throw new UnsupportedWasm(`byte ${this.at}: the end, where more was expected`)
    return this.bytes[this.at++]
  }

  u32(): number {
    const read = readU32(this.bytes, this.at)
    if (read === null || read.next > this.end) throw new UnsupportedWasm(`byte ${this.at}: a number without an end`)
    this.at = read.next
    return read.value
  }

  /** A signed LEB128 number of up to 33 bits. */
  s33(): number {
    let value = 0
    let scale = 1
    let byte: number
    do {
      byte = this.byte()
      value += (byte & 0x7f) * scale
      scale *= 128
    } while (byte >= 0x80)
    return byte & 0x40 ? value - scale : value
  }

  s64(): bigint {
    let value = 0n
    let shift = 0n
    let byte: number
    do {
      byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      shift += 7n
    } while (byte >= 0x80)
    return BigInt.asIntN(64, byte & 0x40 ? value - (1n << shift) : value)
  }

  skip(byteCount: number): void {
    if (this.at + byteCount > this.end) throw new UnsupportedWasm(`byte ${this.at}: ${byteCount} bytes, beyond the end`)
    this.at += byteCount
  }

  name(): string {
    const byteCount = this.u32()
    const start = this.at
    this.skip(byteCount)
    return new TextDecoder().decode(this.bytes.subarray(start, this.at))
  }

  /** A count, and as many items. */
  vector<T>(item: () => T): T[] {
    const items: T[] = []
    for (let left = this.u32(); left > 0; left--) items.push(item())
    return items
  }
}

export function encodeU32(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return bytes
}

/** Signed LEB128: the operand of i32.const and i64.const. */
export function encodeSigned(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt(value)
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    if ((rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)) return [...bytes, low]
    bytes.push(low + 0x80)
  }
}

export function encodeName(name: string): number[] {
  const bytes = new TextEncoder().encode(name)
  return [...encodeU32(bytes.length), ...bytes]
}

export function concat(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function readSections(bytes: Uint8Array): Section[] {
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte) || bytes[4] !== VERSION) {
    throw new UnsupportedWasm('not a WebAssembly module')
  }
  const reader = new Reader(bytes, HEADER_BYTES)
  const sections: Section[] = []
  while (!reader.isAtEnd) {
    const id = reader.byte()
    const byteCount = reader.u32()
    const offset = reader.at
    reader.skip(byteCount)
    sections.push({ id, offset, content: bytes.subarray(offset, reader.at) })
  }
  return sections
}

/** A module again; offsets are not looked at. */
export function writeSections(sections: readonly Pick<Section, 'id' | 'content'>[]): Uint8Array<ArrayBuffer> {
  const parts: ArrayLike<number>[] = [MAGIC, [VERSION, 0, 0, 0]]
  for (const { id, content } of sections) parts.push([id, ...encodeU32(content.length)], content)
  return concat(parts)
}

/** The same sections with other contents, by id; a section that was not there is put where it belongs. */
export function replaceSections(
  sections: readonly Section[],
  contents: ReadonlyMap<number, Uint8Array>,
): Uint8Array<ArrayBuffer> {
  const result: Pick<Section, 'id' | 'content'>[] = sections.map(({ id, content }) => ({
    id,
    content: (id === SECTION_CUSTOM ? undefined : contents.get(id)) ?? content,
  }))
  for (const [id, content] of contents) {
    if (sections.some((section) => section.id === id)) continue
    const rank = SECTION_ORDER.indexOf(id)
    const before = result.findIndex((other) => other.id !== SECTION_CUSTOM && SECTION_ORDER.indexOf(other.id) > rank)
    result.splice(before < 0 ? result.length : before, 0, { id, content })
  }
  return writeSections(result)
}
