// CRC-32C (Castagnoli), as in iSCSI: RFC 3720, appendix B.4. Reflected, polynomial 0x1EDC6F41.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1
  return value >>> 0
})

export function crc32c(bytes: Uint8Array): number {
  let value = 0xffff_ffff
  for (let at = 0; at < bytes.length; at++) value = TABLE[(value ^ bytes[at]!) & 0xff]! ^ (value >>> 8)
  return ~value >>> 0
}

/** Of a structure that has its checksum inside, counted as 0. */
export function checksumWithout(bytes: Uint8Array, checksumAt: number): number {
  const copy = new Uint8Array(bytes)
  copy.fill(0, checksumAt, checksumAt + 4)
  return crc32c(copy)
}
