// What the campaign against mutants rests on: trials end as they should, and what is said of equivalent mutants is said of lines that exist.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROGRESS_WORDS } from '../../host/controller/progressCell'
import { readModule } from '../../host/controller/wasm/moduleLayout'
import { readBuilt } from '../controller/wasm/modules'
import { type Equivalent, equivalenceOf } from './equivalents'
import { MUTANT_KINDS, type Mutant, mutantsOf } from './mutate'
import { type Fate, tryMutant } from './trial'

const ROOT = join(import.meta.dirname, '..', '..')
const bytes = readBuilt('mirror')

function fateOf(module: Uint8Array, states: number): Fate {
  return tryMutant({ bytes: module, campaignSeed: 1, states }, new Int32Array(PROGRESS_WORDS), () => {})
}

describe('a trial', () => {
  it('kills a mirror that never answers, and lets the mirror itself survive', () => {
    const silent = mutantsOf(bytes, { kinds: ['drop-call'] }).filter(({ detail }) => detail === 'hal.complete')
    expect(silent.length).toBeGreaterThan(0)
    expect(fateOf(silent[0].make(), 100)).toMatchObject({ kind: 'killed' })
    const fate = fateOf(bytes, 100)
    expect(fate.kind).toBe('survived')
    expect(fate.states).toBeGreaterThanOrEqual(100)
  })

  it('takes a module that is refused for killed', () => {
    const { index } = readModule(bytes).exports.find(({ name }) => name === 'describe')!
    const [noMagic] = mutantsOf(bytes, { kinds: ['drop-store'], functions: new Set([index]) })
    expect(fateOf(noMagic.make(), 100)).toMatchObject({ kind: 'killed', what: ['refused'], states: 0 })
  })
})

describe('equivalent.json', () => {
  const equivalents = JSON.parse(readFileSync(join(import.meta.dirname, 'equivalent.json'), 'utf8')) as Equivalent[]

  it('speaks of lines that there are', () => {
    for (const { file, text, kind, why } of equivalents) {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n')
      if (!lines.some((line) => line.trim() === text)) expect(`${file}: ${text}`).toBe('a line of that file')
      expect(MUTANT_KINDS).toContain(kind)
      expect(why.length).toBeGreaterThan(10)
    }
  })

  it('is known by line, kind, and what it says besides', () => {
    const known: Equivalent = {
      file: 'a.ts',
      text: 'x = 1',
      kind: 'off-by-one',
      detail: '1 -> 2',
      within: '/f',
      why: 'w',
    }
    const mutant = { kind: 'off-by-one', detail: '1 -> 2', functionName: 'a/f' } as Mutant
    const whyOf = (changes: Partial<Mutant>, line = 'a.ts:7', text = 'x = 1'): string | null =>
      equivalenceOf({ ...mutant, ...changes }, line, text, [known])
    expect(whyOf({})).toBe('w')
    expect(whyOf({}, 'a.ts:8')).toBe('w')
    for (const other of [{ kind: 'drop-store' }, { detail: '2 -> 3' }, { functionName: 'a/g' }] as const)
      expect(whyOf(other)).toBeNull()
    expect(whyOf({}, 'b.ts:7')).toBeNull()
    expect(whyOf({}, 'a.ts:7', 'x = 2')).toBeNull()
    const nthOf = (nth: string): string | null =>
      equivalenceOf(mutant, 'a.ts:7', 'x = 1', [{ ...known, nth: '1 of 2' }], nth)
    expect(['1 of 2', '2 of 2', '1 of 3', '1 of 1'].map(nthOf)).toEqual(['w', null, null, null])
  })
})
