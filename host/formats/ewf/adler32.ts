// Adler-32 (RFC 1950, 8.2), the checksum of all parts of an EWF file. [EWF] calls the CRC of ASR Data's text by its right name, too.

const MODULUS = 65521
/** So many bytes can be summed up before the upper sum leaves 32 bits (RFC 1950's NMAX). */
const STRETCH_BYTES = 5552
/** So many words are summed up in lanes of 16 bits: the sum of sums, 2 * 255 * (0 + 1 + ... + 15), has room there. */
const BLOCK_WORDS = 16
const STRETCH_WORDS = BLOCK_WORDS * Math.floor(STRETCH_BYTES / 4 / BLOCK_WORDS)
const LANES = 0x00ff00ff

/** `sum`: of the bytes before these. */
export function adler32(bytes: Uint8Array, sum = 1): number {
  let at = 0
  let start = sum
  if ((bytes.byteOffset & 3) === 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)
    const whole = words.length - (words.length % BLOCK_WORDS)
    start = sumWords(words, whole, sum)
    at = 4 * whole
  }
  return sumBytes(bytes, at, start)
}

function sumBytes(bytes: Uint8Array, start: number, sum: number): number {
  let lower = sum & 0xffff
  let upper = sum >>> 16
  const { length } = bytes
  for (let at = start; at < length; ) {
    const end = Math.min(at + STRETCH_BYTES, length)
    for (; at < end; at++) {
      lower += bytes[at]!
      upper += lower
    }
    lower %= MODULUS
    upper %= MODULUS
  }
  return ((upper << 16) | lower) >>> 0
}

/**
 * Four bytes at a time: bytes 0 and 2 of each word in the lanes of one sum, 1 and 3 in those of another. Of a block of 64 bytes, byte k counts
 * 64 - k times in the upper sum: 4 times for each word behind its own, which the sum of sums has, and 4 to 1 times in its word.
 */
function sumWords(words: Uint32Array, count: number, sum: number): number {
  let lower = sum & 0xffff
  let upper = sum >>> 16
  for (let at = 0; at < count; ) {
    const end = Math.min(at + STRETCH_WORDS, count)
    for (; at < end; at += BLOCK_WORDS) {
      let even = 0
      let odd = 0
      let sums = 0
      // Four words a round, written out: the engine does not do that, and it is a third of the time.
      for (let index = at; index < at + BLOCK_WORDS; index += 4) {
        const word0 = words[index]! | 0
        const word1 = words[index + 1]! | 0
        const word2 = words[index + 2]! | 0
        const word3 = words[index + 3]! | 0
        sums = (sums + even + odd) | 0
        even = (even + (word0 & LANES)) | 0
        odd = (odd + ((word0 >>> 8) & LANES)) | 0
        sums = (sums + even + odd) | 0
        even = (even + (word1 & LANES)) | 0
        odd = (odd + ((word1 >>> 8) & LANES)) | 0
        sums = (sums + even + odd) | 0
        even = (even + (word2 & LANES)) | 0
        odd = (odd + ((word2 >>> 8) & LANES)) | 0
        sums = (sums + even + odd) | 0
        even = (even + (word3 & LANES)) | 0
        odd = (odd + ((word3 >>> 8) & LANES)) | 0
      }
      const inWords = 4 * (even & 0xffff) + 3 * (odd & 0xffff) + 2 * (even >>> 16) + (odd >>> 16)
      upper = (upper + 4 * BLOCK_WORDS * lower + 4 * ((sums & 0xffff) + (sums >>> 16)) + inWords) | 0
      lower += (even & 0xffff) + (even >>> 16) + (odd & 0xffff) + (odd >>> 16)
    }
    lower %= MODULUS
    upper = (upper >>> 0) % MODULUS
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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setUint32(length, adler32(bytes.subarray(0, length)), true)
}
