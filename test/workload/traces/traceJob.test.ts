import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../../host/workload/inputProblem'
import { parseTrace } from '../../../host/workload/traces/parseTrace'
import { TraceJob, type TraceJobOptions } from '../../../host/workload/traces/traceJob'
import { brief, type DriveOptions, drive } from '../drive'

const target = { lunSectors: 2048, sectorBytes: 512 }

/** A trace in fio's format from lines without the file's name: '100 write 0 4096'. */
function iolog(...records: string[]) {
  const lines = records.map((record) => record.replace(' ', ' lun '))
  return parseTrace(['fio version 3 iolog', ...lines].join('\n'), { file: 'trace' })
}

function job(data: ReturnType<typeof iolog>, options: Partial<TraceJobOptions> = {}, lun = target) {
  return new TraceJob(data, lun, { name: 'replay', ...options })
}

function replay(data: ReturnType<typeof iolog>, options: Partial<TraceJobOptions> = {}, how: DriveOptions = {}) {
  return drive(job(data, options), how)
}

function problem(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  return 'none'
}

describe('times', () => {
  const data = iolog('100 write 0 4096', '300 write 4096 4096', '300 read 65536 4096')

  it('are those of the trace, from the start of the job', () => {
    expect(replay(data).map((io) => io.atNs)).toEqual([100_000, 300_000, 300_000])
    expect(replay(data, {}, { startNs: 1000 }).map((io) => io.atNs)).toEqual([101_000, 301_000, 301_000])
  })

  it('scale', () => {
    expect(replay(data, { timeScale: 2 }).map((io) => io.atNs)).toEqual([200_000, 600_000, 600_000])
    expect(replay(data, { timeScale: 0.5 }).map((io) => io.atNs)).toEqual([50_000, 150_000, 150_000])
  })

  it('do not count in a closed loop', () => {
    expect(replay(data, { replay: 'closed' }).map((io) => io.atNs)).toEqual([0, 100_000, 200_000])
    expect(replay(data, { replay: 'closed', queueDepth: 2 }).map((io) => io.atNs)).toEqual([0, 0, 100_000])
  })
})

describe('order', () => {
  const closed = { replay: 'closed', queueDepth: 16 } as const

  it('a flush waits for what came before, and nothing overtakes it', () => {
    const data = iolog('0 write 0 4096', '0 write 4096 4096', '0 sync 0 0', '0 write 8192 4096')
    expect(replay(data, closed).map((io) => io.atNs)).toEqual([0, 0, 100_000, 200_000])
    expect(replay(data, { queueDepth: 16 }).map((io) => io.atNs)).toEqual([0, 0, 100_000, 200_000])
  })

  it('nothing overtakes a FUA write', () => {
    const text = ['16 + 8', '32 + 8', '48 + 8'].map(
      (extent, i) => ` 8,0 0 ${i} 0.000000000 1 D ${i === 1 ? 'WFS' : 'W'} ${extent} [x]`,
    )
    const data = parseTrace(text.join('\n'), { file: 'trace' })
    const issued = replay(data, closed)
    expect(issued.map((io) => io.fua)).toEqual([false, true, false])
    expect(issued.map((io) => io.atNs)).toEqual([0, 0, 100_000])
  })

  it('overlapping writes are never in flight together, nor a read and a write', () => {
    const data = iolog('0 write 0 8192', '0 write 4096 4096', '0 read 4096 512', '0 read 0 8192', '0 write 12288 512')
    expect(replay(data, closed).map((io) => io.atNs)).toEqual([0, 100_000, 200_000, 200_000, 200_000])
  })

  it('is the recorded one when told', () => {
    const data = iolog('0 write 0 4096', '0 sync 0 0', '0 write 0 4096')
    expect(replay(data, { ...closed, ordering: 'recorded' }).map((io) => io.atNs)).toEqual([0, 0, 0])
  })

  it('holds for any trace: no two requests in flight overlap, and flushes are alone', () => {
    const record = fc.tuple(
      fc.constantFrom('write', 'read', 'sync', 'trim'),
      fc.nat(30),
      fc.integer({ min: 1, max: 4 }),
    )
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 300 }),
        (records, queueDepth) => {
          const data = iolog(...records.map(([op, at, length]) => `0 ${op} ${at * 512} ${length * 512}`))
          const issued = replay(data, { replay: 'closed', queueDepth })
          expect(issued).toHaveLength(records.length)
          for (const [i, a] of issued.entries()) {
            for (let j = i + 1; j < issued.length && issued[j]!.atNs < a.atNs + 100_000; j++) {
              const b = issued[j]!
              const overlap = a.lba < b.lba + b.sectors && b.lba < a.lba + a.sectors
              expect(a.op === 'flush' || b.op === 'flush' || (overlap && (a.op !== 'read' || b.op !== 'read'))).toBe(
                false,
              )
            }
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('addresses', () => {
  const far = iolog('0 write 0 4096', '0 write 1048576 4096', '0 write 1572864 4096')

  it('beyond the LUN are refused, with the line', () => {
    expect(problem(() => job(far))).toBe(
      "trace:3:1: found write of 4 KiB at byte 1048576, expected an extent within the LUN's 1 MiB, or a way to bring it there (wrap, scale, skip)",
    )
  })

  it('wrap, scale, or are skipped', () => {
    const lbas = (beyond: TraceJobOptions['beyond']) => replay(far, { beyond: beyond! }).map((io) => io.lba)
    expect(lbas('wrap')).toEqual([0, 0, 1024])
    expect(lbas('scale')).toEqual([0, 1361, 2040])
    expect(lbas('skip')).toEqual([0])
    expect(job(far, { beyond: 'wrap' }).notes).toEqual([
      'trace: 2 requests beyond the end of the LUN folded back into it',
    ])
    expect(job(far, { beyond: 'skip' }).notes).toEqual(['trace: 2 requests beyond the end of the LUN left out'])
  })

  it('stay within the LUN, whatever is done', () => {
    const record = fc.tuple(fc.nat(10_000), fc.integer({ min: 1, max: 2048 }))
    const how = fc.constantFrom('wrap', 'scale', 'skip')
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 20 }),
        how as fc.Arbitrary<'wrap' | 'scale' | 'skip'>,
        (records, beyond) => {
          const data = iolog(...records.map(([at, length]) => `0 write ${at * 512} ${length * 512}`))
          for (const [i, io] of replay(data, { beyond }).entries()) {
            expect(io.lba >= 0 && Number.isInteger(io.lba) && io.lba + io.sectors <= target.lunSectors).toBe(true)
            if (beyond !== 'skip') expect(io.sectors).toBe(records[i]![1])
          }
        },
      ),
    )
  })

  it('longer than the LUN are refused even then', () => {
    const data = iolog('0 write 0 2097152')
    expect(problem(() => job(data, { beyond: 'wrap' }))).toContain("expected no more than the LUN's 1 MiB")
  })

  it('off the sectors are refused, or rounded outward', () => {
    const data = iolog('0 read 100 600')
    expect(problem(() => job(data))).toBe(
      'trace:2:1: found read of 600 B at byte 100, expected an extent of whole sectors of 512 bytes, or align: round',
    )
    expect(brief(replay(data, { align: 'round' }))).toEqual(['read 0+2'])
    expect(job(data, { align: 'round' }).notes).toEqual(['trace: 1 requests extended to whole sectors'])
  })

  it('count sectors of the LUN', () => {
    const data = iolog('0 read 8192 4096')
    const wide = job(data, {}, { lunSectors: 4, sectorBytes: 4096 })
    expect(brief(drive(wide))).toEqual(['read 2+1'])
  })

  it('without length are left out, and counted', () => {
    const data = iolog('0 read 0 0', '0 read 0 512', '0 sync 0 0')
    expect(brief(replay(data))).toEqual(['read 0+1', 'flush'])
    expect(job(data).notes).toEqual(['trace: 1 requests without length left out'])
  })
})

