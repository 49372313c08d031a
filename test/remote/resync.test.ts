// A resync of the other site: by sums, so that what is equal does not cross the line, and at a rate, so that hosts have the rest of it.

import { describe, expect, it } from 'vitest'
import { EVENT_REMOTE_STATE, EVENT_REMOTE_SYNC_BEGIN, EVENT_REMOTE_SYNC_DONE } from '../../assembly/abi/events'
import { REMOTE_SOURCE, REMOTE_UP, STATUS_REMOTE_STATE } from '../../assembly/abi/status'
import { at, play, type Sites } from './play'

/** The words of the last event of a kind that the front panel of site a tells of, and when it was, in ms. */
function last({ run }: Sites, event: number, first = ''): { readonly ms: number; readonly words: readonly number[] } {
  const log = run.runner.rig.sites[0]!.controller.panel!.log()
  const line = log.filter((text) => text.includes(`event ${event} ${first}`)).at(-1)!
  const [time, words] = line.split(/ ms: event \d+ /)
  return { ms: Number(time), words: words!.split(' ').map(Number) }
}

const up = ({ word }: Sites): boolean => word(STATUS_REMOTE_STATE).every((state) => state === REMOTE_UP)
const MODES = ['sync', 'received', 'one-behind', 'async']
/** The other site is lost, its NVRAM is kept, and a few writes come meanwhile: whole regions are marked for them. */
const CUT = `  - link-cut: { duration: 300 ms }${at(20)}`
const FEW = 'rw: randwrite, bs: 4 KiB, depth: 1, count: 30, thinkTime: 5 ms, size: 3 MiB'

describe('a resync by sums', () => {
  it.each(MODES)('in mode %s finds most windows equal, and copies those that differ', (mode) => {
    // Members that are not known to be equal: all of the LUN is compared when the sites meet first.
    const sites = play('', { mode, remote: 'resyncSums: on', array: 'assumeClean: off', load: FEW, capacity: '8 MiB' })
    expect(sites.laws).toEqual([])
    expect(up(sites)).toBe(true)
    const [sent, equal] = last(sites, EVENT_REMOTE_SYNC_DONE).words
    expect(sent).toBeGreaterThan(50)
    expect(equal! / sent!).toBeGreaterThan(0.5)
  })

  it('sends a region once in full where hosts have written to it', () => {
    for (const seed of [1, 2, 3]) {
      const sites = play(CUT, { mode: 'sync', seed, remote: 'resyncSums: on', load: FEW })
      expect(sites.laws).toEqual([])
      expect(up(sites)).toBe(true)
      const [sent, equal] = last(sites, EVENT_REMOTE_SYNC_DONE).words
      expect(sent).toBeGreaterThan(0)
      expect(equal).toBe(0)
    }
  })

  it('is cut short by a lost line, a lost copy or a lost source without harm', () => {
    for (const fault of [
      'link-cut: { duration: 150 ms }',
      'site-loss: { site: b, duration: 50 ms }',
      'power-cut: {}',
    ]) {
      for (const ms of [12, 14, 30]) {
        const load = 'rw: randwrite, bs: 4 KiB, depth: 4, count: 400, size: 3 MiB'
        const options = { mode: 'sync', remote: 'resyncSums: on', array: 'assumeClean: off', load, capacity: '8 MiB' }
        const sites = play(`  - ${fault}${at(ms)}`, { ...options, seed: ms })
        expect(sites.laws).toEqual([])
        expect(up(sites)).toBe(true)
      }
    }
  })
})

describe('a resync at a rate', () => {
  it('looks at no more than that in a second', () => {
    for (const sums of ['on', 'off']) {
      const remote = `resyncRate: 16 MiB, resyncSums: ${sums}`
      const sites = play('', { mode: 'sync', remote, array: 'assumeClean: off', load: FEW, capacity: '8 MiB' })
      expect(sites.laws).toEqual([])
      const begun = last(sites, EVENT_REMOTE_SYNC_BEGIN).ms
      const took = last(sites, EVENT_REMOTE_STATE, `${REMOTE_UP} `).ms - begun
      // Nearly 8 MiB, less the metadata.
      expect(took).toBeGreaterThan(400)
      expect(took).toBeLessThan(600)
      expect(last(sites, EVENT_REMOTE_STATE, `${REMOTE_SOURCE} `).ms).toBeLessThan(begun + 1)
    }
  })
})
