// A scenario with two sites: at crash points of either site, site a is lost for good, or power fails at one of them, or at both, and returns.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { REMOTE_UP, STATUS_REMOTE_STATE } from '../../assembly/abi/status'
import type { CrashChoice, SiteCut } from '../../host/explore/crashChoice'
import { type Bounds, type CutStep, type ExploreInput, Explorer } from '../../host/explore/explorer'
import { formatToken, parseToken } from '../../host/explore/replayToken'
import { shrink } from '../../host/explore/shrink'
import { faultsAt } from '../../host/explore/siteCuts'
import { exploreInput, type LoadedMicrocode, loadMicrocode } from '../../host/explore/unit'
import { formatScenario } from '../../host/scenario/format'
import { JudgedRun } from '../../host/scenario/judgedRun'
import { parseScenario } from '../../host/scenario/parse'
import type { ResolvedScenario } from '../../host/scenario/scenario'
import { patchedMirror } from '../support/patchedMicrocode'
import { runText } from '../support/runText'

vi.setConfig({ testTimeout: 120_000 })

const ROOT = join(import.meta.dirname, '..', '..')
const mirror = loadMicrocode(readFileSync(join(ROOT, 'build', 'mirror.wasm')))
const buggy = async (patch: string): Promise<LoadedMicrocode> => loadMicrocode(await patchedMirror(join(ROOT, patch)))

