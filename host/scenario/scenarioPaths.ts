// Which files a scenario names, so that the caller can fetch them before the run.

import type { ResolvedScenario } from './scenario'

export interface ScenarioPaths {
  readonly texts: readonly string[]
  readonly bytes: readonly string[]
}

/** Paths as the scenario gives them, each once. The microcode is not among them. */
export function scenarioPaths(scenario: ResolvedScenario): ScenarioPaths {
  const texts = new Set<string>()
  const bytes = new Set<string>()
  if (scenario.imagePath !== null) bytes.add(scenario.imagePath)
  for (const load of scenario.workload) {
    if (load.kind === 'fio' || load.kind === 'trace') texts.add(load.path)
    if (load.kind === 'trace' && load.payloadsPath !== null) bytes.add(load.payloadsPath)
  }
  return { texts: [...texts], bytes: [...bytes] }
}
