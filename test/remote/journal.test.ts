// The journal: writes in their order, in NVRAM and on the drives, from before the members have them until all have them. So a line or a power
// that fails leaves the other site behind, but never without an order, and never for longer than it takes to send what is missing.

import { describe, expect, it } from 'vitest'
import {
  EVENT_JOURNAL_OVERFLOW,
  EVENT_JOURNAL_REPLAY,
  EVENT_JOURNAL_SPILL,
  EVENT_REMOTE_SYNC_BEGIN,
} from '../../assembly/abi/events'
import { REMOTE_UP, STATUS_REMOTE_STATE } from '../../assembly/abi/status'
import { at, play, type Sites } from './play'

const SEEDS = [1, 2, 3]
const ORDERED = ['received', 'one-behind', 'async']
/** 1500 writes of 4 KiB: 6.6 MiB in the journal. */
const MUCH = 'rw: randwrite, bs: 4 KiB, depth: 8, count: 1500, size: 2 MiB'
/** As many as the usual NVRAM has room for. */
const SOME = 'rw: randwrite, bs: 4 KiB, depth: 8, count: 800, size: 2 MiB'
const SMALL = 'nvram: 384 KiB'

/** How often the front panel of a site (0 = a) tells of an event. */
function count({ run }: Sites, site: number, event: number): number {
  const log = run.runner.rig.sites[site]!.controller.panel!.log()
  return log.filter((line) => line.includes(`event ${event} `)).length
}

const up = ({ word }: Sites): boolean => word(STATUS_REMOTE_STATE).every((state) => state === REMOTE_UP)

describe('a line that is lost in mode async', () => {
  const faults = `  - link-cut: { duration: 300 ms }${at(60)}`

  it('costs no resync: what hosts wrote meanwhile is sent in its order', () => {
    for (const seed of SEEDS) {
      const sites = play(faults, { mode: 'async', seed, load: SOME, capacity: '8 MiB' })
      expect(sites.laws).toEqual([])
      expect(up(sites)).toBe(true)
      expect(count(sites, 0, EVENT_REMOTE_SYNC_BEGIN)).toBe(0)
    }
  })

  it('spills the journal to the drives when the NVRAM is full, and brings it back', () => {
    for (const seed of SEEDS) {
      const options = { mode: 'async', seed, load: MUCH, capacity: '32 MiB', remote: `${SMALL}, area: 40` }
      const sites = play(faults, options)
      expect(sites.laws).toEqual([])
      expect(up(sites)).toBe(true)
      expect(count(sites, 0, EVENT_JOURNAL_SPILL)).toBeGreaterThan(3)
      expect(count(sites, 0, EVENT_REMOTE_SYNC_BEGIN)).toBe(0)
    }
  })

  it('marks regions when the drives are full as well, and says so; then it is a resync', () => {
    for (const seed of SEEDS) {
      const options = { mode: 'async', seed, load: MUCH, capacity: '16 MiB', remote: `${SMALL}, area: 1` }
      const sites = play(faults, options)
      expect(sites.laws).toEqual([])
      expect(up(sites)).toBe(true)
      expect(count(sites, 0, EVENT_JOURNAL_OVERFLOW)).toBe(1)
      expect(count(sites, 0, EVENT_REMOTE_SYNC_BEGIN)).toBe(1)
    }
  })

  it('leaves a copy that is a prefix also while it catches up', () => {
    for (const ms of [365, 380, 400, 430, 460]) {
      const lost = ['link-cut: {}', 'site-loss: { site: a }', 'failover: {}'].map((fault) => `  - ${fault}${at(ms)}`)
      const options = { mode: 'async', load: MUCH, capacity: '32 MiB', remote: `${SMALL}, area: 40` }
      const sites = play(faults + lost.join(''), { ...options, link: 'latency: 1 ms, bandwidth: 8 MB' })
      expect(sites.laws).toEqual([])
      // It was not in step, so much may be lost; but it could be promoted.
      expect(sites.run.oracle!.otherSite!.losses.writes).toBeGreaterThan(0)
      expect(sites.run.findings).toEqual([])
    }
  })
})

