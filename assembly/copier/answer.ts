// How a command in a host slot is answered: a status, and sense data whenever it is not GOOD.

import { HOST_SLOT_SENSE, HOST_SLOT_SENSE_LENGTH, HOST_SLOT_STATUS, HOST_SLOT_TRANSFERRED } from '../abi/hostSlots'
import { SCSI_CHECK_CONDITION, SCSI_GOOD, SENSE_FIXED_BYTES, SENSE_FIXED_CURRENT } from '../abi/scsi'
import { complete } from '../hal/hal'
import { hostSlotAddress } from './layout'

/** SPC-5 4.5.3: the INFORMATION field is valid. */
const SENSE_VALID: u8 = 0x80

export function answerGood(slot: u32, transferred: u32): void {
  const at = hostSlotAddress(slot)
  store<u32>(at + HOST_SLOT_STATUS, SCSI_GOOD)
  store<u32>(at + HOST_SLOT_TRANSFERRED, transferred)
  store<u32>(at + HOST_SLOT_SENSE_LENGTH, 0)
  complete(slot)
}

/** Fixed format sense data; the LBA goes into INFORMATION where it fits. */
export function answerCheck(slot: u32, key: u32, code: u32, lba: u64): void {
  const at = hostSlotAddress(slot)
  const sense = at + HOST_SLOT_SENSE
  memory.fill(sense, 0, SENSE_FIXED_BYTES)
  store<u8>(sense, <u8>SENSE_FIXED_CURRENT | (lba <= <u64>u32.MAX_VALUE && lba !== 0 ? SENSE_VALID : 0))
  store<u8>(sense, <u8>key, 2)
  if (lba <= <u64>u32.MAX_VALUE) store<u32>(sense, bswap<u32>(<u32>lba), 3)
  store<u8>(sense, SENSE_FIXED_BYTES - 8, 7)
  store<u8>(sense, <u8>(code >> 8), 12)
  store<u8>(sense, <u8>code, 13)
  store<u32>(at + HOST_SLOT_STATUS, SCSI_CHECK_CONDITION)
  store<u32>(at + HOST_SLOT_TRANSFERRED, 0)
  store<u32>(at + HOST_SLOT_SENSE_LENGTH, SENSE_FIXED_BYTES)
  complete(slot)
}
