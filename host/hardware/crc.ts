// Cyclic redundancy checks, as plain registers: begun and inverted by the caller.

/** What each byte does to the register of a reflected CRC of 32 bits: the lowest bit of each byte first, the polynomial's x^31 lowest. */
export function reflectedTable(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
    return value
  })
}

/** x^16 + x^12 + x^5 + 1, the highest bit first, begun with 0: of subchannel Q (ECMA-130, 22.3.6) and of UDF (ECMA-167, 3/7.2.6). */
export function crc16(bytes: Uint8Array): number {
  let register = 0
  for (const byte of bytes) {
    register ^= byte << 8
    for (let bit = 0; bit < 8; bit++) register = register & 0x8000 ? (register << 1) ^ 0x1021 : register << 1
  }
  return register & 0xffff
}
