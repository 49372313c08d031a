// `platterlab replay`: a token's run and power cuts once more, with the whole story; or a scenario file, as `run` does it.

import type { CutStep } from '../explore/explorer'
import { isReplayToken, parseToken, type Replay } from '../explore/replayToken'
import type { RunSource } from '../explore/unit'
import type { ScenarioReport, ScenarioResult } from '../report/model'
import { plural } from '../report/quantities'
import { BadInput, Interrupted } from './cliError'
import type { Engine } from './engine'
import { EXIT_BROKEN, EXIT_OK, EXIT_UNMET } from './exitCodes'
import { IsolatedRunner, stallText } from './isolated'
import { readModule } from './namedModule'
import { OutputFiles } from './outputFile'
import { type LoadedScenario, readScenario, withMicrocode } from './readScenario'
import { tokenLine } from './replayLine'
import { chooseReporters } from './reporters'
import { microcodeFile } from './runOne'
import type { RawRunOptions } from './runOptions'
import { scenarioDigest, scenarioRunOf } from './scenarioRun'
import { type Breaking, shrinkInto } from './shrinkBreaches'
import { openSinks } from './sinks'
import type { Terminal } from './terminal'
import { VERSION } from './version'

export interface RawReplayOptions extends Pick<RawRunOptions, 'seed' | 'json' | 'reporter' | 'microcode'> {
  readonly shrink?: string
}

/** What is to be carried out. */
interface Target extends Breaking {
  readonly path: readonly CutStep[]
  readonly name: string
  readonly file: string
  readonly replay: string
}

/** Returns the exit code; throws BadInput and Interrupted. */
export async function replayCommand(
  what: string,
  raw: RawReplayOptions,
  terminal: Terminal,
  startEngine: () => Engine,
): Promise<number> {
  if (!isReplayToken(what)) {
    const { runCommand } = await import('./runCommand')
    const code = await runCommand([what], raw, terminal, startEngine)
    if (raw.shrink === undefined) return code
    await shrinkFile(what, raw, raw.shrink, terminal)
    return code
  }
  if (raw.seed !== undefined) throw new BadInput('--seed: a token has its own seed; --seed is for scenario files')
  const reporters = chooseReporters(raw.reporter ?? [], raw.json ?? false)
  const target = targetOf(what, raw)
  const files = new OutputFiles()
  try {
    const { sinks, finish } = await openSinks(reporters, files, terminal)
    for (const { reporter, write } of sinks) write(reporter.begin(VERSION))
    const { report, isReached } = await carryOut(target, terminal)
    for (const { reporter, write } of sinks) write(reporter.scenario(report))
    for (const { reporter, write } of sinks) write(reporter.end({ version: VERSION, scenarios: [report] }))
    finish()
    const code = exitCodeOf(report.result)
    if (!isReached) terminal.err('the run never comes to the power cuts of the token: this is the run without them\n')
    if (code === EXIT_OK) {
      terminal.err('no law is broken: the microcode does not break it any more, or it is another one\n')
    }
    const law = brokenLaw(report.result)
    if (raw.shrink !== undefined && law !== null) await shrinkInto(raw.shrink, law, target, files, terminal)
    files.commit()
    return code
  } finally {
    files.discard()
  }
}

/** The token, as something that can be carried out. */
function targetOf(token: string, raw: RawReplayOptions): Target {
  const replay = parseToken(token)
  if (replay === null) {
    throw new BadInput('replay: found a token that is not whole, expected all of plab1.… as it was printed')
  }
  return replay.target.kind === 'drawn' ? drawnTarget(token, replay, raw) : scenarioTarget(token, replay, raw)
}

function drawnTarget(token: string, { target, path }: Replay, raw: RawReplayOptions): Target {
  if (target.kind !== 'drawn') throw new Error('a drawn run is replayed')
  const { campaignSeed, index } = target
  const module = readModule(raw.microcode)
  return {
    run: { kind: 'drawn', campaignSeed, index },
    microcodeFile: module.path,
    namedMicrocode: module.option,
    directory: '.',
    path,
    name: `certify, seed ${campaignSeed}, unit ${index}`,
    file: module.report.file,
    replay: tokenLine(token, module.option),
  }
}

function scenarioTarget(token: string, { target, path }: Replay, raw: RawReplayOptions): Target {
  if (target.kind !== 'scenario') throw new Error('the run of a scenario is replayed')
  const { file, digest, seed, changePoints } = target
  const loaded = withMicrocode(readScenario(file), raw.microcode ?? null)
  const run = scenarioRun(loaded, path)
  const found = scenarioDigest(run)
  if (found !== digest) {
    throw new BadInput(
      `${file}: found another content (${found.slice(0, 16)}), expected that of the token (${digest.slice(0, 16)}): a changed scenario is another run`,
    )
  }
  return {
    ...scenarioBreaking(loaded, { ...run, seed, changePoints }),
    path,
    file,
    name: loaded.scenario.name,
    replay: tokenLine(token, raw.microcode ?? null),
  }
}

