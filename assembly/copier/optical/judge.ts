// The judging protocol of an optical job: what happens to a chunk between its read and its write. Sector by sector, in order:
//
//   has a code   proven by it, corrected by it if need be; else read again, alone, until one read or all together pass, or the
//                retries are used up
//   has none     the run of such sectors is read once more; those that differ are read again, alone, until at least two reads agree on
//                every byte, and fewer on any other value
//
// What remains wrong is marked, with the reads' best bytes in its place. A power cut at any point: the target is as it was, the durable
// position lies below this chunk, and it is read and judged again.

import { REASON_COMMAND_REFUSED, REASON_SOURCE_DEAD, REASON_SOURCE_GONE } from '../../abi/copier'
import { DRIVE_READ } from '../../abi/driveSlots'
import {
  C2_BYTES,
  DRIVE_READ_C2,
  EXAMINED_BAD,
  EXAMINED_CORRECTED,
  EXAMINED_GOOD,
  EXAMINED_MISPLACED,
  EXAMINED_UNCHECKED,
  LOST_MISPLACED,
  LOST_UNCORRECTABLE,
  LOST_UNSTEADY,
} from '../../abi/optical'
import { isEqual } from '../../lib/bytes'
import { failJob, suspendJob } from '../control'
import { Chunk, job, markLost } from '../job'
import {
  beginTransfer,
  pass,
  settle,
  TRANSFER_DEAD,
  TRANSFER_ENDED,
  TRANSFER_GOES_ON,
  TRANSFER_GONE,
  TRANSFER_LOST,
} from '../transfer'
import { examine } from './correct'
import {
  frameAt,
  KIND_DAMAGED,
  KIND_DATA,
  KIND_DISPUTED,
  KIND_MISPLACED,
  KIND_SOUND,
  KIND_UNCHECKED,
  kindAt,
  POINTED_SECTORS_MAX,
  sectorAt,
  seekKinds,
  setKind,
} from './kinds'
import { CD_SECTOR_BYTES } from './layout'
import {
  clearPointers,
  combine,
  combined,
  doubts,
  doubtsOf,
  isPointed,
  keepFirstRead,
  READS_MAX,
  readAt,
} from './reads'
import { tally } from './tally'

@unmanaged
class Judging {
  /** The sector that is being judged; those before it are through. */
  at: u32
  /** Where the run that is read again ends; 0: a single sector is. */
  runEnd: u32
  /** Reads of the sector so far. */
  reads: u32
}

const judgings: usize = memory.data(96, 8)

function judgingOf(chunk: Chunk): Judging {
  return changetype<Judging>(judgings + <usize>chunk.index * offsetof<Judging>())
}

/** The chunk has been read. True: it is judged; else commands are on their way, and `advanceJudging` hears of them. */
export function beginJudging(chunk: Chunk): bool {
  seekKinds(chunk)
  judgingOf(chunk).at = 0
  return goOn(chunk, judgingOf(chunk))
}

function goOn(chunk: Chunk, judging: Judging): bool {
  while (judging.at < chunk.sectors) {
    const kind = resolve(chunk, judging.at)
    if (kind === KIND_SOUND) {
      judging.at++
      continue
    }
    if (kind === KIND_UNCHECKED) {
      readRunAgain(chunk, judging)
    } else {
      keepFirstRead(chunk, sectorAt(chunk, judging.at))
      judging.reads = 1
      readAgain(chunk, judging)
    }
    return false
  }
  return true
}

/** Looks at a sector of data, once. */
function resolve(chunk: Chunk, at: u32): u32 {
  if (kindAt(chunk, at) !== KIND_DATA) return kindAt(chunk, at)
  let kind = KIND_SOUND
  switch (examine(sectorAt(chunk, at), frameAt(chunk, at), 0)) {
    case EXAMINED_CORRECTED:
      tally.corrected++
      break
    case EXAMINED_BAD:
      kind = KIND_DAMAGED
      break
    case EXAMINED_MISPLACED:
      kind = KIND_MISPLACED
      break
    case EXAMINED_UNCHECKED:
      kind = KIND_UNCHECKED
      break
    default:
  }
  setKind(chunk, at, kind)
  return kind
}

function readRunAgain(chunk: Chunk, judging: Judging): void {
  const limit = job.cannotPoint !== 0 ? chunk.sectors : min(chunk.sectors, judging.at + POINTED_SECTORS_MAX)
  let end = judging.at + 1
  while (end < limit && resolve(chunk, end) === KIND_UNCHECKED) end++
  judging.runEnd = end
  beginRead(chunk, judging.at, end, readAt(chunk, 0))
}

function readAgain(chunk: Chunk, judging: Judging): void {
  judging.runEnd = 0
  beginRead(chunk, judging.at, judging.at + 1, readAt(chunk, judging.reads))
}

/** With pointers, from a drive that has them. */
function beginRead(chunk: Chunk, first: u32, end: u32, buffer: usize): void {
  const op = job.cannotPoint !== 0 ? DRIVE_READ : DRIVE_READ_C2
  job.commandsRepeated++
  beginTransfer(chunk.source, job.sourceBay, op, job.sourceLba + chunk.position, first, end, buffer)
}

