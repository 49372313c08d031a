import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  COPY_DONE,
  COPY_IDLE,
  COPY_RESUME,
  COPY_STATUS_TARGETS,
  COPY_STOP,
  JOB_FLAG_ASCENDING,
  JOB_FLAG_READ_BACK,
  JOB_FLAG_TARGET_BLANK,
  JOB_FLAG_ZERO_LOST,
  LOST_TARGET,
  TARGET_DROPPED,
} from '../../assembly/abi/copier'
import { type Bench, IMMEDIATE_START, sectorsOf } from './bench'
import { countReads, fanBench, fanJob, goodTargets, listedOf } from './fanOut'

/** Called good: it has everything but what is listed. Dropped: it stays so. */
function expectTruth(bench: Bench, wasDropped: Set<number>): void {
  const { durableSectors, lost } = bench
  const count = bench.array.status(COPY_STATUS_TARGETS)
  for (let target = 0; target < count; target++) {
    const isDropped = bench.standing(target).standing === TARGET_DROPPED
    if (wasDropped.has(target)) expect(isDropped).toBe(true)
    if (isDropped) wasDropped.add(target)
    else expect(bench.differing(durableSectors, listedOf(lost, target), target)).toEqual([])
  }
  for (const target of goodTargets(bench)) {
    expect(bench.differing(bench.source.sectorCount, listedOf(lost, target), target)).toEqual([])
  }
}

describe('a power cut in a job of several targets', () => {
  it.each([2, 3])('at every single step of a small job with %i leads to the same end', (targets) => {
    const begin = () => {
      const bench = fanBench({ targets, sectors: 512, cached: true, seed: 1 })
      bench.start({ ...fanJob(targets), checkpointBytes: 32768 }, IMMEDIATE_START)
      return bench
    }
    const whole = begin()
    let steps = 0
    while (whole.array.run(1)) steps++
    expect(steps).toBeGreaterThan(100)
    for (let cut = 1; cut <= steps; cut++) {
      const bench = begin()
      bench.array.run(cut)
      bench.array.powerCycle()
      expectTruth(bench, new Set())
      bench.settle()
      if (bench.state === COPY_IDLE) continue
      expect(bench.state).toBe(COPY_DONE)
      expect(goodTargets(bench)).toEqual(Array.from({ length: targets }, (_, target) => target))
      expectTruth(bench, new Set())
    }
  })

  it.each([2, 3])('at every step after one of %i was pulled never makes it a good one again', (targets) => {
    const begin = () => {
      const bench = fanBench({ targets, sectors: 512, cached: true, seed: 1 })
      bench.start({ ...fanJob(targets), checkpointBytes: 32768 }, IMMEDIATE_START)
      bench.array.run(30)
      const { site } = bench.array
      site.pull(1)
      return bench
    }
    const whole = begin()
    let steps = 0
    while (whole.array.run(1)) steps++
    expect(steps).toBeGreaterThan(30)
    for (let cut = 0; cut <= steps; cut++) {
      const bench = begin()
      bench.array.run(cut)
      // Before the microcode has heard of it, it may go on with the drive: all below the durable position is on it.
      const wasDropped = new Set(bench.standing(0).standing === TARGET_DROPPED ? [0] : [])
      if (cut > 2) expect(wasDropped.size).toBe(1)
      // The drive is back when power is: it looks as it did when it was pulled.
      bench.array.powerCycle(() => bench.array.site.insert(1, bench.targets[0]!))
      bench.settle()
      expect(bench.state).toBe(COPY_DONE)
      expect(goodTargets(bench)).toContain(1)
      expectTruth(bench, wasDropped)
    }
  })

  it('is told from the record in the NVRAM: the older one counts when the newer one is not whole', () => {
    const bench = fanBench({ targets: 3, sectors: 2048 })
    bench.start({ ...fanJob(3), checkpointBytes: 65536 }, IMMEDIATE_START)
    bench.array.run(100)
    bench.array.site.pull(2)
    const { controller } = bench.array.site
    const { nvramAddress } = controller.descriptor
    // Both copies of the targets, behind the list, are damaged.
    const behindTheList = nvramAddress + 512 + 4096 * 16
    for (let at = 0; at < 512; at += 8) controller.bytes[behindTheList + at + 1]! ^= 0x40
    bench.array.powerCycle()
    bench.settle()
    expect(goodTargets(bench)).toEqual([])
  })
})

