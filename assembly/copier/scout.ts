// Asks a drive which sectors are known to be zeros, so that holes are neither read nor compared. A drive that cannot tell is read.
//
// For each side one answer is kept: job-relative sectors up to `zeroUntil` are zeros, those up to `dataUntil` may hold anything.

import { DRIVE_GET_LBA_STATUS, LBA_STATUS_BYTES, LBA_STATUS_DATA_SECTORS, LBA_STATUS_ZERO_SECTORS } from '../abi/copier'
import { DRIVE_GONE, DRIVE_OK } from '../abi/driveSlots'
import { isBusy, send, statusOf } from './drive'
import { isVerify, job, SIDE_SOURCE, SIDE_TARGET } from './job'
import { controlBuffer, SLOT_ASK } from './layout'
import { targetAt } from './targets'

@unmanaged
class Scout {
  canTell: u32
  reserved: u32
  askedAt: u64
  zeroUntil: u64
  dataUntil: u64
}

const scouts: usize = memory.data(64, 8)

function scoutOf(side: u32): Scout {
  return changetype<Scout>(scouts + <usize>side * offsetof<Scout>())
}

export function resetScouts(): void {
  memory.fill(scouts, 0, 64)
  scoutOf(SIDE_SOURCE).canTell = 1
  // What a target holds matters to a verify only.
  scoutOf(SIDE_TARGET).canTell = isVerify() ? 1 : 0
}

/** Whether something is known about the sector at `position`; asks if not, and the answer comes to `scoutAnswered`. */
export function knows(side: u32, position: u64): bool {
  const scout = scoutOf(side)
  if (scout.canTell === 0 || position < scout.dataUntil) return true
  const slot = SLOT_ASK + side
  if (isBusy(slot)) return false
  scout.askedAt = position
  const lba = side === SIDE_SOURCE ? job.sourceLba : targetAt(0).lba
  const bay = side === SIDE_SOURCE ? job.sourceBay : targetAt(0).bay
  send(slot, bay, DRIVE_GET_LBA_STATUS, lba + position, 0, controlBuffer(side))
  return false
}

/** Sectors from `position` on that are zeros; 0 when the one there may hold something. */
export function zerosAt(side: u32, position: u64): u64 {
  const scout = scoutOf(side)
  return scout.canTell !== 0 && position < scout.zeroUntil ? scout.zeroUntil - position : 0
}

/** Sectors from `position` on that have to be looked at together. */
export function dataAt(side: u32, position: u64): u64 {
  const scout = scoutOf(side)
  return scout.canTell !== 0 ? scout.dataUntil - position : job.sectors - position
}

/** False: the drive is gone. Any other refusal only means that it cannot tell. */
export function scoutAnswered(side: u32): bool {
  const scout = scoutOf(side)
  const status = statusOf(SLOT_ASK + side)
  if (status === DRIVE_GONE) return false
  const answer = controlBuffer(side)
  const zeros = load<u64>(answer + LBA_STATUS_ZERO_SECTORS)
  const data = load<u64>(answer + LBA_STATUS_DATA_SECTORS)
  const rest = job.sectors - scout.askedAt
  if (status !== DRIVE_OK || (zeros === 0 && data === 0)) {
    scout.canTell = 0
    return true
  }
  scout.zeroUntil = scout.askedAt + min(zeros, rest)
  scout.dataUntil = scout.zeroUntil + min(data, job.sectors - scout.zeroUntil)
  memory.fill(answer, 0, LBA_STATUS_BYTES)
  return true
}
