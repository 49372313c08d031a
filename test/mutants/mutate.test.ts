// Mutants are valid modules that differ in one place, each of its kind; samples are fair and repeatable; what cannot run is known.
import { describe, expect, it } from 'vitest'
import {
  encodeName,
  replaceSections,
  SECTION_CODE,
  SECTION_START,
  writeSections,
} from '../../host/controller/wasm/binary'
import * as op from '../../host/controller/wasm/instructions'
import { I32, I64, readModule, writeBodies } from '../../host/controller/wasm/moduleLayout'
import { handMade, instantiateIdle, isValid, readBuilt, WRITERS } from '../controller/wasm/modules'
import { tinyModule } from '../support/tinyModule'
import { functionNames, MUTANT_KINDS, type Mutant, mutantsOf, sample } from './mutate'
import { entryExports, functionsReachableFrom } from './reach'

type Calls = Record<string, (...values: number[]) => number>

const get = (index: number): number[] => [op.LOCAL_GET, index]
const returns = (...body: number[]): Uint8Array<ArrayBuffer> =>
  handMade([{ name: 'f', parameters: [I32], results: [I32], body }])

/** What the only mutant's `f(argument)` gives. */
function resultOf([mutant, ...others]: readonly Mutant[], argument: number): number {
  expect(others).toEqual([])
  return (instantiateIdle(mutant.make()).exports as Calls).f(argument)
}

describe('a mutant', () => {
  it('turns conditions round', () => {
    const choice = returns(...[op.I32_CONST, 1, op.I32_CONST, 2], ...get(0), op.SELECT)
    expect([0, 1].map((bit) => resultOf(mutantsOf(choice, { kinds: ['negate-branch'] }), bit))).toEqual([1, 2])
    const branch = returns(
      ...[op.BLOCK, 0x40, ...get(0), op.BR_IF, 0, op.I32_CONST, 1, op.RETURN, op.END],
      ...[op.I32_CONST, 2],
    )
    expect([0, 1].map((bit) => resultOf(mutantsOf(branch, { kinds: ['negate-branch'] }), bit))).toEqual([2, 1])
    const either = returns(...get(0), op.IF, I32, op.I32_CONST, 1, 0x05, op.I32_CONST, 2, op.END)
    expect([0, 1].map((bit) => resultOf(mutantsOf(either, { kinds: ['negate-branch'] }), bit))).toEqual([1, 2])
  })

  it('counts one too many, around the end of numbers too', () => {
    for (const [value, next] of [
      [63, 64],
      [-1, 0],
      [2147483647, -2147483648],
    ]) {
      const bytes = returns(op.I32_CONST, ...leb(value))
      expect(resultOf(mutantsOf(bytes, { kinds: ['off-by-one'] }), 0)).toBe(next)
    }
  })

  it('leaves a store out', () => {
    const bytes = returns(...[op.I32_CONST, 8, ...get(0), op.I32_STORE, 2, 0], ...[op.I32_CONST, 8, 0x28, 2, 0])
    expect((instantiateIdle(bytes).exports as Calls).f(5)).toBe(5)
    expect(resultOf(mutantsOf(bytes, { kinds: ['drop-store'] }), 5)).toBe(0)
    expect(mutantsOf(handMade(WRITERS), { kinds: ['drop-store'] })).toHaveLength(31)
  })

  it('leaves a call of an import out', () => {
    const bytes = tinyModule({ imports: [['hal', 'now']], functions: ['f'], body: [op.CALL, 0] })
    const mutants = mutantsOf(bytes, { kinds: ['drop-call'] })
    expect(mutants.map(({ id }) => id)).toEqual(['drop-call:f1:+0x1'])
    expect(resultOf(mutants, 0)).toBe(0)
    expect(mutants[0].make().length).toBe(bytes.length)
  })

  it('has an id of its own', () => {
    const mutants = mutantsOf(readBuilt('mirror'))
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
    expect(mutants.length).toBeGreaterThan(1000)
    for (const kind of MUTANT_KINDS) expect(mutants.some((mutant) => mutant.kind === kind)).toBe(true)
    for (const mutant of sample(mutants, 200, 0)) if (!isValid(mutant.make())) expect(mutant.id).toBe('valid')
  })

  it('is valid wherever in the mirror it is', () => {
    // Functions are validated one by one: with the others emptied, all mutants are seen in a fifth of the time.
    const module = readModule(readBuilt('mirror'))
    const empty = Uint8Array.of(0, op.UNREACHABLE, op.END)
    let seen = 0
    for (const [i, { functionIndex }] of module.bodies.entries()) {
      const others = new Map(module.bodies.flatMap((_, j) => (i === j ? [] : [[j, empty] as const])))
      const alone = replaceSections(module.sections, new Map([[SECTION_CODE, writeBodies(module, others)]]))
      for (const mutant of mutantsOf(alone, { functions: new Set([functionIndex]) })) {
        if (!isValid(mutant.make())) expect(mutant.id).toBe('valid')
        seen++
      }
    }
    expect(seen).toBe(mutantsOf(module.bytes).length)
  })

  it('leaves every other address alone', () => {
    const body = Array.from({ length: 200 }, () => [op.I32_CONST, ...leb(5000), op.DROP]).flat()
    const found = mutantsOf(handMade([{ name: 'f', parameters: [], body }])).length
    expect(found).toBeGreaterThan(60)
    expect(found).toBeLessThan(140)
    const wide = Array.from({ length: 200 }, () => [op.I64_CONST, ...leb(5000), op.DROP]).flat()
    expect(mutantsOf(handMade([{ name: 'f', parameters: [I64], body: wide }]))).toHaveLength(200)
  })
})

