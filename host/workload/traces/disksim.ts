// DiskSim's two ASCII formats and MQSim's: blanks between fields, blocks of 512 bytes.
//
// disksim (manual 4.1.1):  ARRIVAL(ms, decimal) DEVICE BLOCK BLOCKS FLAGS(hex; bit 0 = read)       13.191135 30 0 5 1
// disksim-validate:        R|W WORD BLOCK BLOCKS SERVICE(µs) GAP(µs)                               R Hit 1975456 4 15362.0 56074.0
//                          the gap lies between a completion and the next arrival; so the next arrives SERVICE + GAP later
// mqsim:                   ARRIVAL(integer) DEVICE SECTOR SECTORS TYPE(0 = write, 1 = read)        1000 0 2048 8 1
//                          in nanoseconds, unless told that the trace counts picoseconds or microseconds
//
// Of DiskSim's other flags (time-critical, time-limited, sequential, ...) none changes what is read or written: they are dropped.

import type { LineReader } from './lineReader'
import { readOrWrite, TraceBuilder, type TraceData } from './traceData'

const BLOCK_BYTES = 512
const NS_PER_MS = 1_000_000
const NS_PER_US = 1_000
/** DISKSIM_READ in disksim_global.h. */
const FLAG_READ = 1
const FLAGS = 'flags in hexadecimal'

export function readDiskSim(reader: LineReader): TraceData {
  const builder = new TraceBuilder()
  while (reader.nextLine()) {
    const timeNs = reader.decimalNs(NS_PER_MS, 'an arrival time in milliseconds')
    reader.expectBlanks('a device number')
    const device = builder.device(String(reader.integer('a device number')))
    const { offsetBytes, lengthBytes } = readExtent(reader)
    reader.expectBlanks(FLAGS)
    const at = reader.mark()
    const flags = reader.word(FLAGS)
    if (!/^(0x)?[0-9a-f]{1,8}$/i.test(flags)) reader.fail(FLAGS, at)
    reader.expectEnd()
    const isRead = (Number.parseInt(flags, 16) & FLAG_READ) !== 0
    builder.add(readOrWrite(isRead), offsetBytes, lengthBytes, timeNs, device, reader.line)
  }
  return builder.finish(reader.file, 'disksim')
}

export function readDiskSimValidate(reader: LineReader): TraceData {
  const builder = new TraceBuilder()
  const device = builder.device('0')
  let timeNs = 0
  while (reader.nextLine()) {
    const at = reader.mark()
    const direction = reader.word('R or W')
    if (direction !== 'R' && direction !== 'W') reader.fail('R or W', at)
    reader.expectBlanks('a word such as Hit or Miss')
    reader.word('a word such as Hit or Miss')
    const { offsetBytes, lengthBytes } = readExtent(reader)
    builder.add(readOrWrite(direction === 'R'), offsetBytes, lengthBytes, timeNs, device, reader.line)
    reader.expectBlanks('a service time in microseconds')
    timeNs += reader.decimalNs(NS_PER_US, 'a service time in microseconds')
    reader.expectBlanks('a gap in microseconds')
    timeNs += reader.decimalNs(NS_PER_US, 'a gap in microseconds')
    reader.expectEnd()
  }
  return builder.finish(reader.file, 'disksim-validate')
}

export type MqsimTimeUnit = 'picoseconds' | 'nanoseconds' | 'microseconds'

const MQSIM_UNITS_PER_NS: Readonly<Record<MqsimTimeUnit, number>> = {
  picoseconds: 1000,
  nanoseconds: 1,
  microseconds: 1 / 1000,
}

export function readMqsim(reader: LineReader, timeUnit: MqsimTimeUnit = 'nanoseconds'): TraceData {
  const builder = new TraceBuilder()
  while (reader.nextLine()) {
    const timeNs = Math.round(reader.integer('an arrival time, an integer') / MQSIM_UNITS_PER_NS[timeUnit])
    reader.expectBlanks('a device number')
    const device = builder.device(String(reader.integer('a device number')))
    const { offsetBytes, lengthBytes } = readExtent(reader)
    reader.expectBlanks('0 (write) or 1 (read)')
    const at = reader.mark()
    const type = reader.integer('0 (write) or 1 (read)')
    if (type > 1) reader.fail('0 (write) or 1 (read)', at)
    reader.expectEnd()
    builder.add(readOrWrite(type === 1), offsetBytes, lengthBytes, timeNs, device, reader.line)
  }
  return builder.finish(reader.file, 'mqsim')
}

function readExtent(reader: LineReader): { offsetBytes: number; lengthBytes: number } {
  reader.expectBlanks('a first block')
  const at = reader.mark()
  const offsetBytes = reader.integer('a first block') * BLOCK_BYTES
  reader.expectBlanks('a number of blocks')
  const lengthBytes = reader.integer('a number of blocks') * BLOCK_BYTES
  if (!Number.isSafeInteger(offsetBytes + lengthBytes)) reader.fail('a first block below 2^53 bytes', at)
  return { offsetBytes, lengthBytes }
}
