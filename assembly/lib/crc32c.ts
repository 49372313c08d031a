// CRC-32C (Castagnoli), as iSCSI (RFC 7143, appendix A.4) and btrfs use it: reflected polynomial 82F63B78h, start and end inverted.
//
// Four bytes at a time ("slicing-by-4": Kounavis and Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC Generation", IEEE
// Transactions on Computers 57 (11), 2008): table k holds what a byte does that k more bytes follow.

const POLYNOMIAL: u32 = 0x82f63b78
const TABLE_BYTES: usize = 1024
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

/** The checksum of a range of memory; `seed` is the checksum of what precedes it. */
export function crc32c(address: usize, bytes: usize, seed: u32 = 0): u32 {
  let value = ~seed
  const end = address + bytes
  for (const whole = address + (bytes & ~3); address < whole; address += 4) {
    value ^= load<u32>(address)
    value = lookUp(3, value) ^ lookUp(2, value >>> 8) ^ lookUp(1, value >>> 16) ^ lookUp(0, value >>> 24)
  }
  for (; address < end; address++) value = lookUp(0, value ^ load<u8>(address)) ^ (value >>> 8)
  return ~value
}
