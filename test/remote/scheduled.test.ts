// Mode scheduled: the other site holds the LUN as it was at a point in time, whatever happens in between.

import { describe, expect, it, vi } from 'vitest'
import {
  REMOTE_DATED,
  ROLE_PRIMARY,
  ROLE_SECONDARY,
  STATUS_POINT_ARRIVED,
  STATUS_POINT_HELD,
  STATUS_REMOTE_CONSISTENT,
  STATUS_REMOTE_DIRTY_REGIONS,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { lawBit } from '../../host/oracle/verdict'
import { at, play, type Sites } from './play'

vi.setConfig({ testTimeout: 120_000 })

const SEEDS = [1, 2, 3]
const mode = 'scheduled'
const SOON = 'interval: 20 ms'
/** Ends not long after the last of these instants: what is written after a failover hides what was lost in it. */
const LOAD = 'rw: randwrite, bs: 4 KiB, depth: 4, count: 700, size: 1400 KiB'
/** Milliseconds: before, in and after several points in time. */
const INSTANTS = Array.from({ length: 24 }, (_, i) => 21 + 5 * i)
const LOST = (ms: number) => `  - link-cut: {}${at(ms)}  - site-loss: { site: a }${at(ms)}  - failover: {}${at(ms)}`

const isJudged = ({ run }: Sites): boolean => (run.lawsJudged & lawBit('PIT')) !== 0
const losses = ({ run }: Sites) => run.oracle!.otherSite!.losses

describe('a primary that is lost', () => {
  it.each(['latency: 1 ms', 'latency: 5 ms', 'latency: 1 ms, bandwidth: 20 MB'])(
    'leaves the LUN as it was at a point in time, whenever it is lost (%s)',
    (link) => {
      let [judged, lost] = [0, 0]
      for (const [index, ms] of INSTANTS.entries()) {
        const sites = play(LOST(ms), { mode, remote: SOON, load: LOAD, link, seed: index })
        expect(sites.laws, `lost at ${ms} ms`).toEqual([])
        expect(sites.word(STATUS_REMOTE_ROLE)[1]).toBe(ROLE_PRIMARY)
        lost += losses(sites).writes
        if (isJudged(sites)) judged++
      }
      expect(judged).toBeGreaterThan(INSTANTS.length / 2)
      expect(lost).toBeGreaterThan(INSTANTS.length)
    },
  )

  it('leaves it as it was, also where a region takes several commands', () => {
    const load = 'rw: randwrite, bs: 4 KiB, depth: 4, count: 700, size: 8 MiB'
    for (const [index, ms] of INSTANTS.slice(-6).entries()) {
      const sites = play(LOST(ms), { mode, remote: SOON, load, seed: index, capacity: '6 GiB' })
      expect(sites.laws, `lost at ${ms} ms`).toEqual([])
      expect(isJudged(sites)).toBe(true)
    }
  })

  it('loses nothing after a point that came when hosts had rested', () => {
    const load = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 20, size: 1 MiB'
    const sites = play(LOST(200), { mode, remote: SOON, load })
    expect(sites.laws).toEqual([])
    expect(losses(sites).writes).toBe(0)
  })
})

describe('members that leave with what was in their caches', () => {
  it('a point that is taken afterwards need not have it', () => {
    const faults = `  - pull: { bay: 0 }${at(0)}  - pull: { bay: 1 }${at(33)}  - insert: { bay: 1, drive: same }${at(38)}`
    const load = 'rw: randwrite, bs: 4 KiB, depth: 2, count: 200, size: 1 MiB'
    const sites = play(faults, { mode, remote: SOON, load, array: 'writeCache: on' })
    expect(isJudged(sites)).toBe(true)
    expect(sites.laws).toEqual([])
  })
})

describe('a planned change', () => {
  it('hands everything over first', () => {
    for (const seed of SEEDS) {
      const sites = play(`  - operator-demote: { site: a }${at(50)}  - failover: {}${at(55)}`, {
        mode,
        load: LOAD,
        seed,
      })
      expect(sites.laws).toEqual([])
      expect(losses(sites).writes).toBe(0)
      expect(sites.word(STATUS_REMOTE_ROLE)).toEqual([ROLE_SECONDARY, ROLE_PRIMARY])
    }
  })

  it('there and back under load', () => {
    const there = `  - site-loss: { site: a, duration: 200 ms }${at(50)}  - failover: {}${at(50)}`
    const back = `  - operator-demote: { site: b }${at(900)}  - failover: {}${at(905)}`
    const load = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 1500, thinkTime: 1 ms, size: 1 MiB'
    for (const seed of SEEDS) {
      const { laws, word } = play(`${there}${back}`, { mode, remote: SOON, load, seed })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_PRIMARY, ROLE_SECONDARY])
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_DATED, REMOTE_DATED])
    }
  })
})

