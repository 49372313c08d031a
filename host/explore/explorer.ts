// Explores one run: carries it out, and at its crash points plays what may follow a power cut there.
//
// The run is made twice: once to see how many crash points it has (and what it comes to by itself), once to branch off at those that
// are chosen. A branch is a recovery in a rig of its own (recoveryRig.ts), judged with all that the run had promised until then;
// a recovery may be cut again, to a depth. Nothing is kept of a branch but what it came to, so memory does not grow with their number.
//
// All of it is a function of the run's input: the scenario, the microcode, the seed and the bounds.

import type { ProgressCell } from '../controller/progressCell'
import type { SocketSource } from '../controller/socket'
import type { Law, Verdict, Violation } from '../oracle/verdict'
import { arrayStateOf, bayStatesOf } from '../scenario/claimsOf'
import { JudgedRun } from '../scenario/judgedRun'
import { recordSteps } from '../scenario/recordSteps'
import { stepsOf } from '../scenario/run'
import type { RunnerHooks } from '../scenario/runnerHooks'
import type { ScenarioFiles } from '../scenario/runTypes'
import type { ArrayStateName, BayStateName, ResolvedScenario } from '../scenario/scenario'
import { type Step, StepRecorder } from '../scenario/stepRecorder'
import { RandomStream } from '../sim/random'
import type { Scheduler } from '../sim/scheduler'
import { Coverage, type FaultClass } from './coverage'
import { type CrashChoice, crashChoices } from './crashChoice'
import { disposeOf, RecoveryRig, remainsOf } from './recoveryRig'
import { classOf, faultsAt, siteBranches } from './siteCuts'
import { stateKey } from './stateKey'
import { inSyncBays, uncommittedCount, volatileWrites } from './volatileState'

/** Events of one phase of a run: more is no end. */
const EVENTS_MAX = 300_000
/** Of the recoveries whose crash points are explored in turn, each crash point is, with this chance. */
const NESTED_POINTS = { numerator: 1, denominator: 12 }

export interface Bounds {
  /** Crash points of the run that are explored; Infinity = all. */
  readonly crashPoints: number
  /** Choices tried at each. */
  readonly choices: number
  /** 1 = the recovery is not cut again. */
  readonly depth: number
  /** Branches of the whole unit. */
  readonly states: number
  /** Try recoveries in which a drive comes back late. */
  readonly absences: boolean
  /** Let one recovery in eight end with a scrub. */
  readonly scrubs?: boolean
}

/** One power cut on the way to a violation: at the n-th crash point of its level, with this choice. */
export interface CutStep {
  readonly crashPoint: number
  readonly choice: CrashChoice
}

export interface FoundViolation {
  readonly violation: Violation
  /** Empty: the run itself broke the law. */
  readonly path: readonly CutStep[]
}

export interface ExploreInput {
  readonly scenario: ResolvedScenario
  readonly files: ScenarioFiles
  readonly seed: number
  readonly module: WebAssembly.Module
  readonly sockets: SocketSource
  readonly progress: ProgressCell
  readonly bounds: Bounds
  /** Made anew for each time that the run is carried out. */
  readonly scheduler: () => Scheduler | null
  /** Stop when this law is broken. */
  readonly until?: Law
  /** Branches whose key falls to another slice are somebody else's. */
  readonly slice?: number
  readonly slices?: number
  /** Go down this way alone, and look at this sector. */
  readonly only?: { readonly path: readonly CutStep[]; readonly focusLba: number | null }
}

export interface Explored {
  readonly coverage: Coverage
  readonly violations: readonly FoundViolation[]
  readonly verdict: Verdict | null
  /** Of the same run, at its end. */
  readonly arrayState: ArrayStateName | null
  readonly bayStates: readonly BayStateName[]
  readonly steps: readonly Step[]
}

type CrashPointHook = NonNullable<RunnerHooks['crashPoint']>

const VIOLATIONS_KEPT = 8

