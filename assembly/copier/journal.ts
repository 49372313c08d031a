// The job in battery-backed RAM: two slots that are written in turn, each a record with a sequence number and a checksum, and the list.
//
//   offset 0          256         512
//          +----------+-----------+------------------------------+
//          | record A | record B  | entries of the list, 16 each |      (a rescue: two copies of its map, areasKept.ts; a job
//          +----------+-----------+------------------------------+      of several targets: these behind it, targetsKept.ts)
//
// A record is written over the older one, and committed after the entries that it counts. Whatever a power cut leaves of an uncommitted
// record, its checksum gives it away and the other one counts; entries that no record counts mean nothing.
// Why the list needs no second copy: it only grows, and what a durable record counts is not stored to again.

import { COPY_ENTRY_BYTES, JOB_FLAG_TARGETS } from '../abi/copier'
import { JOB_FLAG_RESCUE } from '../abi/rescue'
import { commitNvram } from '../hal/hal'
import { crc32c } from '../lib/crc32c'
import { keepAreas, keptCrc, loadAreas } from './areasKept'
import { hasSeveralTargets, isRescue, job } from './job'
import { JOURNAL_LIST, JOURNAL_SLOT_BYTES, nvram } from './layout'
import { entryAt, list } from './list'
import { recountTargets } from './listMarks'
import { addTarget, clearTargets, targetAt } from './targets'
import { keepTargets, loadTargets, withTargets } from './targetsKept'

/** 'PCOP', little-endian. */
const MAGIC: u32 = 0x504f4350
const VERSION: u32 = 2

@unmanaged
class JournalRecord {
  magic: u32
  version: u32
  sequence: u64
  state: u32
  reason: u32
  flags: u32
  sourceBay: u32
  targetBay: u32
  sectorBytes: u32
  chunkSectors: u32
  retries: u32
  zeroSectors: u32
  sourceDrive: u32
  targetDrive: u32
  listEntries: u32
  sourceLba: u64
  targetLba: u64
  sectors: u64
  checkpointSectors: u64
  errorLimit: u64
  position: u64
  skipped: u64
  lostSectors: u64
  droppedSectors: u64
  firstFrame: u32
  listCrc: u32
  crc: u32
}

/** How far a job is, consistently: what a record says, and what a rewind goes back to. */
@unmanaged
export class Mark {
  position: u64
  skipped: u64
  lostSectors: u64
  droppedSectors: u64
  listEntries: u32
}

/** The mark that survives a power cut. */
export const durable: Mark = changetype<Mark>(memory.data(40, 8))

let sequence: u64 = 0
/** Where the last whole record is: it was written, or loaded. */
export let durableSlot: u32 = 0
/** Checksum of the entries below durable.listEntries. */
let listCrc: u32 = 0

/** Takes the job's present place; entries so far are sealed. */
export function takeMark(mark: Mark): void {
  mark.position = job.position
  mark.skipped = job.skipped
  mark.lostSectors = list.sectors
  mark.droppedSectors = list.dropped
  mark.listEntries = list.entries
  list.sealed = list.entries
}

/** Takes counters back to a mark; chunks and position are the caller's. */
export function returnTo(mark: Mark): void {
  job.skipped = mark.skipped
  list.sectors = mark.lostSectors
  list.dropped = mark.droppedSectors
  list.entries = mark.listEntries
  list.sealed = mark.listEntries
  recountTargets()
  if (isRescue() && job.known !== 0) loadAreas(durableSlot)
}

function recordAt(slot: u32): JournalRecord {
  return changetype<JournalRecord>(nvram + <usize>(slot * JOURNAL_SLOT_BYTES))
}

function recordCrc(record: JournalRecord): u32 {
  return crc32c(changetype<usize>(record), offsetof<JournalRecord>('crc'))
}