describe('a part of the journal that nobody has any more', () => {
  it('is copied region by region in its place', () => {
    const options = { mode: 'async', load: MUCH, capacity: '32 MiB', remote: `${SMALL}, area: 40` }
    const cut = `  - link-cut: { duration: 300 ms }${at(60)}`
    // The area begins behind the LUN: what it is on both members cannot be read.
    const lost = [0, 1].map((bay) => `  - latent-sector-error: { bay: ${bay}, lba: 42000, sectors: 3000 }${at(200)}`)
    const sites = play(cut + lost.join(''), options)
    expect(sites.laws).toEqual([])
    expect(up(sites)).toBe(true)
    expect(count(sites, 0, EVENT_JOURNAL_SPILL)).toBeGreaterThan(3)
    expect(count(sites, 0, EVENT_JOURNAL_OVERFLOW)).toBe(1)
    expect(count(sites, 0, EVENT_REMOTE_SYNC_BEGIN)).toBe(1)
  })
})

describe('a part of the journal that has rotted on a member', () => {
  it('comes from another one', () => {
    const options = { mode: 'async', load: MUCH, capacity: '32 MiB', remote: `${SMALL}, area: 40` }
    const cut = `  - link-cut: { duration: 300 ms }${at(60)}`
    const sites = play(`${cut}  - bit-rot: { bay: 0, lba: 42000, sectors: 3000 }${at(200)}`, options)
    expect(sites.laws).toEqual([])
    expect(up(sites)).toBe(true)
    expect(count(sites, 0, EVENT_JOURNAL_OVERFLOW)).toBe(0)
    expect(count(sites, 0, EVENT_REMOTE_SYNC_BEGIN)).toBe(0)
  })
})

describe('power that fails', () => {
  it('at the primary, mode async: the journal goes to its members once more, and on to the other site; no resync', () => {
    let replays = 0
    for (const seed of SEEDS) {
      const faults = `  - power-cut: { duration: 50 ms }${at(100)}`
      const sites = play(faults, { mode: 'async', seed, load: MUCH, capacity: '8 MiB', link: 'latency: 5 ms' })
      expect(sites.laws).toEqual([])
      expect(up(sites)).toBe(true)
      replays += count(sites, 0, EVENT_JOURNAL_REPLAY)
      expect(count(sites, 0, EVENT_REMOTE_SYNC_BEGIN)).toBe(0)
    }
    expect(replays).toBe(SEEDS.length)
  })

  it.each(ORDERED)('at the secondary in mode %s: it has a prefix when it is back, and may be promoted', (mode) => {
    let replays = 0
    for (const ms of [50, 51, 52, 53]) {
      const faults = `  - site-loss: { site: b, duration: 10 ms }${at(ms)}  - link-cut: {}${at(ms + 3)}  - site-loss: { site: a }${at(ms + 5)}  - failover: {}${at(ms + 20)}`
      const sites = play(faults, { mode, load: MUCH, capacity: '8 MiB', seed: ms })
      expect(sites.laws).toEqual([])
      expect(sites.run.findings).toEqual([])
      replays += count(sites, 1, EVENT_JOURNAL_REPLAY)
    }
    // In mode one-behind a write is under way now and then only.
    if (mode !== 'one-behind') expect(replays).toBeGreaterThan(0)
  })

  it('at both sites together: both come back, and hold the same', () => {
    for (const seed of SEEDS) {
      const faults = `  - site-loss: { site: b, duration: 30 ms }${at(80)}  - power-cut: { duration: 60 ms }${at(80)}`
      const sites = play(faults, { mode: 'async', seed, load: MUCH, capacity: '8 MiB' })
      expect(sites.laws).toEqual([])
      expect(up(sites)).toBe(true)
    }
  })
})

