// MSR Cambridge traces (D. Narayanan et al., "Write Off-Loading", FAST '08; SNIA IOTTA, block I/O traces 387 and 388): CSV, no header.
//
//   Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime
//   128166372003061629,hm,0,Read,8192,4096,1331
//
// Timestamp in Windows filetime: ticks of 100 ns since 1601, beyond 2^53, so it is read in two halves and counted from the first record.
// Type Read or Write; Offset and Size in bytes. Lines need not be in the order of time. A header line, which some copies have, is skipped.
// A device is called Hostname.DiskNumber.

import type { LineReader } from './lineReader'
import { readOrWrite, TraceBuilder, type TraceData } from './traceData'

const NS_PER_TICK = 100
/** Digits of the lower half of a timestamp. */
const LOW_DIGITS = 9

export function readMsr(reader: LineReader): TraceData {
  const builder = new TraceBuilder()
  let firstHigh = 0
  let firstLow = 0
  let earliestNs = 0
  while (reader.nextLine()) {
    if (reader.line === 1 && reader.startsWith('Timestamp,')) continue
    const at = reader.mark()
    const stamp = reader.word('a timestamp in filetime', ',')
    if (!/^[0-9]{10,19}$/.test(stamp)) reader.fail('a timestamp in filetime: 10 to 19 digits', at)
    const high = Number(stamp.slice(0, -LOW_DIGITS))
    const low = Number(stamp.slice(-LOW_DIGITS))
    if (builder.count === 0) {
      firstHigh = high
      firstLow = low
    }
    const timeNs = ((high - firstHigh) * 10 ** LOW_DIGITS + (low - firstLow)) * NS_PER_TICK
    if (!Number.isSafeInteger(timeNs)) reader.fail('a time within 100 days of the first record', at)
    earliestNs = Math.min(earliestNs, timeNs)
    reader.expect(',', 'a comma')
    const host = reader.word('a host name', ',')
    reader.expect(',', 'a comma')
    const disk = reader.integer('a disk number')
    reader.expect(',', 'a comma')
    const op = readOrWrite(isRead(reader))
    reader.expect(',', 'a comma')
    const offsetBytes = reader.integer('an offset in bytes')
    reader.expect(',', 'a comma')
    const lengthBytes = reader.integer('a size in bytes')
    reader.expect(',', 'a comma')
    reader.integer('a response time in ticks of 100 ns')
    reader.expectEnd()
    builder.add(op, offsetBytes, lengthBytes, timeNs, builder.device(`${host}.${disk}`), reader.line)
  }
  const data = builder.finish(reader.file, 'msr')
  // Earlier lines may come later: the earliest record is the start.
  if (earliestNs < 0) for (let i = 0; i < data.count; i++) data.timesNs[i]! -= earliestNs
  return data
}

function isRead(reader: LineReader): boolean {
  const at = reader.mark()
  const type = reader.word('Read or Write', ',')
  if (type !== 'Read' && type !== 'Write') reader.fail('Read or Write', at)
  return type === 'Read'
}
