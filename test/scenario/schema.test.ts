import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { scenarioJsonSchema } from '../../host/scenario/schema'
import { scenarioText } from './arbitraryScenario'

type Json = { [key: string]: Json } & { default?: unknown; description?: string }

const schema = scenarioJsonSchema() as Json
const accepts = new Ajv({ strict: false }).compile(schema)

describe('the JSON Schema', () => {
  it('accepts what the parser accepts', () => {
    fc.assert(
      fc.property(scenarioText, (text) => {
        accepts(parse(text))
        expect(accepts.errors ?? []).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    ['an unknown key', 'sede: 1'],
    ['an unknown key deep inside', 'array: { member: 2 }'],
    ['an unknown model', 'drives: { model: hdx }'],
    ['a member count that cannot be', 'array: { members: 9 }'],
    ['a fault without a trigger', 'faults: [{ pull: { bay: 1 } }]'],
    ['two faults in one', 'faults: [{ pull: { bay: 1 }, hang: { bay: 1 }, at: start }]'],
    ['an unknown event', 'faults: [{ pull: { bay: 1 }, after: bitmap-begin }]'],
  ])('refuses %s', (_what, text) => {
    expect(accepts(parse(text))).toBe(false)
  })

  it('tells an editor the defaults, and what each key means', () => {
    const array = schema.properties!.array!.properties!
    expect(array.driveCapacity!.default).toBe('16 MiB')
    expect(array.members!.description).toMatch(/replica/)
  })

  it('asks for exactly one fault and one trigger in each entry', () => {
    const fault = schema.properties!.faults!.items as unknown as { allOf: { oneOf: { required: string[] }[] }[] }
    const groups = fault.allOf.map(({ oneOf }) => oneOf.map(({ required }) => required[0]))
    expect(groups[0]).toContain('power-cut')
    expect(groups[1]).toEqual(['at', 'after', 'rate'])
  })
})
