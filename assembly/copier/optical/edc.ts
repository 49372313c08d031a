// The error detection code of a data sector (ECMA-130, 14.3): a CRC of 32 bits with the polynomial (x^16 + x^15 + x^2 + 1)(x^16 + x^2 + x + 1),
// lowest bit of each byte first, begun with 0 and stored as it comes out, lowest byte first.

import { fillTables, run, TABLES_BYTES } from '../../lib/reflectedCrc'

/** 8001801Bh, its bits reversed. */
const POLYNOMIAL: u32 = 0xd8018001
const TABLES: usize = memory.data(TABLES_BYTES, 16)
fillTables(TABLES, POLYNOMIAL)

export function edcOf(address: usize, bytes: usize): u32 {
  return run(TABLES, 0, address, bytes)
}
