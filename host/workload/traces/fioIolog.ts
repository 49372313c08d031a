// fio's I/O log, versions 2 and 3 (fio's HOWTO, "Trace file format"; checked against logs that fio 3.33 wrote).
//
//   fio version 2 iolog                      fio version 3 iolog
//   FILE add | open | close                  TIME FILE add | open | close
//   FILE read|write|trim OFFSET LENGTH       TIME FILE read|write|trim OFFSET LENGTH
//   FILE sync|datasync [OFFSET LENGTH]       TIME FILE sync|datasync [OFFSET LENGTH]
//   FILE wait MICROSECONDS [...]
//
// Offsets and lengths in bytes. TIME in microseconds from the start of the run; one that goes back means no delay. A wait counts from
// the start of the log, not from the wait before (that is what fio does, whatever its manual says), and one below 100 µs is ignored.
// Version 1 (`rw, offset, length`, until 2008) is refused.

import { IO_FLUSH, IO_READ, IO_TRIM, IO_WRITE } from '../io'
import type { LineReader } from './lineReader'
import { TraceBuilder, type TraceData } from './traceData'

const NS_PER_US = 1_000
const WAIT_LEAST_NS = 100 * NS_PER_US

const TRANSFERS: ReadonlyMap<string, number> = new Map([
  ['read', IO_READ],
  ['write', IO_WRITE],
  ['trim', IO_TRIM],
])
const FLUSHES: ReadonlySet<string> = new Set(['sync', 'datasync', 'sync_file_range'])
const FILE_ACTIONS: ReadonlySet<string> = new Set(['add', 'open', 'close'])
const ACTION = 'an action: add, open, close, read, write, trim, sync, datasync'

export function readFioIolog(reader: LineReader): TraceData {
  const header = 'the first line "fio version 2 iolog" or "fio version 3 iolog"'
  if (!reader.nextLine()) reader.fail(header)
  const version = /^fio version ([23]) iolog\s*$/.exec(reader.rest())?.[1]
  if (version === undefined) reader.fail(header)
  const builder = new TraceBuilder()
  let timeNs = 0
  while (reader.nextLine()) {
    if (version === '3') {
      timeNs = Math.max(timeNs, reader.integer('a time in microseconds') * NS_PER_US)
      reader.expectBlanks('a file name')
    }
    const device = builder.device(reader.word('a file name'))
    reader.expectBlanks(ACTION)
    const at = reader.mark()
    const action = reader.word(ACTION)
    const op = TRANSFERS.get(action)
    if (op !== undefined) {
      reader.expectBlanks('an offset in bytes')
      const offsetBytes = reader.integer('an offset in bytes')
      reader.expectBlanks('a length in bytes')
      builder.add(op, offsetBytes, reader.integer('a length in bytes'), timeNs, device, reader.line)
      reader.expectEnd()
    } else if (FLUSHES.has(action)) {
      builder.add(IO_FLUSH, 0, 0, timeNs, device, reader.line)
    } else if (action === 'wait' && version === '2') {
      reader.expectBlanks('microseconds to wait')
      const waitNs = reader.integer('microseconds to wait') * NS_PER_US
      if (waitNs >= WAIT_LEAST_NS) timeNs = Math.max(timeNs, waitNs)
    } else if (!FILE_ACTIONS.has(action)) {
      reader.fail(version === '2' ? `${ACTION}, wait` : ACTION, at)
    }
  }
  return builder.finish(reader.file, 'fio-iolog')
}
