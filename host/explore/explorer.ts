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
import { JudgedRun } from '../scenario/judgedRun'
import { recordSteps } from '../scenario/recordSteps'
import { stepsOf } from '../scenario/run'
import type { ScenarioFiles } from '../scenario/runTypes'
import type { ArrayStateName, BayStateName, ResolvedScenario } from '../scenario/scenario'
import { type Step, StepRecorder } from '../scenario/stepRecorder'
import { RandomStream } from '../sim/random'
import type { Scheduler } from '../sim/scheduler'
import { Coverage, type FaultClass } from './coverage'
import { type CrashChoice, crashChoices } from './crashChoice'
import { disposeOf, RecoveryRig, remainsOf } from './recoveryRig'
import { lossAt, SITE_IS_GONE } from './siteLosses'
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
      const points = this.#plainRun()
      if (this.#isFirstSlice) this.coverage.crashPointsMet += points
      if (bounds.crashPoints > 0 && bounds.states > 0) this.#chosen = this.#pointsOf(points + 1)
    }
    if (this.#chosen !== null && !this.#isDone) {
      // With `only` an empty way is the run itself.
      if (scenario.remote !== null && only?.path.length !== 0) this.#siteLosses(this.#chosen)
      else this.#branchingRun(this.#chosen)
    }
    for (const rig of this.#rigs) rig?.run.retire()
    return this
  }

  /** The run by itself; how many crash points it had. */
  #plainRun(): number {
    let points = 0
    const run = this.#newRun((number) => {
      points = number
    })
    this.#carryOut(run)
    // What the audit moves is no crash point of the run.
    const met = points
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

  /** Two sites: the run once more for each of those crash points, site a being lost there for good (siteLosses.ts). */
  #siteLosses(chosen: ReadonlySet<number>): void {
    const { scenario, bounds, slice = 0, slices = 1 } = this.#input
    for (const crashPoint of [...chosen].sort((a, b) => a - b)) {
      if (this.#isDone) return
      if (crashPoint % slices !== slice) continue
      if (this.#branches >= bounds.states) {
        this.coverage.pointsCut++
        continue
      }
      this.#branches++
      this.coverage.pointsExplored++
      this.#path.push({ crashPoint, choice: SITE_IS_GONE })
      const run = this.#newRun(() => {}, { ...scenario, faults: [...scenario.faults, ...lossAt(crashPoint)] })
      this.#carryOut(run)
      this.#note(run)
      run.retire()
      this.#path.pop()
    }
  }

  #newRun(crashPoint: (number: number) => void, scenario = this.#input.scenario): JudgedRun {
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
    const remains = remainsOf(run, step.choice)
    const key = stateKey(run, remains.media, remains.nvram, [step.choice.absent, bounds.depth - level])
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
    this.arrayState = run.arrayState
    this.bayStates = run.bayStates
    this.steps = stepsOf(this.#recorder, run)
  }

  /** What is drawn at a place depends on the place alone: not on what was explored before, here or in another slice. */
  #drawAt(crashPoint: number): RandomStream {
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