export class Explorer {
  readonly coverage = new Coverage()
  readonly violations: FoundViolation[] = []
  /** The verdict of the run or recovery that broke a law last: with `only`, the one that was asked for. */
  verdict: Verdict | null = null
  arrayState: ArrayStateName | null = null
  bayStates: readonly BayStateName[] = []
  steps: readonly Step[] = []
  readonly #input: ExploreInput
  readonly #rigs: RecoveryRig[] = []
  readonly #seen = new Set<string>()
  readonly #path: CutStep[] = []
  readonly #choose: RandomStream
  #nested = RandomStream.fromSeed(0, 'nested')
  readonly #recorder = new StepRecorder()
  #isScheduled = false
  #isDone = false
  #chosen: ReadonlySet<number> | null = null
  #branches = 0
  /** With two sites: how many crash points site a had. */
  #homePoints = 0
  /** The run at the root of what goes on. */
  #root: JudgedRun | null = null

  constructor(input: ExploreInput) {
    this.#input = input
    this.#choose = RandomStream.fromSeed(input.seed, 'explore')
  }

  run(): Explored {
    const { scenario, bounds, only } = this.#input
    if (only) this.#chosen = new Set(only.path.slice(0, 1).map(({ crashPoint }) => crashPoint))
    else {
      const [points, otherPoints] = this.#plainRun()
      if (this.#isFirstSlice) this.coverage.crashPointsMet += points + otherPoints
      const count = scenario.remote === null ? points + 1 : points + otherPoints
      if (bounds.crashPoints > 0 && bounds.states > 0) this.#chosen = this.#pointsOf(count)
      this.#homePoints = points
    }
    if (this.#chosen !== null && !this.#isDone) {
      // With `only` an empty way is the run itself.
      if (scenario.remote !== null && only?.path.length !== 0)
        this.#siteBranches(only?.path ?? this.#plan(this.#chosen))
      else this.#branchingRun(this.#chosen)
    }
    for (const rig of this.#rigs) rig?.run.retire()
    return this
  }

  /** The run by itself; how many crash points each site had. */
  #plainRun(): readonly [number, number] {
    const points = [0, 0]
    const run = this.#newRun((number, _nowNs, site) => {
      points[site] = number
    })
    this.#carryOut(run)
    // What the audit moves is no crash point of the run.
    const met = [points[0]!, points[1]!] as const
    if (this.#isFirstSlice) this.#noteAudited(run)
    run.retire()
    return met
  }

  #pointsOf(count: number): ReadonlySet<number> {
    const { crashPoints } = this.#input.bounds
    const all = Array.from({ length: count }, (_, index) => index + 1)
    if (crashPoints >= count) return new Set(all)
    if (this.#isFirstSlice) this.coverage.pointsCut += count - crashPoints
    for (let i = 0; i < crashPoints; i++) {
      const other = i + this.#choose.below(count - i)
      const kept = all[i]!
      all[i] = all[other]!
      all[other] = kept
    }
    return new Set(all.slice(0, crashPoints))
  }

