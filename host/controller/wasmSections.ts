// The outermost layer of a WebAssembly binary (core specification 2.0, section 5.5): a header, then sections of id, size and content.
//
//   00 61 73 6d | version, u32 | { id, u8 | size, LEB128 u32 | content }*
//
// Read here only to tell a person where a file stops being a module, which the engine's own errors do badly for files that are cut
// off or are something else altogether. The content of sections is the engine's business.
import { MicrocodeRefused } from './microcodeRefused'
import { HEADER_BYTES, MAGIC, readU32, VERSION } from './wasm/binary'

/** Section 5.5.2, by id. */
const SECTION_NAMES = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
]

/** Throws MicrocodeRefused, with a byte offset, unless the bytes are a header and whole sections. */
export function checkSections(bytes: Uint8Array): void {
  checkHeader(bytes)
  let offset = HEADER_BYTES
  while (offset < bytes.length) {
    const name = SECTION_NAMES[bytes[offset]]
    if (name === undefined)
      refuseAt(offset, `section id ${bytes[offset]}`, `a section id, 0 to ${SECTION_NAMES.length - 1}`)
    const { value: sectionBytes, next } = readSize(bytes, offset + 1, name)
    if (next + sectionBytes > bytes.length) {
      const found = `the end of the file after ${bytes.length - next} bytes of the ${name} section`
      refuseAt(bytes.length, found, `${sectionBytes} bytes: the file is cut off`)
    }
    offset = next + sectionBytes
  }
}

function checkHeader(bytes: Uint8Array): void {
  const expected = "WebAssembly's magic number 00 61 73 6d"
  for (let offset = 0; offset < MAGIC.length; offset++) {
    if (offset >= bytes.length) refuseAt(offset, 'the end of the file', expected)
    if (bytes[offset] !== MAGIC[offset]) refuseAt(0, headText(bytes), expected)
  }
  if (bytes.length < HEADER_BYTES) refuseAt(bytes.length, 'the end of the file', 'a version of 4 bytes')
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true)
  if (version !== VERSION) refuseAt(4, `version ${version}`, `version ${VERSION}, a core module`)
}

function readSize(bytes: Uint8Array, start: number, sectionName: string): { value: number; next: number } {
  const read = readU32(bytes, start)
  if (read !== null) return read
  if (start + 5 > bytes.length) refuseAt(bytes.length, 'the end of the file', `the size of the ${sectionName} section`)
  return refuseAt(start, 'a number that does not end', `the size of the ${sectionName} section in at most 5 bytes`)
}

/** The first bytes as a person would look at them. */
function headText(bytes: Uint8Array): string {
  const head = [...bytes.subarray(0, 8)]
  const text = head.map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
  return `${head.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')} ("${text}")`
}

function refuseAt(offset: number, found: string, expected: string): never {
  throw new MicrocodeRefused(`byte ${offset}`, found, expected)
}
