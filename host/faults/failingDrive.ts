// A drive that fails by and by, as those do that are brought to a rescue: places that are slow, a head that dies, and the time that a drive
// spends on a sector before it gives it up. A filter over the drive; which sectors are bad otherwise is another filter's business (`isBad`).
//
// A drive keeps trying for a while before it answers with a medium error (ATA: error recovery control), and a read is as slow as
// its slowest sector. All of it outlives a power cycle.

import { DRIVE_MEDIUM_ERROR, DRIVE_READ, DRIVE_VERIFY } from '../../assembly/abi/driveSlots'
import type { DriveCommand } from '../hardware/driveCommand'
import type { DriveFilter } from '../hardware/driveFilter'
import type { DriveHeads } from '../hardware/timing/driveHeads'

export interface SlowPlace {
  readonly lba: number
  readonly sectors: number
  /** Commands that touch it take so many times as long. */
  readonly factor: number
}

export interface HeadDeath {
  readonly head: number
  readonly atNs: number
}

export interface FailingDriveOptions {
  readonly slow: readonly SlowPlace[]
  readonly headDeath: HeadDeath | null
  /** Needed for a head's death. */
  readonly heads: DriveHeads | null
  /** How long the drive tries before a read ends in a medium error. */
  readonly errorNs: number
  /** The first sector of a range that other faults make unreadable, or -1. */
  readonly firstBad: (lba: number, sectors: number) => number
}

export class FailingDrive implements DriveFilter {
  readonly #options: FailingDriveOptions

  constructor(options: FailingDriveOptions) {
    this.#options = options
  }

  begin(command: DriveCommand, nowNs: number): void {
    const { lba, sectors, effect, op } = command
    for (const place of this.#options.slow) {
      const isTouched = sectors > 0 && lba < place.lba + place.sectors && lba + sectors > place.lba
      if (isTouched) effect.slowFactor = Math.max(effect.slowFactor, place.factor)
    }
    if (op !== DRIVE_READ && op !== DRIVE_VERIFY) return
    const dead = this.#firstDead(lba, sectors, nowNs)
    if (dead < 0 && this.#options.firstBad(lba, sectors) < 0) return
    effect.extraNs += this.#options.errorNs
    if (dead < 0) return
    const bad = this.#options.firstBad(lba, sectors)
    effect.status = DRIVE_MEDIUM_ERROR
    effect.badLba = bad < 0 ? dead : Math.min(bad, dead)
  }

  delivered(): void {}

  stored(): void {}

  /** What lies under a dead head makes its command fail at once: `begin` knows the time. */
  firstUnreadable(): number {
    return -1
  }

  powerCycled(): void {}

  #firstDead(lba: number, sectors: number, nowNs: number): number {
    const { headDeath, heads } = this.#options
    if (headDeath === null || heads === null || nowNs < headDeath.atNs) return -1
    return heads.firstUnder(headDeath.head, lba, sectors)
  }
}
