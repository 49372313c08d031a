// CRC-32C (Castagnoli), as iSCSI (RFC 7143, appendix A.4) and btrfs use it: reflected polynomial 82F63B78h, start and end inverted.

const POLYNOMIAL: u32 = 0x82f63b78
const TABLE: usize = memory.data(1024, 16)

function fillTable(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
    store<u32>(TABLE + (byte << 2), value)
  }
}
fillTable()

/** The checksum of a range of memory; `seed` is the checksum of what precedes it. */
export function crc32c(address: usize, bytes: usize, seed: u32 = 0): u32 {
  let value = ~seed
  for (const end = address + bytes; address < end; address++) {
    value = load<u32>(TABLE + (((value ^ load<u8>(address)) & 0xff) << 2)) ^ (value >>> 8)
  }
  return ~value
}
