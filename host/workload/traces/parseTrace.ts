// Any trace: which format a text has, and its records. Throws InputError at the first line that cannot be read.

import { InputError } from '../inputProblem'
import { type BlkparseAction, readBlkparse } from './blkparse'
import { type MqsimTimeUnit, readDiskSim, readDiskSimValidate, readMqsim } from './disksim'
import { readFioIolog } from './fioIolog'
import { LineReader } from './lineReader'
import { readMsr } from './msr'
import { readSpc } from './spc'
import type { TraceData, TraceFormat } from './traceData'

export const TRACE_FORMATS: readonly TraceFormat[] = [
  'fio-iolog',
  'msr',
  'spc',
  'blkparse',
  'disksim',
  'disksim-validate',
  'mqsim',
]

const SIGNATURES: readonly (readonly [TraceFormat, RegExp])[] = [
  ['fio-iolog', /^fio version [0-9]+ iolog/],
  ['msr', /^(Timestamp,Hostname|[0-9]{10,19},[^,]+,[0-9]+,(Read|Write),)/],
  ['spc', /^[0-9]+, *[0-9]+, *[0-9]+, *[RrWw] *,/],
  ['blkparse', /^[0-9]+,[0-9]+\s+[0-9]+\s+[0-9]+\s+[0-9]+\.[0-9]{9}\s+[0-9]+\s/],
  ['disksim-validate', /^[RW]\s+[A-Za-z]+\s+[0-9]+\s+[0-9]+\s+[0-9.]+\s+[0-9.]+$/],
  ['disksim', /^[0-9]+\.[0-9]+\s+[0-9]+\s+[0-9]+\s+[0-9]+\s+(0x)?[0-9a-fA-F]+$/],
]

/** Lines that may stand before the first record, such as blkparse's "Input file ... added". */
const LINES_LOOKED_AT = 20

/** The format, by the first lines; null: none, or more than one that is known. MQSim's is never guessed: its lines suit DiskSim's, too. */
export function detectTraceFormat(text: string): TraceFormat | null {
  const reader = new LineReader(text, '')
  for (let i = 0; i < LINES_LOOKED_AT && reader.nextLine(); i++) {
    const line = reader.rest().trimEnd()
    const match = SIGNATURES.find(([, signature]) => signature.test(line))
    if (match) return match[0]
  }
  return null
}

export interface TraceParseOptions {
  /** For messages. */
  readonly file: string
  /** Default 'auto'. */
  readonly format?: TraceFormat | 'auto'
  /** SPC only: bytes of a block, default 512. */
  readonly spcBlockBytes?: number
  /** blkparse only: which events; default D if there are any, else Q. */
  readonly blkparseAction?: BlkparseAction
  /** MQSim only: what its times count; default nanoseconds. */
  readonly mqsimTimeUnit?: MqsimTimeUnit
}

/** Throws InputError. A trace without a record is an error, too. */
export function parseTrace(text: string, options: TraceParseOptions): TraceData {
  const { file } = options
  const format = options.format ?? 'auto'
  const known = format === 'auto' ? detectTraceFormat(text) : format
  if (known === null) {
    const reader: LineReader = new LineReader(text, file)
    if (!reader.nextLine()) throw new InputError({ file, line: 1, column: 1, found: 'nothing', expected: 'a trace' })
    reader.fail(`a trace in one of the formats ${TRACE_FORMATS.join(', ')} (name it if it is one)`)
  }
  const data = readAs(known, text, options)
  if (data.count > 0) return data
  throw new InputError({ file, line: 1, column: 1, found: `no request of a ${known} trace`, expected: 'at least one' })
}

function readAs(format: TraceFormat, text: string, options: TraceParseOptions): TraceData {
  const reader = (separator: ',' | '' = '') => new LineReader(text, options.file, separator)
  switch (format) {
    case 'fio-iolog':
      return readFioIolog(reader())
    case 'msr':
      return readMsr(reader(','))
    case 'spc':
      return readSpc(reader(','), options.spcBlockBytes)
    case 'blkparse':
      return readBlkparse(reader, options.blkparseAction)
    case 'disksim':
      return readDiskSim(reader())
    case 'disksim-validate':
      return readDiskSimValidate(reader())
    case 'mqsim':
      return readMqsim(reader(), options.mqsimTimeUnit)
  }
}
