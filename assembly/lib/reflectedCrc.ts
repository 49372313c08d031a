// Reflected CRCs of 32 bits, whatever their polynomial: the lowest bit of each byte first, x^31 in the register's lowest bit. Registers are
// plain: who uses one begins it and inverts it. Each polynomial has tables of its own, TABLES_BYTES long, filled once.
//
// Four bytes at a time ("slicing-by-4": Kounavis and Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC Generation", IEEE
// Transactions on Computers 57 (11), 2008): table k holds what a byte does that k more bytes follow.

const TABLE_BYTES: i32 = 1024
export const TABLES_BYTES: i32 = 4 * TABLE_BYTES

export function fillTables(tables: usize, polynomial: u32): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
    store<u32>(tables + (byte << 2), value)
  }
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = lookUp(tables, 0, byte)
    for (let table: usize = 1; table < 4; table++) {
      value = lookUp(tables, 0, value) ^ (value >>> 8)
      store<u32>(tables + table * TABLE_BYTES + (byte << 2), value)
    }
  }
}

function lookUp(tables: usize, table: usize, value: u32): u32 {
  return load<u32>(tables + table * TABLE_BYTES + ((value & 0xff) << 2))
}

/** The register after a range of memory, from what it was before. */
export function run(tables: usize, value: u32, address: usize, bytes: usize): u32 {
  const end = address + bytes
  for (const whole = address + (bytes & ~3); address < whole; address += 4) {
    value ^= load<u32>(address)
    value =
      lookUp(tables, 3, value) ^
      lookUp(tables, 2, value >>> 8) ^
      lookUp(tables, 1, value >>> 16) ^
      lookUp(tables, 0, value >>> 24)
  }
  for (; address < end; address++) value = lookUp(tables, 0, value ^ load<u8>(address)) ^ (value >>> 8)
  return value
}
