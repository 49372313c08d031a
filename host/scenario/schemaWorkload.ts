// `workload:`: what the initiators do. Each entry names its kind by its key; all entries run at the same time.

import { z } from 'zod'
import { CONFIG_LUNS_MAX } from '../../assembly/abi/config'
import { OPERATION_TEXT, type Operation, parseOperation } from '../workload/operations'
import { PATTERN_MODES, TRACE_FORMATS } from './scenario'
import { duration, exactlyOne, integer, onOff, path, size } from './schemaUnits'

const traceSchema = z.strictObject({
  file: path().describe('The trace'),
  format: z.enum(TRACE_FORMATS).default('auto').describe('Format of the trace; auto looks at its first lines'),
  payloads: path().optional().describe('File with the bytes of the writes, one after the other'),
  timeScale: z
    .number({ error: 'a number above 0' })
    .positive({ error: 'a number above 0' })
    .default(1)
    .describe('2 = twice as slow, 0.5 = twice as fast'),
  closedLoop: integer(1, 1024)
    .optional()
    .describe('Ignore the times of the trace, and keep so many requests in flight'),
  depth: integer(1, 1024).default(256).describe('At most so many requests in flight, at the times of the trace'),
  device: z
    .union([z.string(), z.number()], { error: 'the name or number of a device of the trace' })
    .transform(String)
    .optional()
    .describe('Only this device (ASU, disk number) of the trace'),
  wrap: onOff().prefault('off').describe('Fold addresses beyond the LUN back into it'),
})

const patternSchema = z.strictObject({
  name: z.string({ error: 'a text' }).optional().describe('How reports call it'),
  rw: z.enum(PATTERN_MODES).describe('As in fio: sequential or random, read, write or both'),
  bs: size().prefault('4 KiB').describe('Block size'),
  depth: integer(1, 1024).default(1).describe('Requests in flight'),
  count: integer(1).optional().describe('Requests in all; by default its part of the LUN is covered once'),
  runtime: duration().optional().describe('No new request after this simulated time'),
  size: size().optional().describe('The part of the LUN that is used; by default all of it'),
  offset: size(0).prefault(0).describe('Where that part begins'),
  readPercent: integer(0, 100).default(50).describe('For rw and randrw: reads among 100 requests'),
  flushEvery: integer(0).default(0).describe('A flush after every n-th write; 0 = none'),
  flushAtEnd: onOff().prefault('off').describe('A flush when all its requests are done'),
  fua: onOff().prefault('off').describe('Every write is durable when it is acknowledged'),
  verify: onOff().prefault('off').describe('Read back and compare at the end'),
  thinkTime: duration().prefault(0).describe('Pause after each request'),
})

const operation = z.string({ error: OPERATION_TEXT }).transform((value, context): Operation => {
  const parsed = parseOperation(value)
  if (parsed !== null) return parsed
  context.addIssue({ code: 'custom', message: OPERATION_TEXT })
  return z.NEVER
})

const operationsSchema = z.strictObject({
  list: z.array(operation, { error: 'a list of operations' }).describe('One after the other'),
  depth: integer(1, 1024).default(1).describe('Operations in flight'),
  endsAtPowerCut: onOff().prefault('off').describe('Nothing more is sent after a power cut'),
  wrap: onOff().prefault('off').describe('Fold places beyond the LUN back into it'),
})

const WORKLOAD_KINDS = ['fio', 'job', 'trace', 'pattern', 'operations'] as const

export const workloadSchema = z
  .array(
    exactlyOne(
      z.strictObject({
        lun: integer(0, CONFIG_LUNS_MAX - 1)
          .optional()
          .describe('The LUN that it uses; by default 0'),
        fio: path().optional().describe('An fio job file'),
        job: z.string({ error: 'the text of an fio job' }).optional().describe('An fio job, inline'),
        trace: z
          .union([path(), traceSchema])
          .transform((value) => (typeof value === 'string' ? traceSchema.parse({ file: value }) : value))
          .optional()
          .describe('A recorded trace'),
        pattern: patternSchema.optional().describe('A generated load'),
        operations: operationsSchema.optional().describe('Operations that are written out'),
      }),
      WORKLOAD_KINDS,
    ),
    { error: 'a list of workloads' },
  )
  .prefault([])
