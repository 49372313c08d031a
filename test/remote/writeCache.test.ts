// The write cache together with a second site: a write may be in caches when it is acknowledged, and a flush makes durable what the mode
// promises. Which site loses its power, or both, makes the difference.

import { describe, expect, it } from 'vitest'
import { EVENT_JOURNAL_CHECKPOINT, EVENT_JOURNAL_REPLAY, EVENT_REMOTE_SYNC_BEGIN } from '../../assembly/abi/events'
import { REMOTE_DATED, REMOTE_UP, STATUS_REMOTE_STATE } from '../../assembly/abi/status'
import { at, play, type Sites } from './play'

const MODES = ['sync', 'received', 'one-behind', 'async', 'scheduled']
const CACHED = { array: 'writeCache: on' }
const FLUSHED = 'rw: randwrite, bs: 4 KiB, depth: 4, count: 600, size: 1 MiB, flushEvery: 16'
const UNFLUSHED = 'rw: randwrite, bs: 4 KiB, depth: 4, count: 600, size: 1 MiB'
const BOTH_LOST = (ms: number): string =>
  `  - site-loss: { site: b, duration: 20 ms }${at(ms)}  - site-loss: { site: a }${at(ms)}  - failover: {}${at(ms + 40)}`

/** How often the front panel of a site (0 = a) tells of an event since it booted. */
function count({ run }: Sites, site: number, event: number): number {
  const log = run.runner.rig.sites[site]!.controller.panel!.log()
  return log.filter((line) => line.includes(`event ${event} `)).length
}

const up = ({ word }: Sites): boolean => word(STATUS_REMOTE_STATE).every((state) => state === REMOTE_UP)
const rests = ({ word }: Sites): boolean =>
  word(STATUS_REMOTE_STATE).every((state) => state === REMOTE_UP || state === REMOTE_DATED)

describe.each(MODES)('mode %s', (mode) => {
  const options = { ...CACHED, mode, load: FLUSHED, remote: mode === 'scheduled' ? 'interval: 20 ms' : '' }

  it.each([
    ['the primary is lost', `  - site-loss: { site: a }${at(40)}  - failover: {}${at(41)}`],
    ['both lose their power, and the copy has to serve', BOTH_LOST(45)],
  ])('keeps what it promises when %s', (_, faults) => {
    for (const seed of [1, 2, 3]) expect(play(faults, { ...options, seed }).laws).toEqual([])
  })

  it.each([
    ['the copy', `  - site-loss: { site: b, duration: 30 ms }${at(30)}`],
    ['the primary', `  - power-cut: { duration: 30 ms }${at(30)}`],
  ])('becomes equal again when %s has lost its power, and with it its caches', (_, faults) => {
    for (const load of [FLUSHED, UNFLUSHED]) {
      const sites = play(faults, { ...options, load })
      expect(sites.laws).toEqual([])
      expect(rests(sites)).toBe(true)
    }
  })
})

describe('mode sync', () => {
  it('loses nothing with the primary that was acknowledged, flushed or not', () => {
    const { run, laws } = play(`  - site-loss: { site: a }${at(40)}  - failover: {}${at(41)}`, {
      ...CACHED,
      load: UNFLUSHED,
    })
    expect(laws).toEqual([])
    expect(run.oracle!.otherSite!.losses.writes).toBe(0)
  })

  it('refuses a flush, as it does a write, where two copies are asked for and the line is lost', () => {
    const options = { ...CACHED, load: FLUSHED, remote: 'onLinkLoss: stop' }
    const { laws } = play(`  - link-cut: { duration: 300 ms }${at(30)}`, options)
    expect(laws).toEqual([])
  })
})

describe('a copy with a journal', () => {
  const options = { ...CACHED, mode: 'async', load: UNFLUSHED }

  it('drops from it what its drives have flushed, and nothing else', () => {
    const sites = play('', options)
    expect(sites.laws).toEqual([])
    expect(count(sites, 1, EVENT_JOURNAL_CHECKPOINT)).toBeGreaterThan(0)
    expect(count(sites, 0, EVENT_JOURNAL_CHECKPOINT)).toBe(0)
  })

  it('does again after a power cut what was in caches, and needs no resync', () => {
    for (const seed of [1, 2, 3]) {
      const sites = play(`  - site-loss: { site: b, duration: 30 ms }${at(20)}`, { ...options, seed })
      expect(sites.laws).toEqual([])
      expect(up(sites)).toBe(true)
      expect(count(sites, 1, EVENT_JOURNAL_REPLAY)).toBe(1)
      expect(count(sites, 0, EVENT_REMOTE_SYNC_BEGIN)).toBe(0)
    }
  })

  it('is promoted with all of it on its media: its power may fail right after', () => {
    const faults = `  - site-loss: { site: a }${at(40)}  - failover: {}${at(41)}  - site-loss: { site: b, duration: 20 ms }${at(170)}`
    for (const mode of ['received', 'one-behind', 'async']) {
      const { laws, run } = play(faults, { ...options, mode })
      expect(laws).toEqual([])
      expect(run.runner.rig.activeIndex).toBe(1)
    }
  })
})

describe('a primary', () => {
  it('copies after a power cut what its caches may have lost: in mode async, too', () => {
    const sites = play(`  - power-cut: { duration: 30 ms }${at(30)}`, { ...CACHED, mode: 'async', load: UNFLUSHED })
    expect(sites.laws).toEqual([])
    expect(up(sites)).toBe(true)
    expect(count(sites, 0, EVENT_REMOTE_SYNC_BEGIN)).toBe(1)
  })

  it("flushes before it becomes a copy on an operator's word, which costs no resync", () => {
    const faults = `  - operator-demote: { site: a }${at(40)}  - failover: {}${at(45)}`
    for (const mode of ['received', 'async']) {
      const sites = play(faults, { ...CACHED, mode, load: UNFLUSHED })
      expect(sites.laws).toEqual([])
      expect(up(sites)).toBe(true)
      if (mode === 'async') expect(count(sites, 1, EVENT_REMOTE_SYNC_BEGIN)).toBe(0)
    }
  })
})

describe('a site without any member left', () => {
  it('is not waited for: the other one goes on alone, and says so', () => {
    const faults = `  - pull: { site: b, bay: 0 }${at(33.5)}`
    for (const mode of ['sync', 'scheduled']) {
      const remote = mode === 'scheduled' ? 'interval: 5 ms' : ''
      const { laws, word } = play(faults, { mode, remote, members: 1, load: UNFLUSHED })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_STATE)[0]).not.toBe(REMOTE_UP)
    }
  })
})
