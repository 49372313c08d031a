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

const REFUSED = [REMOTE_REFUSED, REMOTE_REFUSED]
const discards = (site: string, ms: number): string => `  - operator-discard: { site: ${site} }${at(ms)}`

describe.each(['sync', 'received', 'one-behind', 'async'])('in mode %s', (mode) => {
  it('a copy that has forgotten everything gets all of it again when what it has is given up', () => {
    const apart = play(forgets('b', 50), { mode })
    expect(apart.laws).toEqual([])
    expect(apart.word(STATUS_REMOTE_STATE)).toEqual(REFUSED)
    const { laws, word } = play(`${forgets('b', 50)}${discards('b', 500)}`, { mode })
    expect(laws).toEqual([])
    expect(word(STATUS_REMOTE_STATE)).toEqual(BOTH_UP)
    expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_PRIMARY, ROLE_SECONDARY])
  })

  it('a primary that has forgotten everything follows the site that is promoted', () => {
    const { laws, word } = play(`${forgets('a', 50)}  - failover: {}${at(60)}${discards('a', 500)}`, { mode })
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
    expect(word(STATUS_REMOTE_STATE)).toEqual(REFUSED)
    expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_SECONDARY, ROLE_PRIMARY])
  })
})

describe('a site that is not to serve alone', () => {
  it('takes no writes while the other one has forgotten what it holds, and goes on when that is given up', () => {
    const remote = 'onLinkLoss: stop'
    const { laws, run } = play(forgets('b', 50), { remote })
    expect(laws).toEqual([])
    expect(run.runner.initiator.errors).toBeGreaterThan(0)
    const again = play(`${forgets('b', 50)}${discards('b', 500)}`, { remote })
    expect(again.laws).toEqual([])
    expect(again.word(STATUS_REMOTE_STATE)).toEqual(BOTH_UP)
  })
})

describe('contents whose name is forgotten', () => {
  it.each(['a', 'b'])('are not written over, nor anything by them: those of site %s may be newer', (site) => {
    // Site a was alone; or site b was, promoted, with nobody at site a who knows that.
    const alone = `  - link-cut: { duration: 300 ms }${at(20)}${forgets('a', 200)}`
    const promoted = `  - site-loss: { site: a, duration: 50 ms }${at(30)}  - failover: {}${at(35)}  - link-cut: { duration: 300 ms }${at(60)}${forgets('b', 200)}`
    const { laws, word } = play(site === 'a' ? alone : promoted)
    expect(laws).toEqual([])
    expect(word(STATUS_REMOTE_STATE)).toEqual(REFUSED)
    expect(word(STATUS_REMOTE_CONSISTENT)).toEqual(site === 'a' ? [0, 1] : [1, 0])
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