/** A command ended. True: the chunk is judged. */
export function advanceJudging(chunk: Chunk): bool {
  const judging = judgingOf(chunk)
  let outcome = settle(chunk.source)
  while (outcome === TRANSFER_LOST && judging.runEnd !== 0) {
    dispute(chunk, chunk.source.cursor, chunk.source.cursor + chunk.source.span)
    outcome = pass(chunk.source)
  }
  switch (outcome) {
    case TRANSFER_GOES_ON:
      return false
    case TRANSFER_ENDED:
      if (judging.runEnd !== 0) compareRun(chunk, judging)
      else weigh(chunk, judging, true)
      break
    case TRANSFER_LOST:
      weigh(chunk, judging, false)
      break
    case TRANSFER_GONE:
      suspendJob(REASON_SOURCE_GONE)
      return false
    case TRANSFER_DEAD:
      suspendJob(REASON_SOURCE_DEAD)
      return false
    default:
      if (chunk.source.op !== DRIVE_READ_C2) {
        failJob(REASON_COMMAND_REFUSED)
        return false
      }
      job.cannotPoint = 1
      if (judging.runEnd !== 0) readRunAgain(chunk, judging)
      else readAgain(chunk, judging)
      return false
  }
  // More reads of this sector are on their way.
  if (judging.runEnd === 0 && kindAt(chunk, judging.at) !== KIND_SOUND) return false
  return goOn(chunk, judging)
}

/** The second read of sectors without a code: those that differ, or have pointers, are looked at one by one. */
function compareRun(chunk: Chunk, judging: Judging): void {
  for (let at = judging.at; at < judging.runEnd; at++) {
    if (kindAt(chunk, at) === KIND_DISPUTED) continue
    const second = readAt(chunk, 0) + <usize>(at - judging.at) * chunk.source.stride
    const isPointedAt = chunk.source.op === DRIVE_READ_C2 && isPointed(second + CD_SECTOR_BYTES)
    if (!isPointedAt && isEqual(sectorAt(chunk, at), second, CD_SECTOR_BYTES)) {
      setKind(chunk, at, KIND_SOUND)
      tally.unchecked++
    } else {
      setKind(chunk, at, KIND_DISPUTED)
    }
  }
}

function dispute(chunk: Chunk, first: u32, end: u32): void {
  for (let at = first; at < end; at++) setKind(chunk, at, KIND_DISPUTED)
}

/** One more read of a sector is there (`isWhole`), or did not come about. */
function weigh(chunk: Chunk, judging: Judging, isWhole: bool): void {
  const read = readAt(chunk, judging.reads)
  if (isWhole && chunk.source.op !== DRIVE_READ_C2) clearPointers(read)
  // A read that failed says nothing, with a pointer at every byte.
  if (!isWhole) memory.fill(read, 0xff, CD_SECTOR_BYTES + C2_BYTES)
  judging.reads++
  const settled = kindAt(chunk, judging.at) === KIND_DISPUTED ? agrees(chunk, judging) : passes(chunk, judging, read)
  if (settled) {
    tally.reread++
    setKind(chunk, judging.at, KIND_SOUND)
    return
  }
  if (judging.reads <= job.retries && judging.reads < READS_MAX) readAgain(chunk, judging)
  else giveUp(chunk, judging)
}

/** Whether most reads agree on every byte. */
function agrees(chunk: Chunk, judging: Judging): bool {
  const open = combine(chunk, 0, judging.reads)
  memory.copy(sectorAt(chunk, judging.at), combined, CD_SECTOR_BYTES)
  return open === 0
}

/** Whether the new read passes, corrected with its own pointers, or all reads together do. */
function passes(chunk: Chunk, judging: Judging, read: usize): bool {
  memory.copy(combined, read, CD_SECTOR_BYTES)
  doubtsOf(read)
  let found = examine(combined, frameAt(chunk, judging.at), doubts)
  if (found === EXAMINED_BAD || found === EXAMINED_MISPLACED) found = examineTogether(chunk, judging, 0)
  // Also without the first read: it has no pointers, and its errors look as good as the others' bytes.
  if (found === EXAMINED_BAD || found === EXAMINED_MISPLACED) found = examineTogether(chunk, judging, 1)
  if (found === EXAMINED_UNCHECKED) {
    // The first read hid that there is no code.
    setKind(chunk, judging.at, KIND_DISPUTED)
    return agrees(chunk, judging)
  }
  if (found !== EXAMINED_GOOD && found !== EXAMINED_CORRECTED) return false
  memory.copy(sectorAt(chunk, judging.at), combined, CD_SECTOR_BYTES)
  return true
}

function examineTogether(chunk: Chunk, judging: Judging, first: u32): u32 {
  combine(chunk, first, judging.reads)
  return examine(combined, frameAt(chunk, judging.at), doubts)
}

function giveUp(chunk: Chunk, judging: Judging): void {
  const kind = kindAt(chunk, judging.at)
  const why = kind === KIND_DISPUTED ? LOST_UNSTEADY : kind === KIND_MISPLACED ? LOST_MISPLACED : LOST_UNCORRECTABLE
  combine(chunk, 0, judging.reads)
  memory.copy(sectorAt(chunk, judging.at), combined, CD_SECTOR_BYTES)
  setKind(chunk, judging.at, KIND_SOUND)
  markLost(chunk, judging.at, 1, why, false)
}
