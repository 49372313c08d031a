import { describe, expect, it } from 'vitest'
import {
  COPY_DONE,
  COPY_FAILED,
  COPY_RESUME,
  COPY_RUNNING,
  COPY_START,
  COPY_STOP,
  COPY_STOPPED,
  JOB_FLAG_ASCENDING,
  JOB_FLAG_READ_BACK,
  JOB_FLAG_TARGET_BLANK,
  JOB_FLAG_TARGETS,
  JOB_FLAG_VERIFY,
  JOB_FLAG_ZERO_LOST,
  LOST_DIFFERS,
  LOST_MEDIUM,
  LOST_TARGET,
  LOST_TARGET_SHIFT,
  REASON_NONE,
  REASON_TARGET_TOO_SMALL,
  TARGET_GOOD,
  TARGET_TAKES_PART,
} from '../../assembly/abi/copier'
import {
  DRIVE_ILLEGAL,
  DRIVE_MEDIUM_ERROR,
  DRIVE_READ,
  DRIVE_TRIM,
  DRIVE_WRITE,
  DRIVE_WRITE_UNCORRECTABLE,
} from '../../assembly/abi/driveSlots'
import { JOB_FLAG_RESCUE } from '../../assembly/abi/rescue'
import { jobBlock } from '../../host/image/copyJob'
import { RandomStream } from '../../host/sim/random'

import type { Bench } from './bench'
import { countReads, dropped, expectNotAllGood, fanBench, fanJob, goodTargets, watch, wrongAt } from './fanOut'

const GOOD = { standing: TARGET_GOOD, reason: REASON_NONE }

