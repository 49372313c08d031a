import { describe, expect, it } from 'vitest'
import {
  COPY_DONE,
  COPY_RESUME,
  COPY_STOP,
  COPY_STOPPED,
  COPY_SUSPENDED,
  LOST_MEDIUM,
  LOST_TARGET,
  LOST_TARGET_SHIFT,
  REASON_COMMAND_REFUSED,
  REASON_FLUSH_FAILS,
  REASON_TARGET_DEAD,
  REASON_TARGET_EXCHANGED,
  REASON_TARGET_GONE,
  REASON_TARGET_LOSES_TOO_MUCH,
  REASON_TARGETS_DROPPED,
  REASON_TOO_MANY_LOST,
  TARGET_TAKES_PART,
} from '../../assembly/abi/copier'
import { DRIVE_ILLEGAL, DRIVE_WRITE } from '../../assembly/abi/driveSlots'

import { Bench, sectorsOf } from './bench'
import { countReads, dropped, expectNotAllGood, fanBench, fanJob, goodTargets, listedOf, watch } from './fanOut'

describe('a target that fails', () => {
  it('is dropped when it is pulled, and is not a copy when it returns, nor after a boot', () => {
    const bench = fanBench({ targets: 3, sectors: 8192, cached: true })
    bench.start(fanJob(3))
    bench.array.run(300)
    const { site } = bench.array
    const drive = site.bays[2]!
    site.pull(2)
    bench.array.run(10)
    expect(bench.standing(1)).toEqual(dropped(REASON_TARGET_GONE))
    site.insert(2, drive)
    bench.array.run(50)
    bench.array.powerCycle()
    expect(bench.standing(1)).toEqual(dropped(REASON_TARGET_GONE))
    bench.settle()
    expect([bench.state, bench.reason]).toEqual([COPY_DONE, REASON_TARGETS_DROPPED])
    expect(goodTargets(bench)).toEqual([0, 2])
    for (const target of [0, 2]) expect(bench.differing(8192, new Set(), target)).toEqual([])
    bench.array.powerCycle()
    bench.settle()
    expect(goodTargets(bench)).toEqual([0, 2])
  })

  it('says so in the answer', () => {
    const bench = fanBench({ targets: 2, sectors: 4096 })
    bench.start(fanJob(2))
    bench.array.run(200)
    bench.array.site.pull(1)
    bench.settle()
    expectNotAllGood(bench)
    expect(goodTargets(bench)).toEqual([1])
    const panel = bench.array.site.controller.panel!
    expect(panel.status()).toContain('target 0, bay 1: dropped: no drive in the target bay')
    expect(panel.status()).toContain('target 1, bay 2: good')
    expect(panel.log().at(-2)).toContain('target 0 dropped: no drive in the target bay')
  })

  it('is dropped when it does not answer, while the others go on', () => {
    const bench = fanBench({ targets: 2, sectors: 4096, dataPieces: 16 })
    bench.targets[0]!.filters.push(
      watch((command) => {
        if (command.op === DRIVE_WRITE) command.effect.hang = true
      }),
    )
    bench.start(fanJob(2))
    bench.settle()
    expect(bench.standing(0)).toEqual(dropped(REASON_TARGET_DEAD))
    expect(goodTargets(bench)).toEqual([1])
    expect(bench.differing(4096, new Set(), 1)).toEqual([])
    // What was listed of it stays listed of it alone.
    expect([...listedOf(bench.lost, 1)]).toEqual([])
  })

  it('is dropped when all of its commands are aborted', () => {
    const bench = fanBench({ targets: 2, sectors: 4096, dataPieces: 16 })
    bench.start(fanJob(2))
    bench.array.run(100)
    bench.faultsOfTargets[1]!.failWrites(1_000_000)
    bench.settle()
    expect(bench.standing(1)).toEqual(dropped(REASON_TARGET_DEAD))
    expect(bench.differing()).toEqual([])
  })

  it('is dropped when it refuses writes as illegal', () => {
    const bench = fanBench({ targets: 2, sectors: 2048, dataPieces: 16 })
    bench.targets[1]!.filters.push(
      watch((command) => {
        if (command.op === DRIVE_WRITE && command.lba >= 1024) command.effect.status = DRIVE_ILLEGAL
      }),
    )
    bench.start(fanJob(2))
    bench.settle()
    expect(bench.standing(1)).toEqual(dropped(REASON_COMMAND_REFUSED))
    expect(bench.differing()).toEqual([])
  })

  it('is dropped when it cannot flush, and what the others lost by it they get again', () => {
    const bench = fanBench({ targets: 3, sectors: 4096, cached: true })
    bench.faultsOfTargets[1]!.failFlushes(1000)
    bench.start(fanJob(3))
    bench.settle()
    expectNotAllGood(bench)
    expect(bench.standing(1)).toEqual(dropped(REASON_FLUSH_FAILS))
    for (const target of [0, 2]) expect(bench.differing(4096, new Set(), target)).toEqual([])
  })

  it('stays when one flush fails: everything since the last good one is copied again', () => {
    const bench = fanBench({ targets: 2, sectors: 4096, cached: true })
    bench.faultsOfTargets[1]!.failFlushes(2)
    bench.start(fanJob(2))
    bench.settle()
    expect(goodTargets(bench)).toEqual([0, 1])
    for (const target of [0, 1]) expect(bench.differing(4096, new Set(), target)).toEqual([])
  })

  it('has its own sectors in the list, by its number', () => {
    const bench = fanBench({ targets: 3, dataPieces: 16 })
    bench.sourceFaults.makeUnreadable(290, 1)
    bench.faultsOfTargets[0]!.refuseWrites(301, 1, 1000)
    bench.faultsOfTargets[2]!.refuseWrites(300, 2, 1000)
    bench.start(fanJob(3))
    bench.settle()
    const ofTarget = (target: number) => LOST_MEDIUM | LOST_TARGET | (target << LOST_TARGET_SHIFT)
    expect(bench.lost).toEqual([
      { lba: 290, sectors: 1, why: LOST_MEDIUM },
      { lba: 300, sectors: 2, why: ofTarget(2) },
      { lba: 301, sectors: 1, why: ofTarget(0) },
    ])
    expect(goodTargets(bench)).toEqual([0, 1, 2])
    expect(bench.differing(2048, new Set([290]), 1)).toEqual([])
    expect(bench.differing(2048, listedOf(bench.lost, 2), 2)).toEqual([])
    expect(bench.answer?.status).toBe(2)
  })

  it('is dropped when more of it is listed than the job allows; the others are not', () => {
    const bench = fanBench({ targets: 2, dataPieces: 16 })
    bench.faultsOfTargets[0]!.refuseWrites(300, 10, 100_000)
    bench.start({ ...fanJob(2), errorLimit: 4 })
    bench.settle()
    expect(bench.standing(0)).toEqual(dropped(REASON_TARGET_LOSES_TOO_MUCH))
    expect(goodTargets(bench)).toEqual([1])
  })

  it('is dropped before it fills the list with its own sectors', () => {
    const bench = fanBench({ targets: 2, sectors: 4096, dataPieces: 16 })
    bench.targets[1]!.filters.push(
      watch((command) => {
        if (command.op !== DRIVE_WRITE) return
        const bad = command.lba + (command.lba % 2)
        if (bad >= command.lba + command.sectors) return
        command.effect.status = 1
        command.effect.badLba = bad
      }),
    )
    bench.start({ ...fanJob(2), retries: 1 })
    bench.settle()
    expect(bench.standing(1)).toEqual(dropped(REASON_TARGET_LOSES_TOO_MUCH))
    expect(bench.lost.length).toBeLessThan(600)
    expect(bench.differing()).toEqual([])
  })

  it('ends the job when too much of the source is lost', () => {
    const bench = fanBench({ targets: 2 })
    bench.sourceFaults.makeUnreadable(600, 10)
    bench.start({ ...fanJob(2), errorLimit: 4 })
    bench.settle()
    expect([bench.state, bench.reason]).toEqual([COPY_STOPPED, REASON_TOO_MANY_LOST])
    expect(goodTargets(bench)).toEqual([])
  })
})

