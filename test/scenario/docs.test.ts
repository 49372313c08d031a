// The pages about scenarios, held to the code: every example parses, every key and every fault is told.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatInputError } from '../../host/scenario/inputError'
import { parseScenario } from '../../host/scenario/parse'
import { scenarioJsonSchema } from '../../host/scenario/schema'

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly additionalProperties?: Schema | boolean
}

const page = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!)

function keysOf(schema: Schema): string[] {
  const { properties = {}, items, anyOf = [], additionalProperties } = schema
  const inner = [...Object.values(properties), ...anyOf]
  if (items) inner.push(items)
  if (typeof additionalProperties === 'object') inner.push(additionalProperties)
  return [...Object.keys(properties), ...inner.flatMap(keysOf)]
}

describe('the page about scenario files', () => {
  it.each(examples)('has a valid example: %#', (text) => {
    const result = parseScenario(text, 'example.yaml')
    expect(result.ok ? '' : result.errors.map(formatInputError).join('\n')).toBe('')
  })

  it('has examples', () => {
    expect(examples.length).toBeGreaterThanOrEqual(3)
  })

  it('tells every key that the schema knows', () => {
    const keys = new Set(keysOf(scenarioJsonSchema() as Schema))
    const silent = [...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(page))
    expect(silent).toEqual([])
  })
})
