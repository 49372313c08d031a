import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../../host/workload/inputProblem'
import { IO_FLUSH, IO_READ, IO_TRIM, IO_WRITE } from '../../../host/workload/io'
import { detectTraceFormat, parseTrace, type TraceParseOptions } from '../../../host/workload/traces/parseTrace'
import type { TraceData } from '../../../host/workload/traces/traceData'

const NAMES: Record<number, string> = { [IO_READ]: 'read', [IO_WRITE]: 'write', [IO_FLUSH]: 'flush', [IO_TRIM]: 'trim' }

/** 'write! 8192+4096 @2.5us dev': ! = FUA. */
function lines(data: TraceData): string[] {
  return Array.from({ length: data.count }, (_, i) => {
    const op = NAMES[data.ops[i]!]! + (data.fua[i] ? '!' : '')
    const extent = op === 'flush' ? '' : ` ${data.offsetsBytes[i]}+${data.lengthsBytes[i]}`
    return `${op}${extent} @${data.timesNs[i]! / 1000}us ${data.deviceNames[data.devices[i]!]}`
  })
}

const parse = (text: string, more: Partial<TraceParseOptions> = {}) => parseTrace(text, { file: 't', ...more })
const sample = (name: string) => readFileSync(`fixtures/workloads/traces/${name}`, 'utf8')

function problem(text: string, more: Partial<TraceParseOptions> = {}): string {
  try {
    parse(text, more)
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  return 'none'
}

describe('fio iolog', () => {
  it('version 3: times in microseconds, flushes, files', () => {
    const text =
      'fio version 3 iolog\n5 a add\n6 a open\n7 a write 0 4096\n9 a sync 0 0\n8 a read 4096 512\n20 a trim 0 65536\n30 a close\n'
    expect(lines(parse(text))).toEqual([
      'write 0+4096 @7us a',
      'flush @9us a',
      'read 4096+512 @9us a',
      'trim 0+65536 @20us a',
    ])
  })

  it('version 2: waits count from the start of the log, short ones do not count', () => {
    expect(lines(parse(sample('waits.iolog')))).toEqual([
      'write 0+4096 @0us /dev/sda',
      'write 8192+4096 @4000us /dev/sda',
      'flush @4000us /dev/sda',
      'read 0+1024 @4000us /dev/sda',
      'trim 65536+131072 @6000us /dev/sda',
      'flush @6000us /dev/sda',
    ])
  })

  it('reads what fio wrote', () => {
    const data = parse(sample('database.iolog'))
    expect(data.format).toBe('fio-iolog')
    expect(data.count).toBeGreaterThan(20)
    expect(lines(data).filter((line) => line.startsWith('flush')).length).toBeGreaterThan(3)
  })

  it.each([
    [
      'fio version 1 iolog\n',
      't:1:1: found "fio", expected the first line "fio version 2 iolog" or "fio version 3 iolog"',
    ],
    ['fio version 3 iolog\nx a add\n', 't:2:1: found "x", expected a time in microseconds'],
    [
      'fio version 3 iolog\n1 a write 0\n',
      't:2:12: found the end of the line, expected a length in bytes after a blank',
    ],
    ['fio version 3 iolog\n1 a write 0 4k\n', 't:2:13: found "4k", expected a length in bytes'],
    ['fio version 3 iolog\n1 a wait 100\n', 't:2:5: found "wait", expected an action'],
    ['fio version 2 iolog\na frob 1 2\n', 't:2:3: found "frob", expected an action'],
    ['fio version 2 iolog\na read 1 2 3\n', 't:2:12: found "3", expected the end of the line'],
    ['fio version 2 iolog\na add\n', 't:1:1: found no request of a fio-iolog trace, expected at least one'],
  ])('refuses %j', (text, message) => {
    expect(problem(text)).toContain(message)
  })
})

describe('MSR Cambridge', () => {
  it('keeps every tick of times beyond 2^53, and sorts by time', () => {
    const data = parse(sample('server.msr.csv'))
    expect(lines(data)).toEqual([
      'read 8192+4096 @0us hm.0',
      'write 131072+8192 @10us hm.0',
      'read 262144+512 @337.1us hm.0',
      'write 139264+65536 @1000us hm.0',
      'write 0+4096 @1000000us hm.0',
    ])
    expect(data.wasSorted).toBe(true)
    expect([...data.lines]).toEqual([1, 2, 4, 3, 5])
    expect(data.notes).toEqual(['t: records were not in the order of their times, and have been sorted'])
  })

  it('starts with the earliest record, wherever it stands', () => {
    const text = '128166372003061629,hm,0,Read,0,512,1\n128166372003061600,hm,0,Read,512,512,1\n'
    expect(lines(parse(text))).toEqual(['read 512+512 @0us hm.0', 'read 0+512 @2.9us hm.0'])
  })

  it('skips a header line', () => {
    const text = `Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime\n${sample('server.msr.csv')}`
    expect(parse(text).count).toBe(5)
  })

  it('subtracts exactly', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 10n ** 17n, max: 10n ** 18n }),
        fc.bigInt({ min: 0n, max: 8n * 10n ** 13n }),
        (first, gap) => {
          const data = parse(`${first},h,0,Read,0,512,1\n${first + gap},h,0,Read,0,512,1\n`)
          expect(BigInt(data.timesNs[1]!)).toBe(gap * 100n)
        },
      ),
    )
  })

  it.each([
    [
      '12816637200306162x,hm,0,Read,0,512,1',
      't:1:1: found "12816637200306162x", expected a timestamp in filetime: 10 to 19 digits',
    ],
    ['128166372003061629,hm,0,Reed,0,512,1', 't:1:25: found "Reed", expected Read or Write'],
    ['128166372003061629,hm,0,Read,0,512', 't:1:35: found the end of the line, expected a comma'],
    ['128166372003061629,hm,0,Read,-1,512,1', 't:1:30: found "-1", expected an offset in bytes'],
  ])('refuses %s', (text, message) => {
    expect(problem(text, { format: 'msr' })).toBe(message)
  })
})

