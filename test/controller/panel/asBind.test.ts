import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { BindingsError, bind, hasBindings, instantiate } from '../../../host/controller/panel/asBind'
import { LayoutError } from '../../../host/controller/panel/layout'
import { compileFixture } from '../../support/compileFixture'

let bytes: Uint8Array<ArrayBuffer>
let call: (name: string, ...values: unknown[]) => unknown
const told: number[] = []
const heard: string[] = []
const imports = {
  listener: {
    told: (length: number): void => void told.push(length),
    heard: (text: string): string => {
      heard.push(text)
      return `${text}!`
    },
  },
}

beforeAll(async () => {
  bytes = await compileFixture('types')
  const { functions } = instantiate(bytes, imports)
  call = (name, ...values) => functions.get(name)!(...values)
})

describe('values across the border', () => {
  it('carries any string in both directions, lone surrogates and all', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
          maxLength: 300,
        }),
        (text) => {
          expect(call('reversed', text)).toBe(text.split('').reverse().join(''))
        },
      ),
    )
    expect(call('reversed', 'x'.repeat(100_000))).toBe('x'.repeat(100_000))
  })

  it('carries null where a string may be missing', () => {
    expect(call('maybe', null)).toBe('was null')
    expect(call('maybe', 'text')).toBe(null)
  })

  it('carries typed arrays, also parts of one and 64-bit ones', () => {
    expect(call('doubledBytes', Uint8Array.of(1, 2, 200))).toEqual(Uint8Array.of(2, 4, 144))
    expect(call('doubledBytes', new Uint8Array([9, 9, 5, 9]).subarray(2, 3))).toEqual(Uint8Array.of(10))
    expect(call('middle', Float64Array.of(1, 2.5, 3))).toEqual(Float64Array.of(2.5))
    expect(call('longs', BigInt64Array.of(5n, -(2n ** 62n)))).toEqual(BigInt64Array.of(-5n, 2n ** 62n))
  })

  it('carries array buffers', () => {
    expect(call('tail', Uint8Array.of(1, 2, 3).buffer)).toEqual(Uint8Array.of(2, 3).buffer)
  })

  it('carries arrays of numbers, of strings and of arrays', () => {
    expect(call('squares', [1, -2, 3])).toEqual([1, 4, 9])
    expect(call('squares', [])).toEqual([])
    expect(call('shorts', [1, 65535])).toEqual([1, 65535, 1, 65535])
    expect(call('joined', ['a', '', 'ö'])).toBe('a||ö')
    expect(call('nested', [['a', 'b'], [], ['c']])).toEqual([['b', 'a'], [], ['c']])
    expect(call('sum', 1.5, 2)).toBe(3.5)
  })

  it('keeps arguments alive while the collector works', () => {
    const words = Array.from({ length: 2000 }, (_, index) => `word ${index}`)
    for (let round = 0; round < 20; round++) expect(call('joined', words)).toBe(words.join('|'))
    call('churn')
    expect(call('joined', words)).toBe(words.join('|'))
  })

  it('returns copies: what the module does later does not show', () => {
    const before = call('keptWords')
    call('changeKept')
    expect(before).toEqual(new Int32Array(4))
    expect(call('keptWords')).toEqual(new Int32Array(4).fill(7))
  })

  it('wraps imports as well', () => {
    told.length = 0
    call('sayTwice', 'four')
    expect(told).toEqual([4, 4])
    expect(call('echoed', 'tell')).toBe('tell!')
    expect(heard).toEqual(['tell'])
  })

  it('leaves out functions whose types nobody converts', () => {
    const { functions } = instantiate(bytes, imports)
    expect(functions.has('opaque')).toBe(false)
    expect(functions.has('reversed')).toBe(true)
  })
})

describe('a module that lies', () => {
  it('is stopped at a string outside its memory', () => {
    expect(() => call('lie')).toThrow(LayoutError)
  })

  it('is stopped at an object that is no string', () => {
    expect(() => call('lieWithin')).toThrow(/not a string: class id/)
  })

  it('is stopped when it returns more text than it has memory', () => {
    expect(() => call('floodOfText')).toThrow(/more than the whole memory/)
  })

  it('is refused when an import is missing', () => {
    expect(() => instantiate(bytes, { listener: { told: () => {} } })).toThrow(/import listener.heard is missing/)
  })

  it.each([
    ['{', /not JSON/],
    ['null', /not the shape/],
    [
      '{"typeIds":{},"importedFunctions":{},"exportedFunctions":{"f":{"returnType":1,"parameters":[]}}}',
      /not the shape/,
    ],
  ])('is refused with the section %s', (section, message) => {
    const module = new WebAssembly.Module(moduleWithSection(section))
    expect(hasBindings(module)).toBe(true)
    expect(() => bind(module, new WebAssembly.Instance(module))).toThrow(BindingsError)
    expect(() => bind(module, new WebAssembly.Instance(module))).toThrow(message)
  })
})

describe('an instance made elsewhere', () => {
  it('is bound where it is, and shares its state with the raw exports', () => {
    const module = new WebAssembly.Module(bytes)
    const instance = new WebAssembly.Instance(module, imports)
    const { functions } = bind(module, instance)
    ;(instance.exports.changeKept as () => void)()
    expect(functions.get('keptWords')!()).toEqual(new Int32Array(4).fill(7))
    expect(functions.get('reversed')!('abc')).toBe('cba')
  })

  it('works without as-bind from the same bytes', () => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports)
    expect((exports.sum as (a: number, b: number) => number)(1.5, 2)).toBe(3.5)
    const pointer = (exports.keptWords as () => number)()
    const [, start, length] = new Uint32Array((exports.memory as WebAssembly.Memory).buffer, pointer, 3)
    expect([start > 0, length]).toEqual([true, 16])
  })
})

/** A module with an export `__new` and this text as its as-bind section. */
function moduleWithSection(text: string): Uint8Array {
  const name = 'as-bind_bindings'
  const ascii = (letters: string): number[] => [...letters].map((letter) => letter.charCodeAt(0))
  const content = [name.length, ...ascii(name), ...ascii(text)]
  const exports = [1, 5, ...ascii('__new'), 2, 0]
  return Uint8Array.of(
    ...ascii('\0asm'),
    ...[1, 0, 0, 0, 5, 3, 1, 0, 0, 7, exports.length, ...exports],
    ...[0, content.length],
    ...content,
  )
}
