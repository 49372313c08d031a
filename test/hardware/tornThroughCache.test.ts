import { describe, expect, it } from 'vitest'
import { DRIVE_FLUSH, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { Drive } from '../../host/hardware/drive'
import { DriveCommand, STORE_TORN } from '../../host/hardware/driveCommand'
import type { DriveFilter } from '../../host/hardware/driveFilter'
import { Medium } from '../../host/hardware/medium'
import { PageArena } from '../../host/hardware/pageArena'
import { IdealModel } from '../../host/hardware/timing/idealModel'
import { EventQueue } from '../../host/sim/eventQueue'

const FINISH = 1

/** Tears sector 0 of every write from the second on. */
class TearLater implements DriveFilter {
  #writes = 0
  begin(command: DriveCommand): void {
    if (command.op === DRIVE_WRITE && ++this.#writes > 1) command.effect.store = STORE_TORN
  }
  delivered(): void {}
  stored(): void {}
  firstUnreadable(): number {
    return -1
  }
  powerCycled(): void {}
}

describe('a drive with a volatile cache', () => {
  it('does not destage an older write over sectors that a torn write stored after it', () => {
    const arena = new PageArena(4096)
    const medium = Medium.blank(arena, 512, 64)
    const drive = new Drive(1, 'TEST', medium, new IdealModel(), true)
    drive.filters.push(new TearLater())
    const events = new EventQueue()
    drive.connect({ events, finishEvent: FINISH, idleEvent: 2, eventIndex: 0 }, () => {})
    const carryOut = (op: number, fill: number): void => {
      const command = new DriveCommand(0)
      command.op = op
      command.sectors = op === DRIVE_WRITE ? 8 : 0
      if (op === DRIVE_WRITE) {
        const page = arena.allocate()
        command.reservePages(1)
        command.pages[0] = page
        const from = arena.offsetOf(page)
        arena.slabOf(page).fill(fill, from, from + 4096)
      }
      drive.submit(command)
      while (drive.outstanding > 0 && events.pop()) {
        if (events.kind === FINISH) drive.finishSlot(events.b & 0xfff, events.b >>> 12)
      }
    }
    carryOut(DRIVE_WRITE, 1)
    carryOut(DRIVE_WRITE, 2)
    carryOut(DRIVE_FLUSH, 0)
    const sector = new Uint8Array(512)
    medium.read(5, 1, sector, 0)
    expect(sector.every((byte) => byte === 2)).toBe(true)
  })
})
