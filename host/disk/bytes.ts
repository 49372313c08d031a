// A piece of a disk, read as numbers and texts. Little-endian unless the name says otherwise.
//
// Numbers of 64 bits become JavaScript numbers: above 2^53 they are rounded, and too large for any disk either way.

const UTF8 = new TextDecoder('utf-8')
const LATIN1 = new TextDecoder('latin1')
const UTF16 = new TextDecoder('utf-16le')
const UTF16BE = new TextDecoder('utf-16be')

export class Bytes {
  readonly array: Uint8Array
  readonly #view: DataView

  constructor(array: Uint8Array) {
    this.array = array
    this.#view = new DataView(array.buffer, array.byteOffset, array.byteLength)
  }

  get length(): number {
    return this.array.length
  }

  u8(at: number): number {
    return this.#view.getUint8(at)
  }

  u16(at: number): number {
    return this.#view.getUint16(at, true)
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true)
  }

  u64(at: number): number {
    return Number(this.#view.getBigUint64(at, true))
  }

  u16be(at: number): number {
    return this.#view.getUint16(at)
  }

  u32be(at: number): number {
    return this.#view.getUint32(at)
  }

  u64be(at: number): number {
    return Number(this.#view.getBigUint64(at))
  }

  slice(at: number, length: number): Bytes {
    return new Bytes(this.array.subarray(at, at + length))
  }

  /** Whether these very characters (one byte each) stand here. */
  has(at: number, text: string): boolean {
    if (at + text.length > this.length) return false
    for (let i = 0; i < text.length; i++) if (this.array[at + i] !== text.charCodeAt(i)) return false
    return true
  }

  /** UTF-8 up to the first NUL, without the blanks at its end. */
  text(at: number, length: number): string {
    return UTF8.decode(this.#untilNul(at, length)).trimEnd()
  }

  latin1(at: number, length: number): string {
    return LATIN1.decode(this.#untilNul(at, length)).trimEnd()
  }

  /** `length` in bytes. Up to the first NUL. */
  utf16(at: number, length: number): string {
    return UTF16.decode(this.array.subarray(at, at + length)).replace(/\0.*$/s, '')
  }

  utf16be(at: number, length: number): string {
    return UTF16BE.decode(this.array.subarray(at, at + length)).replace(/\0.*$/s, '')
  }

  hex(at: number, length: number): string {
    return Array.from(this.array.subarray(at, at + length), (byte) => byte.toString(16).padStart(2, '0')).join('')
  }

  /** RFC 4122: the bytes in the order in which they are written. Null where there are only zeros. */
  uuid(at: number): string | null {
    return dashed(this.hex(at, 16))
  }

  /** UEFI 2.10, appendix A: the first three fields of a GUID are little-endian. */
  guid(at: number): string | null {
    const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
    return dashed(order.map((byte) => this.hex(at + byte, 1)).join(''))?.toUpperCase() ?? null
  }

  isZero(at = 0, length = this.length - at): boolean {
    for (let i = at; i < at + length; i++) if (this.array[i] !== 0) return false
    return true
  }

  #untilNul(at: number, length: number): Uint8Array {
    const field = this.array.subarray(at, at + length)
    const end = field.indexOf(0)
    return end < 0 ? field : field.subarray(0, end)
  }
}

function dashed(hex: string): string | null {
  if (/^0*$/.test(hex)) return null
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0
}
