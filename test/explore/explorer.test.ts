import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newSockets } from '../../host/controller/socket'
import { type Bounds, Explorer } from '../../host/explore/explorer'
import { shrink } from '../../host/explore/shrink'
import { exploreInput, loadMicrocode } from '../../host/explore/unit'
import { formatScenario } from '../../host/scenario/format'
import { parseScenario } from '../../host/scenario/parse'
import { patchedMirror } from '../support/patchedMicrocode'
import { runText } from '../support/runText'

const ROOT = join(import.meta.dirname, '..', '..')
const mirror = loadMicrocode(new Uint8Array(readFileSync(join(ROOT, 'build', 'mirror.wasm'))))
const drawn = (index: number, loaded = mirror) => exploreInput({ kind: 'drawn', campaignSeed: 1, index }, loaded)
const BOUNDS: Bounds = { crashPoints: 20, choices: 6, depth: 1, states: 10_000, absences: true }

const explored = (input: Parameters<typeof shrink>[0]) => {
  const { coverage, violations } = new Explorer(input).run()
  return JSON.stringify({ coverage, violations })
}

describe('an exploration', () => {
  it.each([2, 7, 11])('is a function of its input: unit %i', (index) => {
    expect(explored(drawn(index))).toBe(explored(drawn(index)))
  })

  it.each([3, 9])('comes to the same with instances that are used again as with new ones: unit %i', (index) => {
    const fresh = { ...mirror, sockets: newSockets(mirror.module) }
    expect(explored(drawn(index))).toBe(explored(drawn(index, fresh)))
  })

  it('is dealt to slices without a state lost or judged twice', () => {
    const input = { ...drawn(5), bounds: BOUNDS }
    const whole = new Explorer(input).run().coverage
    const parts = [0, 1, 2].map((slice) => new Explorer({ ...input, slice, slices: 3 }).run().coverage)
    const sum = (key: 'states' | 'crashPointsMet' | 'pointsExplored') => parts.reduce((all, part) => all + part[key], 0)
    expect(whole.states).toBeGreaterThan(20)
    expect(sum('states')).toBe(whole.states)
    expect(sum('crashPointsMet')).toBe(whole.crashPointsMet)
    expect(sum('pointsExplored')).toBe(whole.pointsExplored)
  })

  it('explores equal states once', () => {
    const { coverage } = new Explorer({
      ...drawn(5),
      bounds: { ...BOUNDS, crashPoints: Number.POSITIVE_INFINITY },
    }).run()
    expect(coverage.duplicates).toBeGreaterThan(0)
    expect(coverage.pointsCut).toBe(0)
  })

  it('stops at its bound, and says what it left out', () => {
    const { coverage } = new Explorer({ ...drawn(5), bounds: { ...BOUNDS, states: 5 } }).run()
    expect(coverage.states).toBe(6)
    expect(coverage.pointsCut).toBeGreaterThan(0)
  })
})

describe('a microcode with a bug', () => {
  it('breaks the same law on the way back, and in a shrunken scenario that is a file', async () => {
    const bytes = await patchedMirror(join(ROOT, 'fixtures', 'bugs', 'flush-jumps-queue', 'bug.patch'))
    const loaded = loadMicrocode(bytes)
    let index = 0
    let input = drawn(index, loaded)
    let found = new Explorer(input).run().violations[0]
    while (!found && index < 400) {
      input = drawn(++index, loaded)
      found = new Explorer(input).run().violations[0]
    }
    if (!found) throw new Error('the bug must be found')
    const { law } = found.violation
    const again = new Explorer({ ...input, only: { path: found.path, focusLba: found.violation.lba } }).run()
    expect(again.violations.map(({ violation }) => violation.law)).toContain(law)
    expect(again.steps.length).toBeGreaterThan(0)

    const small = shrink(input, law, { evaluations: 40 })
    expect(small?.verified).toBe(true)
    const text = formatScenario(small!.scenario)
    const parsed = parseScenario(text, 'small.yaml')
    expect(parsed.ok).toBe(true)
    const { verdict } = runText(text, bytes, { seed: small!.scenario.seed! })
    expect(verdict.verdict === 'fail' && verdict.violations.map((violation) => violation.law)).toContain(law)
    expect(runText(text, mirror.bytes, { seed: small!.scenario.seed! }).verdict.verdict).toBe('pass')
  })
})
