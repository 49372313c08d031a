// The text that blkparse prints by default (blkparse(1), "DEFAULT OUTPUT"): one event of the block layer a line.
//
//   8,0    3        1     0.000000000   697  G   W 223490 + 8 [kjournald]
//   major,minor  cpu  sequence  seconds.nanoseconds  pid  action  RWBS  then what the action has: sector + blocks [process], ...
//
// One action is replayed: D (handed to the drive) or Q (queued; devices without a scheduler, as md, have only these). Every other line is
// skipped. Blocks have 512 bytes. RWBS: R, W, D (discard, DE = secure erase), N (no data); an F before them is a flush before the
// request, an F after them is FUA; B (old kernels) is a barrier: both. S, A, M do not matter here. Requests of the pass-through kind have
// no address that means anything: they are counted and left out. The summary at the end (CPU0 (...), Total (...)) ends the trace.

import { IO_FLUSH, IO_READ, IO_TRIM, IO_WRITE } from '../io'
import type { LineReader } from './lineReader'
import { TraceBuilder, type TraceData } from './traceData'

const NS_PER_SECOND = 1_000_000_000
const BLOCK_BYTES = 512
const OPENING_BRACKET = 91
const OPENING_PARENTHESIS = 40

const SUMMARY_STARTS = ['CPU', 'Total ', 'Events ', 'Throughput ']

export type BlkparseAction = 'D' | 'Q'

/** What RWBS says; op 0 = no transfer. */
interface RequestKind {
  readonly op: number
  readonly flushBefore: boolean
  readonly fua: boolean
}

const RWBS = 'RWBS: letters such as R, WS, FWFS, D'

/** null: not a word of this kind. */
function readKind(rwbs: string): RequestKind | null {
  const match = /^(F?)(R|WZ|W|DE|D|N|F)([FASMBN]*)$/.exec(rwbs)
  if (!match) return null
  const [, before, kind, after] = match
  const barrier = after!.includes('B')
  const isFlush = before === 'F' || kind === 'F' || barrier
  const isWrite = kind === 'W' || kind === 'WZ'
  const op = kind === 'R' ? IO_READ : isWrite ? IO_WRITE : kind!.startsWith('D') ? IO_TRIM : 0
  return { op, flushBefore: isFlush, fua: isWrite && (after!.includes('F') || barrier) }
}

/** `action` absent: D if the trace has any, else Q. */
export function readBlkparse(makeReader: () => LineReader, action?: BlkparseAction): TraceData {
  if (action !== undefined) return readEvents(makeReader(), action)
  const issued = readEvents(makeReader(), 'D')
  if (issued.count > 0) return issued
  const queued = readEvents(makeReader(), 'Q')
  return queued.count === 0
    ? queued
    : {
        ...queued,
        notes: [...queued.notes, `${queued.file}: no request was issued (D): the queued ones (Q) are replayed`],
      }
}

function readEvents(reader: LineReader, wanted: BlkparseAction): TraceData {
  const builder = new TraceBuilder()
  let passThrough = 0
  while (reader.nextLine()) {
    if (SUMMARY_STARTS.some((start) => reader.startsWith(start))) break
    if (reader.startsWith('Input file ')) continue
    const name = reader.word('a device: major,minor')
    if (!/^[0-9]+,[0-9]+$/.test(name)) reader.fail('a device (major,minor) or the summary', reader.mark() - name.length)
    reader.expectBlanks('a CPU')
    reader.integer('a CPU')
    reader.expectBlanks('a sequence number')
    reader.integer('a sequence number')
    reader.expectBlanks('a time in seconds')
    const timeNs = reader.decimalNs(NS_PER_SECOND, 'a time in seconds')
    reader.expectBlanks('a process id')
    reader.integer('a process id')
    reader.expectBlanks('an action')
    if (reader.word('an action') !== wanted) continue
    reader.expectBlanks(RWBS)
    const at = reader.mark()
    const kind = readKind(reader.word(RWBS))
    if (kind === null) reader.fail(RWBS, at)
    if (!addRequest(builder, reader, kind, timeNs, builder.device(name))) passThrough++
  }
  if (passThrough > 0) builder.notes.push(`${reader.file}: ${passThrough} pass-through requests left out`)
  return builder.finish(reader.file, 'blkparse')
}

/** False: a pass-through request, which is left out. */
function addRequest(
  builder: TraceBuilder,
  reader: LineReader,
  kind: RequestKind,
  timeNs: number,
  device: number,
): boolean {
  reader.skipBlanks()
  const hasExtent = !reader.atEnd() && reader.peek() !== OPENING_BRACKET && reader.peek() !== OPENING_PARENTHESIS
  if (!hasExtent && !kind.flushBefore) return false
  if (kind.flushBefore) builder.add(IO_FLUSH, 0, 0, timeNs, device, reader.line)
  if (!hasExtent) return true
  const sector = reader.integer('a sector')
  reader.skipBlanks()
  if (reader.peek() === OPENING_PARENTHESIS) return kind.flushBefore // pass-through: a length in bytes, then the command
  reader.expect('+', '"+" and a number of blocks')
  reader.skipBlanks()
  const blocks = reader.integer('a number of blocks')
  if (kind.op === 0) return kind.flushBefore
  if (blocks > 0) {
    builder.add(kind.op, sector * BLOCK_BYTES, blocks * BLOCK_BYTES, timeNs, device, reader.line, kind.fua)
  }
  return true
}