  #branchingRun(chosen: ReadonlySet<number>): void {
    let met = 0
    const run = this.#newRun((number) => {
      met = number
      if (chosen.has(number)) this.#exploreAt(run, number, 1)
    })
    this.#carryOut(run)
    if (this.#input.only?.path.length === 0) this.#noteAudited(run)
    // The state at the end, when all is quiet, is the last of its crash points.
    else if (run.runner.site.isPowered && chosen.has(met + 1)) this.#exploreAt(run, met + 1, 1)
    run.retire()
  }

  /** Two sites: what may follow at those of their crash points, those of site a being the first. */
  #plan(chosen: ReadonlySet<number>): CutStep[] {
    const { bounds } = this.#input
    const steps: CutStep[] = []
    const run = this.#newRun((number, _nowNs, site) => {
      if (!chosen.has(site === 0 ? number : this.#homePoints + number)) return
      if (steps.length >= bounds.states) {
        if (this.#isFirstSlice) this.coverage.pointsCut++
        return
      }
      const at = site === 0 ? 'a' : 'b'
      const asked = { at, crashPoint: number, max: bounds.choices } as const
      const { branches, combinations } = siteBranches(run, asked, this.#drawAt(`${at}${number}`))
      if (this.#isFirstSlice) {
        this.coverage.pointsExplored++
        this.coverage.choicesCut += Math.max(0, combinations - branches.length)
      }
      for (const { choice, key } of branches) {
        if (this.#seen.has(key.text)) this.coverage.duplicates++
        else if (steps.length < bounds.states && !this.#isElsewhere(key.hash, 1))
          steps.push({ crashPoint: number, choice })
        this.#seen.add(key.text)
      }
    })
    this.#carryOut(run)
    run.retire()
    return steps
  }

  /** Two sites: the run once more for each branch (siteCuts.ts). */
  #siteBranches(steps: readonly CutStep[]): void {
    const { scenario } = this.#input
    for (const step of steps) {
      if (this.#isDone) return
      this.#path.push(step)
      const faults = [...scenario.faults, ...faultsAt(step.crashPoint, step.choice)]
      const run = this.#newRun(() => {}, { ...scenario, faults }, step.choice.sites !== undefined)
      this.#carryOut(run)
      this.#note(run)
      run.retire()
      this.#path.pop()
    }
  }

  #newRun(crashPoint: CrashPointHook, scenario = this.#input.scenario, livesOn = false): JudgedRun {
    const { files, seed, module, sockets, progress, only } = this.#input
    const isOnlyOne = only !== undefined && (only.path.length === 0 || scenario.remote !== null)
    const focusLba = isOnlyOne ? only.focusLba : null
    const scheduler = this.#input.scheduler()
    this.#isScheduled = scheduler !== null
    this.#root = new JudgedRun(scenario, files, seed, module, {
      sockets,
      progress,
      scheduler,
      eventsMax: EVENTS_MAX,
      judgesStops: true,
      livesOn,
      focusLba,
      crashPoint,
    })
    if (isOnlyOne) recordSteps(this.#root.runner, this.#recorder)
    return this.#root
  }

  #carryOut(run: JudgedRun): void {
    if (!run.begin()) return
    if (run.workload(run.jobs())) run.recover()
  }

  /** What may follow a power cut now. `level`: how many there were, this one counted. */
  #exploreAt(run: JudgedRun, crashPoint: number, level: number): void {
    const { bounds, only } = this.#input
    if (run.oracle === null || this.#isDone) return
    const step = only?.path[level - 1]
    if (only) {
      if (step && step.crashPoint === crashPoint) this.#branch(run, { crashPoint, choice: step.choice }, level)
      return
    }
    const counts = this.#isFirstSlice || level > 1
    if (this.#branches >= bounds.states) {
      if (counts) this.coverage.pointsCut++
      return
    }
    if (counts) this.coverage.pointsExplored++
    const { site } = run.runner
    const inSync = bounds.absences ? inSyncBays(site) : []
    const max = level === 1 ? bounds.choices : 1 + (bounds.choices >> 2)
    const absents = inSync.length > 1 ? inSync : []
    // A stream for each place: what is explored below one crash point moves no draw at another.
    const random = this.#drawAt(crashPoint)
    const { choices, combinations } = crashChoices(
      volatileWrites(site),
      uncommittedCount(site),
      absents,
      { max, scrubs: bounds.scrubs ?? true },
      random,
    )
    if (counts) this.coverage.choicesCut += Math.max(0, combinations - choices.length)
    for (const choice of choices) {
      if (this.#branches >= bounds.states || this.#isDone) return
      this.#branch(run, { crashPoint, choice }, level)
    }
  }

  #branch(run: JudgedRun, step: CutStep, level: number): void {
    const { bounds, only } = this.#input
    const { site } = run.runner
    const remains = remainsOf(site, step.choice.survival)
    const key = stateKey(run, site, remains, [step.choice.absent, bounds.depth - level])
    if (!only && (this.#seen.has(key.text) || this.#isElsewhere(key.hash, level))) {
      if (this.#seen.has(key.text)) this.coverage.duplicates++
      disposeOf(remains)
      return
    }
    this.#seen.add(key.text)
    this.#branches++
    this.#path.push(step)
    if (level < bounds.depth) this.#nested = RandomStream.fromSeed(this.#input.seed, `${this.#place}/nested`)
    const rig = this.#rigAt(level)
    rig.recover(run, remains, step.choice)
    if (!only || only.path.length === level) this.#note(rig.run)
    this.#path.pop()
  }

  /** Below the first level everything belongs to the slice of the branch above it. */
  #isElsewhere(hash: number, level: number): boolean {
    const { slice = 0, slices = 1 } = this.#input
    return level === 1 && slices > 1 && hash % slices !== slice
  }

  get #isFirstSlice(): boolean {
    return (this.#input.slice ?? 0) === 0
  }

  #rigAt(level: number): RecoveryRig {
    const found = this.#rigs[level]
    if (found) return found
    const { scenario, files, seed, module, sockets, progress, bounds, only } = this.#input
    const nests = level < bounds.depth
    const rig: RecoveryRig = new RecoveryRig({
      scenario,
      files,
      seed,
      module,
      sockets,
      progress,
      eventsMax: EVENTS_MAX,
      focusLba: only && only.path.length === level ? only.focusLba : null,
      ...(nests && { crashPoint: (number: number) => this.#nestedPoint(rig.run, number, level + 1) }),
    })
    if (only?.path.length === level) recordSteps(rig.run.runner, this.#recorder)
    this.#rigs[level] = rig
    return rig
  }

  #nestedPoint(run: JudgedRun, number: number, level: number): void {
    const { numerator, denominator } = NESTED_POINTS
    if (this.#input.only || this.#nested.chance(numerator, denominator)) this.#exploreAt(run, number, level)
    else this.coverage.pointsCut++
  }

  /** What came of the one run that was asked for. */
  #tell(run: JudgedRun): void {
    this.verdict = run.verdict
    this.arrayState = arrayStateOf(run.runner.site)
    this.bayStates = bayStatesOf(run.runner.site)
    this.steps = stepsOf(this.#recorder, run)
  }

  /** What is drawn at a place depends on the place alone: not on what was explored before, here or in another slice. */
  #drawAt(crashPoint: number | string): RandomStream {
    return RandomStream.fromSeed(this.#input.seed, `${this.#place}/${crashPoint}`)
  }

  get #place(): string {
    return this.#path.map(({ crashPoint, choice }) => `${crashPoint}:${JSON.stringify(choice)}`).join('/')
  }

  /** The classes of faults behind the state that was just judged. */
  #classes(): FaultClass[] {
    const classes: FaultClass[] = [...(this.#root?.runner.faults.kindsStruck ?? [])]
    const isOneSite = this.#input.scenario.remote === null
    if (this.#path.length > 0 && isOneSite) classes.push('power-cut')
    for (const { choice } of this.#path) classes.push(...classOf(choice))
    if (this.#path.length > 1) classes.push('power-cut-in-recovery')
    if (this.#path.some(({ choice }) => choice.absent >= 0)) classes.push('late-drive')
    if (this.#isScheduled) classes.push('order')
    return [...new Set(classes)]
  }

  /** The run by itself: where nothing went wrong, the LUN is also asked what it says about itself. */
  #noteAudited(run: JudgedRun): void {
    run.audit()
    this.#note(run)
  }

  /** Takes down what a run, or a recovery, came to. */
  #note(run: JudgedRun): void {
    const { only } = this.#input
    this.coverage.note(run.lawsJudged, this.#classes())
    const { violations } = run
    if (only) this.#tell(run)
    if (violations.length === 0) return
    for (const violation of violations) {
      const known = this.violations.some((found) => found.violation.law === violation.law)
      if (known || this.violations.length >= VIOLATIONS_KEPT) continue
      this.violations.push({ violation, path: [...this.#path] })
      if (violation.law === this.#input.until) this.#isDone = true
    }
  }
}