describe('SPC', () => {
  it('reads units, blanks after commas, either case, length 0 and optional fields', () => {
    expect(lines(parse(sample('financial.spc')))).toEqual([
      'write 8388608+8192 @551706us 0',
      'write 8396800+4096 @554041us 0',
      'read 1048576+4096 @1016000us 1',
      'read 8400896+0 @1500000us 0',
      'read 1052672+12288 @2448003us 1',
    ])
  })

  it('has blocks of another length when told', () => {
    expect(parse('0,2,4096,R,0.5\n', { spcBlockBytes: 4096 }).offsetsBytes[0]).toBe(8192)
  })

  it.each([
    ['2,30862016,4096,W,2 448003', 't:1:21: found "448003", expected a comma or the end of the line'],
    ['0,1,512,X,0.1', 't:1:9: found "X", expected R or W'],
    ['0,1,512,R,.5', 't:1:11: found ".5", expected a time in seconds, such as 0.551706'],
    ['0,1,512,R,5.', 't:1:11: found "5.", expected a time in seconds, such as 0.551706'],
    ['0 ,1,512,R,5.0', 't:1:2: found " ,1,512,R,5.0", expected a comma'],
    ['0,99999999999999999,512,R,5.0', 't:1:3: found "99999999999999999", expected an LBA below 2^53'],
  ])('refuses %s', (text, message) => {
    expect(problem(text, { format: 'spc' })).toBe(message)
  })
})

