// One of two sites forgets who it was: its NVRAM is empty, or holds what was so some boots ago.

import { describe, expect, it } from 'vitest'
import {
  REMOTE_REFUSED,
  REMOTE_UP,
  ROLE_PRIMARY,
  ROLE_SECONDARY,
  STATUS_REMOTE_CONSISTENT,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { at, play } from './play'

const forgets = (site: string, ms: number, content = 'blank'): string =>
  `  - nvram-loss: { site: ${site}, content: ${content} }${at(ms)}  - site-loss: { site: ${site}, duration: 20 ms }${at(ms)}`
const BOTH_UP = [REMOTE_UP, REMOTE_UP]

describe.each(['sync', 'received', 'one-behind', 'async'])('in mode %s', (mode) => {
  it('a copy that has forgotten everything gets all of it again', () => {
    const { laws, word } = play(forgets('b', 50), { mode })
    expect(laws).toEqual([])
    expect(word(STATUS_REMOTE_STATE)).toEqual(BOTH_UP)
    expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_PRIMARY, ROLE_SECONDARY])
  })

  it('a primary that has forgotten everything follows the site that is promoted', () => {
    const { laws, word } = play(`${forgets('a', 50)}  - failover: {}${at(60)}`, { mode })
    expect(laws).toEqual([])
    expect(word(STATUS_REMOTE_STATE)).toEqual(BOTH_UP)
    expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_SECONDARY, ROLE_PRIMARY])
  })

  it('an old primary that was put back takes nothing for its own', () => {
    // Site a loses its power, and so there is something old; then the other site takes over, and the line fails.
    const faults = `  - site-loss: { site: a, duration: 10 ms }${at(20)}  - operator-demote: { site: a }${at(300)}  - failover: {}${at(305)}
  - link-cut: { duration: 800 ms }${at(400)}${forgets('a', 410, 'old')}`
    const { laws, word } = play(faults, { mode })
    expect(laws).toEqual([])
    expect(word(STATUS_REMOTE_STATE)).toEqual(BOTH_UP)
    expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_SECONDARY, ROLE_PRIMARY])
  })
})

describe('contents whose name is forgotten', () => {
  it('are not written over from a site that does not serve either', () => {
    // What site a has is newer: the line was away.
    const { word } = play(`  - link-cut: { duration: 300 ms }${at(20)}${forgets('a', 200)}`)
    expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_REFUSED, REMOTE_REFUSED])
    expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_SECONDARY, ROLE_SECONDARY])
    expect(word(STATUS_REMOTE_CONSISTENT)).toEqual([0, 1])
  })

  it('serve again when an operator insists, and go to the other site when that gives up its own', () => {
    const faults = `  - link-cut: { duration: 300 ms }${at(20)}${forgets('a', 200)}
  - operator-promote: { site: a, force: on }${at(700)}`
    const insisted = play(faults)
    expect(insisted.laws).toEqual([])
    expect(insisted.word(STATUS_REMOTE_STATE)).toEqual([REMOTE_REFUSED, REMOTE_REFUSED])
    const { laws, word } = play(`${faults}  - operator-discard: { site: b }${at(900)}`)
    expect(laws).toEqual([])
    expect(word(STATUS_REMOTE_STATE)).toEqual(BOTH_UP)
    expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_PRIMARY, ROLE_SECONDARY])
  })
})
