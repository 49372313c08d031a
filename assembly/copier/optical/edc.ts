// The error detection code of a data sector (ECMA-130, 14.3): a CRC of 32 bits with the polynomial (x^16 + x^15 + x^2 + 1)(x^16 + x^2 + x + 1),
// lowest bit of each byte first, begun with 0 and stored as it comes out, lowest byte first.

/** 8001801Bh, its bits reversed. */
const POLYNOMIAL: u32 = 0xd8018001
const TABLE_BYTES: usize = 1024
/** Slicing by 4, as in lib/crc32c.ts: table k holds what a byte does that k more bytes follow. */
const TABLES: usize = memory.data(4 * 1024, 16)

function fillTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
    store<u32>(TABLES + (byte << 2), value)
  }
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = lookUp(0, byte)
    for (let table: usize = 1; table < 4; table++) {
      value = lookUp(0, value) ^ (value >>> 8)
      store<u32>(TABLES + table * TABLE_BYTES + (byte << 2), value)
    }
  }
}
fillTables()

function lookUp(table: usize, value: u32): u32 {
  return load<u32>(TABLES + table * TABLE_BYTES + ((value & 0xff) << 2))
}

/** Of a range whose length is a multiple of 4: all ranges of a sector are. */
export function edcOf(address: usize, bytes: usize): u32 {
  let value: u32 = 0
  for (const end = address + bytes; address < end; address += 4) {
    value ^= load<u32>(address)
    value = lookUp(3, value) ^ lookUp(2, value >>> 8) ^ lookUp(1, value >>> 16) ^ lookUp(0, value >>> 24)
  }
  return value
}
