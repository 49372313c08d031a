// What errors and answers say besides their sense key: the LBA that they name, whether help is needed, and peace after a stop.

import { describe, expect, it } from 'vitest'
import { DRIVE_READ, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { OPERATOR_STOP } from '../../assembly/abi/operator'
import { ARRAY_DISCOVERING, ARRAY_FAILED, ARRAY_STOPPED, STATUS_ARRAY_STATE } from '../../assembly/abi/status'
import { senseInformation } from '../../host/workload/scsiCodec'
import { DATA_OFFSET, FakeRig } from './fakeRig'

const UNREADABLE = 0x031100
const WRITE_ERROR = 0x030c00
const MUST_BE_HELPED = 0x020403
const MUST_BE_STARTED = 0x020402
const BECOMING_READY = 0x020401
const POWER_ON = 0x062900

describe('the LBA that sense data name', () => {
  it('is in INFORMATION, where VALID says so', () => {
    const fixed = [0xf0, 0, 3, 0, 1, 2, 3, 10, 0, 0, 0, 0, 0x11, 0, 0, 0, 0, 0]
    expect(senseInformation(Uint8Array.from(fixed))).toBe(0x010203)
    expect(senseInformation(Uint8Array.from([0x70, ...fixed.slice(1)]))).toBe(-1)
    const described = [0x72, 3, 0x11, 0, 0, 0, 0, 12, 0, 10, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 5]
    expect(senseInformation(Uint8Array.from(described))).toBe(0x1_0000_0005)
    expect(senseInformation(new Uint8Array(0))).toBe(-1)
  })

  it('is an unreadable one of the command: else ERR', () => {
    for (const [named, laws] of [
      [-1, []],
      [9, []],
      [8, ['ERR']],
      [10, ['ERR']],
    ] as const) {
      const rig = new FakeRig()
      for (const bay of [0, 1]) rig.filter(bay).makeUnreadable(DATA_OFFSET + 9, 2)
      rig.failRead(8, 2, UNREADABLE, named)
      expect(rig.laws).toEqual(laws)
    }
  })

  it('of a failed write or flush was written: else ERR', () => {
    const rig = new FakeRig({ writeCacheEnabled: true })
    for (const bay of [0, 1]) rig.filter(bay).failWrites(1)
    const id = rig.submitWrite(8, 2)
    for (const bay of [0, 1]) rig.filter(bay).begin({ op: DRIVE_WRITE, effect: {} } as never, rig.nowNs)
    rig.failWrite(id, WRITE_ERROR, 10)
    rig.flush(false, WRITE_ERROR, 8)
    expect(rig.laws).toEqual(['ERR', 'AVAIL'])
    rig.flush(false, WRITE_ERROR, 100)
    expect(rig.laws).toEqual(['ERR', 'AVAIL', 'AVAIL', 'ERR'])
  })
})

it('TEST UNIT READY names no LBA, ready or not: else ERR', () => {
  const rig = new FakeRig()
  rig.oracle.polled(POWER_ON, 1)
  expect(rig.laws).toEqual([])
  rig.oracle.polled(POWER_ON, 2, 0)
  rig.oracle.polled(BECOMING_READY, 3, 0)
  expect(rig.laws).toEqual(['ERR', 'ERR'])
})

describe('an array that an operator has stopped', () => {
  const stopped = () => {
    const rig = new FakeRig()
    rig.oracle.operatorAsks(OPERATOR_STOP, 0)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_STOPPED
    return rig
  }

  it('waits to be started, and says so', () => {
    const rig = stopped()
    rig.oracle.polled(MUST_BE_STARTED, 1)
    rig.failRead(8, 1, MUST_BE_STARTED)
    expect(rig.laws).toEqual([])
  })

  it('does not ask for help: ERR', () => {
    const rig = stopped()
    rig.oracle.polled(MUST_BE_HELPED, 1)
    rig.failRead(8, 1, MUST_BE_HELPED)
    expect(rig.laws).toEqual(['ERR', 'ERR'])
  })

  it('may do so while it is not stopped yet', () => {
    const rig = stopped()
    rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
    rig.oracle.polled(MUST_BE_HELPED, 1)
    expect(rig.laws).toEqual([])
  })
})

describe('TEST UNIT READY of an array that looks for its members', () => {
  it('does not ask for help again and again: ERR', () => {
    const rig = new FakeRig()
    rig.status[STATUS_ARRAY_STATE] = ARRAY_DISCOVERING
    rig.oracle.polled(MUST_BE_HELPED, 1)
    rig.oracle.polled(BECOMING_READY, 2)
    rig.oracle.polled(MUST_BE_HELPED, 3)
    expect(rig.laws).toEqual([])
    rig.oracle.polled(MUST_BE_HELPED, 4)
    expect(rig.laws).toEqual(['ERR'])
  })

  it('may ask for help when the array has failed', () => {
    const rig = new FakeRig()
    rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
    for (const timeNs of [1, 2, 3]) rig.oracle.polled(MUST_BE_HELPED, timeNs)
    expect(rig.laws).toEqual([])
  })
})

it('an array that is stopped writes no more: TRUTH', () => {
  const rig = new FakeRig()
  rig.oracle.driveDone(0, DRIVE_WRITE, 1)
  rig.oracle.operatorAsks(OPERATOR_STOP, 0)
  rig.oracle.driveDone(0, DRIVE_WRITE, 2)
  rig.status[STATUS_ARRAY_STATE] = ARRAY_STOPPED
  rig.oracle.driveDone(0, DRIVE_READ, 3)
  expect(rig.laws).toEqual([])
  rig.oracle.driveDone(0, DRIVE_WRITE, 4)
  expect(rig.laws).toEqual(['TRUTH'])
})
