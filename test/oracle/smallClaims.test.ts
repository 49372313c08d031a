// What an array says beside what matters most: the slot of a drive, the LBA in sense data.
import { expect, it } from 'vitest'
import { SENSE_NOT_READY } from '../../assembly/abi/scsi'
import { ARRAY_DEGRADED, ARRAY_FAILED, BAY_STATE_FAULTY, STATUS_ARRAY_STATE } from '../../assembly/abi/status'
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
