// Errors that are not violations: the judge must not charge an array for what no array could do.
import { describe, expect, it } from 'vitest'
import { DRIVE_READ, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { OPERATOR_DETACH, OPERATOR_STOP } from '../../assembly/abi/operator'
import {
  ASC_UNRECOVERED_READ_ERROR,
  SENSE_ABORTED_COMMAND,
  SENSE_HARDWARE_ERROR,
  SENSE_MEDIUM_ERROR,
  SENSE_NOT_READY,
  SENSE_UNIT_ATTENTION,
} from '../../assembly/abi/scsi'
import {
  ARRAY_DEGRADED,
  ARRAY_DISCOVERING,
  ARRAY_FAILED,
  ARRAY_OPTIMAL,
  BAY_STATE_FAULTY,
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
  STATUS_ARRAY_STATE,
} from '../../assembly/abi/status'
import { senseOf } from '../../host/oracle/sense'
import { DATA_OFFSET, FakeRig, meet } from './fakeRig'

const UNREADABLE = senseOf(SENSE_MEDIUM_ERROR, ASC_UNRECOVERED_READ_ERROR)

describe('errors that no array could avoid', () => {
  it('of exactly the sectors that nobody can read', () => {
    const rig = new FakeRig()
    for (const bay of [0, 1]) rig.filter(bay).makeUnreadable(DATA_OFFSET + 9, 1)
    rig.failRead(8, 8, UNREADABLE)
    expect(rig.laws).toEqual([])
    rig.failRead(10, 6, UNREADABLE)
    expect(rig.laws).toEqual(['AVAIL'])
  })

  it('while the only good member hangs, or aborts', () => {
    const rig = new FakeRig()
    rig.drives[1] = null
    rig.filter(0).hang(rig.nowNs + 10_000)
    meet(rig, 0, DRIVE_READ)
    rig.failRead(8, 8, senseOf(SENSE_ABORTED_COMMAND, 0))
    rig.failWrite(rig.submitWrite(8, 8), senseOf(SENSE_HARDWARE_ERROR, 0x4400))
    expect(rig.oracle.violations).toEqual([])
    rig.nowNs += 20_000
    rig.failRead(8, 8, senseOf(SENSE_ABORTED_COMMAND, 0))
    expect(rig.laws).toEqual(['AVAIL'])
  })

  it('UNIT ATTENTION, and NOT READY of an array that looks for its members', () => {
    const rig = new FakeRig()
    rig.failRead(8, 8, senseOf(SENSE_UNIT_ATTENTION, 0x2900))
    rig.powerCut()
    rig.status[STATUS_ARRAY_STATE] = ARRAY_DISCOVERING
    rig.failRead(8, 8, senseOf(SENSE_NOT_READY, 0x0401))
    // Submitted while it looked for them, answered a moment later.
    const id = rig.submitWrite(8, 8)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_OPTIMAL
    rig.failWrite(id, senseOf(SENSE_NOT_READY, 0x0401))
    expect(rig.oracle.violations).toEqual([])
  })

  it('a last member that was pulled, or hangs, may be given up', () => {
    for (const how of ['pull', 'hang'] as const) {
      const rig = new FakeRig()
      rig.fail(1)
      rig.oracle.claimsChanged(++rig.nowNs)
      if (how === 'pull') rig.drives[0] = null
      else {
        rig.filter(0).hang(rig.nowNs + 1_000_000)
        meet(rig, 0, DRIVE_READ)
      }
      rig.claim(0, BAY_STATE_FAULTY)
      rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
      rig.oracle.claimsChanged(++rig.nowNs)
      expect(rig.laws).toEqual([])
    }
  })

  it('a member may be given up for a better one, although that one has just been pulled', () => {
    const rig = new FakeRig()
    rig.filter(0)
    // The array is not told yet.
    rig.drives[1] = null
    rig.oracle.claimsChanged(++rig.nowNs)
    rig.claim(0, BAY_STATE_FAULTY)
    rig.oracle.claimsChanged(++rig.nowNs)
    expect(rig.laws).toEqual([])
  })

  it('a drive may be given up that had a fault, or left, or has lost a sector, or in a power cut', () => {
    const reasons: ((rig: FakeRig) => void)[] = [
      (rig) => rig.filter(1),
      (rig) => rig.drives[1]!.medium.makeUnreadable(DATA_OFFSET, 1),
      (rig) => rig.powerCut(),
      (rig) => {
        rig.drives[1] = null
      },
      (rig) => rig.oracle.operatorAsks(OPERATOR_DETACH, 1),
      (rig) => rig.oracle.operatorAsks(OPERATOR_STOP, 0),
    ]
    for (const prepare of reasons) {
      const rig = new FakeRig()
      prepare(rig)
      rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
      rig.claim(1, BAY_STATE_FAULTY)
      rig.oracle.claimsChanged(++rig.nowNs)
      expect(rig.laws).toEqual([])
    }
  })

  it('a member that became complete while a command was under way is not held against it', () => {
    for (const [isNew, laws] of [
      [true, []],
      [false, ['AVAIL']],
    ] as const) {
      const rig = new FakeRig()
      rig.filter(1)
      rig.filter(0).failWrites(1)
      if (isNew) rig.claim(1, BAY_STATE_REBUILDING)
      rig.oracle.claimsChanged(++rig.nowNs)
      const id = rig.submitWrite(8, 1)
      meet(rig, 0, DRIVE_WRITE)
      rig.claim(1, BAY_STATE_IN_SYNC)
      rig.failWrite(id, senseOf(SENSE_MEDIUM_ERROR, 0x0c00))
      expect(rig.laws).toEqual(laws)
    }
  })

  it('of a read that overlapped a write are not judged: the write may have repaired the sector', () => {
    const rig = new FakeRig()
    rig.oracle.submitRead(1, 8, 1, ++rig.nowNs)
    rig.write(8, 1)
    rig.oracle.readDone(1, false, UNREADABLE, new Uint8Array(0), new Uint32Array(0), 0, ++rig.nowNs)
    expect(rig.oracle.violations).toEqual([])
  })
})
