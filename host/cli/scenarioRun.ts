// A scenario with all the files that it names, as a unit of an exploration carries it; and what identifies it.

import { readFileSync } from 'node:fs'
import type { Bounds } from '../explore/explorer'
import type { ScenarioRun } from '../explore/unit'
import type { FaultSpec } from '../faults/faultSpec'
import { scenarioPaths } from '../scenario/scenarioPaths'
import { sha256 } from './namedModule'
import type { LoadedScenario } from './readScenario'
import { atDirectory } from './runOne'

/** Longer than any run, and a number that JSON knows. */
const AGE = 2 ** 52

/** Units cross as JSON, which knows no Infinity. */
function finiteFault(fault: FaultSpec): FaultSpec {
  const text = JSON.stringify(fault, (_key, value) => (value === Number.POSITIVE_INFINITY ? AGE : value))
  return JSON.parse(text) as FaultSpec
}

/** Reads the files. */
export function scenarioRunOf({ scenario, directory }: LoadedScenario, bounds: Bounds): ScenarioRun {
  const paths = scenarioPaths(scenario)
  const at = (path: string) => atDirectory(path, directory)
  return {
    kind: 'scenario',
    scenario: { ...scenario, faults: scenario.faults.map(finiteFault) },
    texts: Object.fromEntries(paths.texts.map((path) => [path, readFileSync(at(path), 'utf8')])),
    files: Object.fromEntries(paths.bytes.map((path) => [path, readFileSync(at(path)).toString('base64')])),
    seed: scenario.seed ?? 0,
    bounds,
    changePoints: -1,
  }
}

/** Of the content, wherever it lies and whatever microcode runs it. */
export function scenarioDigest({ scenario, texts, files }: ScenarioRun): string {
  const { file: _file, array, ...rest } = scenario
  const { microcode: _microcode, ...jumpers } = array
  return sha256(JSON.stringify({ ...rest, array: jumpers, texts, files }))
}
