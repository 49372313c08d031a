import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  COPY_DONE,
  COPY_FAILED,
  COPY_IDLE,
  COPY_RESUME,
  COPY_STATUS_LOST_LOW,
  COPY_STATUS_POSITION_LOW,
  COPY_STOP,
  COPY_STOPPED,
  COPY_SUSPENDED,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_GONE,
} from '../../assembly/abi/copier'
import {
  AREAS_CAPACITY,
  COPY_STATUS_AREAS,
  COPY_STATUS_PHASE,
  JOB_FLAG_RESCUE,
  PHASE_TRIMMING,
  REASON_TARGET_REFUSES,
  RESCUE_NO_SCRAPE,
  RESCUE_NO_TRIM,
} from '../../assembly/abi/rescue'
import { longStatus } from '../../host/image/copyJob'
import { faultyDrive, RescueBench } from './rescueBench'

/** Runs to the end, and holds against the drives what the map says. */
function finish(bench: RescueBench, bad: readonly number[]): void {
  bench.settle()
  expect(bench.state).toBe(COPY_DONE)
  expect(bench.sectorsThatAre('-')).toEqual([...bad].sort((a, b) => a - b))
  expect(bench.sectorsThatAre('+').length).toBe(bench.source.sectorCount - bad.length)
  expect(bench.differing(bench.source.sectorCount, new Set(bad))).toEqual([])
}

describe('a rescue', () => {
  it('of a healthy drive is a copy', () => {
    const bench = new RescueBench()
    bench.rescue()
    finish(bench, [])
    expect(bench.statuses).toBe('0+2048+')
    expect(bench.answer?.status).toBe(0)
  })

  it('gets every good sector around clusters of errors, whatever the options, and lists the bad ones', () => {
    fc.assert(
      fc.property(faultyDrive(3000), ({ bad, options, job }) => {
        const bench = new RescueBench({ sectors: 3000 })
        for (const lba of bad) bench.sourceFaults.makeUnreadable(lba, 1)
        bench.rescue(options, job)
        finish(bench, bad)
      }),
      { numRuns: 80 },
    )
  })

  it('answers with the first sector that is not finished', () => {
    const bench = new RescueBench()
    bench.sourceFaults.makeUnreadable(77, 2)
    bench.rescue({}, {}, null, 0)
    bench.settle()
    const { status, sense } = bench.answer!
    expect(status).toBe(2)
    expect(sense[2]).toBe(3)
    expect(new DataView(sense.slice().buffer).getUint32(3)).toBe(77)
    expect(longStatus(bench.array, COPY_STATUS_LOST_LOW)).toBe(2)
    expect(longStatus(bench.array, COPY_STATUS_POSITION_LOW)).toBe(2046)
  })

  it('leaves what is bad alone on the target', () => {
    const bench = new RescueBench()
    const before = new Uint8Array(512)
    bench.target.medium.read(900, 1, before, 0)
    bench.sourceFaults.makeUnreadable(900, 1)
    bench.rescue()
    finish(bench, [900])
    const after = new Uint8Array(512)
    bench.target.medium.read(900, 1, after, 0)
    expect(after).toEqual(before)
  })

  it('tries a bad sector at most twice, without passes of retrying', () => {
    const bench = new RescueBench()
    const reads = bench.watchReads()
    bench.sourceFaults.makeUnreadable(640, 8)
    bench.rescue()
    finish(bench, [640, 641, 642, 643, 644, 645, 646, 647])
    const tries = reads.filter(({ lba, sectors }) => lba <= 642 && lba + sectors > 642)
    expect(tries).toEqual([
      { lba: 640, sectors: 16 },
      { lba: 642, sectors: 1 },
    ])
  })

  it('stops in order, keeps its map, and goes on', () => {
    const bench = new RescueBench({ cached: true })
    bench.sourceFaults.makeUnreadable(300, 40)
    bench.rescue({}, { checkpointBytes: 1 << 20 })
    bench.array.run(60)
    bench.send(COPY_STOP)
    bench.settle()
    expect(bench.state).toBe(COPY_STOPPED)
    const before = bench.sectorsThatAre('+')
    expect(before.length).toBeGreaterThan(0)
    expect(before.length).toBeLessThan(2000)
    const reads = bench.watchReads()
    bench.send(COPY_RESUME)
    finish(
      bench,
      Array.from({ length: 40 }, (_, at) => 300 + at),
    )
    // What is finished is not read again.
    const known = new Set(before)
    expect(reads.filter(({ lba, sectors }) => sectors > 0 && known.has(lba))).toEqual([])
  })

  it('ends when the target does not take what was read, and says so', () => {
    const bench = new RescueBench()
    bench.targetFaults.refuseWrites(400, 200, 1000)
    bench.rescue({}, { retries: 1 })
    bench.settle()
    expect(bench.state).toBe(COPY_FAILED)
    expect(bench.reason).toBe(REASON_TARGET_REFUSES)
    expect(bench.sectorsThatAre('+')).not.toContain(450)
  })

  it('keeps what it got when the source is pulled, and goes on when it is back', () => {
    const bench = new RescueBench({ cached: true })
    bench.rescue({}, { checkpointBytes: 1 << 20 })
    bench.array.run(60)
    bench.array.site.pull(0)
    bench.settle()
    expect(bench.state).toBe(COPY_SUSPENDED)
    expect(bench.reason).toBe(REASON_SOURCE_GONE)
    expect(bench.sectorsThatAre('+').length).toBeGreaterThan(0)
    bench.array.site.insert(0, bench.source)
    finish(bench, [])
  })

  it('suspends when the source answers nothing any more, with what it got before', () => {
    const bench = new RescueBench({ sectors: 8192 })
    bench.rescue({ readDeadlineMs: 100 }, { checkpointBytes: 1 << 24 })
    bench.array.run(100)
    bench.sourceFaults.hang(Number.POSITIVE_INFINITY)
    bench.settle()
    expect(bench.state).toBe(COPY_SUSPENDED)
    expect(bench.reason).toBe(REASON_SOURCE_DEAD)
    const finished = bench.sectorsThatAre('+')
    expect(finished.length).toBeGreaterThan(100)
    expect(bench.sectorsThatAre('*').length).toBeGreaterThan(0)
    // Its own deadline, not that of all commands: 10 s each.
    expect(bench.array.nowNs).toBeLessThan(10e9)
    bench.sourceFaults.powerCycled()
  })
})

