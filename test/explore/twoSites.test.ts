// Drawn runs with a second site: the mirror breaks no law in them, and bugs between sites show.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Explorer } from '../../host/explore/explorer'
import { drawRun } from '../../host/explore/swarm/drawRun'
import { exploreInput, type LoadedMicrocode, loadMicrocode } from '../../host/explore/unit'
import { lawBit } from '../../host/oracle/verdict'
import { patchedMirror } from '../support/patchedMicrocode'

const ROOT = join(import.meta.dirname, '..', '..')
const mirror = loadMicrocode(readFileSync(join(ROOT, 'build', 'mirror.wasm')))
const SEED = 1

const drawn = (index: number, hasLink = true) => drawRun(SEED, index, { kind: 'builtin', name: 'mirror' }, hasLink)

/** Numbers of the first units with a second site. */
const UNITS = Array.from({ length: 3400 }, (_, index) => index).filter((index) => drawn(index).scenario.remote)

/** The runs alone: their branches are whole runs again (siteCuts.test.ts). */
const NO_BRANCHES = { crashPoints: 0, choices: 0, depth: 0, states: 0, absences: false } as const

function* explored(loaded: LoadedMicrocode, units: readonly number[]) {
  for (const index of units) {
    const input = exploreInput({ kind: 'drawn', campaignSeed: SEED, index }, loaded)
    yield new Explorer({ ...input, bounds: NO_BRANCHES }).run()
  }
}

describe('runs with two sites', () => {
  it('are one in three, and none where the microcode sends no frame', () => {
    expect(UNITS.length).toBeGreaterThan(1000)
    expect(UNITS.length).toBeLessThan(1270)
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
    ['never-behind', 1369],
    ['shipments-forgotten', UNITS[0]!],
    ['promoted-in-a-resync', 1720],
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
