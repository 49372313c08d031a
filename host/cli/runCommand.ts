// `platterlab run`: reads all scenarios, runs them one after the other, reports. Files appear only when all of it is done.

import { join } from 'node:path'
import { jsonText } from '../report/json'
import { isAsExpected, type ScenarioReport } from '../report/model'
import { formatScenario } from '../scenario/format'
import { BadInput } from './cliError'
import type { Engine } from './engine'
import { EXIT_BROKEN, EXIT_OK, EXIT_UNMET } from './exitCodes'
import { liveImagePaths } from './liveImageFiles'
import { OutputFiles } from './outputFile'
import { type LoadedScenario, readScenarios } from './readScenario'
import { type RunEngine, runOne } from './runOne'
import { checkRunOptions, type RawRunOptions, type RunOptions, randomSeed } from './runOptions'
import { openSinks } from './sinks'
import type { Terminal } from './terminal'
import { VERSION } from './version'

/** Points of the plots in the HTML report. */
const TIMELINE_SPANS = 200

interface Seeded extends LoadedScenario {
  readonly seed: number
}

/** The first line of talk: every seed, also the one that nobody chose. */
function seedLine(seeded: readonly Seeded[], options: RunOptions, random: number): string {
  if (options.seed !== null) return `seed ${options.seed}`
  const own = [...new Set(seeded.flatMap(({ scenario }) => scenario.seed ?? []))]
  const parts = own.length === 0 ? [] : [`${own.length === 1 ? 'seed' : 'seeds of the scenarios:'} ${own.join(', ')}`]
  const drawn = seeded.some(({ scenario }) => scenario.seed === null)
  if (drawn) parts.push(`seed ${random} (chosen at random; --seed ${random} repeats it)`)
  return parts.join('; ')
}

function withSeeds(loaded: readonly LoadedScenario[], options: RunOptions, random: number): Seeded[] {
  return loaded.map((one) => ({ ...one, seed: options.seed ?? one.scenario.seed ?? random }))
}

function dryRun(seeded: readonly Seeded[], options: RunOptions, terminal: Terminal): void {
  if (options.json) terminal.out(jsonText(seeded.map(({ scenario, seed }) => ({ ...scenario, seed }))))
  else
    terminal.out(
      seeded.map(({ scenario, seed }) => `# ${scenario.file}\n${formatScenario(scenario, seed)}`).join('---\n'),
    )
}

function memberPaths({ scenario }: LoadedScenario, directory: string): string[] {
  return scenario.bays.map((_, bay) => join(directory, `${scenario.name}-bay${bay}.img`))
}

function exitCodeOf(reports: readonly ScenarioReport[]): number {
  if (reports.some(({ result }) => result.kind === 'broken')) return EXIT_BROKEN
  return reports.every(isAsExpected) ? EXIT_OK : EXIT_UNMET
}

async function runAll(
  seeded: readonly Seeded[],
  options: RunOptions,
  run: RunEngine,
  terminal: Terminal,
): Promise<number> {
  const files = new OutputFiles()
  try {
    const { sinks, finish } = await openSinks(options.reporters, files, terminal)
    const timelineSpans = options.reporters.some(({ name }) => name === 'html' || name === 'json') ? TIMELINE_SPANS : 0
    const reports: ScenarioReport[] = []
    for (const { reporter, write } of sinks) write(reporter.begin(VERSION))
    for (const one of seeded) {
      const members = options.membersOut === null ? null : memberPaths(one, options.membersOut)
      const images = options.liveImagesOut === null ? null : liveImagePaths(one, options.liveImagesOut)
      const { report, notes, writtenBays, writtenImages } = await runOne(run, one, {
        seed: one.seed,
        timelineSpans,
        imageFile: options.imageOut === null ? null : files.temporary(options.imageOut),
        memberFiles: members?.map((path) => files.temporary(path)) ?? null,
        liveImageFiles:
          images?.map(({ image, map }) => ({ image: files.temporary(image), map: files.temporary(map) })) ?? null,
        checkDeterminism: options.checkDeterminism,
        signal: terminal.interrupted,
      })
      members?.forEach((path, bay) => {
        if (!writtenBays.includes(bay)) files.drop(path)
      })
      images?.forEach(({ image, map }, index) => {
        if (writtenImages.includes(index)) return
        files.drop(image)
        files.drop(map)
      })
      reports.push(report)
      for (const { reporter, write } of sinks) write(reporter.scenario(report))
      for (const note of notes) terminal.err(`${one.scenario.name}: ${note}\n`)
    }
    for (const { reporter, write } of sinks) write(reporter.end({ version: VERSION, scenarios: reports }))
    finish()
    files.commit()
    return exitCodeOf(reports)
  } finally {
    files.discard()
  }
}

/** Reads everything that is asked for; nothing has run or been written when it throws. */
function readInput(paths: readonly string[], options: RunOptions, terminal: Terminal): Seeded[] {
  const loaded = readScenarios(paths, options.microcodeFile)
  if (options.imageOut !== null && loaded.length > 1) {
    throw new BadInput(`--image-out: found ${loaded.length} scenarios, expected one: a file holds one image`)
  }
  const random = randomSeed()
  const seeded = withSeeds(loaded, options, random)
  terminal.err(terminal.errColours.dim(`${seedLine(seeded, options, random)}\n`))
  return seeded
}

/** Returns the exit code; throws BadInput and Interrupted. */
export async function runCommand(
  paths: readonly string[],
  raw: RawRunOptions,
  terminal: Terminal,
  startEngine: () => Engine,
): Promise<number> {
  const options = checkRunOptions(raw)
  if (options.dryRun) {
    dryRun(readInput(paths, options, terminal), options, terminal)
    return EXIT_OK
  }
  // First of all, because it takes its time to start, in a thread of its own.
  const { run, close } = startEngine()
  try {
    return await runAll(readInput(paths, options, terminal), options, run, terminal)
  } finally {
    await close()
  }
}
