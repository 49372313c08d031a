import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatScenario } from '../../host/scenario/format'
import { formatInputError } from '../../host/scenario/inputError'
import { parseScenario } from '../../host/scenario/parse'
import type { ResolvedScenario } from '../../host/scenario/scenario'
import { scenarioText } from './arbitraryScenario'

function parsed(text: string): ResolvedScenario {
  const result = parseScenario(text, 'a-name.yaml')
  if (!result.ok) throw new Error(`${text}\n${result.errors.map(formatInputError).join('\n')}`)
  return result.scenario
}

/** Where an entry stood in its text is the only thing that a new text may change. */
function withoutLines(scenario: ResolvedScenario): unknown {
  const lines = new Set(['line', 'firstLine'])
  return JSON.parse(
    JSON.stringify(scenario, (key, value) => (lines.has(key) ? undefined : value === Infinity ? 'forever' : value)),
  )
}

describe('a scenario printed with every default filled in', () => {
  it('is a scenario file that means the same', () => {
    fc.assert(
      fc.property(scenarioText, (text) => {
        const scenario = parsed(text)
        expect(withoutLines(parsed(formatScenario(scenario)))).toEqual(withoutLines(scenario))
      }),
      { numRuns: 150 },
    )
  })

  it('shows the defaults in the units of people', () => {
    const text = formatScenario(parsed('{}'), 42)
    expect(text).toContain('seed: 42')
    expect(text).toContain('driveCapacity: 16 MiB')
    expect(text).toContain('commandTimeout: 30 s')
    expect(text).toContain('verdict: pass')
  })
})
