import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COPY_DONE, JOB_FLAG_VERIFY, LOST_DIFFERS, LOST_MEDIUM, LOST_TARGET } from '../../assembly/abi/copier'
import { Bench, IMMEDIATE_START, sectorsOf } from './bench'

function equalPair(sectors = 1000): Bench {
  const bench = new Bench({ sectors })
  bench.start()
  bench.settle()
  expect(bench.differing()).toEqual([])
  return bench
}

function change(bench: Bench, lba: number, byte: number): void {
  const sector = new Uint8Array(512)
  bench.target.medium.read(lba, 1, sector, 0)
  sector[byte] = sector[byte]! ^ 1
  bench.target.medium.write(lba, sector)
}

describe('verifying', () => {
  it('finds nothing between a drive and its copy', () => {
    const bench = equalPair()
    bench.start({ flags: JOB_FLAG_VERIFY })
    bench.settle()
    expect(bench.answer?.status).toBe(0)
    expect(bench.lost).toEqual([])
  })

  it('lists exactly the sectors that differ, in one bit or more', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 399 }), fc.integer({ min: 0, max: 511 })), {
          maxLength: 30,
          selector: ([lba]) => lba,
        }),
        (changes) => {
          const bench = equalPair(400)
          for (const [lba, byte] of changes) change(bench, lba, byte)
          bench.start({ flags: JOB_FLAG_VERIFY })
          bench.settle()
          expect(bench.state).toBe(COPY_DONE)
          const expected = changes.map(([lba]) => lba).sort((a, b) => a - b)
          expect([...sectorsOf(bench.lost)]).toEqual(expected)
          expect(bench.lost.every(({ why }) => why === LOST_DIFFERS)).toBe(true)
          // MISCOMPARE, as SBC-4 VERIFY answers.
          if (changes.length > 0) expect(bench.answer!.sense[2]).toBe(0x0e)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('tells unreadable sectors of either side from different ones', () => {
    const bench = equalPair()
    change(bench, 10, 0)
    bench.sourceFaults.makeUnreadable(20, 2)
    bench.targetFaults.makeUnreadable(30, 1)
    bench.start({ flags: JOB_FLAG_VERIFY })
    bench.settle()
    expect(bench.lost).toEqual([
      { lba: 10, sectors: 1, why: LOST_DIFFERS },
      { lba: 20, sectors: 2, why: LOST_MEDIUM },
      { lba: 30, sectors: 1, why: LOST_MEDIUM | LOST_TARGET },
    ])
  })

  it('writes nothing, and keeps its list over a power cut', () => {
    const bench = equalPair(4096)
    change(bench, 5, 5)
    change(bench, 4000, 5)
    const written = bench.target.medium.pageOf(5)
    bench.start({ flags: JOB_FLAG_VERIFY, checkpointBytes: 65536 }, IMMEDIATE_START)
    while (bench.durableSectors < 1024 && bench.array.run(1));
    bench.array.powerCycle()
    expect(bench.durableSectors).toBeGreaterThanOrEqual(1024)
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect([...sectorsOf(bench.lost)]).toEqual([5, 4000])
    expect(bench.target.medium.pageOf(5)).toBe(written)
  })
})
