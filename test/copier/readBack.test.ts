import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  COPY_DONE,
  COPY_FAILED,
  JOB_FLAG_READ_BACK,
  JOB_FLAG_VERIFY,
  LOST_DIFFERS,
  LOST_MEDIUM,
  LOST_TARGET,
} from '../../assembly/abi/copier'
import { JOB_FLAG_RESCUE, REASON_TARGET_REFUSES } from '../../assembly/abi/rescue'
import { RandomStream } from '../../host/sim/random'
import { Bench } from './bench'
import { wrongAt } from './fanOut'
import { RescueBench } from './rescueBench'

describe('reading back', () => {
  it('makes good what the target lost or tore', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('lost', 'torn'),
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 0, max: 150 }),
        fc.boolean(),
        (fault, count, steps, isRescue) => {
          // Without zeros, so that every sector is written.
          const bench = new RescueBench({ sectors: 1024, dataPieces: 16 })
          if (isRescue) bench.rescue({}, { flags: JOB_FLAG_READ_BACK | JOB_FLAG_RESCUE })
          else bench.start({ flags: JOB_FLAG_READ_BACK })
          bench.array.run(steps)
          if (fault === 'lost') bench.targetFaults.loseWrites(count)
          if (fault === 'torn') bench.targetFaults.tearWrites(count, RandomStream.fromSeed(steps, 'tear'))
          bench.settle()
          expect(bench.state).toBe(COPY_DONE)
          expect(bench.differing()).toEqual([])
          expect(bench.lost).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is what makes it good', () => {
    for (const [flags, isGood] of [
      [0, false],
      [JOB_FLAG_READ_BACK, true],
    ] as const) {
      const bench = new Bench({ sectors: 1024, dataPieces: 16 })
      bench.targetFaults.loseWrites(2)
      bench.start({ flags })
      bench.settle()
      expect(bench.state).toBe(COPY_DONE)
      expect(bench.differing().length === 0).toBe(isGood)
    }
  })

  it('lists what the target never gives back as it was written', () => {
    const bench = new Bench({ sectors: 1024 })
    bench.target.filters.push(wrongAt(77))
    bench.start({ flags: JOB_FLAG_READ_BACK })
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect(bench.lost).toEqual([{ lba: 77, sectors: 1, why: LOST_TARGET | LOST_DIFFERS }])
    expect(bench.differing()).toEqual([])
    expect(bench.answer?.sense[2]).toBe(3)
  })

  it('ends a rescue there, and never calls such a sector finished', () => {
    const bench = new RescueBench({ sectors: 1024 })
    bench.target.filters.push(wrongAt(777))
    bench.rescue({}, { flags: JOB_FLAG_RESCUE | JOB_FLAG_READ_BACK })
    bench.settle()
    expect(bench.state).toBe(COPY_FAILED)
    expect(bench.reason).toBe(REASON_TARGET_REFUSES)
    expect(bench.sectorsThatAre('+')).not.toContain(777)
  })

  it('lists bad sectors of the source once, and leaves their marks on the target alone', () => {
    const bench = new Bench({ sectors: 1024, dataPieces: 16 })
    bench.sourceFaults.makeUnreadable(300, 3)
    bench.start({ flags: JOB_FLAG_READ_BACK })
    bench.settle()
    expect(bench.lost).toEqual([{ lba: 300, sectors: 3, why: LOST_MEDIUM }])
    expect([...bench.target.medium.unreadableSectors].sort()).toEqual([300, 301, 302])
    expect(bench.differing(1024, new Set([300, 301, 302]))).toEqual([])
  })

  it('goes through power cuts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 500 }), fc.nat(1000), (steps, seed) => {
        const bench = new Bench({ sectors: 1024, cached: true, seed })
        bench.start({ flags: JOB_FLAG_READ_BACK, checkpointBytes: 65536 })
        bench.array.run(steps)
        bench.array.powerCycle()
        expect(bench.differing(bench.durableSectors)).toEqual([])
        bench.settle()
        expect(bench.differing()).toEqual([])
      }),
      { numRuns: 30 },
    )
  })

  it('is no part of a verify', () => {
    const bench = new Bench({ sectors: 1024 })
    bench.start({ flags: JOB_FLAG_READ_BACK | JOB_FLAG_VERIFY })
    bench.settle()
    expect(bench.answer?.sense[2]).toBe(5)
  })
})
