// One scenario, run and held against its expectation. The engine runs in a worker that can be killed (isolated.ts).

import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { ScenarioReport, ScenarioResult } from '../report/model'
import { expectationText, unmetExpectations } from '../scenario/expectation'
import { excerptOf } from '../scenario/inputError'
import type { ResolvedScenario } from '../scenario/scenario'
import { BadInput, Interrupted } from './cliError'
import { type IsolatedOutcome, stallText } from './isolated'
import type { LiveImageFile } from './liveImageFiles'
import { builtinMicrocodeFile } from './packageFiles'
import type { LoadedScenario } from './readScenario'
import { replayLine } from './replayLine'
import type { InputFault, RunJobInput, RunJobOutput } from './runJob'

/** Runs the job somewhere; tests bring their own. */
export type RunEngine = (input: RunJobInput, signal: AbortSignal) => Promise<IsolatedOutcome<RunJobOutput>>

export interface RunOneOptions {
  readonly seed: number
  readonly timelineSpans: number
  readonly imageFile: string | null
  readonly memberFiles: readonly string[] | null
  readonly liveImageFiles?: readonly LiveImageFile[] | null
  readonly checkDeterminism: boolean
  readonly signal: AbortSignal
}

export interface OneRun {
  readonly report: ScenarioReport
  readonly notes: readonly string[]
  readonly writtenBays: readonly number[]
  readonly writtenImages: readonly number[]
}

export function atDirectory(path: string, directory: string): string {
  return isAbsolute(path) ? path : join(directory, path)
}

export function microcodeFile({ scenario, directory }: LoadedScenario): string {
  const { microcode } = scenario.array
  return microcode.kind === 'builtin' ? builtinMicrocodeFile(microcode.name) : atDirectory(microcode.path, directory)
}

/** YAML takes the indentation away from an inline job: a reader's column counts from there. */
function indentOf(fault: InputFault, { workload }: ResolvedScenario, lines: readonly string[]): number {
  const inline = workload.filter((load) => load.kind === 'fio-text' && load.firstLine <= fault.line).at(-1)
  if (inline?.kind !== 'fio-text') return 0
  const first = lines.slice(inline.firstLine - 1).find((line) => line.trim() !== '') ?? ''
  return first.length - first.trimStart().length
}

/** file:line:column, found, expected, and the line itself where the file is a text. */
export function faultText(fault: InputFault, { scenario, directory }: LoadedScenario): string {
  const { line, found, expected } = fault
  const isScenario = fault.file === scenario.file
  const file = isScenario ? fault.file : atDirectory(fault.file, directory)
  const told = `found ${found}, expected ${expected}`
  if (line === 0 || !existsSync(file)) return `${file}: ${told}`
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const column = fault.column + (isScenario ? indentOf(fault, scenario, lines) : 0)
  const token = found.replace(/^"|"$/g, '')
  const length = lines[line - 1]?.startsWith(token, column - 1) ? token.length : 1
  const excerpt = excerptOf(text, line, column, length)
  const below = excerpt === '' ? '' : `\n${excerpt.replace(/^/gm, '  ')}`
  return `${file}:${line}:${column}: ${told}${below}`
}

/** A run that was killed or broke has no verdict to compare: killed is what LIVE forbids. */
function unmetWithoutVerdict({ expect }: ResolvedScenario, kind: 'killed' | 'broken'): string[] {
  const asMeant = kind === 'killed' && expect.verdict === 'fail' && expect.laws.every((law) => law === 'LIVE')
  return asMeant ? [] : [`there is no verdict, expected ${expectationText(expect)}`]
}

type Ran = Extract<RunJobOutput, { kind: 'ran' }>

async function runOnce(
  run: RunEngine,
  job: RunJobInput,
  loaded: LoadedScenario,
  signal: AbortSignal,
): Promise<Ran | ScenarioResult> {
  const outcome = await run(job, signal)
  switch (outcome.kind) {
    case 'done':
      if (outcome.output.kind === 'ran') return outcome.output
      throw new BadInput(outcome.output.faults.map((fault) => faultText(fault, loaded)).join('\n\n'))
    case 'cancelled':
      throw new Interrupted()
    case 'stalled':
      return { kind: 'killed', reason: stallText(outcome) }
    case 'died':
      return { kind: 'broken', reason: `the simulation's thread died: ${outcome.reason}` }
    case 'failed':
      return { kind: 'broken', reason: outcome.error.stack || outcome.error.message }
  }
}

/** Everything that two equal runs must agree on, as one text. */
function fingerprint({ outcome }: Ran): string {
  return JSON.stringify({ ...outcome, events: [...outcome.events] })
}

function determinismText(first: Ran, second: Ran | ScenarioResult): string | null {
  if (second.kind !== 'ran') return `a second run did not end as the first: ${second.kind}`
  if (fingerprint(first) === fingerprint(second)) return null
  const [a, b] = [first.outcome.verdict.traceDigest, second.outcome.verdict.traceDigest]
  const what = a === b ? 'the trace is the same, the result is not' : `trace ${a}, then ${b}`
  return `two runs with the same seed differ: ${what}`
}

export async function runOne(run: RunEngine, loaded: LoadedScenario, options: RunOneOptions): Promise<OneRun> {
  const { scenario, directory } = loaded
  const { seed, timelineSpans, imageFile, memberFiles, liveImageFiles = null, signal } = options
  const job: RunJobInput = {
    scenario,
    directory,
    microcodeFile: microcodeFile(loaded),
    seed,
    timelineSpans,
    imageFile,
    memberFiles,
    liveImageFiles,
  }
  const head = {
    file: scenario.file,
    name: scenario.name,
    story: scenario.story,
    seed,
    expected: expectationText(scenario.expect),
    replay: replayLine(scenario.file, seed, loaded.otherMicrocode),
  }
  const ran = await runOnce(run, job, loaded, signal)
  if (ran.kind === 'judged') throw new Error('a run without an outcome has no verdict')
  if (ran.kind !== 'ran') {
    const report = { ...head, unmet: unmetWithoutVerdict(scenario, ran.kind), result: ran }
    return { report, notes: [], writtenBays: [], writtenImages: [] }
  }
  const unmet = unmetExpectations(scenario.expect, ran.outcome)
  if (options.checkDeterminism) {
    const again = await runOnce(run, job, loaded, signal)
    const difference = determinismText(ran, again)
    if (difference !== null) unmet.push(difference)
  }
  const { verdict, arrayState, bayStates, timeline = [], steps } = ran.outcome
  const result: ScenarioResult = { kind: 'judged', verdict, arrayState, bayStates, timeline }
  const report = { ...head, unmet, result, ...(steps && { steps }) }
  const { notes, writtenBays, writtenImages } = ran
  return { report, notes, writtenBays, writtenImages }
}
