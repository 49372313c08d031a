// Draws of runs with two sites that come from streams of their own: branches, points in time, and what strikes caches, sources and spills. And
// stops of one array with its write cache on.

import { describe, expect, it } from 'vitest'
import { drawSiteBounds } from '../../host/explore/swarm/bounds'
import type { FaultRange } from '../../host/explore/swarm/drawing'
import { drawRun } from '../../host/explore/swarm/drawRun'
import { drawStepDown } from '../../host/explore/swarm/siteCache'
import { drawLostSource, drawSpillPower } from '../../host/explore/swarm/siteMedia'
import { drawStopInCaches } from '../../host/explore/swarm/trouble'
import type { FaultSpec } from '../../host/faults/faultSpec'
import { RandomStream } from '../../host/sim/random'
import { kindsOf, RANGE } from '../support/drawnFaults'

const SEEDS = Array.from({ length: 400 }, (_, seed) => seed)
const runs = Array.from({ length: 600 }, (_, i) => drawRun(3, i, { kind: 'builtin', name: 'mirror' }, true))
const twoSites = runs.filter(({ scenario }) => scenario.remote !== null)

const drawnBy = (draw: (random: RandomStream, range: FaultRange) => readonly FaultSpec[], stream: string) =>
  SEEDS.map((seed) => draw(RandomStream.fromSeed(seed, stream), RANGE))
const shareOf = (drawn: readonly (readonly unknown[])[]) =>
  drawn.filter(({ length }) => length > 0).length / drawn.length
describe('branches of runs with two sites', () => {
  it('are in one run of six, and few: each is a whole run', () => {
    const bounds = SEEDS.map((seed) => drawSiteBounds(RandomStream.fromSeed(seed, 'site-bounds')))
    const branching = bounds.filter(({ crashPoints }) => crashPoints > 0)
    expect(branching.length / bounds.length).toBeGreaterThan(0.12)
    expect(branching.length / bounds.length).toBeLessThan(0.22)
    expect(branching.every(({ states, depth }) => states <= 6 && depth === 1)).toBe(true)
    const inRuns = twoSites.filter(({ bounds: { crashPoints } }) => crashPoints > 0).length / twoSites.length
    expect(inRuns).toBeGreaterThan(0.1)
    expect(inRuns).toBeLessThan(0.25)
  })
})

describe('points in time', () => {
  const scheduled = twoSites.filter(({ scenario }) => scenario.remote!.mode === 'scheduled')
  const pausesOf = ({ scenario: { workload } }: (typeof runs)[number]) =>
    workload
      .flatMap((load) => (load.kind === 'operations' ? load.operations : []))
      .filter(({ kind }) => kind === 'wait')

  it('are taken one after the other in most runs of mode scheduled: hosts pause, and the copy has room', () => {
    const paced = scheduled.filter((run) => pausesOf(run).length >= 5)
    expect(paced.length / scheduled.length).toBeGreaterThan(0.4)
    const roomy = scheduled.filter(({ scenario }) => scenario.remote!.areaPercent >= 60)
    expect(roomy.length).toBeGreaterThan(10)
  })

  it('leave room for the LUNs of the array', () => {
    // More runs than elsewhere: few have several LUNs, two sites, and the largest area.
    const many = Array.from({ length: 6000 }, (_, i) => drawRun(1, i, { kind: 'builtin', name: 'mirror' }, true))
    const cut = many.filter(({ scenario: { array, remote } }) => remote?.mode === 'scheduled' && array.luns.length > 1)
    expect(cut.length).toBeGreaterThan(50)
    for (const { scenario } of cut) {
      const { array, remote, bays } = scenario
      const room = (bays[0]!.sectorCount - array.dataOffsetSectors) * (1 - remote!.areaPercent / 100)
      expect(room - array.luns.reduce((sum, sectors) => sum + sectors, 0)).toBeGreaterThan(8)
    }
  })

  it('change nothing in other modes', () => {
    const others = twoSites.filter(({ scenario }) => scenario.remote!.mode !== 'scheduled')
    expect(others.every(({ scenario }) => [50, 10, 2].includes(scenario.remote!.areaPercent))).toBe(true)
  })
})

describe('what strikes two sites', () => {
  it('with the write cache on: flushes that fail, and a site that hands over and loses its power', () => {
    const drawn = drawnBy(drawStepDown, 'hand-over')
    expect(shareOf(drawn)).toBeGreaterThan(0.25)
    expect(shareOf(drawn)).toBeLessThan(0.42)
    expect(kindsOf(drawn)).toEqual(new Set(['operator-demote', 'failover', 'site-loss', 'failing-flush']))
  })

  it('what is to be copied cannot be read when the line is back', () => {
    const drawn = drawnBy(drawLostSource, 'unreadable-copy').filter(({ length }) => length > 0)
    expect(drawn.length).toBeGreaterThan(30)
    for (const faults of drawn) {
      expect(faults[0]!.action.kind).toBe('link-cut')
      // On each member: else another one has it.
      expect(faults.filter(({ action }) => action.kind === 'latent-sector-error').length % RANGE.members).toBe(0)
    }
  })

  it('power fails while the journal goes to the drives, in runs that write more than the NVRAM takes', () => {
    const drawn = drawnBy(drawSpillPower, 'spill-outage')
    expect(kindsOf(drawn)).toEqual(new Set(['power-cut']))
    expect(shareOf(drawn)).toBeGreaterThan(0.35)
    const events = new Set(drawn.flat().map(({ trigger }) => (trigger.kind === 'nth' ? trigger.event : '')))
    expect(events).toContain('microcode:journal-spill')
  })
})

it('a stop with the write cache on is followed by a power cut that keeps the cache of one drive and not of another', () => {
  const drawn = drawnBy(drawStopInCaches, 'stop-in-cache').filter(({ length }) => length > 0)
  expect(drawn.length).toBeGreaterThan(30)
  const kept = drawn.map((faults) => (faults[1]!.action.kind === 'power-cut' ? faults[1]!.action.survival : null))
  expect(kept.some((survival) => new Set(Object.values(survival?.bays ?? {})).size === 2)).toBe(true)
  const stops = runs.filter(({ scenario }) => scenario.faults.some(({ action }) => action.kind === 'operator-stop'))
  expect(stops.every(({ scenario }) => scenario.remote === null)).toBe(true)
})
