import { describe, expect, it } from 'vitest'
import { DRIVE_MEDIUM_ERROR, DRIVE_OK, DRIVE_READ, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { FailingDrive, type FailingDriveOptions } from '../../host/faults/failingDrive'
import { type CommandEffect, DriveCommand } from '../../host/hardware/driveCommand'
import { headsOf } from '../../host/hardware/timing/timingModels'

const SECTORS = 100_000

function effectOf(
  options: Partial<FailingDriveOptions>,
  lba: number,
  sectors: number,
  nowNs = 0,
  op = DRIVE_READ,
): CommandEffect {
  const drive = new FailingDrive({ slow: [], headDeath: null, heads: null, errorNs: 0, firstBad: () => -1, ...options })
  const command = new DriveCommand(0)
  Object.assign(command, { op, lba, sectors })
  drive.begin(command, nowNs)
  return command.effect
}

describe('a failing drive', () => {
  it('is slow where a command touches a slow place, and as slow as the slowest', () => {
    const slow = [
      { lba: 100, sectors: 50, factor: 7 },
      { lba: 140, sectors: 10, factor: 9 },
    ]
    const factors = [
      [0, 100],
      [0, 101],
      [149, 1],
      [150, 10],
    ].map(([lba, sectors]) => effectOf({ slow }, lba!, sectors!).slowFactor)
    expect(factors).toEqual([1, 7, 9, 1])
  })

  it('spends its time on a bad sector before it gives it up, in reads alone', () => {
    const options = {
      errorNs: 5e8,
      firstBad: (lba: number, sectors: number) => (lba <= 7 && lba + sectors > 7 ? 7 : -1),
    }
    expect(effectOf(options, 0, 8).extraNs).toBe(5e8)
    expect(effectOf(options, 8, 8).extraNs).toBe(0)
    expect(effectOf(options, 0, 8, 0, DRIVE_WRITE).extraNs).toBe(0)
  })

  it('reads nothing under a head from its death on, and names the first such sector', () => {
    const heads = headsOf('hdd', undefined, SECTORS, 512)!
    const options = { heads, headDeath: { head: 1, atNs: 1000 }, errorNs: 10 }
    const first = heads.firstUnder(1, 0, SECTORS)
    expect(first).toBeGreaterThan(0)
    expect(effectOf(options, 0, first + 5, 999).status).toBe(DRIVE_OK)
    expect(effectOf(options, 0, first, 1000).status).toBe(DRIVE_OK)
    const { status, badLba, extraNs } = effectOf(options, 0, first + 5, 1000)
    expect({ status, badLba, extraNs }).toEqual({ status: DRIVE_MEDIUM_ERROR, badLba: first, extraNs: 10 })
    expect(effectOf(options, 0, first + 5, 1000, DRIVE_WRITE).status).toBe(DRIVE_OK)
  })

  it('names a bad sector before the dead head, where there is one', () => {
    const heads = headsOf('hdd', undefined, SECTORS, 512)!
    const options = { heads, headDeath: { head: 1, atNs: 0 }, firstBad: () => 3 }
    expect(effectOf(options, 0, SECTORS).badLba).toBe(3)
  })
})

describe('the heads of a drive', () => {
  it('are those of its parameter set, and share its sectors', () => {
    expect(headsOf('ideal', undefined, SECTORS, 512)).toBeNull()
    expect(headsOf('ssd', undefined, SECTORS, 512)).toBeNull()
    const heads = headsOf('hdd', undefined, SECTORS, 512)!
    const seen = new Set<number>()
    for (let lba = 0; lba < 5000; lba++) {
      const under = Array.from({ length: heads.count }, (_, head) => head).filter(
        (head) => heads.firstUnder(head, lba, 1) === lba,
      )
      expect(under.length).toBe(1)
      seen.add(under[0]!)
    }
    expect(seen.size).toBe(heads.count)
  })
})
