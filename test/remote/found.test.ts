// What drawn runs with two sites have found in the mirror: it must not come back.

import { describe, expect, it } from 'vitest'
import {
  REMOTE_SPLIT,
  REMOTE_UP,
  ROLE_PRIMARY,
  ROLE_SECONDARY,
  STATUS_REMOTE_DIRTY_REGIONS,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { at, play } from './play'

const SEEDS = [1, 2, 3]
const IN_DOUBT = [330, 332, 334, 336]

describe('roles', () => {
  it('a primary that comes back when the other site has gone on, and was demoted since, serves nothing old', () => {
    const faults = `  - site-loss: { site: a, duration: 1 s }${at(50)}  - failover: {}${at(50)}  - operator-demote: { site: b }${at(700)}`
    for (const seed of SEEDS) {
      const { laws, word } = play(faults, { seed })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_SECONDARY, ROLE_SECONDARY])
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
    }
  })

  it('a site that knows of newer contents is not promoted before it has them', () => {
    const link = 'latency: 3 ms, bandwidth: 20 MB'
    const load = 'rw: randrw, bs: 64 KiB, depth: 2, count: 200, size: 2 MiB'
    // a has missed what b wrote, and is asked to serve while it is told.
    const away = `  - site-loss: { site: a, duration: 700 ms }${at(50)}  - failover: {}${at(50)}`
    const back = `  - operator-demote: { site: b }${at(752)}  - operator-promote: { site: a }${at(770)}`
    for (const seed of SEEDS) expect(play(`${away}${back}`, { link, load, seed }).laws).toEqual([])
  })

  it('a site that was asked to serve alone does so after a power cut, too', () => {
    const faults = `  - site-loss: { site: a }${at(50)}  - failover: {}${at(50)}  - site-loss: { site: b, duration: 50 ms }${at(400)}`
    for (const seed of SEEDS) {
      const { laws, run } = play(faults, { remote: 'onLinkLoss: stop', seed })
      expect(laws).toEqual([])
      expect(run.runner.initiator.writes).toBeGreaterThan(500)
    }
  })

  it('a site that was asked to serve alone, and lost its power while it noted that, does so or is asked again', () => {
    const loss = `  - site-loss: { site: a, duration: 900 ms }${at(1)}  - failover: {}${at(1)}`
    const cut =
      'power-cut: { site: b, tearSector: off, duration: 20 ms, keeps: { "0": none, "1": none }, nvramKeeps: none }'
    const load = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 20, size: 1 MiB'
    for (let n = 1; n <= 40; n++) {
      const faults = `${loss}  - { ${cut}, after: { event: crash-point, site: b, n: ${n} } }\n`
      expect(play(faults, { remote: 'onLinkLoss: stop', load }).laws, `crash point ${n}`).toEqual([])
    }
  })

  it('a primary that has met the other site after its boot serves on when the link is cut', () => {
    const faults = `  - power-cut: {}${at(50)}  - link-cut: { duration: 300 ms }${at(1100)}`
    const load = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 3000, size: 1 MiB'
    for (const seed of SEEDS) expect(play(faults, { load, seed }).laws).toEqual([])
  })

  it('a site that is asked to serve again while it steps down does', () => {
    // It has a point to hand over first, and the line is too slow for that.
    const link = 'latency: 20 ms, bandwidth: 2 MB'
    const load = 'rw: randwrite, bs: 16 KiB, depth: 2, count: 200, size: 1 MiB'
    const faults = `  - operator-demote: { site: a }${at(40)}  - operator-promote: { site: a }${at(60)}`
    for (const seed of SEEDS) {
      const { laws, word } = play(faults, { mode: 'scheduled', remote: 'interval: 2 s', link, load, seed })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_PRIMARY, ROLE_SECONDARY])
    }
  })

  it('two sites that have both served alone stay apart, whoever steps down', () => {
    const faults = `  - link-cut: { duration: 400 ms }${at(50)}  - failover: {}${at(250)}  - operator-demote: { site: a }${at(800)}`
    const { laws, word } = play(faults)
    expect(laws).toEqual([])
    expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_SPLIT, REMOTE_SPLIT])
  })
})

describe('generations', () => {
  it('a site that went on alone is known for it, also when it never heard that the copy had become complete', () => {
    const load = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 4000, size: 256 KiB'
    for (const ms of IN_DOUBT) {
      // The copy is told so just before, and its answer does not arrive. Then site a serves alone, and is lost.
      const cut = `  - link-cut: { duration: 150 ms }${at(50)}  - link-cut: { duration: 1 s, direction: b-to-a }${at(ms)}`
      const away = `  - site-loss: { site: a, duration: 1500 ms }${at(ms + 300)}  - failover: {}${at(ms + 300)}`
      const { laws, word } = play(`${cut}${away}`, { load, link: 'latency: 10 ms' })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_STATE), `cut at ${ms} ms`).toEqual([REMOTE_SPLIT, REMOTE_SPLIT])
    }
  })
})

describe('what the other site lacks', () => {
  it.each(['received', 'one-behind'])(
    'is remembered over a power cut in mode %s, however often marks are swept',
    (mode) => {
      // The link is cut when power fails: what was acknowledged last is nowhere else.
      const faults = `  - link-cut: { duration: 30 ms, direction: a-to-b }${at(50)}  - power-cut: { duration: 20 ms }${at(75)}`
      const load = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 300, thinkTime: 2 ms, size: 1 MiB'
      for (const seed of SEEDS) {
        const { laws, word } = play(faults, { mode, load, seed, array: 'bitmapSweep: 1 ms' })
        expect(laws).toEqual([])
        expect(word(STATUS_REMOTE_DIRTY_REGIONS)).toEqual([0, 0])
      }
    },
  )

  it('is what the members here refused: the sites are made equal', () => {
    const faults = `  - pull: { bay: 0 }${at(40)}  - write-error: { bay: 1, count: 20 }${at(50)}`
    for (const seed of SEEDS) expect(play(faults, { seed }).laws).toEqual([])
  })

  it('is made unreadable there where no member here can read it', () => {
    const lost = [0, 1]
      .map((bay) => `  - latent-sector-error: { bay: ${bay}, lunLba: 100, sectors: 3 }${at(120)}`)
      .join('')
    const load = 'rw: write, bs: 64 KiB, depth: 1, count: 16, size: 1 MiB'
    for (const seed of SEEDS) {
      const { laws, word } = play(`  - link-cut: { duration: 200 ms }${at(1)}${lost}`, { load, seed })
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
      expect(word(STATUS_REMOTE_ROLE)).toEqual([ROLE_PRIMARY, ROLE_SECONDARY])
    }
  })

  it('is the same at both sites when one of them cannot read its bitmap any more', () => {
    const faults = `  - latent-sector-error: { bay: 0, lba: 16-31 }${at(45)}  - power-cut: {}${at(50)}  - failover: {}${at(60)}`
    // Many writes are on their way when power fails, and none at the start of the LUN.
    const load = 'rw: randwrite, bs: 4 KiB, depth: 16, count: 64, size: 512 KiB, offset: 2 MiB'
    for (const seed of SEEDS) {
      const { laws } = play(faults, { seed, members: 1, array: 'bitmapChunk: 8 KiB', load, link: 'latency: 8 ms' })
      expect(laws).toEqual([])
    }
  })
})
