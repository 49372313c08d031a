// An array that says that it refuses writes while the other site is away acknowledges none that came after it said so: TRUTH.

import { describe, expect, it } from 'vitest'
import { REMOTE_UP, REMOTE_WRITES_REFUSED, STATUS_REMOTE_STATE } from '../../assembly/abi/status'
import { FakeRig } from './fakeRig'

const ALONE = { mode: 'one-behind', rpoNs: 0, intervalNs: 0, lagsByAge: true, stopsAlone: false } as const

function rigThatSays(state: number): FakeRig {
  const rig = new FakeRig({ otherSite: ALONE })
  says(rig, state)
  return rig
}

function says(rig: FakeRig, state: number): void {
  rig.nowNs += 1000
  rig.status[STATUS_REMOTE_STATE] = state
  rig.oracle.claimsChanged(rig.nowNs)
}

describe('an array that says that it refuses writes', () => {
  it('acknowledges none: TRUTH', () => {
    const rig = rigThatSays(REMOTE_WRITES_REFUSED)
    rig.write(8, 1)
    expect(rig.laws).toEqual(['TRUTH'])
  })

  it('may still acknowledge what came before it said so', () => {
    const rig = rigThatSays(REMOTE_UP)
    const id = rig.submitWrite(8, 1)
    for (const bay of [0, 1]) rig.store(bay, 8, 1, id)
    says(rig, REMOTE_WRITES_REFUSED)
    rig.acknowledge(id)
    expect(rig.laws).toEqual([])
  })

  it('may acknowledge again when it says something else', () => {
    const rig = rigThatSays(REMOTE_WRITES_REFUSED)
    says(rig, REMOTE_UP)
    rig.write(8, 1)
    says(rig, REMOTE_WRITES_REFUSED)
    says(rig, REMOTE_UP)
    rig.write(9, 1)
    expect(rig.laws).toEqual([])
  })
})
