// What is drawn behind all that a run has: power that fails again and again, frames that are damaged, sectors that rot in front of the data,
// members that leave in turns, a LUN that moves where no point is appointed.

import { describe, expect, it } from 'vitest'
import type { FaultRange } from '../../host/explore/swarm/drawing'
import { drawRun, withLast } from '../../host/explore/swarm/drawRun'
import type { FaultSpec } from '../../host/faults/faultSpec'
import type { ResolvedScenario } from '../../host/scenario/scenario'
import { RANGE } from '../support/drawnFaults'

const runs = Array.from({ length: 900 }, (_, i) => drawRun(5, i, { kind: 'builtin', name: 'mirror' }, true))
const two = runs.filter(({ scenario }) => scenario.remote !== null)
const one = runs.filter(({ scenario }) => scenario.remote === null)
const imaging = one.filter(({ scenario }) => scenario.liveImages)

/** What is added to a run, by itself: to one that has no faults. */
function added(scenario: ResolvedScenario, seed: number): readonly FaultSpec[] {
  const range: FaultRange = { ...RANGE, members: scenario.array.members, bayCount: scenario.bays.length }
  return withLast(seed, { ...scenario, faults: [] }, range).faults
}

/** Of some runs, the share to which something of a kind is added. */
function shareOf(some: typeof runs, has: (faults: readonly FaultSpec[]) => boolean): number {
  return some.filter(({ scenario, seed }) => has(added(scenario, seed))).length / some.length
}

const isOf = (kind: string) => (faults: readonly FaultSpec[]) => faults.some(({ action }) => action.kind === kind)

describe('two sites', () => {
  it('one of four loses its power up to four times, each time for less than it takes to give it up', () => {
    expect(shareOf(two, isOf('power-cut'))).toBeGreaterThan(0.17)
    expect(shareOf(two, isOf('power-cut'))).toBeLessThan(0.34)
    for (const { scenario, seed } of two) {
      const cuts = added(scenario, seed).filter(({ action }) => action.kind === 'power-cut')
      expect(cuts.length).toBeLessThanOrEqual(4)
      for (const { action } of cuts) {
        if (action.kind === 'power-cut') expect(action.durationNs).toBeLessThan(scenario.remote!.linkTimeoutMs * 1e6)
      }
    }
  })

  it('one line of four damages frames, mostly those with data', () => {
    expect(shareOf(two, isOf('link-corrupt'))).toBeGreaterThan(0.17)
    expect(shareOf(two, isOf('link-corrupt'))).toBeLessThan(0.34)
  })

  it('in one of six of mode scheduled the LUN moves, and no point is appointed', () => {
    const moved = runs.filter(({ scenario, seed }) => isOf('failover')(added(scenario, seed)))
    expect(moved.length).toBeGreaterThan(3)
    for (const { scenario } of moved) {
      expect(scenario.remote?.mode).toBe('scheduled')
      expect(scenario.remote?.intervalMs).toBe(0)
    }
  })
})

describe('one site', () => {
  it('in one of eight, sectors in front of the data rot, and power fails', () => {
    const rotten = one.filter(({ scenario, seed }) => isOf('latent-sector-error')(added(scenario, seed)))
    expect(rotten.length / one.length).toBeGreaterThan(0.07)
    expect(rotten.length / one.length).toBeLessThan(0.19)
    for (const { scenario, seed } of rotten) {
      const faults = added(scenario, seed)
      expect(isOf('power-cut')(faults)).toBe(true)
      for (const { action } of faults) {
        if (action.kind !== 'latent-sector-error') continue
        const { range } = action
        expect('lba' in range && range.lba < scenario.array.dataOffsetSectors).toBe(true)
      }
    }
  })

  it('while images are made, members leave and return in turns, and power fails where a snapshot begins and ends', () => {
    expect(shareOf(imaging, isOf('pull'))).toBeGreaterThan(0.15)
    expect(shareOf(imaging, isOf('pull'))).toBeLessThan(0.5)
    expect(shareOf(imaging, isOf('power-cut'))).toBeGreaterThan(0.2)
    const silent = one.filter(({ scenario }) => !scenario.liveImages)
    expect(shareOf(silent, isOf('pull'))).toBe(0)
  })
})

it('all of it lies behind what the run has', () => {
  const kindOf = ({ action }: FaultSpec): string => action.kind
  for (const { scenario, seed } of runs) {
    const own = added(scenario, seed).map(kindOf)
    expect(scenario.faults.slice(scenario.faults.length - own.length).map(kindOf)).toEqual(own)
  }
})
