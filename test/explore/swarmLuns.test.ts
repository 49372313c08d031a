// Drawn runs on several LUNs are the same runs: the places of their operations stay where they are in the row of all LUNs.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawRun } from '../../host/explore/swarm/drawRun'
import { drawLuns, ontoLuns, ontoOne } from '../../host/explore/swarm/luns'
import { formatScenario } from '../../host/scenario/format'
import { parseScenario } from '../../host/scenario/parse'
import { RandomStream } from '../../host/sim/random'
import type { Operation } from '../../host/workload/operations'

const SECTORS = 2048
const drawn = Array.from({ length: 400 }, (_, i) => drawRun(1, i, { kind: 'builtin', name: 'mirror' }, true).scenario)

const operation = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    lba: fc.nat(SECTORS - 1),
    sectors: fc.constant(1),
    fua: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('read' as const), lba: fc.nat(SECTORS - 1), sectors: fc.constant(8) }),
  fc.constantFrom<Operation>({ kind: 'flush' }, { kind: 'drain' }, { kind: 'wait', ns: 5 }),
)

describe('LUNs that are drawn', () => {
  it('are there in one run of eight, two to four of them, and the run is a scenario that can be written down', () => {
    const cut = drawn.filter(({ array }) => array.luns.length > 0)
    expect(cut.length).toBeGreaterThan(30)
    expect(cut.length).toBeLessThan(70)
    expect(new Set(cut.map(({ array }) => array.luns.length))).toEqual(new Set([2, 3, 4]))
    for (const scenario of cut) {
      const parsed = parseScenario(formatScenario(scenario), scenario.file)
      expect(parsed.ok && parsed.scenario.array.luns).toEqual(scenario.array.luns)
      expect(parsed.ok && parsed.scenario.workload[0]).toMatchObject({
        operations: (scenario.workload[0] as { operations: readonly Operation[] }).operations,
      })
    }
  })

  it('take no operation from its place', () => {
    fc.assert(
      fc.property(fc.array(operation), fc.nat(1000), (operations, seed) => {
        const luns = drawLuns(RandomStream.fromSeed(seed, 'luns'), SECTORS)
        const moved = ontoLuns(operations, luns, SECTORS)
        expect(luns.length === 0 ? moved : ontoOne(moved, luns)).toEqual(operations)
      }),
    )
  })
})