describe('one source onto several targets', () => {
  it.each([2, 3, 7])('copies every sector to each of %i, and reads the source once', (targets) => {
    const bench = fanBench({ targets, sectors: 1500, dataPieces: 16 })
    const reads = countReads(bench)
    bench.start(fanJob(targets))
    bench.settle()
    expect(bench.answer?.status).toBe(0)
    expect(bench.state).toBe(COPY_DONE)
    for (let target = 0; target < targets; target++) {
      expect(bench.differing(1500, new Set(), target)).toEqual([])
      expect(bench.standing(target)).toEqual(GOOD)
    }
    expect([...reads].every((count) => count === 1)).toBe(true)
  })

  it('calls no target good before the end', () => {
    const bench = fanBench({ targets: 2, sectors: 1024 })
    bench.start(fanJob(2))
    while (bench.array.run(1) && bench.state !== COPY_DONE) {
      expect(goodTargets(bench)).toEqual([])
      if (bench.state === COPY_RUNNING) expect(bench.standing(1).standing).toBe(TARGET_TAKES_PART)
    }
    expect(goodTargets(bench)).toEqual([0, 1])
  })

  it('flushes every target before the record that counts on it', () => {
    const bench = fanBench({ targets: 3, sectors: 4096, cached: true })
    bench.start({ ...fanJob(3), checkpointBytes: 65536 })
    let seen = 0
    while (bench.array.run(1)) {
      if (bench.durableSectors === seen) continue
      seen = bench.durableSectors
      // What a power cut leaves at the worst: a copy of the media without their caches.
      for (let target = 0; target < 3; target++) expect(bench.differing(seen, new Set(), target)).toEqual([])
    }
    expect(seen).toBe(4096)
  })

  it('treats each target as its flags say', () => {
    const bench = fanBench({ targets: 3, dataPieces: 4, channels: 4 })
    bench.targets[1]!.medium.trim(0, 2048)
    const ops = bench.targets.map(() => new Set<number>())
    for (const [target, drive] of bench.targets.entries()) drive.filters.push(watch(({ op }) => ops[target]!.add(op)))
    let next = 0
    bench.targets[2]!.filters.push(
      watch(({ op, lba, sectors }) => {
        if (op !== DRIVE_WRITE && op !== DRIVE_TRIM) return
        expect(lba).toBe(next)
        expect(bench.targets[2]!.outstanding).toBe(0)
        next = lba + sectors
      }),
    )
    // Without a checkpoint in between: its flush goes beside the writes.
    bench.start({ ...fanJob(3, [0, JOB_FLAG_TARGET_BLANK, JOB_FLAG_ASCENDING]), checkpointBytes: 1 << 20 })
    bench.settle()
    for (let target = 0; target < 3; target++) expect(bench.differing(2048, new Set(), target)).toEqual([])
    expect(ops.map((seen) => seen.has(DRIVE_TRIM))).toEqual([true, false, true])
    expect(next).toBe(2048)
  })

  it('writes zeros to the one that cannot trim, and trims the other', () => {
    const bench = fanBench({ targets: 2, dataPieces: 4 })
    let trimmed = 0
    const refuse = watch((command) => {
      if (command.op === DRIVE_TRIM) command.effect.status = DRIVE_ILLEGAL
    })
    bench.targets[0]!.filters.push(refuse)
    bench.targets[1]!.filters.push(
      watch(({ op, sectors }) => {
        if (op === DRIVE_TRIM) trimmed += sectors
      }),
    )
    bench.start(fanJob(2))
    bench.settle()
    expect(bench.answer?.status).toBe(0)
    expect(trimmed).toBeGreaterThan(1000)
    for (const target of [0, 1]) expect(bench.differing(2048, new Set(), target)).toEqual([])
  })

  it('marks what the source lost on each target as that target can', () => {
    const bench = fanBench({ targets: 3, dataPieces: 16 })
    bench.sourceFaults.makeUnreadable(100, 3)
    bench.targets[1]!.filters.push(
      watch((command) => {
        if (command.op === DRIVE_WRITE_UNCORRECTABLE) command.effect.status = DRIVE_ILLEGAL
      }),
    )
    bench.start(fanJob(3, [0, 0, JOB_FLAG_ZERO_LOST]))
    bench.settle()
    expect(bench.lost).toEqual([{ lba: 100, sectors: 3, why: LOST_MEDIUM }])
    expect(bench.targets.map(({ medium }) => [...medium.unreadableSectors].length)).toEqual([3, 0, 0])
    expect(goodTargets(bench)).toEqual([0, 1, 2])
    for (let target = 0; target < 3; target++) {
      expect(bench.differing(2048, new Set([100, 101, 102]), target)).toEqual([])
    }
  })

  it('reads back what each target holds, and makes good what one of them lost', () => {
    for (const readBack of [0, JOB_FLAG_READ_BACK]) {
      const bench = fanBench({ targets: 3, dataPieces: 16, sectors: 1024 })
      bench.start(fanJob(3, [], readBack))
      bench.array.run(40)
      bench.faultsOfTargets[1]!.loseWrites(2)
      bench.faultsOfTargets[2]!.tearWrites(1, RandomStream.fromSeed(1, 'tear'))
      bench.settle()
      const wrong = [0, 1, 2].filter((target) => bench.differing(1024, new Set(), target).length > 0)
      expect(wrong).toEqual(readBack ? [] : [1, 2])
    }
  })

  it.each([2, 3, 7])('lists what one of %i gives back wrong, of that one alone', (targets) => {
    for (let wrong = 0; wrong < targets; wrong++) {
      const bench = fanBench({ targets, dataPieces: 16, sectors: 256 })
      bench.targets[wrong]!.filters.push(wrongAt(77))
      bench.start(fanJob(targets, [], JOB_FLAG_READ_BACK))
      bench.settle()
      const why = LOST_TARGET | LOST_DIFFERS | (wrong << LOST_TARGET_SHIFT)
      expect(bench.lost).toEqual([{ lba: 77, sectors: 1, why }])
    }
  })

  it('does not mix up what two targets give back in pieces', () => {
    const bench = fanBench({ targets: 2, dataPieces: 16, sectors: 32 })
    let written = 0
    bench.targets[0]!.filters.push(
      watch((command) => {
        const { op, lba, sectors, effect } = command
        if (op === DRIVE_WRITE && lba <= 10 && lba + sectors > 10) written++
        if (op !== DRIVE_READ || lba > 20 || lba + sectors <= 20) return
        effect.status = DRIVE_MEDIUM_ERROR
        effect.badLba = 20
      }),
    )
    bench.targets[1]!.filters.push(wrongAt(10))
    bench.start({ ...fanJob(2, [], JOB_FLAG_READ_BACK), retries: 1 })
    bench.settle()
    expect(bench.lost).toEqual([
      { lba: 10, sectors: 1, why: LOST_TARGET | LOST_DIFFERS | (1 << LOST_TARGET_SHIFT) },
      { lba: 20, sectors: 1, why: LOST_TARGET | LOST_MEDIUM },
    ])
    expect(written).toBe(1)
  })

  it('refuses a target that is too small, and leaves it as it was', () => {
    const bench = fanBench({ targets: 3, targetSectors: [2048, 2047, 9000] })
    const before = bench.targets[1]!.medium.pageOf(0)
    bench.start(fanJob(3))
    bench.settle()
    expectNotAllGood(bench)
    expect(bench.standing(1)).toEqual(dropped(REASON_TARGET_TOO_SMALL))
    expect(bench.targets[1]!.medium.pageOf(0)).toBe(before)
    expect(goodTargets(bench)).toEqual([0, 2])
    expect(bench.differing(2048, new Set(), 2)).toEqual([])
  })

  it('fails when no target fits', () => {
    const bench = fanBench({ targets: 2, targetSectors: 100 })
    bench.start(fanJob(2))
    bench.settle()
    expect([bench.state, bench.reason]).toEqual([COPY_FAILED, REASON_TARGET_TOO_SMALL])
    expect(goodTargets(bench)).toEqual([])
  })

  it('says nothing of targets that only an earlier job had', () => {
    const bench = fanBench({ targets: 2, sectors: 512 })
    bench.start(fanJob(2))
    bench.settle()
    bench.start()
    bench.settle()
    expect(bench.standing(0)).toEqual(GOOD)
    expect(bench.standing(1)).toEqual({ standing: 0, reason: 0 })
  })

  it('stops in order, and goes on with all of them', () => {
    const bench = fanBench({ targets: 2, sectors: 8192 })
    bench.start(fanJob(2))
    bench.array.run(300)
    bench.send(COPY_STOP)
    bench.settle()
    expect(bench.state).toBe(COPY_STOPPED)
    expect(bench.durableSectors).toBeGreaterThan(0)
    bench.array.powerCycle()
    bench.settle()
    expect(bench.state).toBe(COPY_STOPPED)
    bench.send(COPY_RESUME)
    bench.settle()
    expect(bench.answer?.status).toBe(0)
    for (const target of [0, 1]) expect(bench.differing(8192, new Set(), target)).toEqual([])
  })
})

