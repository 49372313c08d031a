// Faults strike the site that they name, whichever site the initiators use; what they end is their own.

import { describe, expect, it } from 'vitest'
import {
  BAY_STATE_FAULTY,
  BAY_STATE_IN_SYNC,
  REMOTE_UP,
  STATUS_BAY_STATE,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { at, play } from './play'

const FAILOVER = `  - operator-demote: { site: a }${at(40)}  - failover: {}${at(45)}`

describe('after a failover', () => {
  it('a drive is pulled at site a, and put in there', () => {
    const pulled = play(`${FAILOVER}  - pull: { bay: 1 }${at(90)}`).run.runner.rig.sites
    expect(pulled.map(({ bays }) => bays[1] === null)).toEqual([true, false])
    const { laws, run } = play(`${FAILOVER}  - pull: { bay: 1 }${at(90)}  - insert: { bay: 1 }${at(120)}`)
    expect(laws).toEqual([])
    expect(run.runner.rig.sites.map(({ bays }) => bays[1] === null)).toEqual([false, false])
  })

  it("an operator's detach concerns site a", () => {
    const { laws, word } = play(`${FAILOVER}  - operator-detach: { bay: 1 }${at(90)}`)
    expect(laws).toEqual([])
    expect(word(STATUS_BAYS + STATUS_BAY_WORDS + STATUS_BAY_STATE)).toEqual([BAY_STATE_FAULTY, BAY_STATE_IN_SYNC])
  })

  it('a power cut concerns site a: the initiators at b notice nothing', () => {
    const { laws, run, word } = play(`${FAILOVER}  - power-cut: {}${at(90)}`)
    expect(laws).toEqual([])
    expect(run.runner.powerCuts).toBe(0)
    expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
  })
})

describe('power', () => {
  it('that was cut at a before a failover returns at a', () => {
    const { run } = play(`  - power-cut: { duration: 100 ms }${at(50)}  - failover: {}${at(60)}`)
    expect(run.runner.rig.sites.map(({ isPowered }) => isPowered)).toEqual([true, true])
  })

  it('does not return to a site that is lost for good while it is away', () => {
    const { run } = play(
      `  - power-cut: { duration: 100 ms }${at(50)}  - site-loss: { site: a }${at(60)}  - failover: {}${at(60)}`,
    )
    expect(run.runner.rig.sites.map(({ isPowered }) => isPowered)).toEqual([false, true])
  })
})

describe('a cut of the link', () => {
  it('goes on to its own end when an earlier one ends', () => {
    const cut = (ms: number, duration: string) => `  - link-cut: { duration: ${duration} }${at(ms)}`
    const { run } = play(`${cut(50, '100 ms')}${cut(80, '100 s')}`)
    expect(run.runner.rig.link!.directions.map(({ isUp }) => isUp)).toEqual([false, false])
    const { word } = play(`${cut(50, '100 ms')}${cut(80, '300 ms')}`)
    expect(word(STATUS_REMOTE_STATE)).toEqual([REMOTE_UP, REMOTE_UP])
  })
})

describe('a drive that lied at a site that was left', () => {
  it('is excused there, although the sectors were written again at the other site', () => {
    const { laws, run } = play(
      `  - link-cut: {}${at(30)}  - failover: {}${at(200)}  - bit-rot: { bay: 0, lunLba: 0-2047 }${at(190)}`,
    )
    expect(laws).toEqual([])
    expect(run.runner.rig.sites[0]!.bays[0]!.filters).toHaveLength(1)
  })
})
