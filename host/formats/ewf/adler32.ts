// Adler-32 (RFC 1950, 8.2), the checksum of all parts of an EWF file. [EWF] calls the CRC of ASR Data's text by its right name, too.

const MODULUS = 65521
/** So many bytes can be summed up before the upper sum leaves 32 bits (RFC 1950's NMAX). */
const STRETCH_BYTES = 5552

/** `sum`: of the bytes before these. */
export function adler32(bytes: Uint8Array, sum = 1): number {
  let lower = sum & 0xffff
  let upper = sum >>> 16
  const { length } = bytes
  let at = 0
  while (at < length) {
    const end = Math.min(at + STRETCH_BYTES, length)
    for (; at + 4 <= end; at += 4) {
      lower += bytes[at]!
      upper += lower
      lower += bytes[at + 1]!
      upper += lower
      lower += bytes[at + 2]!
      upper += lower
      lower += bytes[at + 3]!
      upper += lower
    }
    for (; at < end; at++) {
      lower += bytes[at]!
      upper += lower
    }
    lower %= MODULUS
    upper %= MODULUS
  }
  return ((upper << 16) | lower) >>> 0
}

/** Whether the four bytes behind the first `length` are their checksum. */
export function isSummed(bytes: Uint8Array, length: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.getUint32(length, true) === adler32(bytes.subarray(0, length))
}

/** Writes the checksum of the first `length` bytes behind them. */
export function putSum(bytes: Uint8Array, length: number): void {
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setUint32(
    length,
    adler32(bytes.subarray(0, length)),
    true,
  )
}
