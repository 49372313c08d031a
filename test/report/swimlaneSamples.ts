// Short stories for the swimlane picture, told to a recorder as a run would tell them.

import { DRIVE_FLUSH, DRIVE_MEDIUM_ERROR, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import {
  EVENT_ASSEMBLED,
  EVENT_BITMAP_BEGIN,
  EVENT_BITMAP_DONE,
  EVENT_LEG_ERROR,
  EVENT_WRITE_ACK,
  EVENT_WRITE_LEGS,
} from '../../assembly/abi/events'
import { type DriveCommandLike, type Step, StepRecorder } from '../../host/scenario/stepRecorder'
import { IO_READ, IO_WRITE } from '../../host/workload/io'
import { violation } from './samples'

export const ioOf = (op: number, lba: number, sectors: number, fua = false) => ({ op, lba, sectors, fua })

export function driveCommandOf(slot: number, op: number, change: Partial<DriveCommandLike> = {}): DriveCommandLike {
  return { slot, op, lba: 0, sectors: 0, fua: false, status: 0, badLba: 0, ...change }
}

/** A write that is answered and acknowledged: two steps of the initiator, two of a drive. */
export function shortStory(): readonly Step[] {
  const recorder = new StepRecorder()
  const write = ioOf(IO_WRITE, 0, 8)
  const leg = driveCommandOf(0, DRIVE_WRITE, { lba: 2048, sectors: 8 })
  recorder.hostCommand(1_204_000, 0, write)
  recorder.driveCommand(1_204_000, 0, leg)
  recorder.driveAnswer(1_304_000, 0, leg)
  recorder.hostAnswer(1_305_500, 0, write, true)
  return recorder.steps
}

/** A mirrored write that loses a leg, a power cut before the failure is on record, and a stale read. */
export function staleReadStory(stepsMax = 2000): readonly Step[] {
  const recorder = new StepRecorder({ stepsMax })
  const first = ioOf(IO_WRITE, 0, 8, true)
  const second = ioOf(IO_WRITE, 128, 8)
  const [mark0, mark1] = [8, 9].map((slot) => driveCommandOf(slot, DRIVE_WRITE, { lba: 16, sectors: 1, fua: true }))
  const [leg0, leg1, leg2, leg3] = [10, 11, 12, 13].map((slot) =>
    driveCommandOf(slot, DRIVE_WRITE, { lba: slot < 12 ? 2048 : 2176, sectors: 8, fua: slot < 12 }),
  )
  recorder.hostCommand(10_204_331, 0, first)
  recorder.microcodeEvent(10_204_900, EVENT_BITMAP_BEGIN, 0, 1, 0)
  recorder.driveCommand(10_204_900, 0, mark0)
  recorder.driveCommand(10_204_900, 1, mark1)
  recorder.hostCommand(10_210_000, 1, second)
  recorder.driveAnswer(10_304_900, 0, mark0)
  recorder.driveAnswer(10_304_950, 1, mark1)
  recorder.microcodeEvent(10_305_400, EVENT_BITMAP_DONE, 0, 1, 0)
  recorder.nvramCommitted(10_305_400, 64, 24)
  recorder.microcodeEvent(10_305_400, EVENT_WRITE_LEGS, 0, 8, 0)
  recorder.driveCommand(10_305_400, 0, leg0)
  recorder.driveCommand(10_305_400, 1, leg1)
  recorder.microcodeEvent(10_305_400, EVENT_WRITE_LEGS, 128, 8, 0)
  recorder.driveCommand(10_305_400, 0, leg2)
  recorder.driveCommand(10_305_400, 1, leg3)
  recorder.fault(10_305_400, 'bad-write: writes to LBA 2048 to 2055 of bay 1 end in a medium error', 1)
  recorder.driveAnswer(10_405_400, 0, leg0)
  recorder.driveAnswer(10_405_460, 1, { ...leg1, status: DRIVE_MEDIUM_ERROR, badLba: 2048 })
  recorder.microcodeEvent(10_406_000, EVENT_LEG_ERROR, 1, DRIVE_MEDIUM_ERROR, 2048)
  recorder.microcodeEvent(10_406_000, EVENT_WRITE_ACK, 0, 8, 0)
  recorder.driveCommand(10_406_000, 0, driveCommandOf(14, DRIVE_FLUSH))
  recorder.hostAnswer(10_406_500, 0, first, true)
  recorder.powerCut(10_450_000, true)
  recorder.powerUp(510_450_000)
  recorder.microcodeEvent(518_000_000, EVENT_ASSEMBLED, 1, 0, 0)
  recorder.hostCommand(520_450_000, 0, ioOf(IO_READ, 0, 8))
  const read = driveCommandOf(8, 1, { lba: 2048, sectors: 8 })
  recorder.driveCommand(520_451_000, 1, read)
  recorder.driveAnswer(520_551_000, 1, read)
  recorder.hostAnswer(520_552_000, 0, ioOf(IO_READ, 0, 8), true)
  recorder.violation(violation({ lba: 0, timeNs: 520_552_000, found: 'zeros, the content before any write' }))
  return recorder.steps
}