describe('power that fails at the primary while its line is cut, and its NVRAM is full', () => {
  /** Writes of one place, many at a time: they end in another order than they began in. */
  const load = (bs: string) => `rw: randwrite, bs: ${bs}, depth: 16, count: 400, size: 512 KiB`
  const cut = `  - link-cut: { duration: 150 ms }${at(20)}`

  it.each([
    ['the journal goes to the drives', '64 KiB', 40, 21, EVENT_JOURNAL_SPILL],
    // When hosts have waited for the other site long enough.
    ['regions are marked in its place', '16 KiB', 1, 124, EVENT_REMOTE_SYNC_BEGIN],
  ])('%s: wherever that is, both sites hold the same in the end', (_what, bs, area, from, event) => {
    let events = 0
    for (let instant = 0; instant < 40; instant++) {
      const faults = `${cut}  - power-cut: { duration: 5 ms }${at(from + instant / 4)}`
      const options = {
        mode: 'async',
        seed: instant,
        load: load(bs),
        capacity: '32 MiB',
        remote: `${SMALL}, area: ${area}`,
      }
      const sites = play(faults, options)
      expect(sites.laws).toEqual([])
      expect(up(sites)).toBe(true)
      events += count(sites, 0, event)
    }
    expect(events).toBeGreaterThan(0)
  })
})

describe('a line that is too slow in mode async', () => {
  const slow = { mode: 'async', load: MUCH, link: 'latency: 1 ms, bandwidth: 4 MB', capacity: '32 MiB' }
  const slowest = ({ run }: Sites) => run.runner.initiator.writeLatency.summary()!.p99

  it('overflow: throttle slows hosts down, and never lags', () => {
    const sites = play('', { ...slow, remote: 'rpo: 100 ms, overflow: throttle' })
    expect(sites.laws).toEqual([])
    expect(count(sites, 0, EVENT_JOURNAL_SPILL)).toBe(0)
    expect(count(sites, 0, EVENT_JOURNAL_OVERFLOW)).toBe(0)
    expect(slowest(sites)).toBeGreaterThan(4e6)
  })

  it('overflow: track lets them go on, with the journal on the drives', () => {
    const sites = play('', { ...slow, remote: `${SMALL}, rpo: 100 ms, overflow: track, area: 40` })
    expect(sites.laws).toEqual([])
    expect(up(sites)).toBe(true)
    expect(count(sites, 0, EVENT_JOURNAL_SPILL)).toBeGreaterThan(3)
    expect(count(sites, 0, EVENT_JOURNAL_OVERFLOW)).toBe(0)
    expect(slowest(sites)).toBeLessThan(4e6)
  })

  it('overflow: track marks regions when all is full, and copies them when the line is free', () => {
    const sites = play('', { ...slow, remote: `${SMALL}, rpo: 100 ms, overflow: track, area: 2` })
    expect(sites.laws).toEqual([])
    expect(up(sites)).toBe(true)
    expect(count(sites, 0, EVENT_JOURNAL_OVERFLOW)).toBeGreaterThan(0)
    expect(count(sites, 0, EVENT_REMOTE_SYNC_BEGIN)).toBeGreaterThan(0)
  })
})

describe('the journal does not matter to', () => {
  it('writes of the largest size, in the smallest NVRAM', () => {
    const load = 'rw: randwrite, bs: 128 KiB, depth: 8, count: 120, size: 2 MiB'
    for (const mode of ORDERED) {
      const faults = `  - link-cut: { duration: 120 ms }${at(40)}  - power-cut: { duration: 20 ms }${at(300)}`
      const sites = play(faults, { mode, load, capacity: '16 MiB', remote: SMALL })
      expect(sites.laws).toEqual([])
      expect(up(sites)).toBe(true)
    }
  })
})