describe('a sample', () => {
  const mutants = mutantsOf(readBuilt('mirror'))

  it('is the same for the same seed, and another for another one', () => {
    const ids = (seed: number): string =>
      sample(mutants, 40, seed)
        .map(({ id }) => id)
        .join()
    expect(ids(1)).toBe(ids(1))
    expect(ids(1)).not.toBe(ids(2))
  })

  it('is spread over kinds and functions', () => {
    const chosen = sample(mutants, 60, 3)
    expect(new Set(chosen).size).toBe(60)
    for (const kind of MUTANT_KINDS) expect(chosen.filter((mutant) => mutant.kind === kind).length).toBeGreaterThan(10)
    expect(new Set(chosen.map(({ functionIndex }) => functionIndex)).size).toBeGreaterThan(45)
  })

  it('has no more than there are', () => {
    const few = mutants.slice(0, 5)
    expect(new Set(sample(few, 99, 0))).toEqual(new Set(few))
  })
})

describe('reach', () => {
  it('follows calls and the start function', () => {
    const chain = [0, 1, 2, 3].map((n) => ({ name: `f${n}`, parameters: [], body: n < 2 ? [op.CALL, n + 1] : [] }))
    const bytes = handMade(chain)
    expect([...functionsReachableFrom(bytes, ['f0'])].sort()).toEqual([0, 1, 2])
    expect([...functionsReachableFrom(bytes, ['f3'])]).toEqual([3])
    const started = replaceSections(readModule(bytes).sections, new Map([[SECTION_START, Uint8Array.of(2)]]))
    expect([...functionsReachableFrom(started, ['f3'])].sort()).toEqual([2, 3])
    expect(() => functionsReachableFrom(bytes, ['g'])).toThrow('no exported function g')
  })

  it('leaves the panel and the runtime of the mirror out', () => {
    const bytes = readBuilt('mirror')
    const entries = entryExports(bytes)
    expect(entries).toEqual(expect.arrayContaining(['boot', 'doorbell', 'interrupt']))
    const reached = functionsReachableFrom(bytes, entries)
    const unreached = ['panelStatus', '__new', '__collect']
    for (const { name, index } of readModule(bytes).exports)
      if (unreached.includes(name)) expect(reached).not.toContain(index)
    expect(mutantsOf(bytes, { functions: reached }).length).toBeLessThan(mutantsOf(bytes).length)
  })
})

describe('names', () => {
  it('come from the name section, or from the caller', () => {
    const { sections } = readModule(returns(...get(0)))
    const names = [1, 4, 1, 0, ...encodeName('f')]
    const content = Uint8Array.from([...encodeName('name'), 0, 2, ...encodeName('m'), ...names])
    const named = writeSections([...sections, { id: 0, content }])
    expect(isValid(named)).toBe(true)
    expect(functionNames(named)).toEqual(new Map([[0, 'f']]))
    const constant = mutantsOf(returns(op.I32_CONST, 1), { names: new Map([[0, 'g']]) })
    expect(constant.map(({ functionName }) => functionName)).toEqual(['g'])
    expect(mutantsOf(returns(op.I32_CONST, 1))[0].functionName).toBeNull()
  })
})

/** Signed LEB128 of 32 bits. */
function leb(value: number): number[] {
  const low = value & 0x7f
  const rest = value >> 7
  return (rest === 0 && low < 64) || (rest === -1 && low >= 64) ? [low] : [low | 0x80, ...leb(rest)]
}
