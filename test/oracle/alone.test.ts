// Where nothing is to be acknowledged that one site alone has, a site serves alone when an operator has promoted it, and only then: TRUTH.

import { describe, expect, it } from 'vitest'
import {
  REMOTE_LOST,
  REMOTE_SOURCE,
  REMOTE_UP,
  REMOTE_WRITES_REFUSED,
  ROLE_PRIMARY,
  ROLE_SECONDARY,
  STATUS_POINT_ARRIVED,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { FakeRig } from './fakeRig'

const STOPS = { mode: 'one-behind', rpoNs: 0, intervalNs: 0, lagsByAge: true, stopsAlone: true } as const

function rigInStep(stopsAlone = true): FakeRig {
  const rig = new FakeRig({ otherSite: { ...STOPS, stopsAlone } })
  says(rig, REMOTE_UP, ROLE_PRIMARY)
  return rig
}

function says(rig: FakeRig, state: number, role: number): void {
  rig.nowNs += 1000
  rig.status[STATUS_REMOTE_STATE] = state
  rig.status[STATUS_REMOTE_ROLE] = role
  rig.oracle.claimsChanged(rig.nowNs)
}

/** The initiators go to the copy, which is promoted. */
function failOver(rig: FakeRig, state: number): void {
  rig.nowNs += 1000
  rig.status[STATUS_REMOTE_ROLE] = ROLE_SECONDARY
  rig.oracle.changedOver(rig.nowNs)
  says(rig, REMOTE_LOST, ROLE_SECONDARY)
  says(rig, state, ROLE_PRIMARY)
}

describe('a site that is not to serve alone', () => {
  it('acknowledges nothing while it hears nothing of the other one', () => {
    const rig = rigInStep()
    says(rig, REMOTE_LOST, ROLE_PRIMARY)
    rig.write(8, 1)
    expect(rig.laws).toEqual(['TRUTH'])
  })

  it('may where the configuration lets it', () => {
    const rig = rigInStep(false)
    says(rig, REMOTE_LOST, ROLE_PRIMARY)
    rig.write(8, 1)
    expect(rig.laws).toEqual([])
  })

  it('may once it was promoted, until both hold the same', () => {
    const rig = rigInStep()
    failOver(rig, REMOTE_LOST)
    rig.write(8, 1)
    expect(rig.laws).toEqual([])
    says(rig, REMOTE_UP, ROLE_PRIMARY)
    says(rig, REMOTE_LOST, ROLE_PRIMARY)
    rig.write(9, 1)
    expect(rig.laws).toEqual(['TRUTH'])
  })
})

describe('a copy that was promoted', () => {
  it('does not refuse writes for want of the other site', () => {
    const rig = rigInStep()
    failOver(rig, REMOTE_WRITES_REFUSED)
    expect(rig.laws).toEqual(['TRUTH'])
  })

  it('may do so when both have held the same since', () => {
    const rig = rigInStep()
    failOver(rig, REMOTE_LOST)
    says(rig, REMOTE_UP, ROLE_PRIMARY)
    says(rig, REMOTE_WRITES_REFUSED, ROLE_PRIMARY)
    expect(rig.laws).toEqual([])
  })

  it('may do so when a point in time has arrived there, and the next one was taken at once', () => {
    const rig = rigInStep()
    failOver(rig, REMOTE_LOST)
    rig.status[STATUS_POINT_ARRIVED] = 7
    says(rig, REMOTE_SOURCE, ROLE_PRIMARY)
    says(rig, REMOTE_WRITES_REFUSED, ROLE_PRIMARY)
    expect(rig.laws).toEqual([])
  })

  it('may do so if it was not known to be a copy in step', () => {
    const rig = rigInStep()
    says(rig, REMOTE_LOST, ROLE_PRIMARY)
    failOver(rig, REMOTE_WRITES_REFUSED)
    expect(rig.laws).toEqual([])
  })
})
