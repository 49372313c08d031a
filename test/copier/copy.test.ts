import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  COPY_DONE,
  COPY_IDLE,
  COPY_RESUME,
  COPY_STATUS_RETRIES,
  COPY_STATUS_ZERO_LOW,
  COPY_STOP,
  COPY_STOPPED,
  COPY_SUSPENDED,
  JOB_FLAG_ASCENDING,
  JOB_FLAG_TARGET_BLANK,
  JOB_FLAG_ZERO_LOST,
  LOST_ABORTED,
  LOST_MEDIUM,
  LOST_TARGET,
  LOST_TIMEOUT,
  REASON_FLUSH_FAILS,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_GONE,
  REASON_TARGET_EXCHANGED,
  REASON_TARGET_GONE,
  REASON_TOO_MANY_LOST,
} from '../../assembly/abi/copier'
import { DRIVE_READ, DRIVE_TRIM, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import type { DriveCommand } from '../../host/hardware/driveCommand'
import type { DriveFilter } from '../../host/hardware/driveFilter'
import { longStatus } from '../../host/image/copyJob'
import { Bench, sectorsOf } from './bench'

/** Sees every command of a drive, and does nothing. */
function watch(seen: (command: DriveCommand) => void): DriveFilter {
  return {
    begin: seen,
    delivered: () => {},
    stored: () => {},
    firstUnreadable: () => -1,
    powerCycled: () => {},
  }
}

describe('copying between two drives', () => {
  it.each([512, 520, 2048, 4096])('copies every sector of %i bytes', (sectorBytes) => {
    const bench = new Bench({ sectorBytes, sectors: 999 })
    bench.start()
    bench.settle()
    expect(bench.answer?.status).toBe(0)
    expect(bench.state).toBe(COPY_DONE)
    expect(bench.differing()).toEqual([])
  })

  it('copies any size, with any number of channels, in any order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 16 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 64 }),
        (sectors, channels, dataPieces, cached, chunkSectors) => {
          const bench = new Bench({ sectors, channels, dataPieces, cached, seed: sectors })
          bench.start({ chunkBytes: chunkSectors * 512 })
          bench.settle()
          expect(bench.state).toBe(COPY_DONE)
          expect(bench.differing()).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('sends zeros as TRIM, never as data', () => {
    const bench = new Bench({ dataPieces: 4 })
    let trimmed = 0
    bench.target.filters.push(
      watch(({ op, sectors }) => {
        if (op === DRIVE_TRIM) trimmed += sectors
      }),
    )
    bench.start()
    bench.settle()
    expect(bench.differing()).toEqual([])
    expect(trimmed).toBeGreaterThan(1000)
    expect(longStatus(bench.array, COPY_STATUS_ZERO_LOW)).toBe(trimmed)
  })

  it('sends no zeros at all to a blank target', () => {
    const bench = new Bench({ dataPieces: 4 })
    bench.target.medium.trim(0, bench.target.sectorCount)
    const ops = new Set<number>()
    bench.target.filters.push(watch(({ op }) => ops.add(op)))
    bench.start({ flags: JOB_FLAG_TARGET_BLANK })
    bench.settle()
    expect(bench.differing()).toEqual([])
    expect(ops).not.toContain(DRIVE_TRIM)
    expect(longStatus(bench.array, COPY_STATUS_ZERO_LOW)).toBeGreaterThan(1000)
  })

  it('takes nothing for zeros that has a single bit in it, wherever that is', () => {
    for (const sectorBytes of [512, 520]) {
      // One bit in each sector, behind each other: each byte of a sector once.
      const bench = new Bench({ sectorBytes, sectors: 8 * sectorBytes, dataPieces: 0 })
      for (let byte = 0; byte < sectorBytes; byte++) {
        const sector = new Uint8Array(sectorBytes)
        sector[byte] = 1 << (byte % 8)
        bench.source.medium.write(8 * byte, sector)
      }
      bench.start()
      bench.settle()
      expect(bench.differing()).toEqual([])
    }
  })

  it('writes in ascending order, one command at a time, where the target wants it', () => {
    const bench = new Bench({ channels: 4 })
    let next = 0
    let others = 0
    bench.target.filters.push(
      watch(({ op, lba, sectors }) => {
        if (op !== DRIVE_WRITE && op !== DRIVE_TRIM) return
        expect(lba).toBe(next)
        // The command itself is not counted yet.
        others = Math.max(others, bench.target.outstanding)
        next = lba + sectors
      }),
    )
    bench.start({ flags: JOB_FLAG_ASCENDING })
    bench.settle()
    expect(next).toBe(2048)
    expect(others).toBe(0)
    expect(bench.differing()).toEqual([])
  })

  it('keeps several reads on their way', () => {
    const bench = new Bench()
    let outstanding = 0
    bench.source.filters.push(
      watch(() => {
        outstanding = Math.max(outstanding, bench.source.outstanding)
      }),
    )
    bench.start()
    bench.settle()
    expect(outstanding).toBeGreaterThanOrEqual(4)
  })
})

describe('sectors that cannot be read', () => {
  it('lists exactly those that are bad, and copies all others', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 499 }), { maxLength: 40 }),
        fc.constantFrom(0, JOB_FLAG_ZERO_LOST),
        (bad, flags) => {
          const bench = new Bench({ sectors: 500 })
          for (const lba of bad) bench.sourceFaults.makeUnreadable(lba, 1)
          bench.start({ flags })
          bench.settle()
          expect(bench.state).toBe(COPY_DONE)
          expect([...sectorsOf(bench.lost)]).toEqual([...bad].sort((a, b) => a - b))
          expect(bench.lost.every(({ why }) => why === LOST_MEDIUM)).toBe(true)
          expect(bench.differing(500, new Set(bad))).toEqual([])
          const marked = [...bench.target.medium.unreadableSectors].sort((a, b) => a - b)
          expect(marked).toEqual(flags === 0 ? [...sectorsOf(bench.lost)] : [])
        },
      ),
      { numRuns: 40 },
    )
  })

  it('writes zeros in their place where the target cannot mark them', () => {
    const bench = new Bench({ dataPieces: 16 })
    bench.sourceFaults.makeUnreadable(100, 3)
    bench.start({ flags: JOB_FLAG_ZERO_LOST })
    bench.settle()
    const bytes = new Uint8Array(3 * 512).fill(1)
    bench.target.medium.read(100, 3, bytes, 0)
    expect(bytes.every((byte) => byte === 0)).toBe(true)
    expect(bench.answer?.status).toBe(2)
    // Fixed format: MEDIUM ERROR, the first lost LBA in INFORMATION, UNRECOVERED READ ERROR.
    expect([...bench.answer!.sense.slice(0, 14)]).toEqual([0xf0, 0, 3, 0, 0, 0, 100, 10, 0, 0, 0, 0, 0x11, 0])
  })

  it('tries a bad sector as often as the job says', () => {
    const bench = new Bench()
    bench.sourceFaults.makeUnreadable(77, 1)
    let alone = 0
    bench.source.filters.push(
      watch(({ op, lba, sectors }) => {
        if (op === DRIVE_READ && lba === 77 && sectors === 1) alone++
      }),
    )
    bench.start({ retries: 5 })
    bench.settle()
    expect(alone).toBe(6)
  })

  it('counts what a full list drops', () => {
    const bench = new Bench({ sectors: 10_000, dataPieces: 0 })
    for (let lba = 0; lba < 10_000; lba += 2) bench.sourceFaults.makeUnreadable(lba, 1)
    bench.start({ flags: JOB_FLAG_ZERO_LOST, retries: 1 })
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    const lost = sectorsOf(bench.lost)
    expect(lost.size).toBe(4096)
    expect(bench.array.status(74)).toBe(5000)
    expect(bench.array.status(76)).toBe(5000 - 4096)
    expect(bench.array.site.controller.panel?.status().at(-1)).toContain('the list is full: 904 more sectors')
  })

  it('stops in order when more are lost than the job allows', () => {
    const bench = new Bench()
    bench.sourceFaults.makeUnreadable(600, 10)
    bench.start({ errorLimit: 4 })
    bench.settle()
    expect(bench.state).toBe(COPY_STOPPED)
    expect(bench.reason).toBe(REASON_TOO_MANY_LOST)
    expect(bench.durableSectors).toBeGreaterThanOrEqual(608)
    expect(sectorsOf(bench.lost).size).toBe(10)
  })
})