describe('a rescue among other faults', () => {
  it('never calls finished what the target has not, and accounts for every sector', () => {
    const strike = fc.record({
      atStep: fc.nat(1500),
      fault: fc.constantFrom('abort reads', 'hang', 'abort writes', 'refuse writes', 'fail flushes', 'power'),
      count: fc.integer({ min: 1, max: 12 }),
    })
    fc.assert(
      fc.property(
        faultyDrive(1500),
        fc.array(strike, { maxLength: 5 }),
        fc.nat(1000),
        ({ bad, options, job }, strikes, seed) => {
          const bench = new RescueBench({ sectors: 1500, cached: true, seed })
          for (const lba of bad) bench.sourceFaults.makeUnreadable(lba, 1)
          bench.rescue({ ...options, readDeadlineMs: 50 }, { ...job, retries: 1 })
          let step = 0
          for (const { atStep, fault, count } of strikes.sort((a, b) => a.atStep - b.atStep)) {
            bench.array.run(atStep - step)
            step = atStep
            if (fault === 'abort reads') bench.sourceFaults.failReads(count)
            if (fault === 'hang') bench.sourceFaults.hang(bench.array.nowNs + count * 2e7)
            if (fault === 'abort writes') bench.targetFaults.failWrites(count)
            if (fault === 'refuse writes') bench.targetFaults.refuseWrites(100 * count, 5, 1)
            if (fault === 'fail flushes') bench.targetFaults.failFlushes(count)
            if (fault === 'power') bench.array.powerCycle()
          }
          bench.settle()
          // What is suspended or failed goes on when it is asked to; then the drives have had their faults.
          for (let again = 0; again < 8 && (bench.state === COPY_SUSPENDED || bench.state === COPY_FAILED); again++) {
            bench.send(COPY_RESUME)
            bench.settle()
          }
          if (bench.state === COPY_IDLE) return
          expect(bench.state).toBe(COPY_DONE)
          const finished = new Set(bench.sectorsThatAre('+'))
          const others = new Set(Array.from({ length: 1500 }, (_, lba) => lba).filter((lba) => !finished.has(lba)))
          expect(bench.differing(1500, others)).toEqual([])
          expect(bad.filter((lba) => finished.has(lba))).toEqual([])
          expect(bench.map.areas.reduce((sum, { sectors }) => sum + sectors, 0)).toBe(1500)
          expect(bench.sectorsThatAre('?')).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a full map', () => {
  it('becomes less exact, and never says finished of what is not, nor bad of what was not tried', () => {
    const sectors = 2 * AREAS_CAPACITY + 1000
    const bench = new RescueBench({ sectors, seed: 5 })
    const bad: number[] = []
    for (let lba = 0; lba < sectors; lba += 2) bad.push(lba)
    for (const lba of bad) bench.sourceFaults.makeUnreadable(lba, 1)
    bench.rescue()
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect(bench.array.status(COPY_STATUS_AREAS)).toBeLessThanOrEqual(AREAS_CAPACITY)
    const isBad = new Set(bad)
    expect(bench.sectorsThatAre('+').filter((lba) => isBad.has(lba))).toEqual([])
    expect(bench.sectorsThatAre('-').filter((lba) => !isBad.has(lba))).toEqual([])
    expect(bench.sectorsThatAre('?')).toEqual([])
    expect(bench.sectorsThatAre('*')).toEqual([])
    // Every good sector is on the target nevertheless.
    expect(bench.differing(sectors, isBad)).toEqual([])
  })

  it('in the copying phase does not leave anything behind', () => {
    const sectors = 8 * AREAS_CAPACITY
    const bench = new RescueBench({ sectors, seed: 6 })
    const bad: number[] = []
    for (let lba = 0; lba < sectors; lba += 6) bad.push(lba)
    for (const lba of bad) bench.sourceFaults.makeUnreadable(lba, 1)
    bench.rescue({}, { chunkBytes: 1024, checkpointBytes: 1 << 20 })
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect(bench.differing(sectors, new Set(bad))).toEqual([])
  })
})

describe('phases that are left out', () => {
  it('leave their areas as they are', () => {
    const bad = Array.from({ length: 64 }, (_, at) => 1000 + at)
    const statuses = (flags: number): string => {
      const bench = new RescueBench()
      bench.sourceFaults.makeUnreadable(1000, 64)
      bench.rescue({ flags })
      bench.settle()
      expect(bench.state).toBe(COPY_DONE)
      expect(bench.differing(2048, new Set([...bad, ...bench.sectorsThatAre('*')]))).toEqual([])
      return bench.statuses
    }
    expect(statuses(RESCUE_NO_TRIM)).toBe('0+992+ 992+80* 1072+976+')
    expect(statuses(RESCUE_NO_SCRAPE)).toBe('0+1000+ 1000+1- 1001+62/ 1063+1- 1064+984+')
    expect(statuses(0)).toBe('0+1000+ 1000+64- 1064+984+')
  })

  it('cannot be combined with a verify', () => {
    const bench = new RescueBench()
    bench.rescue({}, { flags: JOB_FLAG_RESCUE | 1 }, null, 0)
    bench.settle()
    expect(bench.answer?.sense[2]).toBe(5)
  })

  it('are told by the status words', () => {
    const bench = new RescueBench()
    bench.sourceFaults.makeUnreadable(1000, 64)
    bench.rescue()
    const seen = new Set<number>()
    while (bench.array.run(1)) seen.add(bench.array.status(COPY_STATUS_PHASE))
    expect([...seen].filter((phase) => phase !== 0).map((phase) => String.fromCharCode(phase))).toEqual([
      '?',
      '*',
      '/',
      '+',
    ])
    expect(seen).toContain(PHASE_TRIMMING)
  })
})