function scenarioOf(mode: string, writes: number): ResolvedScenario {
  const text = `
remote: { mode: ${mode}, linkTimeout: 50 ms, link: { latency: 1 ms } }
array: { driveCapacity: 4 MiB }
workload: [ { pattern: { rw: randwrite, bs: 4 KiB, depth: 4, count: ${writes}, size: 1 MiB } } ]
`
  const parsed = parseScenario(text, 'two.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  return parsed.scenario
}

const ALL = Number.POSITIVE_INFINITY
const BOUNDS: Bounds = { crashPoints: ALL, choices: 2, depth: 1, states: 10_000, absences: false }

function inputOf(loaded: LoadedMicrocode, bounds: Partial<Bounds> = {}, mode = 'sync', writes = 3): ExploreInput {
  const scenario = scenarioOf(mode, writes)
  const common = { texts: {}, files: {}, seed: 1, changePoints: -1 }
  return exploreInput({ kind: 'scenario', scenario, ...common, bounds: { ...BOUNDS, ...bounds } }, loaded)
}

const explored = (input: ExploreInput) => new Explorer(input).run()

const NOTHING = { bays: {}, nvram: 'none' } as const
const EVERYTHING = { bays: { 0: 'all', 1: 'all' }, nvram: 'all' } as const
const off = (survival: SiteCut['survival']): SiteCut => ({ survival, offNs: 1e9 })
const choiceOf = (sites: NonNullable<CrashChoice['sites']>): CrashChoice => {
  return { survival: NOTHING, absent: -1, scrubs: false, sites }
}

describe('at the crash points of two sites', () => {
  it.each(['sync', 'received', 'one-behind', 'async', 'scheduled'])(
    'the mirror breaks no law in mode %s, whichever of them fails',
    (mode) => {
      const { coverage, violations } = explored(inputOf(mirror, { crashPoints: 10 }, mode, 12))
      expect(violations).toEqual([])
      const { 'site-loss': lost, 'site-a-cut': a, 'site-b-cut': b, 'both-sites-cut': both } = coverage.cells
      expect(lost!.WOF).toBeGreaterThan(0)
      for (const cut of [a, b, both]) expect(cut!.CONV).toBeGreaterThan(0)
      expect(coverage.states).toBe(1 + lost!.LIVE! + a!.LIVE! + b!.LIVE! + both!.LIVE!)
    },
  )

  it('equal durable states of both are played once, in whichever slice', () => {
    const input = inputOf(mirror, { crashPoints: 14 })
    const whole = explored(input).coverage
    expect(whole.pointsExplored).toBe(14)
    expect(whole.pointsExplored + whole.pointsCut).toBe(whole.crashPointsMet)
    expect(whole.duplicates).toBeGreaterThan(0)
    const parts = [0, 1, 2].map((slice) => explored({ ...input, slice, slices: 3 }).coverage.states)
    expect(parts.every((states) => states > 1)).toBe(true)
    expect(parts.reduce((sum, states) => sum + states, 0)).toBe(whole.states)
  })

  it('a bound in states holds', () => {
    expect(explored(inputOf(mirror, { states: 7 })).coverage.states).toBe(8)
  })
})

describe('a branch', () => {
  const steps: readonly CutStep[] = [
    { crashPoint: 20, choice: choiceOf({ at: 'a', a: off(NOTHING) }) },
    { crashPoint: 20, choice: choiceOf({ at: 'b', b: off(EVERYTHING) }) },
    { crashPoint: 20, choice: choiceOf({ at: 'a', a: off(EVERYTHING), b: off(NOTHING) }) },
    { crashPoint: 20, choice: choiceOf({ at: 'b', a: off(NOTHING), b: { ...off(NOTHING), offNs: 1e7 } }) },
  ]

  function playedOn({ crashPoint, choice }: CutStep): JudgedRun {
    const scenario = { ...scenarioOf('sync', 40), faults: faultsAt(crashPoint, choice) }
    const files = { microcode: mirror.bytes, texts: new Map(), bytes: new Map() }
    const run = new JudgedRun(scenario, files, 1, mirror.module, { judgesStops: true })
    for (const [index, site] of run.runner.rig.sites.entries()) {
      vi.spyOn(site, 'powerCut').mockName(`power cut of site ${index}`)
    }
    if (run.begin() && run.workload(run.jobs())) run.recover()
    return run
  }

  it.each(steps)('ends the workload there, and with both sites up and in step: %j', (step) => {
    const run = playedOn(step)
    const { sites } = run.runner.rig
    expect(run.violations).toEqual([])
    expect(run.runner.initiator.writes).toBeLessThan(40)
    expect(run.runner.faults.strikes).toHaveLength(step.choice.sites!.a && step.choice.sites!.b ? 2 : 1)
    const { a, b } = step.choice.sites!
    expect(sites.map((site) => vi.mocked(site.powerCut).mock.calls.length)).toEqual([a ? 1 : 0, b ? 1 : 0])
    expect(sites.map(({ isPowered }) => isPowered)).toEqual([true, true])
    expect(sites.map(({ controller }) => controller.statusWord(STATUS_REMOTE_STATE))).toEqual([REMOTE_UP, REMOTE_UP])
  })

  it('strikes both sites at one instant, in the middle of what one of them does', () => {
    const times = playedOn(steps[2]!).runner.faults.strikes.map(({ timeNs }) => timeNs)
    expect(new Set(times).size).toBe(1)
  })

  it.each(steps)('survives as a token: %j', (step) => {
    const target = { kind: 'drawn', campaignSeed: 1, index: 2 } as const
    expect(parseToken(formatToken({ target, path: [step] }))).toEqual({ target, path: [step] })
  })
})

describe('a bug shows', () => {
  const inputFor = async (patch: string) => inputOf(await buggy(patch), {}, 'sync', 8)
  const lawsOf = (scenario: ResolvedScenario, { files }: ExploreInput): string[] => {
    const { verdict } = runText(formatScenario(scenario), files.microcode, { seed: scenario.seed! })
    return verdict.verdict === 'fail' ? verdict.violations.map(({ law }) => law) : []
  }

  it('where site a alone loses its power, or both: what was in flight is at one site alone', async () => {
    const input = await inputFor('fixtures/bugs/replicate-uncommitted/bug.patch')
    const { scenario, verified } = shrink(input, 'CONV', { evaluations: 0 })!
    expect(verified).toBe(true)
    const [cut, ...others] = scenario.faults
    expect(others).toEqual([])
    expect(cut!.action).toMatchObject({ kind: 'power-cut', site: 'a' })
    expect(lawsOf(scenario, input)).toContain('CONV')
    const there = { ...cut!, action: { ...cut!.action, site: 'b', survival: EVERYTHING } } as typeof cut & object
    expect(lawsOf({ ...scenario, faults: [cut!, there] }, input)).toContain('CONV')
  })

  it('where site b alone does, at some of its crash points: what it had not stored is forgotten', async () => {
    const input = await inputFor('test/remote/bugs/shipments-forgotten.patch')
    const points = Array.from({ length: 16 }, (_, i) => 4 * (i + 1))
    const lawsAt = (input: ExploreInput, crashPoint: number): string[] => {
      const path = [{ crashPoint, choice: choiceOf({ at: 'b', b: off(NOTHING) }) }]
      return explored({ ...input, only: { path, focusLba: null } }).violations.map(({ violation }) => violation.law)
    }
    const isFoundAt = points.filter((point) => lawsAt(input, point).includes('CONV'))
    expect(isFoundAt.length).toBeGreaterThan(0)
    expect(lawsAt(inputOf(mirror, {}, 'sync', 8), isFoundAt[0]!)).toEqual([])
  })

  it('where site a is lost for good, and in a scenario of its own', async () => {
    const input = await inputFor('test/remote/bugs/acknowledged-before-the-other-site.patch')
    const { scenario, verified } = shrink(input, 'DUR', { evaluations: 0 })!
    expect(verified).toBe(true)
    expect(scenario.faults.map(({ action }) => action.kind)).toEqual(['link-cut', 'site-loss', 'failover'])
    expect(lawsOf(scenario, input)).toContain('DUR')
  })
})