describe('drives that fail in other ways', () => {
  it('repeats commands that were aborted', () => {
    const bench = new Bench()
    bench.sourceFaults.failReads(5)
    bench.targetFaults.failWrites(5)
    bench.start()
    bench.settle()
    expect(bench.answer?.status).toBe(0)
    expect(bench.array.status(COPY_STATUS_RETRIES)).toBe(10)
    expect(bench.differing()).toEqual([])
  })

  it('lists sectors that the target does not take', () => {
    const bench = new Bench({ dataPieces: 16 })
    bench.targetFaults.refuseWrites(300, 2, 1000)
    bench.start()
    bench.settle()
    expect(bench.lost).toEqual([{ lba: 300, sectors: 2, why: LOST_MEDIUM | LOST_TARGET }])
    expect(bench.differing(2048, new Set([300, 301]))).toEqual([])
  })

  it('aborts a command that hangs, and sends it again', () => {
    const bench = new Bench()
    bench.sourceFaults.hang(15e9)
    bench.start()
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect(bench.lost).toEqual([])
    expect(bench.differing()).toEqual([])
  })

  it('gives an area up that hangs again and again, and goes on behind it', () => {
    const bench = new Bench({ dataPieces: 16 })
    bench.source.filters.push(
      watch((command) => {
        if (command.op === DRIVE_READ && command.lba <= 320 && command.lba + command.sectors > 320) {
          command.effect.hang = true
        }
      }),
    )
    bench.start()
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect(bench.lost).toEqual([{ lba: 320, sectors: 32, why: LOST_TIMEOUT }])
    expect(bench.differing(2048, sectorsOf(bench.lost))).toEqual([])
  })

  it('narrows a range that is aborted every time down to its sector', () => {
    const bench = new Bench({ dataPieces: 16 })
    bench.source.filters.push(
      watch((command) => {
        if (command.op === DRIVE_READ && command.lba <= 333 && command.lba + command.sectors > 333) {
          command.effect.status = 2
        }
      }),
    )
    bench.start()
    bench.settle()
    expect(bench.lost).toEqual([{ lba: 333, sectors: 1, why: LOST_ABORTED }])
  })

  it('gives up on a drive that never answers, in bounded time, and answers the initiator', () => {
    const bench = new Bench({ sectors: 100_000 })
    bench.start()
    bench.array.run(40)
    bench.sourceFaults.hang(Number.MAX_SAFE_INTEGER)
    bench.settle()
    expect(bench.state).toBe(COPY_SUSPENDED)
    expect(bench.reason).toBe(REASON_SOURCE_DEAD)
    expect(bench.answer?.status).toBe(2)
    expect(bench.array.nowNs).toBeLessThan(120e9)
  })

  it('copies again what a failed flush may have lost', () => {
    const bench = new Bench({ cached: true })
    bench.targetFaults.failFlushes(2)
    bench.start()
    bench.settle()
    expect(bench.answer?.status).toBe(0)
    expect(bench.differing()).toEqual([])
  })

  it('fails when flushes never succeed, and claims nothing', () => {
    const bench = new Bench({ cached: true })
    bench.targetFaults.failFlushes(1000)
    bench.start()
    bench.settle()
    expect(bench.reason).toBe(REASON_FLUSH_FAILS)
    expect(bench.durableSectors).toBe(0)
    expect(bench.answer?.status).toBe(2)
  })
})

