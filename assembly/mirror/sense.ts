// Sense data, fixed format: SPC-5 table 48.

import { SENSE_FIXED_BYTES, SENSE_FIXED_CURRENT } from '../abi/scsi'

/** Writes 18 bytes of sense data to `at`. `lba` goes into the INFORMATION field if it fits there; all ones = none. */
export function writeSense(at: usize, key: u32, code: u32, lba: u64): void {
  memory.fill(at, 0, SENSE_FIXED_BYTES)
  const hasInformation = lba <= 0xffffffff
  store<u8>(at, <u8>(SENSE_FIXED_CURRENT | (hasInformation ? 0x80 : 0)))
  store<u8>(at + 2, <u8>key)
  if (hasInformation) store<u32>(at + 3, bswap<u32>(<u32>lba))
  // ADDITIONAL SENSE LENGTH: what follows byte 7.
  store<u8>(at + 7, <u8>(SENSE_FIXED_BYTES - 8))
  store<u16>(at + 12, bswap<u16>(<u16>code))
}
