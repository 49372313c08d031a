import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pace } from '../../host/report/pace'
import { type ProgressFacts, progressText } from '../../host/report/progressText'
import { timeLeftText } from '../../host/report/quantities'

const MIB = 1024 ** 2

/** Notes from `startMs` on, five a second: each second so many MiB. */
function noted(pace: Pace, startMs: number, startMib: number, mibOfSeconds: readonly number[]): number {
  let doneMib = startMib
  mibOfSeconds.forEach((mib, second) => {
    for (let fifth = 1; fifth <= 5; fifth++) {
      doneMib += mib / 5
      pace.note(startMs + 1000 * second + 200 * fifth, doneMib * MIB)
    }
  })
  return doneMib
}

describe('the pace of a copy', () => {
  it('is the same now and on the whole while it is steady', () => {
    const pace = new Pace(0)
    noted(pace, 0, 0, Array(20).fill(100))
    expect(pace.rateNow! / MIB).toBeCloseTo(100)
    expect(pace.rateMean! / MIB).toBeCloseTo(100)
    expect(pace.leftMs(3000 * MIB)).toBeCloseTo(10_000)
  })

  it('shows a stall in the rate of now, and says nothing of the time left', () => {
    const pace = new Pace(0)
    noted(pace, 0, 0, [...Array(20).fill(100), ...Array(5).fill(0)])
    expect(pace.rateNow).toBe(0)
    expect(pace.rateMean! / MIB).toBeCloseTo(80)
    expect(pace.leftMs(3000 * MIB)).toBeNull()
  })

  it('shows a stall behind a single command that took longer than all that is remembered', () => {
    const pace = new Pace(0)
    const doneMib = noted(pace, 0, 0, Array(20).fill(100))
    pace.note(80_000, (doneMib + 60) * MIB)
    expect(pace.rateNow! / MIB).toBeCloseTo(1)
  })

  it('forgets a slow beginning in the rate of now, and in the time left', () => {
    const pace = new Pace(0)
    noted(pace, 0, 0, [...Array(60).fill(1), ...Array(6).fill(100)])
    expect(pace.rateNow! / MIB).toBeCloseTo(100)
    expect(pace.leftMs(1660 * MIB)).toBeCloseTo(10_000)
  })

  it('does not count what an earlier run did', () => {
    const pace = new Pace(1000, 5000 * MIB)
    noted(pace, 1000, 5000, Array(10).fill(100))
    expect(pace.rateNow! / MIB).toBeCloseTo(100)
    expect(pace.rateMean! / MIB).toBeCloseTo(100)
    expect(pace.leftMs(7000 * MIB)).toBeCloseTo(10_000)
  })

  it('says nothing before it knows anything', () => {
    const pace = new Pace(0)
    pace.note(100, 100 * MIB)
    expect([pace.rateNow, pace.rateMean, pace.leftMs(1000 * MIB)]).toEqual([null, null, null])
    pace.note(1000, 200 * MIB)
    expect(pace.rateNow).not.toBeNull()
    expect(pace.leftMs(1000 * MIB)).toBeNull()
  })

  it('is never below zero, also where a part has to be copied again', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 9000 }), fc.nat(1e9)), { minLength: 1 }), (steps) => {
        const pace = new Pace(0)
        let atMs = 0
        for (const [ms, done] of steps) {
          atMs += ms
          pace.note(atMs, done)
          for (const rate of [pace.rateNow, pace.rateMean]) expect(rate ?? 0).toBeGreaterThanOrEqual(0)
          expect(pace.leftMs(1e9) ?? 0).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })
})

describe('the text of the line', () => {
  const facts: ProgressFacts = {
    totalBytes: 3000 * MIB,
    doneBytes: 2000 * MIB,
    listedSectors: 0,
    listedAreas: 0,
    note: '',
  }

  it('has both rates and the time left', () => {
    const pace = new Pace(0)
    noted(pace, 0, 0, [...Array(10).fill(100), ...Array(5).fill(200)])
    expect(progressText(facts, pace)).toBe('66 %  1.95 GiB of 2.93 GiB, 200 MiB/s now, 133 MiB/s mean, 5 s left')
  })

  it('counts what is listed, in sectors and areas, and ends with what else there is to say', () => {
    const pace = new Pace(0)
    const listed = { ...facts, listedSectors: 24, listedAreas: 2, note: 'copying, pass 2' }
    expect(progressText(listed, pace)).toBe('66 %  1.95 GiB of 2.93 GiB, 24 sectors in 2 areas listed, copying, pass 2')
    expect(progressText({ ...facts, listedSectors: 1 }, pace)).toBe('66 %  1.95 GiB of 2.93 GiB, 1 sector listed')
  })

  it('tells the time left in two units at most', () => {
    const texts = [0, 400, 42_000, 60_000, 90_000, 7_500_000, 3_600_000, 273_600_000].map(timeLeftText)
    expect(texts).toEqual(['0 s', '1 s', '42 s', '1 min', '1 min 30 s', '2 h 5 min', '1 h', '3 d 4 h'])
  })
})