describe('the last target', () => {
  it('is not dropped: the job waits for it', () => {
    const bench = fanBench({ targets: 2, sectors: 8192, cached: true })
    bench.start(fanJob(2))
    bench.array.run(200)
    const { site } = bench.array
    const last = site.bays[2]!
    site.pull(1)
    bench.array.run(20)
    site.pull(2)
    bench.settle()
    expect([bench.state, bench.reason]).toEqual([COPY_SUSPENDED, REASON_TARGET_GONE])
    expect(goodTargets(bench)).toEqual([])
    site.insert(2, last)
    bench.settle()
    expect(goodTargets(bench)).toEqual([1])
    expect(bench.differing(8192, new Set(), 1)).toEqual([])
  })
})

describe('targets that are missing when a job goes on', () => {
  function halfDone(): Bench {
    const bench = fanBench({ targets: 3, sectors: 8192, cached: true })
    bench.start({ ...fanJob(3), checkpointBytes: 65536 })
    while (bench.durableSectors < 2048 && bench.array.run(1));
    return bench
  }

  it('are waited for after a power cut, and take part when they come in time', () => {
    const bench = halfDone()
    const { site } = bench.array
    bench.array.powerCycle(() => {
      site.pull(2)
      site.pull(3)
    })
    const bootNs = bench.array.nowNs
    while (bench.array.nextTimeNs < bootNs + 1e9) bench.array.run(1)
    site.insert(2, bench.targets[1]!)
    while (bench.array.nextTimeNs < bootNs + 1.5e9) bench.array.run(1)
    expect(bench.standing(1).standing).toBe(TARGET_TAKES_PART)
    site.insert(3, bench.targets[2]!)
    bench.settle()
    expect(goodTargets(bench)).toEqual([0, 1, 2])
    for (let target = 0; target < 3; target++) expect(bench.differing(8192, new Set(), target)).toEqual([])
  })

  it('are dropped when they take too long', () => {
    const bench = halfDone()
    bench.array.powerCycle(() => bench.array.site.pull(2))
    const before = bench.array.nowNs
    bench.settle()
    expect(bench.array.nowNs - before).toBeGreaterThan(2e9)
    expect(goodTargets(bench)).toEqual([0, 2])
    expect(bench.standing(1)).toEqual(dropped(REASON_TARGET_GONE))
    for (const target of [0, 2]) expect(bench.differing(8192, new Set(), target)).toEqual([])
  })

  it('are dropped at once when somebody wants the job to go on', () => {
    const bench = halfDone()
    const { site } = bench.array
    bench.send(COPY_STOP)
    bench.settle()
    site.pull(3)
    bench.send(COPY_RESUME)
    const before = bench.array.nowNs
    while (bench.answer === null) bench.array.run(1)
    expect(bench.array.nowNs - before).toBeLessThan(1e9)
    expectNotAllGood(bench)
    expect(goodTargets(bench)).toEqual([0, 1])
    expect(bench.standing(2)).toEqual(dropped(REASON_TARGET_GONE))
  })

  it('are not replaced by other drives', () => {
    const bench = halfDone()
    const { site } = bench.array
    site.pull(0)
    bench.settle()
    site.pull(3)
    const other = new Bench({ sectors: 8192, seed: 2 }).source
    const before = other.medium.pageOf(0)
    site.insert(3, other)
    site.insert(0, bench.source)
    bench.settle()
    expect(bench.standing(2)).toEqual(dropped(REASON_TARGET_EXCHANGED))
    expect(other.medium.pageOf(0)).toBe(before)
    expect(goodTargets(bench)).toEqual([0, 1])
  })
})

it('reads no sector twice when a target leaves', () => {
  const bench = fanBench({ targets: 2, sectors: 4096, dataPieces: 16 })
  const reads = countReads(bench)
  bench.start(fanJob(2))
  bench.array.run(200)
  bench.array.site.pull(2)
  bench.settle()
  expect([...reads].every((count) => count === 1)).toBe(true)
  expect(sectorsOf(bench.lost).size).toBe(0)
})
