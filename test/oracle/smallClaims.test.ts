// What an array says beside what matters most: the slot of a drive, the LBA in sense data.
import { describe, expect, it } from 'vitest'
import { ASC_STANDBY, SENSE_NOT_READY } from '../../assembly/abi/scsi'
import {
  ARRAY_DEGRADED,
  ARRAY_FAILED,
  ARRAY_OPTIMAL,
  BAY_STATE_EMPTY,
  BAY_STATE_FAULTY,
  BAY_STATE_FOREIGN,
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
  STATUS_ARRAY_STATE,
} from '../../assembly/abi/status'
import { senseOf } from '../../host/oracle/sense'
import { FakeRig } from './fakeRig'

const NOT_READY = senseOf(SENSE_NOT_READY, 0x0401)

it('NOT READY that names an LBA: ERR', () => {
  const rig = new FakeRig()
  rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
  rig.drives.fill(null)
  rig.failRead(8, 1, NOT_READY)
  expect(rig.laws).toEqual([])
  rig.failRead(8, 1, NOT_READY, 8)
  expect(rig.laws).toEqual(['ERR'])
})

it('a drive that is no member and is said to fill a slot: TRUTH', () => {
  const rig = new FakeRig()
  rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
  rig.fail(1)
  rig.finish()
  expect(rig.laws).toEqual([])
  rig.claim(1, BAY_STATE_FAULTY, 1)
  rig.finish()
  expect(rig.laws).toEqual(['TRUTH'])
})

it('standby of an array that has no other site: ERR; of one that has it is a reason', () => {
  const standby = senseOf(SENSE_NOT_READY, ASC_STANDBY)
  const failed = (rig: FakeRig): readonly string[] => {
    rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
    rig.drives.fill(null)
    rig.failRead(8, 1, standby)
    return rig.laws
  }
  expect(failed(new FakeRig())).toEqual(['ERR'])
  const otherSite = { mode: 'sync', rpoNs: 0, intervalNs: 0, stopsAlone: false, lagsByAge: true } as const
  expect(failed(new FakeRig({ otherSite }))).toEqual([])
})

describe('a member that was pulled, comes back, and is claimed to be foreign while its slot is empty', () => {
  function comesBack(meanwhile: (rig: FakeRig) => void, state = BAY_STATE_FOREIGN): readonly string[] {
    const rig = new FakeRig()
    const drive = rig.drives[1]!
    rig.drives[1] = null
    rig.claim(1, BAY_STATE_EMPTY, 0xffff_ffff)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
    rig.oracle.claimsChanged(++rig.nowNs)
    meanwhile(rig)
    rig.oracle.claimsChanged(++rig.nowNs)
    rig.drives[1] = drive
    rig.claim(1, state)
    rig.oracle.claimsChanged(++rig.nowNs)
    rig.finish()
    return rig.laws
  }

  it('LIVE: it could be copied to', () => {
    expect(comesBack(() => {})).toEqual(['LIVE'])
    expect(comesBack(() => {}, BAY_STATE_IN_SYNC)).toEqual([])
  })

  it('after a power cut its metadata may be ahead of the others', () => {
    expect(comesBack((rig) => rig.powerCut())).toEqual([])
  })

  it('after the last member in sync was pulled they may be, too', () => {
    const pulled = (rig: FakeRig): void => {
      const last = rig.drives[0]!
      rig.drives[0] = null
      rig.claim(0, BAY_STATE_EMPTY, 0xffff_ffff)
      rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
      rig.oracle.claimsChanged(++rig.nowNs)
      rig.drives[0] = last
      rig.claim(0, BAY_STATE_IN_SYNC, 0)
      rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
    }
    expect(comesBack(pulled)).toEqual([])
  })

  it('a drive that had some fault is nobody to count on', () => {
    const rig = new FakeRig()
    rig.fail(1)
    rig.claim(1, BAY_STATE_FOREIGN)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
    rig.oracle.claimsChanged(++rig.nowNs)
    rig.finish()
    expect(rig.laws).toEqual([])
  })
})

describe('what the array says of itself as a whole', () => {
  function says(state: number, inSync: number): readonly string[] {
    const rig = new FakeRig({ members: 2 })
    rig.status[STATUS_ARRAY_STATE] = state
    for (let bay = inSync; bay < 2; bay++) rig.claim(bay, BAY_STATE_REBUILDING, bay)
    rig.oracle.claimsChanged(++rig.nowNs)
    return rig.laws.filter((law) => law === 'TRUTH')
  }

  it('agrees with what it says of its bays, at any time: TRUTH', () => {
    expect(says(ARRAY_OPTIMAL, 2)).toEqual([])
    expect(says(ARRAY_DEGRADED, 1)).toEqual([])
    expect(says(ARRAY_FAILED, 0)).toEqual([])
    expect(says(ARRAY_OPTIMAL, 1)).toEqual(['TRUTH'])
    expect(says(ARRAY_DEGRADED, 2)).toEqual(['TRUTH'])
    expect(says(ARRAY_DEGRADED, 0)).toEqual(['TRUTH'])
  })
})

it('a good answer that transfers something else than was asked for: ERR', () => {
  const rig = new FakeRig()
  rig.oracle.mistransferred(8, 1024, 512, ++rig.nowNs)
  expect(rig.laws).toEqual(['ERR'])
})
