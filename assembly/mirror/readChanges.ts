// READ CHANGES (abi/scsi.ts): which sectors of a snapshot differ from the last image, or from the base. What incremental and differential
// images are made from. Regions lie in the data space, so at the ends of a LUN they are cut.

import {
  ASC_INVALID_FIELD_IN_CDB,
  ASC_LBA_OUT_OF_RANGE,
  CHANGES_DESCRIPTOR_BYTES,
  CHANGES_HEADER_BYTES,
  CHANGES_SINCE_BASE,
  SENSE_ILLEGAL_REQUEST,
} from '../abi/scsi'
import { answerGood, answerSense } from './frontEnd'
import { firstOf, sectorsOf } from './luns'
import { BUFFER_BYTES } from './memory'
import { Operation } from './operation'
import { markEnd, markOf, markSectors } from './remoteRecord'
import { hasChanged } from './snapshotRecord'

const DESCRIPTORS_MAX: u32 = (BUFFER_BYTES - CHANGES_HEADER_BYTES) / CHANGES_DESCRIPTOR_BYTES
/** NUMBER OF LOGICAL BLOCKS has 32 bits. */
const RUN_MAX: u64 = 0x80000000

export function readChanges(op: Operation, lun: u32, control: u32, start: u64, allocation: u32): void {
  const sinceBase = (control & CHANGES_SINCE_BASE) != 0
  const sectors = sectorsOf(lun)
  if (start >= sectors) return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_LBA_OUT_OF_RANGE)
  if (allocation < <u32>(CHANGES_HEADER_BYTES + CHANGES_DESCRIPTOR_BYTES)) {
    return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB)
  }
  const room = min(DESCRIPTORS_MAX, (allocation - CHANGES_HEADER_BYTES) / CHANGES_DESCRIPTOR_BYTES)
  const at = <usize>op.buffer
  let bytes: u32 = CHANGES_HEADER_BYTES
  for (let count: u32 = 0, lba = start; count < room && lba < sectors; count++) {
    const changed = hasChanged(markOf(firstOf(lun) + lba), sinceBase)
    const end = runEnd(firstOf(lun) + lba, firstOf(lun) + sectors, changed, sinceBase) - firstOf(lun)
    describeRun(at + bytes, lba, <u32>(end - lba), changed)
    bytes += CHANGES_DESCRIPTOR_BYTES
    lba = end
  }
  store<u32>(at, bswap<u32>(bytes - 4))
  store<u32>(at + 4, bswap<u32>(<u32>markSectors()))
  answerGood(op, bytes)
}

/** Where sectors end that are all changed, or all not. */
function runEnd(from: u64, end: u64, changed: bool, sinceBase: bool): u64 {
  const limit = min(end, from + RUN_MAX)
  let lba = from
  while (lba < limit && hasChanged(markOf(lba), sinceBase) == changed) lba = markEnd(markOf(lba))
  return min(lba, limit)
}

function describeRun(at: usize, lba: u64, sectors: u32, changed: bool): void {
  store<u64>(at, bswap<u64>(lba))
  store<u32>(at + 8, bswap<u32>(sectors))
  store<u32>(at + 12, changed ? 1 : 0)
}
