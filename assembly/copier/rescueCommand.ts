// What START says about a rescue, and the report of its areas. abi/rescue.ts has the layouts.

import { JOB_BYTES } from '../abi/copier'
import { HOST_SLOT_DATA_IN_BYTES } from '../abi/hostSlots'
import {
  AREA_BYTES,
  AREA_LBA,
  AREA_NON_SCRAPED,
  AREA_NON_TRIED,
  AREA_NON_TRIMMED,
  AREA_SECTORS_AND_STATUS,
  AREAS_CAPACITY,
  AREAS_ENTRIES,
  AREAS_FOLLOW,
  AREAS_HEADER_BYTES,
  AREAS_PASS,
  AREAS_PHASE,
  AREAS_POSITION,
  AREAS_SECTORS,
  PHASE_COPYING,
  PHASE_RETRYING,
  RESCUE_AREAS,
  RESCUE_BYTES,
  RESCUE_FLAGS,
  RESCUE_MIN_RATE,
  RESCUE_PASS,
  RESCUE_PHASE,
  RESCUE_POSITION,
  RESCUE_READ_DEADLINE_MS,
  RESCUE_RETRY_PASSES,
  RESCUE_SKIP_FIRST,
  RESCUE_SKIP_MAX,
} from '../abi/rescue'
import { ASC_INVALID_FIELD_IN_CDB, SENSE_ILLEGAL_REQUEST } from '../abi/scsi'
import { answerCheck, answerGood } from './answer'
import { addArea, dropAreas, isAreaStatus, sectorsThatAre, takeAreas } from './areas'
import { keptCount, keptEntry, keptRescue } from './areasKept'
import { longWord, putLongWord, putWord, word } from './bigEndian'
import { isRescue, job } from './job'
import { durableSlot } from './journal'
import { hostBuffer, hostSlotAddress } from './layout'
import { continuePass, Rescue, rescue } from './passes'

const COPYING_PASSES: u32 = 5

/** Takes the rescue block and the areas behind it; false when they cannot be. `job` has been filled in. */
export function takeRescueBlock(block: usize, bytes: u32): bool {
  memory.fill(changetype<usize>(rescue), 0, offsetof<Rescue>())
  dropAreas()
  if (bytes < <u32>(JOB_BYTES + RESCUE_BYTES)) return false
  rescue.flags = word(block + RESCUE_FLAGS)
  rescue.skipFirst = word(block + RESCUE_SKIP_FIRST)
  rescue.skipMax = word(block + RESCUE_SKIP_MAX)
  rescue.retryPasses = word(block + RESCUE_RETRY_PASSES)
  rescue.minRateKib = word(block + RESCUE_MIN_RATE)
  rescue.readDeadlineMs = word(block + RESCUE_READ_DEADLINE_MS)
  const count = word(block + RESCUE_AREAS)
  if (count > <u32>AREAS_CAPACITY || bytes < <u32>(JOB_BYTES + RESCUE_BYTES) + count * AREA_BYTES) return false
  return (count === 0 || takeStartAreas(block + JOB_BYTES + RESCUE_BYTES, count)) && takeStartPass(block)
}

/** From the job's first sector to its last, without gaps. */
function takeStartAreas(at: usize, count: u32): bool {
  let end: u64 = 0
  for (let index: u32 = 0; index < count; index++, at += AREA_BYTES) {
    const rest = longWord(at + AREA_SECTORS_AND_STATUS)
    const status = <u32>(rest & 0xff)
    const sectors = rest >> 8
    if (longWord(at + AREA_LBA) !== job.sourceLba + end || sectors === 0 || !isAreaStatus(status)) return false
    addArea(end, status)
    end += sectors
  }
  if (end !== job.sectors) return false
  takeAreas(end)
  return true
}

/** Where an earlier rescue was: a pass of copying goes on there, and one of retrying if nothing else is left; else the first pass begins. */
function takeStartPass(block: usize): bool {
  const phase = word(block + RESCUE_PHASE)
  const pass = word(block + RESCUE_PASS)
  const position = longWord(block + RESCUE_POSITION)
  if (phase === 0) return true
  const isCopying = phase === PHASE_COPYING && pass >= 1 && pass <= COPYING_PASSES
  if (!isCopying && !(phase === PHASE_RETRYING && pass >= 1)) return false
  if (position < job.sourceLba || position > job.sourceLba + job.sectors) return false
  const isLeft =
    sectorsThatAre(AREA_NON_TRIED) + sectorsThatAre(AREA_NON_TRIMMED) + sectorsThatAre(AREA_NON_SCRAPED) > 0
  if (isCopying || (rescue.retryPasses > 0 && !isLeft)) continuePass(phase, pass, position - job.sourceLba)
  return true
}

/** As the last checkpoint has them. */
export function reportAreas(slot: u32, cdb: usize): void {
  const room = min(load<u32>(hostSlotAddress(slot) + HOST_SLOT_DATA_IN_BYTES), word(cdb + 10))
  if (room < <u32>AREAS_HEADER_BYTES || !isRescue() || job.known === 0) {
    return answerCheck(slot, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB, 0)
  }
  const count = keptCount(durableSlot)
  const first = min(word(cdb + 2), count)
  const follow = min(count - first, (room - AREAS_HEADER_BYTES) / AREA_BYTES)
  const kept = keptRescue(durableSlot)
  const buffer = hostBuffer(slot)
  putWord(buffer + AREAS_ENTRIES, count)
  putWord(buffer + AREAS_FOLLOW, follow)
  putLongWord(buffer + AREAS_SECTORS, job.sectors)
  putWord(buffer + AREAS_PHASE, kept.phase)
  putWord(buffer + AREAS_PASS, kept.pass)
  putLongWord(buffer + AREAS_POSITION, job.sourceLba + kept.cursor)
  let at = buffer + AREAS_HEADER_BYTES
  for (let index = first; index < first + follow; index++, at += AREA_BYTES) {
    const entry = keptEntry(durableSlot, index)
    const start = entry >> 8
    const end = index + 1 < count ? keptEntry(durableSlot, index + 1) >> 8 : job.sectors
    putLongWord(at + AREA_LBA, job.sourceLba + start)
    putLongWord(at + AREA_SECTORS_AND_STATUS, ((end - start) << 8) | (entry & 0xff))
  }
  answerGood(slot, AREAS_HEADER_BYTES + follow * AREA_BYTES)
}