describe('the copy', () => {
  it('loses power at any instant, also while it switches, and goes on', () => {
    for (const [index, ms] of INSTANTS.entries()) {
      const faults = `  - site-loss: { site: b, duration: 30 ms }${at(ms)}${LOST(400)}`
      const load = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 400, thinkTime: 1 ms, size: 1 MiB'
      const sites = play(faults, { mode, remote: SOON, load, seed: index })
      expect(sites.laws, `lost at ${ms} ms`).toEqual([])
      expect(isJudged(sites)).toBe(true)
    }
  })

  it('is lost together with the primary while it switches, and is promoted when it is back', () => {
    for (const [index, ms] of INSTANTS.entries()) {
      const faults = `  - site-loss: { site: b, duration: 30 ms }${at(ms)}${LOST(ms)}`
      const sites = play(faults, { mode, remote: SOON, load: LOAD, seed: index })
      expect(sites.laws, `lost at ${ms} ms`).toEqual([])
      expect(sites.word(STATUS_REMOTE_ROLE)[1]).toBe(ROLE_PRIMARY)
    }
  })

  it('with too little room is not consistent while a point comes, and says so', () => {
    let inconsistent = 0
    for (const [index, ms] of INSTANTS.entries()) {
      const { laws, word } = play(LOST(ms), { mode, remote: `${SOON}, area: 8`, load: LOAD, seed: index })
      // Then nobody serves, and the workload does not end.
      const isServed = word(STATUS_REMOTE_CONSISTENT)[1] === 1
      if (!isServed) inconsistent++
      expect(
        laws.filter((law) => isServed || !law.startsWith('LIVE')),
        `lost at ${ms} ms`,
      ).toEqual([])
    }
    expect(inconsistent).toBeGreaterThan(0)
    expect(inconsistent).toBeLessThan(INSTANTS.length)
  })

  it('gets the rest when the line comes back, however often it fails', () => {
    const cuts = [20, 140, 260, 400].map((ms) => `  - link-cut: { duration: 60 ms }${at(ms)}`).join('')
    const load = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 400, thinkTime: 1 ms, size: 1 MiB'
    for (const seed of SEEDS) {
      const { laws, word } = play(cuts, { mode, remote: SOON, load, link: 'latency: 4 ms', seed })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_DIRTY_REGIONS)).toEqual([0, 0])
      expect(word(STATUS_POINT_ARRIVED)[0]).toBe(word(STATUS_POINT_HELD)[1])
    }
  })
})

describe('points in time', () => {
  it('are taken when an operator asks, and not before', () => {
    const load = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 300, thinkTime: 1 ms, size: 1 MiB'
    const never = play(LOST(200), { mode, remote: 'cron: "0 0 1 1 *"', load })
    const asked = play(`  - operator-point: { site: a }${at(150)}${LOST(200)}`, {
      mode,
      remote: 'cron: "0 0 1 1 *"',
      load,
    })
    expect([...never.laws, ...asked.laws]).toEqual([])
    expect(losses(never).writes).toBeGreaterThan(100)
    expect(losses(asked).writes).toBeLessThan(50)
    expect(isJudged(asked)).toBe(true)
  })

  it('are taken at the times of a cron expression, by the wall clock', () => {
    const load = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 400, thinkTime: 10 ms, size: 1 MiB'
    // The simulation begins at a full minute; the workload within its first second.
    const sites = play(LOST(2500), { mode, remote: 'cron: "*/2 * * * * *"', load })
    expect(sites.laws).toEqual([])
    expect(losses(sites).rpoNs).toBeGreaterThan(200e6)
    expect(losses(sites).rpoNs).toBeLessThan(700e6)
  })

  it('have what no member of the primary can read as unreadable', () => {
    const lost = [0, 1]
      .map((bay) => `  - latent-sector-error: { bay: ${bay}, lunLba: 100, sectors: 3 }${at(60)}`)
      .join('')
    const load = 'rw: write, bs: 64 KiB, depth: 1, count: 48, thinkTime: 4 ms, size: 1 MiB'
    for (const seed of SEEDS) {
      const { laws, word } = play(lost, { mode, remote: SOON, load, seed })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_DATED, REMOTE_DATED])
    }
  })
})
