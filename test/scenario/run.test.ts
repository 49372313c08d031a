import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseScenario } from '../../host/scenario/parse'
import { runScenario } from '../../host/scenario/run'

const ROOT = join(import.meta.dirname, '..', '..')
const FOLDER = join(ROOT, 'fixtures', 'scenarios')
const microcode = readFileSync(join(ROOT, 'build', 'mirror.wasm'))
const files = { microcode, texts: new Map(), bytes: new Map() }

function load(name: string) {
  const parsed = parseScenario(readFileSync(join(FOLDER, name), 'utf8'), name)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  return parsed.scenario
}

describe.each(readdirSync(FOLDER))('the scenario %s', (name) => {
  it('breaks no law with any of six seeds', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { verdict } = runScenario(load(name), files, seed)
      expect(verdict.verdict === 'fail' ? verdict.violations : []).toEqual([])
    }
  })

  it('gives the same trace twice', () => {
    const once = runScenario(load(name), files, 7).verdict
    const twice = runScenario(load(name), files, 7).verdict
    expect(twice).toEqual(once)
  })

  it('gives another trace with another seed', () => {
    const one = runScenario(load(name), files, 8).verdict.traceDigest
    expect(runScenario(load(name), files, 9).verdict.traceDigest).not.toBe(one)
  })
})