/** Bounds do not matter on the way of a token, only for finding a violation anew when a run is made smaller. */
function scenarioRun(loaded: LoadedScenario, path: readonly CutStep[]): Extract<RunSource, { kind: 'scenario' }> {
  const absences = path.some(({ choice }) => choice.absent >= 0)
  const depth = Math.max(1, path.length)
  return scenarioRunOf(loaded, { crashPoints: Number.MAX_SAFE_INTEGER, choices: 12, depth, states: 100_000, absences })
}

function scenarioBreaking(loaded: LoadedScenario, run: RunSource): Breaking {
  const path = microcodeFile(loaded)
  const isBuiltin = loaded.scenario.array.microcode.kind === 'builtin'
  return { run, microcodeFile: path, namedMicrocode: isBuiltin ? null : path, directory: loaded.directory }
}

async function carryOut(target: Target, terminal: Terminal): Promise<{ report: ScenarioReport; isReached: boolean }> {
  const { run, microcodeFile, path, name, file, replay } = target
  const runner = new IsolatedRunner()
  try {
    const outcome = await runner.run('replay', { run, microcodeFile, path }, { signal: terminal.interrupted })
    const head = { file, name, story: storyOf(path), seed: 0, expected: 'pass', replay, unmet: [] as string[] }
    switch (outcome.kind) {
      case 'done': {
        const { story, seed, isReached } = outcome.output
        const { verdict, arrayState, bayStates, steps } = story
        const result = { kind: 'judged', verdict, arrayState, bayStates, timeline: [] } as const
        const law = brokenLaw(result)
        const unmet = law === null ? [] : [`${law} is broken`]
        return { report: { ...head, seed, unmet, result, steps }, isReached }
      }
      case 'stalled': {
        const reason = stallText(outcome)
        return { report: { ...head, unmet: ['LIVE is broken'], result: { kind: 'killed', reason } }, isReached: true }
      }
      case 'died':
        return { report: { ...head, result: { kind: 'broken', reason: outcome.reason } }, isReached: true }
      case 'cancelled':
        throw new Interrupted()
      case 'failed':
        throw refused(outcome.error, microcodeFile)
    }
  } finally {
    await runner.close()
  }
}

function refused({ message, stack, fields }: { message: string; stack: string; fields: object }, file: string): Error {
  const { subject, found, expected } = fields as { subject?: string; found?: string; expected?: string }
  if (found === undefined || expected === undefined) return Object.assign(new Error(message), { stack })
  return new BadInput(`${file}: found ${subject === undefined ? '' : `${subject}: `}${found}, expected ${expected}`)
}

function storyOf(path: readonly CutStep[]): string {
  if (path.length === 0) return 'The run by itself.'
  const points = path.map(({ crashPoint }) => `crash point ${crashPoint}`)
  return `${plural(path.length, 'power cut')}: at ${points.join(', then in the recovery at ')}.`
}

function brokenLaw(result: ScenarioResult) {
  if (result.kind !== 'judged' || result.verdict.verdict !== 'fail') return null
  const laws = result.verdict.violations.map(({ law }) => law)
  // DIR is seen in a replay alone, beside the law that the campaign found: a smaller run would be looked for by that one.
  return laws.find((law) => law !== 'DIR') ?? laws[0]!
}

function exitCodeOf(result: ScenarioResult): number {
  if (result.kind === 'broken') return EXIT_BROKEN
  return result.kind === 'killed' || brokenLaw(result) !== null ? EXIT_UNMET : EXIT_OK
}

/** `--shrink` of a scenario file: the first law that its plain run breaks. */
async function shrinkFile(file: string, raw: RawReplayOptions, out: string, terminal: Terminal): Promise<void> {
  const loaded = withMicrocode(readScenario(file), raw.microcode ?? null)
  const seed = raw.seed === undefined ? (loaded.scenario.seed ?? 0) : Number(raw.seed)
  const target = {
    ...scenarioBreaking(loaded, { ...scenarioRun(loaded, []), seed }),
    path: [],
    file,
    name: '',
    replay: '',
  }
  const { report } = await carryOut(target, terminal)
  const law = brokenLaw(report.result)
  if (law === null) {
    terminal.err('--shrink: no law is broken, so there is nothing to make smaller\n')
    return
  }
  const files = new OutputFiles()
  try {
    await shrinkInto(out, law, target, files, terminal)
    files.commit()
  } finally {
    files.discard()
  }
}
