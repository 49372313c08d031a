// `platterlab explore`: every scenario with power cuts at its crash points, under other seeds and other orders.

import { dirname } from 'node:path'
import { type CampaignPlan, microcodeOf } from '../explore/campaign'
import type { Bounds } from '../explore/explorer'
import type { ReplayTarget } from '../explore/replayToken'
import { runSeed } from '../explore/swarm/drawRun'
import type { ScenarioRun } from '../explore/unit'
import type { Exploration, ExplorationBounds, ExploredScenario } from '../report/campaign/model'
import { campaignExitCode, stoppedBy } from './campaignExit'
import { type CampaignOptions, checkCampaignOptions, parseCount, type RawCampaignOptions } from './campaignOptions'
import { reserveReports, writeReports } from './campaignReporters'
import { factsOf, openPools, type Pools, runCampaign } from './campaignRun'
import { BadInput, Interrupted } from './cliError'
import type { Engine } from './engine'
import { readModule, sha256 } from './namedModule'
import { OutputFiles } from './outputFile'
import { type LoadedScenario, readScenarios } from './readScenario'
import { faultText, microcodeFile } from './runOne'
import { randomSeed } from './runOptions'
import { scenarioDigest, scenarioRunOf } from './scenarioRun'
import { type Breaking, shrinkBreaches } from './shrinkBreaches'
import type { Terminal } from './terminal'
import { VERSION } from './version'

export interface RawExploreOptions extends RawCampaignOptions {
  readonly crashPoints: string
  readonly choices: string
  readonly depth: string
  readonly orders: string
  readonly seeds: string
  readonly states: string
  readonly absences?: boolean
  readonly slices: string
  readonly microcode?: string
}

/** Orders of one seed have 0, 1, 2, … change points. */
const CHANGE_POINTS = 4

interface Work extends CampaignOptions {
  readonly bounds: ExplorationBounds
  readonly terminal: Terminal
  readonly files: OutputFiles
}

interface Seeded extends LoadedScenario {
  readonly firstSeed: number
}

function checkBounds(raw: RawExploreOptions): ExplorationBounds {
  return {
    crashPoints: raw.crashPoints === 'all' ? null : parseCount(raw.crashPoints, '--crash-points', 0),
    choices: parseCount(raw.choices, '--choices', 1, 10_000),
    depth: parseCount(raw.depth, '--depth', 1, 8),
    orders: parseCount(raw.orders, '--orders', 0, 1_000_000),
    seeds: parseCount(raw.seeds, '--seeds', 1),
    states: parseCount(raw.states, '--states', 1),
    absences: raw.absences ?? false,
    slices: parseCount(raw.slices, '--slices', 1, 4096),
  }
}

export function boundsOf({ crashPoints, choices, depth, states, absences }: ExplorationBounds): Bounds {
  // JSON knows no Infinity.
  return { crashPoints: crashPoints ?? Number.MAX_SAFE_INTEGER, choices, depth, states, absences }
}

/** Returns the exit code; throws BadInput and Interrupted. */
export async function exploreCommand(
  paths: readonly string[],
  raw: RawExploreOptions,
  terminal: Terminal,
  startEngine: () => Engine,
): Promise<number> {
  const options = checkCampaignOptions(raw)
  const bounds = checkBounds(raw)
  const random = randomSeed()
  const loaded = readScenarios(paths, raw.microcode ?? null)
  const seeded = loaded.map((one) => ({ ...one, firstSeed: options.seed ?? one.scenario.seed ?? random }))
  const seeds = [...new Set(seeded.map(({ firstSeed }) => firstSeed))]
  terminal.err(terminal.errColours.dim(`${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}\n`))
  const files = new OutputFiles()
  try {
    reserveReports(options.reporters, files)
    await tryAll(seeded, terminal, startEngine)
    const report = await exploreAll(seeded, { ...options, bounds, terminal, files })
    await writeReports(report, options.reporters, files, terminal)
    if (report.stopped !== 'interrupted') files.commit()
    return campaignExitCode(report)
  } finally {
    files.discard()
  }
}

