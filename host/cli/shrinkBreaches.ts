// `--shrink`: for a broken law a small scenario file that breaks it, worked out in a thread that a watchdog can end.

import { dirname, isAbsolute, join, relative } from 'node:path'
import type { RunSource } from '../explore/unit'
import type { Law } from '../oracle/verdict'
import type { CampaignFacts } from '../report/campaign/model'
import { formatScenario } from '../scenario/format'
import type { ResolvedScenario, ResolvedWorkload } from '../scenario/scenario'
import { type IsolatedOutcome, IsolatedRunner, stallText } from './isolated'
import type { OutputFiles } from './outputFile'
import type { ShrinkJobOutput } from './replayJob'
import type { Terminal } from './terminal'

/** Smaller runs that are tried, for each law. */
const EVALUATIONS = 400

/** The run in which the law was broken, and where its files are. */
export interface Breaking {
  readonly run: RunSource
  readonly microcodeFile: string
  /** null = the built-in one: the scenario names it so. */
  readonly namedMicrocode: string | null
  /** Where relative paths of the scenario start. */
  readonly directory: string
}

/** The facts, with the file of each law for which there is one now. `nameOf`: the file's name. */
export async function shrinkBreaches<Facts extends CampaignFacts>(
  facts: Facts,
  directory: string | null,
  breakingOf: (unit: number) => Breaking,
  nameOf: (law: Law) => string,
  files: OutputFiles,
  terminal: Terminal,
): Promise<Facts> {
  if (directory === null || terminal.interrupted.aborted) return facts
  const breaches: CampaignFacts['breaches'][number][] = []
  for (const breach of facts.breaches) {
    const file = join(directory, nameOf(breach.law))
    const isWritten = await shrinkInto(file, breach.law, breakingOf(breach.unit), files, terminal)
    breaches.push(isWritten ? { ...breach, scenarioFile: file } : breach)
  }
  return { ...facts, breaches }
}

/** False: there is no such scenario, and stderr says why. The caller commits the file. */
export async function shrinkInto(
  file: string,
  law: Law,
  breaking: Breaking,
  files: OutputFiles,
  terminal: Terminal,
): Promise<boolean> {
  const { run, microcodeFile } = breaking
  terminal.err(`${law}: looking for a small scenario that breaks it\n`)
  const runner = new IsolatedRunner()
  try {
    const input = { run, microcodeFile, law, evaluations: EVALUATIONS }
    const outcome = await runner.run('shrink', input, { signal: terminal.interrupted })
    const why = whyNot(outcome)
    if (why !== null || outcome.kind !== 'done' || outcome.output === null) {
      terminal.err(`${law}: no scenario: ${why}\n`)
      return false
    }
    const { scenario, seed, verified } = outcome.output
    if (!verified) terminal.err(`${law}: ${file} does not break it in a plain run; explore it\n`)
    files.write(file, `${headOf(file, law, verified)}${formatScenario(moved(scenario, breaking, dirname(file)), seed)}`)
    return true
  } finally {
    await runner.close()
  }
}

function whyNot(outcome: IsolatedOutcome<ShrinkJobOutput>): string | null {
  switch (outcome.kind) {
    case 'done':
      return outcome.output === null ? 'the law was not broken again' : null
    case 'stalled':
      return stallText(outcome)
    case 'cancelled':
      return 'interrupted'
    case 'died':
      return outcome.reason
    case 'failed':
      return outcome.error.message
  }
}

function headOf(file: string, law: Law, verified: boolean): string {
  return `# Breaks ${law}; made smaller by Platterlab.\n#   platterlab ${verified ? 'run' : 'explore'} ${file}\n`
}

/** The same scenario in another directory: its paths lead to the same files. */
function moved(scenario: ResolvedScenario, { namedMicrocode, directory }: Breaking, to: string): ResolvedScenario {
  const fromHere = (path: string): string => {
    if (isAbsolute(path)) return path
    const way = relative(to, join(directory, path))
    return way.startsWith('.') ? way : `./${way}`
  }
  const workload = scenario.workload.map((load): ResolvedWorkload => {
    if (load.kind === 'fio') return { ...load, path: fromHere(load.path) }
    if (load.kind !== 'trace') return load
    const { path, payloadsPath } = load
    return { ...load, path: fromHere(path), payloadsPath: payloadsPath === null ? null : fromHere(payloadsPath) }
  })
  const way = namedMicrocode === null ? null : relative(to, namedMicrocode)
  const path = way === null || way.startsWith('.') || isAbsolute(way) ? way : `./${way}`
  const microcode = path === null ? scenario.array.microcode : ({ kind: 'file', path } as const)
  const imagePath = scenario.imagePath === null ? null : fromHere(scenario.imagePath)
  return { ...scenario, workload, imagePath, array: { ...scenario.array, microcode } }
}