describe('a block of further targets', () => {
  const header = (count: number) => [0, 0, 0, count]
  const entry = (bay: number, flags = 0) => [0, 0, 0, bay, 0, 0, 0, flags, 0, 0, 0, 0, 0, 0, 0, 0]

  /** The sense of a START with these bytes behind the job block; null: GOOD. */
  function begin(bench: Bench, flags: number, further: readonly number[]): number[] | null {
    const block = jobBlock({ flags, sectors: 0 }, 512)
    bench.send(COPY_START, Uint8Array.from([...block, ...further]))
    bench.settle()
    const { status, sense } = bench.answer!
    return status === 0 ? null : [sense[2]!, sense[12]!, sense[13]!]
  }

  const refused = [5, 0x26, 0]

  it.each<readonly [string, number, readonly number[]]>([
    ['is missing', JOB_FLAG_TARGETS, []],
    ['is empty', JOB_FLAG_TARGETS, header(0)],
    ['is shorter than it says', JOB_FLAG_TARGETS, [...header(2), ...entry(2)]],
    ['has more targets than there are bays', JOB_FLAG_TARGETS, [...header(7), ...entry(2), ...new Array(96).fill(0)]],
    ["names the source's bay", JOB_FLAG_TARGETS, [...header(1), ...entry(0)]],
    ['names a bay twice', JOB_FLAG_TARGETS, [...header(2), ...entry(2), ...entry(2)]],
    ["names the first target's bay", JOB_FLAG_TARGETS, [...header(1), ...entry(1)]],
    ['names a bay that does not exist', JOB_FLAG_TARGETS, [...header(1), ...entry(8)]],
    ['has flags of a job', JOB_FLAG_TARGETS, [...header(1), ...entry(2, 1)]],
    ['belongs to a verify', JOB_FLAG_TARGETS | JOB_FLAG_VERIFY, [...header(1), ...entry(2)]],
    ['belongs to a rescue', JOB_FLAG_TARGETS | JOB_FLAG_RESCUE, [...header(1), ...entry(2), ...new Array(64).fill(0)]],
  ])('is refused when it %s', (_, flags, further) => {
    expect(begin(fanBench({ targets: 3 }), flags, further)).toEqual(refused)
  })

  it('is taken as docs/copier.md writes it', () => {
    const bench = fanBench({ targets: 2, dataPieces: 16 })
    expect(begin(bench, JOB_FLAG_TARGETS, [...header(1), ...entry(2)])).toBeNull()
    expect(goodTargets(bench)).toEqual([0, 1])
  })

  it('that is refused leaves a job that was stopped as it was', () => {
    const bench = fanBench({ targets: 2, sectors: 8192 })
    bench.start(fanJob(2))
    bench.array.run(300)
    bench.send(COPY_STOP)
    bench.settle()
    expect(begin(bench, JOB_FLAG_TARGETS, header(0))).toEqual(refused)
    bench.send(COPY_RESUME)
    bench.settle()
    expect(goodTargets(bench)).toEqual([0, 1])
  })
})
