// Whatever was written, by the module or by its host, a reset gives back the first bytes and globals.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeResettable } from '../../../host/controller/wasm/resettable'
import { ResettableInstance } from '../../../host/controller/wasm/resettableInstance'
import { handMade, instantiateIdle, readBuilt, WRITERS } from './modules'

type Calls = Record<string, (...values: unknown[]) => unknown>

const rewritten = new Map([3, 17, 300].map((pages) => [pages, makeResettable(handMade(WRITERS, pages))!]))

const memoryOf = (instance: WebAssembly.Instance): Uint8Array =>
  new Uint8Array((instance.exports.memory as WebAssembly.Memory).buffer)

/** The globals of the module made by hand, as text. */
function globalsOf(instance: WebAssembly.Instance): string {
  const getters = Object.entries(instance.exports as Calls).filter(([name]) => name.startsWith('valueOf'))
  return getters.map(([, get]) => get()).join()
}

const isAlike = (one: WebAssembly.Instance, other: WebAssembly.Instance): boolean =>
  globalsOf(one) === globalsOf(other) && Buffer.compare(memoryOf(one), memoryOf(other)) === 0

function fresh(pages = 3): ResettableInstance {
  const { bytes, granuleShift } = rewritten.get(pages)!
  return new ResettableInstance(instantiateIdle(bytes), granuleShift)
}

/** Anywhere, near borders of parts and granules more often than not, and beyond the end now and then. */
const addressIn = (pages: number): fc.Arbitrary<number> => {
  const near = (bytes: number) =>
    fc
      .tuple(fc.nat(Math.ceil((pages * 65536) / bytes)), fc.integer({ min: -9, max: 9 }))
      .map(([index, by]) => index * bytes + by)
  return fc.oneof(near(4096), near(2 ** rewritten.get(pages)!.granuleShift), fc.nat(pages * 65536))
}
const integer = fc.integer()
const names = fc.constantFrom('host', 'host', ...WRITERS.map(({ name }) => name))
const stepIn = (pages: number) =>
  fc.tuple(names, fc.tuple(addressIn(pages), integer, fc.oneof(fc.nat(9999), fc.nat(pages * 65536))))

function perform(
  resettable: ResettableInstance,
  name: string,
  [at, value, count]: readonly [number, number, number],
): void {
  const { instance } = resettable
  if (name === 'host') {
    const from = Math.max(0, at)
    resettable.markDirty(from, count)
    memoryOf(instance).fill(value, from, from + count)
    return
  }
  const wide = /^store_(55|60|61|62)_|^global_1/.test(name) ? BigInt(value) : value
  const call = (instance.exports as Calls)[name]
  try {
    if (name === 'grow') call(0)
    else if (name.startsWith('global')) call(wide)
    else if (name.startsWith('store')) call(at, wide)
    else call(at, name === 'fill' ? value : Math.abs(value) % 20, name === 'init' ? count % 20 : count)
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error
  }
}

describe('a reset', () => {
  it.each([
    [3, 300],
    [17, 200],
    [300, 40],
  ])('gives back what was there after instantiation, in %i pages', (pages, numRuns) => {
    const expected = fresh(pages).instance
    let resettable = fresh(pages)
    const steps = fc.array(stepIn(pages), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(steps, (taken) => {
        for (const [name, values] of taken) perform(resettable, name, values)
        const isReset = resettable.reset() && isAlike(resettable.instance, expected)
        // The next attempt shall not suffer from what this one left behind.
        if (!isReset) resettable = fresh(pages)
        expect(isReset).toBe(true)
      }),
      { numRuns },
    )
  })

  it('fails when the memory has grown', () => {
    const resettable = fresh()
    ;(resettable.instance.exports as Calls).grow(1)
    expect(resettable.reset()).toBe(false)
  })

  it('clears the notes, so that the next one has less to do', () => {
    const resettable = fresh()
    ;(resettable.instance.exports as Calls).store_54_0(0, 1)
    expect(resettable.reset()).toBe(true)
    const unknown = memoryOf(resettable.instance)
    unknown[4000] = 1
    expect(resettable.reset()).toBe(true)
    expect(unknown[4000]).toBe(1)
    resettable.markDirty(3999, 2)
    resettable.reset()
    expect(unknown[4000]).toBe(0)
  })
})

describe('the mirror', () => {
  const original = readBuilt('mirror')
  const { bytes, granuleShift } = makeResettable(original)!

  function bootInto(instance: WebAssembly.Instance): void {
    const { describe, boot, hotplug, timer } = instance.exports as Calls
    describe()
    boot(1)
    for (const bay of [0, 1]) hotplug(bay, 1)
    for (const id of [0, 1, 2, 3]) timer(id)
  }

  it('has the memory of a fresh one after boot and reset', () => {
    const resettable = new ResettableInstance(instantiateIdle(bytes), granuleShift)
    const expected = instantiateIdle(bytes)
    bootInto(resettable.instance)
    expect(isAlike(resettable.instance, expected)).toBe(false)
    expect(resettable.reset()).toBe(true)
    expect(isAlike(resettable.instance, expected)).toBe(true)
    expect(Buffer.compare(memoryOf(resettable.instance), memoryOf(instantiateIdle(original)))).toBe(0)
  })

  it('boots again as a fresh one does, so that its globals are back too', () => {
    const resettable = new ResettableInstance(instantiateIdle(bytes), granuleShift)
    bootInto(resettable.instance)
    resettable.reset()
    bootInto(resettable.instance)
    const expected = instantiateIdle(bytes)
    bootInto(expected)
    expect(Buffer.compare(memoryOf(resettable.instance), memoryOf(expected))).toBe(0)
  })

  it('computes the same as the original', () => {
    const [one, other] = [instantiateIdle(original), instantiateIdle(bytes)]
    for (const instance of [one, other]) bootInto(instance)
    expect(Buffer.compare(memoryOf(one), memoryOf(other))).toBe(0)
  })

  it('is reset faster than it is made (measured, not judged)', () => {
    const module = new WebAssembly.Module(bytes)
    const imports = { hal: new Proxy({}, { get: () => () => 0 }), env: { abort: () => 0 } }
    const resettable = new ResettableInstance(new WebAssembly.Instance(module, imports), granuleShift)
    const microseconds = (rounds: number, round: () => void): string => {
      let spent = 0
      for (let i = 0; i < rounds; i++) {
        const start = performance.now()
        round()
        spent += performance.now() - start
      }
      return ((spent * 1000) / rounds).toFixed(1)
    }
    const made = microseconds(200, () => bootInto(new WebAssembly.Instance(module, imports)))
    const reset = microseconds(2000, () => {
      bootInto(resettable.instance)
      resettable.reset()
    })
    const idle = microseconds(2000, () => resettable.reset())
    console.log(`new instance and boot ${made} us; boot and reset ${reset} us; reset with nothing written ${idle} us`)
  })
})