const FAULTS = [
  'pull',
  'refuse writes',
  'abort writes',
  'fail flushes',
  'bad source',
  'cut',
  'stop',
  'return',
  'hang',
] as const

const fault = fc.record({
  kind: fc.constantFrom(...FAULTS),
  steps: fc.integer({ min: 0, max: 250 }),
  target: fc.nat({ max: 3 }),
  lba: fc.nat({ max: 990 }),
  count: fc.integer({ min: 1, max: 12 }),
})

interface Fault {
  readonly kind: (typeof FAULTS)[number]
  readonly steps: number
  readonly target: number
  readonly lba: number
  readonly count: number
}

function strike(bench: Bench, { kind, target, lba, count }: Fault): void {
  const { site } = bench.array
  const number = target % bench.targets.length
  const faults = bench.faultsOfTargets[number]!
  switch (kind) {
    case 'pull':
      site.pull(1 + number)
      break
    case 'return':
      for (const [index, drive] of bench.targets.entries()) site.insert(1 + index, drive)
      break
    case 'refuse writes':
      faults.refuseWrites(lba, count, 1000)
      break
    case 'abort writes':
      faults.failWrites(count * 20)
      break
    case 'fail flushes':
      faults.failFlushes(count % 7)
      break
    case 'hang':
      faults.hang(bench.array.nowNs + count * 8e9)
      break
    case 'bad source':
      bench.sourceFaults.makeUnreadable(lba, count)
      break
    case 'cut':
      bench.array.powerCycle()
      break
    default:
      bench.send(COPY_STOP)
  }
}

it('calls no target good that is not, whatever fails and whenever power is cut', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 4 }),
      fc.array(fault, { maxLength: 7 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.boolean(),
      fc.array(fc.constantFrom(0, JOB_FLAG_ZERO_LOST, JOB_FLAG_ASCENDING | JOB_FLAG_ZERO_LOST, JOB_FLAG_TARGET_BLANK), {
        minLength: 4,
        maxLength: 4,
      }),
      fc.boolean(),
      (targets, faults, seed, cached, flags, readBack) => {
        const bench = fanBench({ targets, sectors: 1024, cached, seed, dataPieces: 12 })
        for (const [target, drive] of bench.targets.entries()) {
          if (flags[target] === JOB_FLAG_TARGET_BLANK) drive.medium.trim(0, drive.sectorCount)
        }
        const reads = countReads(bench)
        const job = { ...fanJob(targets, flags, readBack ? JOB_FLAG_READ_BACK : 0), checkpointBytes: 65536, retries: 1 }
        bench.start(job, IMMEDIATE_START)
        const wasDropped = new Set<number>()
        for (const each of faults) {
          bench.array.run(each.steps)
          strike(bench, each)
          expectTruth(bench, wasDropped)
        }
        // Then nothing fails any more, and somebody wants the job to end.
        for (const [index, drive] of bench.targets.entries()) bench.array.site.insert(1 + index, drive)
        bench.settle()
        for (let tries = 0; tries < 4 && bench.state !== COPY_DONE && bench.state !== COPY_IDLE; tries++) {
          expectTruth(bench, wasDropped)
          bench.send(COPY_RESUME)
          bench.settle()
        }
        expectTruth(bench, wasDropped)
        // Cut before the job was recorded, there is none.
        if (bench.state === COPY_IDLE) return
        if (bench.state === COPY_DONE) expect(goodTargets(bench).length).toBeGreaterThan(0)
        if (faults.length === 0) {
          expect(goodTargets(bench)).toHaveLength(targets)
          expect([...reads].every((count) => count === 1)).toBe(true)
        }
        const ofSource = bench.lost.filter(({ why }) => (why & LOST_TARGET) === 0)
        if (faults.every(({ kind }) => kind !== 'bad source')) expect([...sectorsOf(ofSource)]).toEqual([])
      },
    ),
    { numRuns: 200 },
  )
})
