// What is drawn from streams of its own leaves the rest of a run as it is: power that fails at a site, and trouble on top of trouble.

import { describe, expect, it } from 'vitest'
import type { FaultRange } from '../../host/explore/swarm/drawing'
import { drawRun } from '../../host/explore/swarm/drawRun'
import { drawSitePower } from '../../host/explore/swarm/sitePower'
import { drawTrouble } from '../../host/explore/swarm/trouble'
import type { FaultSpec } from '../../host/faults/faultSpec'
import { formatScenario } from '../../host/scenario/format'
import { parseScenario } from '../../host/scenario/parse'
import { RandomStream } from '../../host/sim/random'
import { kindsOf, RANGE } from '../support/drawnFaults'

const runs = Array.from({ length: 600 }, (_, i) => drawRun(3, i, { kind: 'builtin', name: 'mirror' }, true))

const ofStream = (draw: (random: RandomStream, range: FaultRange) => readonly FaultSpec[], name: string) =>
  Array.from({ length: 400 }, (_, seed) => draw(RandomStream.fromSeed(seed, name), RANGE))

describe('power that fails at a site', () => {
  const drawn = ofStream(drawSitePower, 'site-power')

  it('is drawn in one run of three with two sites, and in no other', () => {
    const share = drawn.filter((faults) => faults.length > 0).length / drawn.length
    expect(share).toBeGreaterThan(0.25)
    expect(share).toBeLessThan(0.42)
    const isSitePower = ({ action }: FaultSpec) => action.kind === 'power-cut' && action.site !== undefined
    const atSites = runs.filter(({ scenario }) => scenario.faults.some(isSitePower))
    expect(atSites.length).toBeGreaterThan(40)
    expect(atSites.every(({ scenario }) => scenario.remote !== null)).toBe(true)
  })

  it('strikes when NVRAM is committed at either site, and now and then none of what was not committed is left', () => {
    const cuts = drawn.flat().filter(({ action }) => action.kind === 'power-cut')
    for (const site of ['a', 'b']) {
      const there = cuts.filter(({ trigger }) => trigger.kind === 'nth' && trigger.filter.site === site)
      const events = new Set(there.map(({ trigger }) => (trigger.kind === 'nth' ? trigger.event : '')))
      expect(events).toContain('nvram-commit')
      expect(events).toContain('crash-point')
    }
    const survivals = cuts.map(({ action }) => (action.kind === 'power-cut' ? action.survival : null))
    expect(survivals.some((survival) => survival === null)).toBe(true)
    expect(survivals.some((survival) => survival?.nvram === 'none' && survival.bays['0'] === 'all')).toBe(true)
    expect(survivals.some((survival) => survival?.nvram === 'none' && survival.bays['0'] === 'none')).toBe(true)
  })

  it('leaves all else as it is: what is drawn elsewhere is in the run unchanged', () => {
    for (const { scenario, seed } of runs) {
      const own = drawSitePower(RandomStream.fromSeed(seed, 'site-power'), {
        ...RANGE,
        bayCount: scenario.bays.length,
        members: scenario.array.members,
        operations: operationsOf(scenario.workload[0]),
      })
      if (scenario.remote === null) continue
      for (const fault of own) expect(scenario.faults).toContainEqual(fault)
    }
  })
})

describe('trouble on top of trouble', () => {
  const drawn = ofStream(drawTrouble, 'trouble')

  it('is drawn in one run of eight: drives that come and go, power that fails twice, metadata refused at the end', () => {
    const share = drawn.filter((faults) => faults.length > 0).length / drawn.length
    expect(share).toBeGreaterThan(0.07)
    expect(share).toBeLessThan(0.2)
    expect(kindsOf(drawn)).toEqual(new Set(['hang', 'fail-slow', 'pull', 'insert', 'write-error', 'power-cut']))
    const refused = drawn.find((faults) => faults.some(({ action }) => action.kind === 'write-error'))!
    const trigger = refused.at(-1)!.trigger
    expect(trigger.kind === 'nth' && trigger.n).toBeGreaterThanOrEqual(RANGE.operations - 4)
  })
})

it('a run with either can be written down, and read again', () => {
  for (const { scenario } of runs.slice(0, 200)) {
    // A point whenever somebody asks has no word in a scenario.
    if (scenario.remote?.mode === 'scheduled' && scenario.remote.intervalMs === 0) continue
    const parsed = parseScenario(formatScenario(scenario), scenario.file)
    expect(parsed.ok && parsed.scenario.faults).toEqual(scenario.faults)
  }
})

function operationsOf(job: unknown): number {
  return (job as { readonly operations: readonly unknown[] }).operations.length
}
