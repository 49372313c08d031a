// Faults of drives at the site that the initiators do not use: they strike there, the mirror copes, and the judge counts what was lost there.

import { describe, expect, it, vi } from 'vitest'
import {
  BAY_STATE_IN_SYNC,
  REMOTE_UP,
  STATUS_BAY_STATE,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { faultFilterOf } from '../../host/faults/faultFilter'
import { siteDifferences } from '../../host/scenario/compareSites'
import { at, play, type Sites } from './play'

vi.setConfig({ testTimeout: 120_000 })

const SEEDS = [1, 2, 3]
const LOST = (ms: number) => `  - link-cut: {}${at(ms)}  - site-loss: { site: a }${at(ms)}  - failover: {}${at(ms)}`
const bay = (index: number) => STATUS_BAYS + index * STATUS_BAY_WORDS + STATUS_BAY_STATE
const drivesOf = ({ run }: Sites, index: number) => run.runner.rig.sites.map(({ bays }) => bays[index] ?? null)

describe('at site b', () => {
  it('a drive is pulled, and put in', () => {
    const pulled = play(`  - pull: { site: b, bay: 1 }${at(40)}`)
    expect(drivesOf(pulled, 1).map((drive) => drive === null)).toEqual([false, true])
    expect(pulled.laws).toEqual([])
    const back = play(`  - pull: { site: b, bay: 1 }${at(40)}  - insert: { site: b, bay: 1, drive: new }${at(60)}`)
    expect(back.laws).toEqual([])
    expect(back.word(bay(1))).toEqual([BAY_STATE_IN_SYNC, BAY_STATE_IN_SYNC])
    expect(back.word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
  })

  it('a fault of a drive is in force in the bay of that site alone', () => {
    const sites = play(`  - fail-slow: { site: b, bay: 0 }${at(40)}`)
    expect(drivesOf(sites, 0).map((drive) => faultFilterOf(drive!) === null)).toEqual([true, false])
  })

  it('power is cut, and the initiators at site a notice nothing', () => {
    const { laws, run, word } = play(`  - power-cut: { site: b, duration: 50 ms }${at(40)}`)
    expect(laws).toEqual([])
    expect(run.runner.powerCuts).toBe(0)
    expect(run.runner.rig.sites[1]!.controller.entryCount).toBeGreaterThan(0)
    expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
  })

  it('something happens, and a fault strikes because of it', () => {
    const { laws, run } = play(`  - pull: { site: b, bay: 1 }
    after: { event: drive-write, site: b, bay: 1, n: 50 }
  - insert: { site: b, bay: 1 }
    after: { event: 'microcode:bay-state', site: b, bay: 1 }
`)
    expect(laws).toEqual([])
    expect(run.runner.faults.strikes).toHaveLength(2)
    expect(run.runner.rig.activeIndex).toBe(0)
  })
})

const KINDS = [
  'pull: { site: b, bay: 0 }',
  'latent-sector-error: { site: b, bay: 0, lunLba: 0-2047 }',
  'transient-write-error: { site: b, bay: 0, count: 20 }',
  'write-error: { site: b, bay: 0, count: 5 }',
  'write-error: { site: b, bay: 0, lba: 8, sectors: 200, count: 8 }',
  'hang: { site: b, bay: 0, duration: 3 s }',
  'fail-slow: { site: b, bay: 0, factor: 100 }',
  'failing-flush: { site: b, bay: 0, count: 2 }',
  'torn-write: { site: b, bay: 0 }',
  'lost-write: { site: b, bay: 0, count: 5 }',
  'misdirected-write: { site: b, bay: 0 }',
  'bit-rot: { site: b, bay: 0, lunLba: 0-63 }',
  'ignored-flush: { site: b, bay: 0 }',
]

describe.each(['sync', 'received', 'one-behind', 'async', 'scheduled'])('in mode %s', (mode) => {
  const remote = mode === 'scheduled' ? 'interval: 20 ms' : ''

  it.each(KINDS)('%s breaks no law, with and without a failover', (fault) => {
    for (const failover of ['', LOST(110)]) {
      const { laws, run } = play(`  - ${fault}${at(50)}${failover}`, { mode, remote })
      expect(laws).toEqual([])
      expect(run.runner.faults.strikes.length).toBe(failover ? 4 : 1)
    }
  })

  it('every member there in trouble breaks no law, with and without a failover', () => {
    for (const fault of ['write-error: { site: b, bay: N, count: 20 }', 'hang: { site: b, bay: N, duration: 50 ms }']) {
      const both = [0, 1].map((n) => `  - ${fault.replace('N', String(n))}${at(108)}`).join('')
      for (const seed of SEEDS) {
        for (const failover of ['', LOST(110)]) {
          expect(play(`${both}${failover}`, { mode, remote, seed }).laws, `${fault}${failover}`).toEqual([])
        }
      }
    }
  })
})

describe('a site that is not to serve alone', () => {
  it('does not after a boot, as long as the other one has no member', () => {
    const faults = `  - pull: { site: b, bay: 0 }${at(40)}  - power-cut: { duration: 20 ms }${at(60)}`
    const { laws, run } = play(faults, { members: 1, remote: 'onLinkLoss: stop' })
    expect(laws).toEqual([])
    expect(run.findings.map(({ text }) => text).join()).toMatch(/and rightly so/)
    expect(play(faults, { members: 1 }).run.runner.initiator.isIdle).toBe(true)
  })
})

describe('a copy whose only member refuses a sector for good', () => {
  it('cannot be made equal, which is no fault of the mirror; while it refuses nothing it must be', () => {
    const refuse = (count: string) => `  - write-error: { site: b, bay: 0, lunLba: 0-2047${count} }${at(40)}`
    const { laws, run } = play(refuse(''), { members: 1, link: 'latency: 100 ms' })
    expect(laws).toEqual([])
    expect(run.findings.map(({ text }) => text).join()).toMatch(/no member of site b takes every write/)
    const mended = play(refuse(', count: 5'), { members: 1 })
    expect(mended.laws).toEqual([])
    expect(mended.word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
  })
})

describe('the judge', () => {
  const STRICT = { isExcused: (_lba: number, _mayBeBehind: boolean) => false }
  const rot = (index: number) => `  - bit-rot: { site: b, bay: ${index}, lunLba: 0-2047 }${at(2000)}`
  const foundBy = ({ run }: Sites, judge = STRICT) =>
    siteDifferences(run.runner, judge).map(({ law, found }) => `${law}: ${found}`)

  it('sees that the members of the unused site differ, unless a drive lied', () => {
    const sites = play(rot(1))
    expect(foundBy(sites)).toEqual(['CONV: the members of site b differ at LBA 0'])
    expect(foundBy(sites, sites.run.oracle!.otherSite!)).toEqual([])
    expect(foundBy(play(''))).toEqual([])
  })

  it('compares the sites by whatever member can read a sector', () => {
    const unreadable = `  - latent-sector-error: { site: b, bay: 0, lunLba: 0-2047 }${at(2000)}`
    expect(foundBy(play(`${rot(1)}${unreadable}`))).toEqual([
      'CONV: both sites say that they hold the same, and differ at LBA 0',
    ])
    expect(foundBy(play(unreadable))).toEqual([])
  })

  it.each(['async', 'one-behind', 'scheduled'])(
    'holds no loss against mode %s that a drive at site b lied about',
    (mode) => {
      const remote = mode === 'scheduled' ? 'interval: 20 ms' : mode === 'async' ? 'rpo: 10 ms' : ''
      for (const seed of SEEDS) {
        // What comes there last, and before the line is cut.
        const lies = [0, 1].map((n) => `  - lost-write: { site: b, bay: ${n}, count: 40 }${at(100)}`).join('')
        expect(play(`${lies}${LOST(150)}`, { mode, remote, seed }).laws).toEqual([])
      }
    },
  )
})
