// What the tests of one source onto several targets have in common.

import { expect } from 'vitest'
import { COPY_DONE, REASON_TARGETS_DROPPED, TARGET_DROPPED, TARGET_GOOD } from '../../assembly/abi/copier'
import { DRIVE_READ } from '../../assembly/abi/driveSlots'
import type { DriveCommand } from '../../host/hardware/driveCommand'
import type { DriveFilter } from '../../host/hardware/driveFilter'
import type { CopyJobOptions, LostRange } from '../../host/image/copyJob'
import { Bench, type BenchOptions, sectorsOf } from './bench'

/** Sees every command of a drive, and may change what becomes of it. */
export function watch(seen: (command: DriveCommand) => void): DriveFilter {
  return { begin: seen, delivered: () => {}, stored: () => {}, firstUnreadable: () => -1, powerCycled: () => {} }
}

/** One bit of a sector of 512 bytes is wrong whenever it is read. */
export function wrongAt(bad: number): DriveFilter {
  return {
    ...watch(() => {}),
    delivered: (lba, sectors, target, offset) => {
      if (lba <= bad && bad < lba + sectors) target[offset + (bad - lba) * 512]! ^= 1
    },
  }
}

/** A bench whose job goes to all of its targets; `flags` are those of each. */
export function fanBench(options: BenchOptions & { readonly targets: number }): Bench {
  return new Bench(options)
}

export function fanJob(
  targets: number,
  flags: readonly number[] = [],
  jobFlags = 0,
): Pick<CopyJobOptions, 'flags' | 'furtherTargets'> {
  const each = Array.from({ length: targets }, (_, target) => flags[target] ?? 0)
  return { flags: each[0]! | jobFlags, furtherTargets: each.slice(1) }
}

/** How often each sector of a drive was read. */
export function countReads(bench: Bench): Uint8Array {
  const counts = new Uint8Array(bench.source.sectorCount)
  bench.source.filters.push(
    watch(({ op, lba, sectors }) => {
      if (op === DRIVE_READ) for (let at = lba; at < lba + sectors; at++) counts[at]!++
    }),
  )
  return counts
}

/** The sectors that are listed of a target: what the source did not give, and what this target did not take. */
export function listedOf(lost: readonly LostRange[], target: number): Set<number> {
  return sectorsOf(lost.filter(({ why }) => (why & 0x10) === 0 || why >>> 8 === target))
}

export function goodTargets(bench: Bench): number[] {
  return bench.targets.map((_, target) => target).filter((target) => bench.standing(target).standing === TARGET_GOOD)
}

export const dropped = (reason: number) => ({ standing: TARGET_DROPPED, reason })

/** SPC-5: COPY ABORTED, THIRD PARTY DEVICE FAILURE. */
export function expectNotAllGood(bench: Bench): void {
  expect(bench.state).toBe(COPY_DONE)
  expect(bench.reason).toBe(REASON_TARGETS_DROPPED)
  const { status, sense } = bench.answer!
  expect([status, sense[2], sense[12], sense[13]]).toEqual([2, 0xa, 0x0d, 0x01])
}