/** What is wrong with a scenario shows when it runs: a line of an fio job, say. Better known before hours of work than after them. */
async function tryAll(seeded: readonly Seeded[], terminal: Terminal, startEngine: () => Engine): Promise<void> {
  const { run, close } = startEngine()
  try {
    for (const one of seeded) {
      const { scenario, directory, firstSeed: seed } = one
      const none = { timelineSpans: 0, imageFile: null, memberFiles: null }
      const job = { scenario, directory, microcodeFile: microcodeFile(one), seed, ...none }
      const outcome = await run(job, terminal.interrupted)
      if (outcome.kind === 'cancelled') throw new Interrupted()
      if (outcome.kind !== 'done' || outcome.output.kind !== 'bad-input') continue
      throw new BadInput(outcome.output.faults.map((fault) => faultText(fault, one)).join('\n\n'))
    }
  } finally {
    await close()
  }
}

async function exploreAll(seeded: readonly Seeded[], work: Work): Promise<Exploration> {
  const { queue, jobs, terminal, bail, bounds } = work
  const scenarios: ExploredScenario[] = []
  let stopped: Exploration['stopped'] = null
  const pools = await openPools(queue, jobs, terminal)
  try {
    for (const one of seeded) {
      const { explored, isComplete } = await exploreOne(one, work, pools)
      scenarios.push(explored)
      stopped = stoppedBy(isComplete, bail && explored.breaches.length > 0, terminal)
      if (stopped !== null) break
    }
  } finally {
    await pools.close()
  }
  return { kind: 'exploration', version: VERSION, bounds, scenarios, stopped }
}

async function exploreOne(
  one: Seeded,
  work: Work,
  pools: Pools,
): Promise<{ explored: ExploredScenario; isComplete: boolean }> {
  const { bounds, bail, jobs, terminal } = work
  const { scenario, firstSeed } = one
  const path = microcodeFile(one)
  const module = readModule(path)
  const run = scenarioRunOf(one, boundsOf(bounds))
  const digest = scenarioDigest(run)
  const unit = unitsOf(run, firstSeed, bounds)
  const plan: CampaignPlan = {
    microcode: microcodeOf(module.bytes),
    unit,
    budget: { states: Number.POSITIVE_INFINITY },
    shard: { index: 0, count: 1 },
    bail,
    window: jobs * 4,
    clockMs: () => performance.now(),
  }
  const { microcode } = scenario.array
  const name = `explore-${sha256(JSON.stringify([plan.microcode.digest, digest, firstSeed, bounds])).slice(0, 24)}`
  const result = await runCampaign(plan, pools.open(name), path, terminal)
  const targetOf = (index: number): ReplayTarget => {
    const { seed, changePoints } = unit(index)!.run
    return { kind: 'scenario', file: scenario.file, digest, seed, changePoints }
  }
  const found: ExploredScenario = {
    name: scenario.name,
    file: scenario.file,
    microcode: {
      file: microcode.kind === 'builtin' ? microcode.name : (one.otherMicrocode ?? microcode.path),
      sha256: module.report.sha256,
    },
    firstSeed,
    ...factsOf(result, targetOf, one.otherMicrocode),
  }
  const breakingOf = (index: number): Breaking => ({
    run: unit(index)!.run,
    microcodeFile: path,
    namedMicrocode: microcode.kind === 'builtin' ? null : path,
    directory: dirname(scenario.file),
  })
  const nameOf = (law: string) => `${scenario.name}-${law}.yaml`
  const explored = await shrinkBreaches(found, work.shrinkDirectory, breakingOf, nameOf, work.files, terminal)
  return { explored, isComplete: result.isComplete }
}

/** Seeds, in each of them orders (the plain one first), and of each the slices. */
export function unitsOf(
  run: ScenarioRun,
  firstSeed: number,
  { seeds, orders, slices }: Pick<ExplorationBounds, 'seeds' | 'orders' | 'slices'>,
): (index: number) => { readonly run: ScenarioRun; readonly slice: number; readonly slices: number } | null {
  return (index) => {
    const number = Math.floor(index / slices)
    const order = (number % (orders + 1)) - 1
    const ownSeed = firstSeed + Math.floor(number / (orders + 1))
    if (ownSeed - firstSeed >= seeds) return null
    const changePoints = order < 0 ? -1 : order % CHANGE_POINTS
    const round = order < 0 ? 0 : Math.floor(order / CHANGE_POINTS)
    // An order is a function of seed and change points: more orders than these need seeds of their own.
    const seed = round === 0 ? ownSeed : runSeed(ownSeed, round)
    return { run: { ...run, seed, changePoints }, slice: index % slices, slices }
  }
}
