// Drawn runs with a second site: the mirror breaks no law in them, and bugs between sites show.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ExploreInput, Explorer } from '../../host/explore/explorer'
import { shrink } from '../../host/explore/shrink'
import { drawRun } from '../../host/explore/swarm'
import { exploreInput, type LoadedMicrocode, loadMicrocode } from '../../host/explore/unit'
import { lawBit } from '../../host/oracle/verdict'
import { formatScenario } from '../../host/scenario/format'
import { parseScenario } from '../../host/scenario/parse'
import { patchedMirror } from '../support/patchedMicrocode'
import { runText } from '../support/runText'

const ROOT = join(import.meta.dirname, '..', '..')
const mirror = loadMicrocode(readFileSync(join(ROOT, 'build', 'mirror.wasm')))
const SEED = 1

const drawn = (index: number, hasLink = true) => drawRun(SEED, index, { kind: 'builtin', name: 'mirror' }, hasLink)

/** Numbers of the first units with a second site. */
const UNITS = Array.from({ length: 3400 }, (_, index) => index).filter((index) => drawn(index).scenario.remote)

function* explored(loaded: LoadedMicrocode, units: readonly number[]) {
  for (const index of units) {
    yield new Explorer(exploreInput({ kind: 'drawn', campaignSeed: SEED, index }, loaded)).run()
  }
}

describe('runs with two sites', () => {
  it('are one in four, and none where the microcode sends no frame', () => {
    expect(UNITS.length).toBeGreaterThan(750)
    expect(UNITS.length).toBeLessThan(950)
    expect(UNITS.some((index) => drawn(index, false).scenario.remote)).toBe(false)
  })

  it('break no law in the mirror, and WOF, RPO and PIT are among the laws', () => {
    let judged = 0
    for (const { violations, coverage } of explored(mirror, UNITS.slice(0, 120))) {
      expect(violations).toEqual([])
      for (const row of Object.values(coverage.cells)) {
        for (const law of ['WOF', 'RPO', 'PIT'] as const) if (row[law]) judged |= lawBit(law)
      }
    }
    expect(judged).toBe(lawBit('WOF') | lawBit('RPO') | lawBit('PIT'))
  })

  // With the unit that showed it last: units are independent, and that one is looked at before the others.
  it.each([
    ['acknowledged-before-the-other-site', UNITS[0]!],
    ['never-behind', 3092],
    ['shipments-forgotten', UNITS[0]!],
    ['promoted-in-a-resync', 2004],
  ])('show the bug %s', async (name, first) => {
    const loaded = loadMicrocode(await patchedMirror(join(ROOT, 'test', 'remote', 'bugs', `${name}.patch`)))
    let found = false
    for (const { violations } of explored(loaded, [first, ...UNITS])) {
      found = violations.length > 0
      if (found) break
    }
    expect(found).toBe(true)
  })
})

describe('a scenario with two sites', () => {
  const inputOf = (loaded: LoadedMicrocode): ExploreInput => {
    const text = `
remote: { mode: sync, link: { latency: 2 ms } }
array: { driveCapacity: 4 MiB }
workload: [ { pattern: { rw: randwrite, bs: 4 KiB, depth: 4, count: 40, size: 1 MiB } } ]
`
    const parsed = parseScenario(text, 'two.yaml')
    if (!parsed.ok) throw new Error('must parse')
    const bounds = { crashPoints: Number.POSITIVE_INFINITY, choices: 1, depth: 1, states: 200, absences: false }
    const run = {
      kind: 'scenario',
      scenario: parsed.scenario,
      texts: {},
      files: {},
      seed: 1,
      changePoints: -1,
      bounds,
    } as const
    return exploreInput(run, loaded)
  }
  const explorer = (loaded: LoadedMicrocode, more: Partial<ExploreInput> = {}) =>
    new Explorer({ ...inputOf(loaded), ...more })

  it('loses site a at each of its crash points, in slices too', () => {
    const { coverage, violations } = explorer(mirror).run()
    expect(violations).toEqual([])
    expect(coverage.states).toBe(1 + Math.min(200, coverage.crashPointsMet + 1))
    expect(coverage.cells['site-loss']!.WOF).toBe(coverage.pointsExplored)
    const parts = [0, 1, 2].map((slice) => explorer(mirror, { slice, slices: 3 }).run().coverage.states)
    expect(parts.reduce((a, b) => a + b, 0)).toBe(1 + coverage.crashPointsMet + 1)
  })

  it('shows a bug at one of them, there again, and in a scenario of its own', async () => {
    const bug = join(ROOT, 'test', 'remote', 'bugs', 'acknowledged-before-the-other-site.patch')
    const bytes = await patchedMirror(bug)
    const loaded = loadMicrocode(bytes)
    const { violations } = explorer(loaded).run()
    const found = violations.find(({ violation }) => violation.law === 'DUR')!
    expect(found.path.length).toBe(1)
    const again = explorer(loaded, { only: { path: found.path, focusLba: found.violation.lba } }).run()
    expect(again.violations.map(({ violation }) => violation.law)).toContain('DUR')
    const small = shrink(inputOf(loaded), 'DUR', { evaluations: 5 })
    expect(small?.verified).toBe(true)
    const text = formatScenario(small!.scenario)
    expect(text).toContain('failover')
    const { verdict } = runText(text, bytes, { seed: small!.scenario.seed! })
    expect(verdict.verdict === 'fail' && verdict.violations.map(({ law }) => law)).toContain('DUR')
  })
})
