// Drawn runs with live images: runs as they would be without, and the mirror breaks no law in them, at crash points neither.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Explorer } from '../../host/explore/explorer'
import { drawRun } from '../../host/explore/swarm/drawRun'
import { withSnapshots } from '../../host/explore/swarm/snapshots'
import { exploreInput, loadMicrocode } from '../../host/explore/unit'
import { formatScenario } from '../../host/scenario/format'
import { JudgedRun } from '../../host/scenario/judgedRun'
import { parseScenario } from '../../host/scenario/parse'
import type { ResolvedScenario } from '../../host/scenario/scenario'
import { RandomStream } from '../../host/sim/random'

const SEED = 1
const mirror = loadMicrocode(readFileSync(join(import.meta.dirname, '..', '..', 'build', 'mirror.wasm')))
const drawn = Array.from(
  { length: 1600 },
  (_, index) => drawRun(SEED, index, { kind: 'builtin', name: 'mirror' }, true).scenario,
)
const hasRoom = ({ array }: ResolvedScenario): boolean => array.snapshotAreaPercent !== undefined
const UNITS = [...drawn.keys()].filter((index) => hasRoom(drawn[index]!))
const RANGE = { bayCount: 2, members: 2, hotSectors: [5], operations: 40, goesOnAlone: true, driveSectors: 1280 }

describe('live images that are drawn', () => {
  it('are there in one run of five that can have them', () => {
    const can = drawn.filter(({ remote }) => remote === null)
    expect(UNITS.every((index) => can.includes(drawn[index]!))).toBe(true)
    expect(UNITS.length).toBeGreaterThan(can.length / 6)
    expect(UNITS.length).toBeLessThan(can.length / 4)
  })

  it('leave the run what it is, but for longer drives', () => {
    const plain = drawn.filter((scenario) => !hasRoom(scenario) && scenario.remote === null).slice(0, 200)
    const changed = plain.map((scenario, i) => withSnapshots(RandomStream.fromSeed(i, 'test'), scenario, RANGE))
    expect(changed.filter(hasRoom).length).toBeGreaterThan(10)
    for (const [i, { array, bays, replacement, liveImages, faults, ...rest }] of changed.entries()) {
      const before = plain[i]!
      expect({ ...before, ...rest }).toEqual(before)
      expect({ ...array, snapshotAreaPercent: undefined }).toEqual({ ...before.array, snapshotAreaPercent: undefined })
      expect(faults.slice(0, before.faults.length)).toEqual(before.faults)
      expect(replacement.sectorCount).toBeGreaterThanOrEqual(before.replacement.sectorCount)
      expect(bays.map((bay) => ({ ...bay, sectorCount: 0 }))).toEqual(
        before.bays.map((bay) => ({ ...bay, sectorCount: 0 })),
      )
      expect(liveImages?.[0]?.kind ?? 'full').toBe('full')
    }
  })

  it('can be written down', () => {
    for (const index of UNITS.slice(0, 60)) {
      const { array, liveImages, faults, ...scenario } = drawn[index]!
      const parsed = parseScenario(formatScenario(drawn[index]!), scenario.file)
      expect(parsed.ok && parsed.scenario.array).toEqual(array)
      expect(parsed.ok && parsed.scenario.liveImages).toEqual(liveImages)
      expect(parsed.ok && parsed.scenario.faults.map(({ action }) => action)).toEqual(
        faults.map(({ action }) => action),
      )
    }
  })

  it('break no law in the mirror, at crash points neither', () => {
    let pointsInTime = 0
    for (const index of UNITS.slice(0, 70)) {
      const { violations, coverage } = new Explorer(
        exploreInput({ kind: 'drawn', campaignSeed: SEED, index }, mirror),
      ).run()
      expect(violations).toEqual([])
      pointsInTime += coverage.cells['power-cut']?.PIT ?? 0
    }
    expect(pointsInTime).toBeGreaterThan(60)
  })

  it('come about, mostly, and areas fill', () => {
    const ends = new Map<string, number>()
    for (const index of UNITS.slice(0, 70)) {
      const { scenario, files, seed, module } = exploreInput({ kind: 'drawn', campaignSeed: SEED, index }, mirror)
      const run = new JudgedRun(scenario, files, seed, module)
      if (run.begin()) run.workload(run.jobs())
      for (const { state } of run.runner.imager.images) ends.set(state, (ends.get(state) ?? 0) + 1)
      run.retire()
    }
    expect(ends.get('complete')).toBeGreaterThan(50)
    expect(ends.get('invalid')).toBeGreaterThan(5)
  })
})