describe('devices', () => {
  const text = '1,0,512,W,0.1\n2,1,512,W,0.2\n1,2,512,R,0.3\n'
  const data = parseTrace(text, { file: 'trace' })

  it('must be chosen when there are several', () => {
    expect(problem(() => job(data))).toBe('trace:1:1: found 2 devices: 1, 2, expected the name of one, or all')
    expect(problem(() => job(data, { device: '3' }))).toBe(
      'trace:1:1: found no single device "3", expected one of 1, 2',
    )
    expect(brief(replay(data, { device: '1' }))).toEqual(['write 0+1', 'read 2+1'])
    expect(brief(replay(data, { device: 'all' }))).toEqual(['write 0+1', 'write 1+1', 'read 2+1'])
  })

  it('of MSR traces answer to the number of their disk', () => {
    const msr = '128166372003061629,hm,0,Read,0,512,1\n128166372003061630,hm,1,Read,512,512,1\n'
    expect(brief(replay(parseTrace(msr, { file: 'trace' }), { device: '1' }))).toEqual(['read 1+1'])
    expect(brief(replay(parseTrace(msr, { file: 'trace' }), { device: 'hm.0' }))).toEqual(['read 0+1'])
  })
})

describe('payloads', () => {
  const data = iolog('0 write 0 512', '0 read 0 512', '0 write 1024 1024', '0 sync 0 0', '0 write 512 512')
  const payloads = Uint8Array.from({ length: 2048 }, (_, i) => i >>> 9)

  it('give each write its own bytes', () => {
    const issued = replay(data, { payloads })
    expect(issued.map((io) => io.payload?.length ?? null)).toEqual([512, null, 1024, null, 512])
    expect(issued[2]!.payload).toEqual(payloads.subarray(512, 1536))
    expect(issued[4]!.payload![0]).toBe(3)
  })

  it('stay with their writes when others are left out', () => {
    const few = iolog('0 write 0 512', '0 write 4194304 512', '0 write 512 512')
    const issued = replay(few, { payloads: payloads.subarray(0, 1536), beyond: 'skip' })
    expect(issued.map((io) => io.payload![0])).toEqual([0, 2])
  })

  it('end the job at a power cut', () => {
    expect(job(data, { payloads }).endsAtPowerCut).toBe(true)
    expect(job(data).endsAtPowerCut).toBe(false)
  })

  it('must have the length of all writes', () => {
    const short = { payloads: payloads.subarray(1), payloadsFile: 'data.bin' }
    expect(problem(() => job(data, short))).toBe(
      'data.bin:1:1: found 2047 bytes, expected 2048: the writes of trace, one after the other',
    )
  })

  it('need a trace in order, of whole sectors', () => {
    const unsorted = parseTrace('0,0,512,W,2.0\n0,1,512,W,1.0\n', { file: 'trace' })
    expect(problem(() => job(unsorted, { payloads: payloads.subarray(0, 1024) }))).toContain(
      'which is not in the order of its times',
    )
    expect(problem(() => job(data, { payloads, align: 'round' }))).toContain('expected a trace of whole sectors')
  })
})
