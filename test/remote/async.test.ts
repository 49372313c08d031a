// Mode async: hosts do not wait for the other site, and what may be lost with this one stays younger than the promised age.

import { describe, expect, it } from 'vitest'
import { REMOTE_UP, STATUS_REMOTE_STATE } from '../../assembly/abi/status'
import { at, play } from './play'

const SEEDS = [1, 2, 3]
const LOST = (ms: number) =>
  ['link-cut: {}', 'site-loss: { site: a }', 'failover: {}'].map((fault) => `  - ${fault}${at(ms)}`).join('')
const SLOW = {
  capacity: '8 MiB',
  mode: 'async',
  remote: 'rpo: 100 ms, linkTimeout: 400 ms',
  link: 'latency: 1 ms, bandwidth: 4 MB',
}
const MUCH = 'rw: randwrite, bs: 4 KiB, depth: 8, count: 1000, size: 3 MiB'

describe('mode async', () => {
  it('hides the distance: writes take as long as over no distance at all', () => {
    const load = 'rw: randwrite, bs: 4 KiB, depth: 4, count: 400, size: 1 MiB'
    const p99 = (link: string) =>
      play('', { mode: 'async', load, link }).run.runner.initiator.writeLatency.summary()!.p99
    expect(p99('latency: 40 ms')).toBe(p99('latency: 20 us'))
  })

  it('loses what was on its way, and nothing from before that', () => {
    let lost = 0
    for (const seed of SEEDS) {
      const { laws, run } = play(LOST(12), { mode: 'async', seed, link: 'latency: 10 ms', remote: 'rpo: 100 ms' })
      expect(laws).toEqual([])
      const { losses } = run.oracle!.otherSite!
      lost += losses.writes
      // What a frame and its answer take, and what the members do.
      expect(losses.rpoNs).toBeLessThan(25e6)
    }
    expect(lost).toBeGreaterThan(0)
  })

  it('slows initiators down to what the line carries, before anything gets too old', () => {
    for (const seed of SEEDS) {
      const { laws, run } = play(LOST(600), { ...SLOW, load: MUCH, seed })
      expect(laws).toEqual([])
      const { losses } = run.oracle!.otherSite!
      expect(losses.rpoNs).toBeGreaterThan(20e6)
      expect(losses.rpoNs).toBeLessThan(100e6)
    }
  })

  it('says that it lags while the line stalls, and that it does not when all has arrived', () => {
    const faults = `  - link-stall: { duration: 300 ms, direction: a-to-b }${at(50)}`
    for (const seed of SEEDS) {
      const stalled = { mode: 'async', seed, remote: 'rpo: 40 ms, linkTimeout: 1 s' }
      const { laws, word } = play(faults, stalled)
      expect(laws).toEqual([])
      expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
      // Lost while it lags: no promise is broken, for it said so.
      const late = play(`${faults}${LOST(250)}`, stalled)
      expect(late.laws).toEqual([])
      expect(late.run.oracle!.otherSite!.losses.rpoNs).toBeGreaterThan(100e6)
    }
  })
})
