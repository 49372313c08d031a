// Two sites, each mode, and what may go wrong between them: no law is broken, and both sites end as they should.

import { describe, expect, it } from 'vitest'
import {
  REMOTE_LOST,
  REMOTE_SPLIT,
  REMOTE_UP,
  ROLE_PRIMARY,
  ROLE_SECONDARY,
  STATUS_REMOTE_CONSISTENT,
  STATUS_REMOTE_DIRTY_REGIONS,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { at, play } from './play'

const MODES = ['sync', 'received', 'one-behind', 'async'] as const
const SEEDS = [1, 2, 3]

const BACK_IN_STEP: Record<string, string> = {
  'nothing at all': '',
  'a cut link': `  - link-cut: { duration: 200 ms }${at(50)}`,
  'a link that is cut one way': `  - link-cut: { duration: 200 ms, direction: b-to-a }${at(50)}`,
  'a link that flaps': [50, 180, 300, 420].map((ms) => `  - link-cut: { duration: 60 ms }${at(ms)}`).join(''),
  'a stall that is short': `  - link-stall: { duration: 50 ms }${at(50)}`,
  'a stall that is long': `  - link-stall: { duration: 400 ms, direction: a-to-b }${at(50)}`,
  'lost frames': `  - link-drop: { count: 2, direction: a-to-b }${at(50)}  - link-drop: { count: 1, direction: b-to-a }${at(400)}`,
  'frames that come twice': `  - link-duplicate: { count: 8 }${at(50)}`,
  'frames that overtake': `  - link-reorder: { count: 3 }${at(50)}`,
  'damaged frames': `  - link-corrupt: { count: 3 }${at(50)}`,
  'a secondary that is lost and comes back': `  - site-loss: { site: b, duration: 300 ms }${at(50)}`,
  'a secondary that is lost in a resync': `  - link-cut: { duration: 100 ms }${at(50)}  - site-loss: { site: b, duration: 300 ms }${at(154)}`,
  'a primary that loses power and goes on': `  - power-cut: {}${at(50)}`,
  'a member of the primary that is pulled': `  - pull: { bay: 1 }${at(50)}  - insert: { bay: 1 }${at(90)}`,
}

describe.each(MODES)('mode %s', (mode) => {
  it.each(Object.entries(BACK_IN_STEP))(
    '%s: no law is broken, and both sites hold the same in the end',
    (_, faults) => {
      for (const seed of SEEDS) {
        const { laws, word } = play(faults, { mode, seed })
        expect(laws).toEqual([])
        expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
        expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_PRIMARY, ROLE_SECONDARY])
        expect(word(STATUS_REMOTE_DIRTY_REGIONS)).toEqual([0, 0])
      }
    },
  )

  it('a link that is slow for a while: no law is broken, and both sites hold the same in the end', () => {
    for (const seed of SEEDS) {
      const faults = `  - link-slow: { factor: 100, duration: 300 ms }${at(50)}`
      const { laws, word } = play(faults, { mode, seed, link: 'latency: 1 ms, bandwidth: 20 MB' })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
      expect(word(STATUS_REMOTE_DIRTY_REGIONS)).toEqual([0, 0])
    }
  })

  it('the primary is lost for good: the other site takes over, and what was acknowledged is there', () => {
    for (const seed of SEEDS) {
      const { laws, run, word } = play(`  - site-loss: { site: a }${at(50)}  - failover: {}${at(50)}`, { mode, seed })
      expect(laws).toEqual([])
      const { losses } = run.oracle!.otherSite!
      if (mode !== 'async') expect(losses.writes).toBeLessThanOrEqual(mode === 'one-behind' ? 1 : 0)
      expect(losses.rpoNs).toBeLessThan(1e9)
      expect(word(STATUS_REMOTE_ROLE)[1]).toBe(ROLE_PRIMARY)
      expect(run.runner.initiator.writes).toBeGreaterThan(500)
    }
  })

  it('the old primary comes back under load: it becomes the copy, and gets what it missed', () => {
    for (const seed of SEEDS) {
      const faults = `  - site-loss: { site: a, duration: 300 ms }${at(50)}  - failover: {}${at(50)}`
      const { laws, word } = play(faults, { mode, seed })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_SECONDARY, ROLE_PRIMARY])
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
    }
  })

  it('a planned change and back again: nothing is copied, nothing is lost', () => {
    const there = `  - operator-demote: { site: a }${at(40)}  - failover: {}${at(45)}`
    const back = `  - operator-demote: { site: b }${at(140)}  - failover: {}${at(145)}`
    for (const seed of SEEDS) {
      const { laws, run, word } = play(there + back, { mode, seed })
      expect(laws).toEqual([])
      expect(run.oracle!.otherSite!.losses.writes).toBe(0)
      expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_PRIMARY, ROLE_SECONDARY])
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
    }
  })
})

