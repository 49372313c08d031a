// Whether bytes are all zero: what is zero is not stored.

const ZEROS = Buffer.alloc(64 << 10)

export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const length = Math.min(ZEROS.length, bytes.length - at)
    if (ZEROS.compare(bytes, at, at + length, 0, length) !== 0) return false
  }
  return true
}
