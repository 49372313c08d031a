// Rewritten modules are valid, keep what they had, and are refused where state would be left behind.
import { describe, expect, it } from 'vitest'
import { compileModule } from '../../../host/controller/moduleCheck'
import { encodeName, replaceSections, SECTION_IMPORT, SECTION_MEMORY } from '../../../host/controller/wasm/binary'
import { I32, readModule } from '../../../host/controller/wasm/moduleLayout'
import { EXPORT_MARKS, makeResettable } from '../../../host/controller/wasm/resettable'
import { tinyModule } from '../../support/tinyModule'
import { handMade, instantiateIdle, isValid, readBuilt, WRITERS } from './modules'

type Calls = Record<string, (...values: number[]) => number>

/** Which parts, of 4 KiB, of the one granule that there is are marked. */
function partsAfter(call: (exports: Calls) => void): number[] {
  const exports = instantiateIdle(makeResettable(handMade(WRITERS))!.bytes).exports as Calls
  call(exports)
  const [low, high, ...parts] = [0, 1, 2, 3].map((word) => exports[EXPORT_MARKS](word))
  const marked = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (parts[bit >> 5] >>> (bit & 31)) & 1)
  if (marked.length < 64) expect([low, high]).toEqual([marked.length > 0 ? 1 : 0, 0])
  return marked
}

describe('a rewritten module', () => {
  it.each(['mirror', 'copier'])('of %s is valid, and a microcode', (name) => {
    const original = readBuilt(name)
    const { bytes, granuleShift } = makeResettable(original)!
    expect(isValid(bytes)).toBe(true)
    const memoryBytes = readModule(original).memories[0].min * 65536
    expect(memoryBytes / 2 ** granuleShift).toBeLessThanOrEqual(64)
    expect(memoryBytes / 2 ** granuleShift).toBeGreaterThan(2)
    const module = compileModule(bytes)
    const sections = (from: WebAssembly.Module) => WebAssembly.Module.customSections(from, 'as-bind_bindings')
    expect(sections(module)).toHaveLength(1)
    expect(sections(module)).toEqual(sections(compileModule(original)))
  })

  it('may lack sections that the rewriting needs', () => {
    expect(isValid(makeResettable(tinyModule({ memories: ['memory'] }))!.bytes)).toBe(true)
  })

  it('marks where it writes', () => {
    expect(partsAfter(() => {})).toEqual([])
    expect(partsAfter((call) => call.store_54_0(0, 1))).toEqual([0])
    expect(partsAfter((call) => call.store_54_4093(3, 1))).toEqual([1])
    expect(partsAfter((call) => call.store_58_4093(3 * 4096, 1))).toEqual([3])
    expect(partsAfter((call) => call.store_v128_4093(3, 1))).toEqual([1])
    expect(partsAfter((call) => call.store_lane64_0(8192, 1))).toEqual([2])
    expect(partsAfter((call) => call.fill(4095, 0, 1))).toEqual([0])
    expect(partsAfter((call) => call.fill(4095, 0, 4098))).toEqual([0, 1, 2])
    expect(partsAfter((call) => call.fill(0, 0, 196608))).toEqual(Array.from({ length: 48 }, (_, i) => i))
    expect(partsAfter((call) => call.fill(9, 0, 0))).toEqual([])
    expect(partsAfter((call) => call.copy(5 * 4096, 0, 4096))).toEqual([5])
    expect(partsAfter((call) => call.init(6 * 4096 - 1, 0, 2))).toEqual([5, 6])
  })

  it('marks everything for ranges that are too long, though they trap', () => {
    const all = Array.from({ length: 64 }, (_, i) => i)
    for (const [address, count] of [
      [0, -1],
      [8192, 64 * 4096],
    ]) {
      expect(partsAfter((call) => expect(() => call.fill(address, 1, count)).toThrow('out of bounds'))).toEqual(all)
    }
  })
})

describe('no rewriting', () => {
  const withBody = (...body: number[]): Uint8Array<ArrayBuffer> => handMade([{ name: 'f', parameters: [], body }])
  const imported = (...description: number[]): Uint8Array => {
    const { sections } = readModule(handMade([]))
    const content = [1, ...encodeName('env'), ...encodeName('it'), ...description]
    const kept = description[0] === 2 ? sections.filter(({ id }) => id !== SECTION_MEMORY) : sections
    return replaceSections(kept, new Map([[SECTION_IMPORT, Uint8Array.from(content)]]))
  }

  it.each([
    ['drops data', withBody(0xfc, 9, 2)],
    ['imports a memory', imported(2, 0, 1)],
    ['imports a mutable global', imported(3, I32, 1)],
    ['has our names already', makeResettable(withBody())!.bytes],
    ['has no memory', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)],
  ])('where a module %s', (_, bytes) => {
    expect(isValid(bytes)).toBe(true)
    expect(makeResettable(bytes)).toBeNull()
  })

  it('of what is no module', () => {
    expect(makeResettable(new Uint8Array(3))).toBeNull()
  })

  it('but an imported constant is welcome', () => {
    // The last global is the imported one's: all indices move by one.
    expect(isValid(makeResettable(imported(3, I32, 0))!.bytes)).toBe(true)
  })
})