describe('blkparse', () => {
  it('replays what was handed to the drive: flushes, FUA and discards included, pass-through and the summary not', () => {
    const data = parse(sample('journal.blkparse'))
    expect(lines(data)).toEqual([
      'write 114426880+4096 @3us 8,0',
      'write 114430976+8192 @1003us 8,0',
      'read 524288+4096 @2003us 8,0',
      'read 1048576+65536 @3003us 8,0',
      'flush @4001us 8,0',
      'flush @5003us 8,0',
      'write! 114483200+4096 @5003us 8,0',
      'write! 114487296+4096 @6003us 8,0',
      'trim 153600000+1048576 @7003us 8,0',
    ])
    expect(data.notes).toEqual(['t: 1 pass-through requests left out'])
  })

  it('replays what was queued when told, or when there is nothing else', () => {
    const queued = parse(sample('journal.blkparse'), { blkparseAction: 'Q' })
    expect(lines(queued)[0]).toBe('write 114426880+4096 @0us 8,0')
    expect(lines(queued)).toContain('flush @4000us 8,0')
    const onlyQueued = sample('journal.blkparse').replace(/^.* 697 {2}D .*\n/gm, '')
    expect(lines(parse(onlyQueued))).toEqual(lines(queued))
    expect(parse(onlyQueued).notes[0]).toMatch(/the queued ones \(Q\) are replayed/)
  })

  it('knows the barrier of old kernels', () => {
    expect(lines(parse('  8,0    3        1     0.000000000   697  D  WB 16 + 8 [kjournald]\n'))).toEqual([
      'flush @0us 8,0',
      'write! 8192+4096 @0us 8,0',
    ])
  })

  it('knows lines of every other action, and passes over them', () => {
    const other = [
      '  8,0    1        2     0.000000911   697  A   W 223490 + 8 <- (8,1) 223427',
      '  8,0    1        3     0.000000001   697  P   N [kjournald]',
      '  8,0    1        4     0.000000002   697  U   N [kjournald] 4',
      '  8,0    1        5     0.000000003   697  X   W 223490 / 223494 [kjournald]',
      '  8,0    1        0     0.000000003     0  m   N cfq697 alloced',
      '  8,0    1        6     0.000000009   697  D   R 8 + 8 [a b]',
    ]
    expect(lines(parse(other.join('\n')))).toEqual(['read 4096+4096 @0.009us 8,0'])
  })

  it.each([
    ['  8,0    3        1     0.000000000   697  D   X 16 + 8 [k]', 't:1:48: found "X", expected RWBS'],
    [
      '  8,0    3        1     0.000000000   697  D   W 16 - 8 [k]',
      't:1:53: found "-", expected "+" and a number of blocks',
    ],
    ['  8,0    3        1     0.000000000   697  D   W 16 + b [k]', 't:1:55: found "b", expected a number of blocks'],
    ['  8,x    3        1     0.000000000   697  D   W 16 + 8 [k]', 't:1:3: found "8,x", expected a device'],
  ])('refuses %s', (text, message) => {
    expect(problem(text, { format: 'blkparse' })).toContain(message)
  })
})

describe('DiskSim and MQSim', () => {
  it('disksim: decimal milliseconds, hexadecimal flags', () => {
    expect(lines(parse(sample('synthetic.disksim')))).toEqual([
      'write 65536+4096 @0us 0',
      'read 2560+4096 @13191.135us 0',
      'write 2097152+32768 @13200us 0',
      'read 131072+8192 @20000.001us 0',
    ])
  })

  it('disksim-validate: the next arrives after service and gap', () => {
    expect(lines(parse(sample('closed.disksim-validate')))).toEqual([
      'read 1015808+2048 @0us 0',
      'write 1048576+4096 @71436us 0',
      'read 1048576+4096 @72637.5us 0',
    ])
  })

  it('mqsim: 1 reads and 0 writes, in the unit that is given', () => {
    const text = sample('small.mqsim')
    expect(lines(parse(text, { format: 'mqsim' }))).toEqual(['read 1048576+4096 @1us 0', 'write 1052672+4096 @2.5us 0'])
    expect(parse(text, { format: 'mqsim', mqsimTimeUnit: 'microseconds' }).timesNs[0]).toBe(1_000_000)
    expect(parse(text, { format: 'mqsim', mqsimTimeUnit: 'picoseconds' }).timesNs[1]).toBe(3)
  })

  it.each<[NonNullable<TraceParseOptions['format']>, string, string]>([
    ['disksim', '13.19 30 0 5 g', 't:1:14: found "g", expected flags in hexadecimal'],
    ['disksim', '13.19 30 0 5', 't:1:13: found the end of the line, expected flags in hexadecimal after a blank'],
    ['disksim', '13.19 30 0 5 1 1', 't:1:16: found "1", expected the end of the line'],
    ['disksim', '1,3 30 0 5 1', 't:1:2: found ",3", expected a device number after a blank'],
    ['disksim-validate', 'X Hit 1 1 1 1', 't:1:1: found "X", expected R or W'],
    ['mqsim', '1 0 0 8 2', 't:1:9: found "2", expected 0 (write) or 1 (read)'],
  ])('%s refuses %s', (format, text, message) => {
    expect(problem(text, { format })).toBe(message)
  })
})

