// CRC-32C (Castagnoli), as iSCSI (RFC 7143, appendix A.4) and btrfs use it: reflected polynomial 82F63B78h, start and end inverted.

import { fillTables, run, TABLES_BYTES } from './reflectedCrc'

const POLYNOMIAL: u32 = 0x82f63b78
const TABLES: usize = memory.data(TABLES_BYTES, 16)
fillTables(TABLES, POLYNOMIAL)

/** The checksum of a range of memory; `seed` is the checksum of what precedes it. */
export function crc32c(address: usize, bytes: usize, seed: u32 = 0): u32 {
  return ~run(TABLES, ~seed, address, bytes)
}
