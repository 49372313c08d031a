// Drawn runs with a second site: the mirror breaks no law in them, and bugs between sites show.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Explorer } from '../../host/explore/explorer'
import { drawRun } from '../../host/explore/swarm'
import { exploreInput, type LoadedMicrocode, loadMicrocode } from '../../host/explore/unit'
import { lawBit } from '../../host/oracle/verdict'
import { patchedMirror } from '../support/patchedMicrocode'

const ROOT = join(import.meta.dirname, '..', '..')
const mirror = loadMicrocode(readFileSync(join(ROOT, 'build', 'mirror.wasm')))
const SEED = 1

const drawn = (index: number, hasLink = true) => drawRun(SEED, index, { kind: 'builtin', name: 'mirror' }, hasLink)

/** Numbers of the first units with a second site. */
const UNITS = Array.from({ length: 2000 }, (_, index) => index).filter((index) => drawn(index).scenario.remote)

function* explored(loaded: LoadedMicrocode, count: number) {
  for (const index of UNITS.slice(0, count)) {
    yield new Explorer(exploreInput({ kind: 'drawn', campaignSeed: SEED, index }, loaded)).run()
  }
}

describe('runs with two sites', () => {
  it('are one in six, and none where the microcode sends no frame', () => {
    expect(UNITS.length).toBeGreaterThan(250)
    expect(UNITS.length).toBeLessThan(420)
    expect(UNITS.some((index) => drawn(index, false).scenario.remote)).toBe(false)
  })

  it('break no law in the mirror, and WOF and RPO are among the laws', () => {
    let judged = 0
    for (const { violations, coverage } of explored(mirror, 120)) {
      expect(violations).toEqual([])
      for (const row of Object.values(coverage.cells)) {
        for (const law of ['WOF', 'RPO'] as const) if (row[law]) judged |= lawBit(law)
      }
    }
    expect(judged).toBe(lawBit('WOF') | lawBit('RPO'))
  })

  it.each(['acknowledged-before-the-other-site', 'never-behind', 'shipments-forgotten', 'promoted-in-a-resync'])(
    'show the bug %s',
    async (name) => {
      const loaded = loadMicrocode(await patchedMirror(join(ROOT, 'test', 'remote', 'bugs', `${name}.patch`)))
      let found = false
      for (const { violations } of explored(loaded, UNITS.length)) {
        found = violations.length > 0
        if (found) break
      }
      expect(found).toBe(true)
    },
  )
})