describe('drives that are pulled', () => {
  it.each([
    ['source', 0, REASON_SOURCE_GONE],
    ['target', 1, REASON_TARGET_GONE],
  ] as const)('waits for the %s and goes on by itself', (_, bay, reason) => {
    const bench = new Bench({ sectors: 8192, cached: true })
    bench.start()
    bench.array.run(300)
    const { site } = bench.array
    const drive = site.bays[bay]!
    site.pull(bay)
    bench.settle()
    expect(bench.state).toBe(COPY_SUSPENDED)
    expect(bench.reason).toBe(reason)
    expect(bench.answer?.status).toBe(2)
    site.insert(bay, drive)
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect(bench.differing()).toEqual([])
  })

  it('does not go on with another drive', () => {
    const bench = new Bench({ sectors: 8192 })
    bench.start()
    bench.array.run(300)
    const other = new Bench({ sectors: 8192, seed: 2 }).source
    const { site } = bench.array
    site.pull(1)
    bench.settle()
    site.insert(1, other)
    bench.settle()
    expect(bench.state).toBe(COPY_SUSPENDED)
    expect(bench.reason).toBe(REASON_TARGET_EXCHANGED)
  })
})

describe('stopping', () => {
  it('stops in order at any time, and goes on from there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900 }), fc.boolean(), (steps, cached) => {
        const bench = new Bench({ cached, sectors: 4096 })
        bench.start()
        bench.array.run(steps)
        const waiting = bench.answer
        bench.send(COPY_STOP)
        bench.settle()
        expect(bench.answer?.status).toBe(0)
        // Before the drives have said who they are there is no job.
        if (bench.state === COPY_DONE || bench.state === COPY_IDLE) return
        expect(waiting).toBeNull()
        expect(bench.state).toBe(COPY_STOPPED)
        const { durableSectors } = bench
        expect(bench.differing(durableSectors)).toEqual([])
        bench.array.powerCycle()
        bench.settle()
        // A stopped job stays stopped over a power cut.
        expect(bench.state).toBe(COPY_STOPPED)
        expect(bench.durableSectors).toBe(durableSectors)
        bench.send(COPY_RESUME)
        bench.settle()
        expect(bench.answer?.status).toBe(0)
        expect(bench.differing()).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})
