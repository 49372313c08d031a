// One JSON document, for programs. Keys carry their units (`simulatedNs`); endless times and counts are the text "forever".

import { isAsExpected, type Reporter, type ScenarioReport, tally } from './model'

/** JSON has no infinity: without this it would read as null. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, (_key, inner) => (inner === Infinity ? 'forever' : inner), 2)}\n`
}

function scenarioJson(report: ScenarioReport): object {
  // The picture of the steps is for people.
  const { result, steps: _steps, ...head } = report
  const common = { ...head, asExpected: isAsExpected(report), outcome: result.kind }
  if (result.kind !== 'judged') return { ...common, reason: result.reason }
  const { verdict, arrayState, bayStates, timeline } = result
  // The name and the seed stand in the head already.
  const { scenario: _name, seed: _seed, ...judged } = verdict
  return { ...common, ...judged, arrayState, bayStates, ...(timeline.length > 0 && { timeline }) }
}

export function jsonReporter(): Reporter {
  return {
    begin: () => '',
    scenario: () => '',
    end(run) {
      const { total, asExpected } = tally(run)
      return jsonText({
        platterlab: run.version,
        scenarioCount: total,
        asExpectedCount: asExpected,
        scenarios: run.scenarios.map(scenarioJson),
      })
    },
  }
}
