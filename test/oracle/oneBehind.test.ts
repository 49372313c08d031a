// Mode one-behind: what a copy that the initiators come to must have, right after the array has said that both sites hold the same.

import { expect, it } from 'vitest'
import {
  REMOTE_SOURCE,
  REMOTE_UP,
  ROLE_PRIMARY,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { FakeRig } from './fakeRig'

const MODE = { mode: 'one-behind', rpoNs: 0, intervalNs: 0, lagsByAge: true, stopsAlone: false } as const

function says(rig: FakeRig, state: number): void {
  rig.nowNs += 1000
  rig.status[STATUS_REMOTE_ROLE] = ROLE_PRIMARY
  rig.status[STATUS_REMOTE_STATE] = state
  rig.oracle.claimsChanged(rig.nowNs)
}

/** Three writes, the last two to one sector, all acknowledged while the copy is still given what it lacks; then both hold the same. */
function caughtUp(): FakeRig {
  const rig = new FakeRig({ otherSite: MODE })
  says(rig, REMOTE_SOURCE)
  for (const lba of [8, 9, 9]) rig.write(lba, 1)
  says(rig, REMOTE_UP)
  rig.nowNs += 1000
  rig.oracle.changedOver(rig.nowNs)
  return rig
}

it('the last write may still be on its way', () => {
  for (const version of [2, 3]) {
    const rig = caughtUp()
    rig.readVersion(8, 1)
    rig.readVersion(9, version)
    expect(rig.laws).toEqual([])
  }
})

it('the one before it is there: DUR', () => {
  const rig = caughtUp()
  rig.readVersion(9, 0)
  rig.readVersion(8, 0)
  expect(rig.laws).toEqual(['DUR', 'DUR'])
})
