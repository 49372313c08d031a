// Recovery branches as a benchmark: power cuts in a run of mirrored writes on two drives, and what follows each: boot, assembly, resync of
// what is dirty, reading back what was written, verdict.

import { ProgressCell } from '../controller/progressCell'
import { Explorer } from '../explore/explorer'
import { type LoadedMicrocode, loadMicrocode } from '../explore/unit'
import { parseScenario } from '../scenario/parse'

export interface BranchCase {
  readonly capacityMib: number
  /** 4 KiB writes of the run. */
  readonly writes: number
}

const scenarioText = ({ capacityMib, writes }: BranchCase): string => `
name: bench
array: { members: 2, driveCapacity: ${capacityMib} MiB }
drives: { model: { name: ideal, parameters: 'channels=4' } }
workload: [ { pattern: { rw: randwrite, bs: 4 KiB, depth: 4, count: ${writes}, size: 256 KiB } } ]
`

const BOUNDS = { crashPoints: 120, choices: 12, depth: 1, states: 100_000, absences: false, scrubs: false } as const

/** Prepares; the function that it returns explores, and says how many branches there were. */
export function recoveryBranches(microcode: Uint8Array, branchCase: BranchCase): () => number {
  const parsed = parseScenario(scenarioText(branchCase), 'bench')
  if (!parsed.ok) throw new Error('the benchmark must have a valid scenario')
  const loaded: LoadedMicrocode = loadMicrocode(microcode)
  return () => {
    const { coverage, violations } = new Explorer({
      scenario: parsed.scenario,
      files: { microcode, texts: new Map(), bytes: new Map() },
      seed: 1,
      module: loaded.module,
      sockets: loaded.sockets,
      progress: new ProgressCell(),
      bounds: BOUNDS,
      scheduler: () => null,
    }).run()
    if (violations.length > 0) throw new Error('the benchmark must break no law')
    return coverage.states
  }
}