/** Makes `mark` durable, with the state that a boot should find. */
export function writeRecord(state: u32, reason: u32, mark: Mark): void {
  const slot = <u32>(++sequence & 1)
  if (isRescue()) listCrc = keepAreas(slot)
  else keepList(mark)
  if (hasSeveralTargets()) keepTargets(slot)
  const record = recordAt(slot)
  record.magic = MAGIC
  record.version = VERSION
  record.sequence = sequence
  record.state = state
  record.reason = reason
  record.flags = job.flags
  record.sourceBay = job.sourceBay
  record.targetBay = targetAt(0).bay
  record.sectorBytes = job.sectorBytes
  record.chunkSectors = job.chunkSectors
  record.retries = job.retries
  record.zeroSectors = job.zeroSectors
  record.sourceDrive = job.sourceDrive
  record.targetDrive = targetAt(0).drive
  record.listEntries = mark.listEntries
  record.sourceLba = job.sourceLba
  record.targetLba = targetAt(0).lba
  record.sectors = job.sectors
  record.checkpointSectors = job.checkpointSectors
  record.errorLimit = job.errorLimit
  record.position = mark.position
  record.skipped = mark.skipped
  record.lostSectors = mark.lostSectors
  record.droppedSectors = mark.droppedSectors
  record.firstFrame = job.firstFrame
  record.listCrc = hasSeveralTargets() ? withTargets(listCrc, slot) : listCrc
  record.crc = recordCrc(record)
  // A power cut before this line: the other record counts. After it: this one.
  commitNvram(slot * JOURNAL_SLOT_BYTES, JOURNAL_SLOT_BYTES)
  memory.copy(changetype<usize>(durable), changetype<usize>(mark), offsetof<Mark>())
  durableSlot = slot
}

function keepList(mark: Mark): void {
  const known = durable.listEntries
  const grown = (mark.listEntries - known) * COPY_ENTRY_BYTES
  listCrc = crc32c(entryAt(known), grown, listCrc)
  if (grown > 0) commitNvram(JOURNAL_LIST + known * COPY_ENTRY_BYTES, grown)
}

function isWhole(slot: u32): bool {
  const record = recordAt(slot)
  if (record.magic !== MAGIC || record.version !== VERSION || record.crc !== recordCrc(record)) return false
  if ((record.flags & JOB_FLAG_RESCUE) !== 0) return record.listCrc === keptCrc(slot)
  const crc = entriesCrc(record)
  return record.listCrc === ((record.flags & JOB_FLAG_TARGETS) !== 0 ? withTargets(crc, slot) : crc)
}

function entriesCrc(record: JournalRecord): u32 {
  return crc32c(entryAt(0), <usize>record.listEntries * COPY_ENTRY_BYTES)
}

export const JOURNAL_EMPTY: u32 = 0
export const JOURNAL_LOADED: u32 = 1
/** There was a job, and no record of it is whole. */
export const JOURNAL_LOST: u32 = 2

/** Loads the newer whole record into the job; the state that it holds is in `loadedState`. */
export function loadRecord(): u32 {
  sequence = 0
  listCrc = 0
  memory.fill(changetype<usize>(durable), 0, offsetof<Mark>())
  const a = recordAt(0)
  const b = recordAt(1)
  const hasA = isWhole(0)
  const hasB = isWhole(1)
  if (!hasA && !hasB) return a.magic === MAGIC || b.magic === MAGIC ? JOURNAL_LOST : JOURNAL_EMPTY
  durableSlot = hasA && (!hasB || a.sequence > b.sequence) ? 0 : 1
  const record = recordAt(durableSlot)
  sequence = record.sequence
  if ((record.flags & JOB_FLAG_RESCUE) === 0) listCrc = entriesCrc(record)
  job.state = record.state
  job.reason = record.reason
  job.flags = record.flags
  job.sourceBay = record.sourceBay
  job.sectorBytes = record.sectorBytes
  job.chunkSectors = record.chunkSectors
  job.retries = record.retries
  job.zeroSectors = record.zeroSectors
  job.sourceDrive = record.sourceDrive
  job.sourceLba = record.sourceLba
  job.sectors = record.sectors
  job.checkpointSectors = record.checkpointSectors
  job.errorLimit = record.errorLimit
  job.firstFrame = record.firstFrame
  clearTargets()
  addTarget(record.targetBay, record.flags, record.targetLba)
  targetAt(0).drive = record.targetDrive
  if (hasSeveralTargets()) loadTargets(durableSlot)
  durable.position = record.position
  durable.skipped = record.skipped
  durable.lostSectors = record.lostSectors
  durable.droppedSectors = record.droppedSectors
  durable.listEntries = record.listEntries
  job.known = 1
  return JOURNAL_LOADED
}

/** Forgets the job for good: both records, each committed before anything else happens. */
export function clearRecords(): void {
  memory.fill(nvram, 0, JOURNAL_LIST)
  commitNvram(0, JOURNAL_LIST)
  sequence = 0
  listCrc = 0
  memory.fill(changetype<usize>(durable), 0, offsetof<Mark>())
}
