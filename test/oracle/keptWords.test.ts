// What a microcode has said of itself it knows after a power cut as well: TRUTH. Looked at is what it said when power failed, and what it says
// first of all after that.

import { describe, expect, it } from 'vitest'
import {
  REMOTE_LOST,
  REMOTE_TARGET,
  REMOTE_UP,
  REMOTE_WRITES_REFUSED,
  ROLE_PRIMARY,
  ROLE_SECONDARY,
  STATUS_CHANGED_REGIONS,
  STATUS_POINT_HELD,
  STATUS_REMOTE_CONSISTENT,
  STATUS_REMOTE_DIRTY_REGIONS,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
  STATUS_WORDS,
} from '../../assembly/abi/status'
import { forgotten } from '../../host/oracle/keptWords'

interface Words {
  readonly state?: number
  readonly role?: number
  readonly consistent?: number
  readonly point?: number
  readonly dirty?: number
}

function words(said: Words): Uint32Array {
  const { state = REMOTE_LOST, role = ROLE_SECONDARY, consistent = 1, point = 7, dirty = 3 } = said
  const status = new Uint32Array(STATUS_WORDS)
  status[STATUS_REMOTE_STATE] = state
  status[STATUS_REMOTE_ROLE] = role
  status[STATUS_REMOTE_CONSISTENT] = consistent
  status[STATUS_POINT_HELD] = point
  status[STATUS_REMOTE_DIRTY_REGIONS] = dirty
  return status
}

const says = (before: Words, after: Words) => forgotten(words({ state: REMOTE_UP, ...before }), words(after))

describe('a site that has power again', () => {
  it('says what it said before', () => {
    expect(says({}, {})).toBeNull()
    expect(says({ role: ROLE_PRIMARY }, { role: ROLE_PRIMARY, state: REMOTE_WRITES_REFUSED })).toBeNull()
  })

  it('has what it had', () => {
    expect(says({ consistent: 1 }, { consistent: 0 })?.expected).toContain('a state of the LUN')
    expect(says({ consistent: 0 }, { consistent: 1 })?.expected).toContain('no state of the LUN')
    expect(says({ point: 7 }, { point: 6 })?.expected).toContain('point 7')
  })

  it('is the primary that it was; one that was about to step down may still be one', () => {
    expect(says({ role: ROLE_PRIMARY }, { role: ROLE_SECONDARY })?.expected).toContain('primary')
    expect(says({ role: ROLE_SECONDARY }, { role: ROLE_PRIMARY })).toBeNull()
  })

  it('knows of as many differences, or more', () => {
    expect(says({ dirty: 3 }, { dirty: 2 })?.expected).toContain('3 or more')
    expect(says({ dirty: 3 }, { dirty: 9 })).toBeNull()
  })

  it('may have heard of something new from the other site', () => {
    expect(says({}, { state: REMOTE_TARGET, consistent: 0 })).toBeNull()
  })
})

describe('an array with room for snapshots that has power again', () => {
  it('knows of as many changes since the last image, or more', () => {
    const [before, after] = [new Uint32Array(STATUS_WORDS), new Uint32Array(STATUS_WORDS)]
    before[STATUS_CHANGED_REGIONS] = 4
    after[STATUS_CHANGED_REGIONS] = 3
    expect(forgotten(before, after)?.expected).toContain('4 or more')
    after[STATUS_CHANGED_REGIONS] = 5
    expect(forgotten(before, after)).toBeNull()
  })
})