describe('a split brain', () => {
  /** Both sites write without the other one. */
  const SPLIT = `  - link-cut: { duration: 400 ms }${at(50)}  - failover: {}${at(250)}`

  it('is seen by both sites, and neither gives anything up by itself', () => {
    for (const seed of SEEDS) {
      const { laws, word } = play(SPLIT, { seed })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_SPLIT, REMOTE_SPLIT])
      expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_PRIMARY, ROLE_PRIMARY])
    }
  })

  it('ends when an operator says which site gives up its changes', () => {
    for (const seed of SEEDS) {
      const { laws, word } = play(`${SPLIT}  - operator-discard: { site: a }${at(900)}`, { seed })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
      expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_SECONDARY, ROLE_PRIMARY])
    }
  })
})

describe('without the other site', () => {
  it('a primary that may not go on refuses writes, serves reads, and goes on when the link is back', () => {
    for (const seed of SEEDS) {
      const { laws, run, word } = play(`  - link-cut: { duration: 300 ms }${at(50)}`, {
        remote: 'onLinkLoss: stop',
        seed,
      })
      expect(laws).toEqual([])
      expect(run.runner.initiator.errors).toBeGreaterThan(0)
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
    }
  })

  it('nothing that such a primary acknowledged is lost in a failover, however long the link was away', () => {
    const faults = `  - link-cut: { duration: 2 s }${at(50)}  - site-loss: { site: a }${at(400)}  - failover: {}${at(400)}`
    for (const seed of SEEDS) {
      const { laws, run } = play(faults, { remote: 'onLinkLoss: stop', seed })
      expect(laws).toEqual([])
      expect(run.oracle!.otherSite!.losses.writes).toBe(0)
    }
  })

  it('a primary that goes on loses just what it wrote alone, and said so', () => {
    const faults = `  - link-cut: {}${at(50)}  - site-loss: { site: a }${at(250)}  - failover: {}${at(250)}`
    for (const seed of SEEDS) {
      const { laws, run, word } = play(faults, { seed })
      expect(laws).toEqual([])
      expect(run.oracle!.otherSite!.losses.writes).toBeGreaterThan(0)
      expect(word(STATUS_REMOTE_STATE)[1]).toBe(REMOTE_LOST)
    }
  })

  it('a site in the middle of a resync says that it is not consistent, and is not promoted without force', () => {
    // Two mebibytes that differ, and a line that takes a tenth of a second for them.
    const link = 'latency: 1 ms, bandwidth: 20 MB'
    const load = 'rw: write, bs: 64 KiB, depth: 2, count: 64, size: 2 MiB'
    const cut = `  - link-cut: { duration: 200 ms }${at(1)}`
    const refused = play(`${cut}  - site-loss: { site: a }${at(300)}  - operator-promote: { site: b }${at(600)}`, {
      load,
      link,
    })
    expect(refused.word(STATUS_REMOTE_ROLE)[1]).toBe(ROLE_SECONDARY)
    expect(refused.word(STATUS_REMOTE_CONSISTENT)[1]).toBe(0)
    const forced = play(
      `${cut}  - site-loss: { site: a }${at(300)}  - operator-promote: { site: b, force: on }${at(600)}`,
      { load },
    )
    expect(forced.word(STATUS_REMOTE_ROLE)[1]).toBe(ROLE_PRIMARY)
  })
})

describe('one run', () => {
  it('is the same each time', () => {
    const digest = (): string => play(BACK_IN_STEP['a link that flaps']!, { seed: 5 }).run.runner.trace.digest
    expect(digest()).toBe(digest())
  })
})
