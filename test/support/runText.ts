// Runs a scenario text on given microcode bytes, with the seed that it names, if none is given; else with 1.

import { parseScenario } from '../../host/scenario/parse'
import { runScenario } from '../../host/scenario/run'
import type { RunOptions, RunOutcome } from '../../host/scenario/runTypes'

export function runText(
  text: string,
  microcode: Uint8Array,
  { seed, file = 'test.yaml', ...options }: RunOptions & { seed?: number; file?: string } = {},
): RunOutcome {
  const parsed = parseScenario(text, file)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  const { scenario } = parsed
  return runScenario(scenario, { microcode, texts: new Map(), bytes: new Map() }, seed ?? scenario.seed ?? 1, options)
}
