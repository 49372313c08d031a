// Power fails at crash points of a run with snapshots: one that was taken is there at every next boot, as it was.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Bounds, Explorer } from '../../host/explore/explorer'
import { exploreInput, loadMicrocode } from '../../host/explore/unit'
import { parseScenario } from '../../host/scenario/parse'

const FILE = 'fixtures/scenarios/live-image-crash-points.yaml'
const MIRROR = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))
const BOUNDS: Bounds = { crashPoints: 60, choices: 4, depth: 1, states: 10_000, absences: false }

function explored(microcode: Uint8Array<ArrayBuffer>) {
  const parsed = parseScenario(readFileSync(new URL(`../../${FILE}`, import.meta.url), 'utf8'), FILE)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  const { scenario } = parsed
  const run = { kind: 'scenario', scenario, texts: {}, files: {}, seed: 5, bounds: BOUNDS, changePoints: -1 } as const
  return new Explorer(exploreInput(run, loadMicrocode(microcode))).run()
}

describe('power cuts at the crash points of a live image', () => {
  it('break no law', () => {
    const { coverage, violations } = explored(MIRROR)
    expect(violations.map(({ violation }) => violation)).toEqual([])
    expect(coverage.states).toBeGreaterThan(60)
    expect(coverage.cells['power-cut']?.PIT).toBeGreaterThan(20)
  })
})
