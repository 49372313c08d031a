// The pages about scenarios, held to the code: every example parses, every key and every fault is told.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatInputError } from '../../host/scenario/inputError'
import { parseScenario } from '../../host/scenario/parse'
import { scenarioJsonSchema } from '../../host/scenario/schema'
import { FAULT_KINDS, isOfSnapshots, isOfTwoSites } from '../../host/scenario/schemaFaults'

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly additionalProperties?: Schema | boolean
}

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const examplesOf = (text: string): string[] => [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!)
const page = read('scenarios.md')
const examples = [...examplesOf(page), ...examplesOf(read('remote.md')), ...examplesOf(read('live-image.md'))]

function keysOf(schema: Schema): string[] {
  const { properties = {}, items, anyOf = [], additionalProperties } = schema
  const inner = [...Object.values(properties), ...anyOf]
  if (items) inner.push(items)
  if (typeof additionalProperties === 'object') inner.push(additionalProperties)
  return [...Object.keys(properties), ...inner.flatMap(keysOf)]
}

describe('the pages about scenario files', () => {
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

describe('the page about faults', () => {
  const sections = read('faults.md').split(/^## /m)
  const sectionOf = (kind: string) => sections.find((text) => text.split('\n')[0]!.split(', ').includes(kind)) ?? ''

  it.each(FAULT_KINDS)('has a section on %s, with its place in the table of the other page', (kind) => {
    expect(sectionOf(kind)).toContain('Judged: ')
    expect(page).toMatch(new RegExp(`^\\| [^|]*\`${kind}\``, 'm'))
  })

  it.each(FAULT_KINDS)('has a valid example where it tells of %s', (kind) => {
    const [example] = examplesOf(sectionOf(kind))
    const remote = isOfTwoSites(kind) ? 'remote: {}\n' : ''
    const array = isOfSnapshots(kind) ? 'array: { snapshotArea: 25 }\n' : ''
    const result = parseScenario(`${remote}${array}faults:\n${example}`, 'example.yaml')
    expect(result.ok ? '' : result.errors.map(formatInputError).join('\n')).toBe('')
  })
})
