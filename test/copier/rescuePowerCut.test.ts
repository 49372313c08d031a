import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COPY_DONE, COPY_FAILED, COPY_IDLE, COPY_RESUME, REASON_NVRAM_LOST } from '../../assembly/abi/copier'
import { faultyDrive, RescueBench } from './rescueBench'

const SECTORS = 1500

function benchWith(bad: readonly number[], seed = 1, sectors = SECTORS): RescueBench {
  const bench = new RescueBench({ sectors, cached: true, seed })
  for (const lba of bad) bench.sourceFaults.makeUnreadable(lba, 1)
  return bench
}

/** What the durable map calls finished is on the target's medium, now. */
function expectKept(bench: RescueBench): void {
  const finished = new Set(bench.sectorsThatAre('+'))
  const others = new Set(
    Array.from({ length: bench.source.sectorCount }, (_, lba) => lba).filter((lba) => !finished.has(lba)),
  )
  expect(bench.differing(bench.source.sectorCount, others)).toEqual([])
}

describe('a power cut in a rescue', () => {
  it('at any instant leaves a map that the target keeps, and the end is the same as without', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2500 }),
        fc.integer({ min: 1, max: 1000 }),
        faultyDrive(SECTORS),
        (steps, seed, { bad, options, job }) => {
          const whole = benchWith(bad)
          whole.rescue(options, job)
          whole.settle()
          const bench = benchWith(bad, seed)
          bench.rescue(options, job)
          // The second cut may strike the recovery from the first.
          for (const part of [1, 3]) {
            bench.array.run(Math.floor(steps / part))
            bench.array.powerCycle()
            // Cut before the job was recorded, there is none.
            if (bench.state === COPY_IDLE) return
            expectKept(bench)
          }
          bench.settle()
          expect(bench.state).toBe(COPY_DONE)
          expect(bench.map).toEqual(whole.map)
          expect(bench.differing(SECTORS, new Set(bad))).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('at every single step of a small rescue leads to the same end', () => {
    const bad = [5, 6, 7, 100, 102, 103, 255]
    const job = { checkpointBytes: 16384, chunkBytes: 8192 }
    const whole = benchWith(bad, 1, 256)
    whole.rescue({ retryPasses: 1 }, job)
    let steps = 0
    while (whole.array.run(1)) steps++
    expect(steps).toBeGreaterThan(100)
    for (let cut = 1; cut <= steps; cut++) {
      const bench = benchWith(bad, cut, 256)
      bench.rescue({ retryPasses: 1 }, job)
      bench.array.run(cut)
      bench.array.powerCycle()
      if (bench.state === COPY_IDLE) continue
      expectKept(bench)
      bench.settle()
      expect(bench.map).toEqual(whole.map)
      expect(bench.differing(256, new Set(bad))).toEqual([])
    }
  })

  it('does not read again what the map calls finished', () => {
    const bench = benchWith([700, 701], 1, 8192)
    bench.rescue({}, { checkpointBytes: 65536 })
    while (bench.durableSectors < 4096 && bench.array.run(1));
    bench.array.powerCycle()
    const finished = new Set(bench.sectorsThatAre('+'))
    expect(finished.size).toBeGreaterThan(4000)
    const reads = bench.watchReads()
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect(reads.filter(({ lba }) => finished.has(lba))).toEqual([])
  })
})

describe('the map in the NVRAM', () => {
  const COPIES = [512, 512 + 32768]
  const HEAD_BYTES = 128

  function halfDone(): RescueBench {
    const bench = benchWith([100, 900], 1, 4096)
    bench.rescue({}, { checkpointBytes: 65536 })
    while (bench.durableSectors < 2000 && bench.array.run(1));
    return bench
  }

  /** Changes words behind the microcode's back, without a commit, and cuts the power: each word persists or not, and some do. */
  function damageAndCut(bench: RescueBench, copies: readonly number[]): void {
    const { controller } = bench.array.site
    const { nvramAddress } = controller.descriptor
    for (const copy of copies) {
      for (let at = 0; at < HEAD_BYTES; at += 8) controller.bytes[nvramAddress + COPIES[copy]! + at]! ^= 0x40
    }
    bench.array.powerCycle()
  }

  it.each([0, 1])('survives the loss of copy %i', (copy) => {
    const bench = halfDone()
    damageAndCut(bench, [copy])
    expectKept(bench)
    bench.settle()
    bench.send(COPY_RESUME)
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect(bench.sectorsThatAre('-')).toEqual([100, 900])
    expect(bench.differing(4096, new Set([100, 900]))).toEqual([])
  })

  it('that is lost with both copies is said to be lost, and nothing is copied', () => {
    const bench = halfDone()
    damageAndCut(bench, [0, 1])
    expect(bench.state).toBe(COPY_FAILED)
    expect(bench.reason).toBe(REASON_NVRAM_LOST)
  })
})
