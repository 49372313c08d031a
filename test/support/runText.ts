// Runs a scenario text on given microcode bytes.

import { parseScenario } from '../../host/scenario/parse'
import { runScenario } from '../../host/scenario/run'
import type { RunOptions, RunOutcome } from '../../host/scenario/runTypes'

export function runText(
  text: string,
  microcode: Uint8Array,
  { seed = 1, file = 'test.yaml', ...options }: RunOptions & { seed?: number; file?: string } = {},
): RunOutcome {
  const parsed = parseScenario(text, file)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  return runScenario(parsed.scenario, { microcode, texts: new Map(), bytes: new Map() }, seed, options)
}