describe('any trace', () => {
  it.each([
    ['database.iolog', 'fio-iolog'],
    ['waits.iolog', 'fio-iolog'],
    ['server.msr.csv', 'msr'],
    ['financial.spc', 'spc'],
    ['journal.blkparse', 'blkparse'],
    ['synthetic.disksim', 'disksim'],
    ['closed.disksim-validate', 'disksim-validate'],
    ['small.mqsim', null],
  ])('%s is recognised as %s', (file, format) => {
    expect(detectTraceFormat(sample(file))).toBe(format)
  })

  it('may have CRLF line ends, empty lines, a byte order mark, and no newline at the end', () => {
    const plain = sample('server.msr.csv')
    const windows = `\ufeff\r\n${plain.trimEnd().replaceAll('\n', '\r\n\r\n')}`
    expect(lines(parse(windows))).toEqual(lines(parse(plain)))
  })

  it('that is none is refused, with its first line', () => {
    expect(problem('\nhello world\n')).toContain(
      't:2:1: found "hello", expected a trace in one of the formats fio-iolog, msr,',
    )
    expect(problem('')).toBe('t:1:1: found nothing, expected a trace')
    expect(problem('', { format: 'fio-iolog' })).toContain('t:1:1: found')
  })

  it('never ends in anything but records or an InputError', () => {
    const alphabet = fc.constantFrom(...'0123456789 ,.\n-+RWDQ[](abcfioversn/'.split(''))
    const formats = fc.constantFrom(
      'auto',
      'fio-iolog',
      'msr',
      'spc',
      'blkparse',
      'disksim',
      'disksim-validate',
      'mqsim',
    )
    const body = fc.oneof(
      fc.string({ unit: alphabet, maxLength: 200 }),
      fc
        .tuple(
          fc.constantFrom('database.iolog', 'server.msr.csv', 'financial.spc', 'journal.blkparse', 'synthetic.disksim'),
          fc.nat(),
          alphabet,
        )
        .map(([name, at, character]) => {
          const text = sample(name)
          const place = at % text.length
          return text.slice(0, place) + character + text.slice(place + 1)
        }),
    )
    fc.assert(
      fc.property(body, formats as fc.Arbitrary<NonNullable<TraceParseOptions['format']>>, (text, format) => {
        const found = problem(text, { format })
        expect(found === 'none' || /^t:\d+:\d+: found .+, expected /s.test(found)).toBe(true)
      }),
    )
  })

  it('takes about 31 bytes a record', () => {
    const text = Array.from({ length: 10_000 }, (_, i) => `0,${i * 8},4096,W,${i}.5`).join('\n')
    const data = parse(text)
    const columns = [data.ops, data.fua, data.offsetsBytes, data.lengthsBytes, data.timesNs, data.devices, data.lines]
    expect(columns.reduce((sum, column) => sum + column.buffer.byteLength, 0)).toBe(31 * 10_000)
  })
})
