// Runs a scenario: a function of (scenario, files, seed), with a judged verdict.
//
// When a law is broken the same run is made once more with an eye on the first bad sector: the story of a violation costs nothing as
// long as there is none, and equal inputs give equal runs.

import { checkModule, compileModule } from '../controller/moduleCheck'
import { EVENT_CODES } from '../faults/eventNames'
import type { EventName } from '../faults/faultSpec'
import { HoldList } from '../sim/scheduler'
import { arrayStateOf, bayStatesOf } from './claimsOf'
import { JudgedRun, type JudgedRunOptions } from './judgedRun'
import { readLun } from './lunImage'
import { recordSteps } from './recordSteps'
import type { RunOptions, RunOutcome, ScenarioFiles, SectorSource } from './runTypes'
import type { ResolvedScenario } from './scenario'
import { type Step, StepRecorder } from './stepRecorder'
import { Timeline } from './timeline'

export function runScenario(
  scenario: ResolvedScenario,
  files: ScenarioFiles,
  seed: number,
  options: RunOptions = {},
): RunOutcome {
  const module = compileModule(new Uint8Array(files.microcode))
  checkModule(module)
  const outcome = carryOut(scenario, files, seed, options, module, null)
  if (outcome.verdict.verdict !== 'fail') return outcome
  const lba = outcome.verdict.violations.find((violation) => violation.lba !== null)?.lba ?? null
  // The watchdog looks on: this run may take as long as the first.
  const watched = options.progress ? { progress: options.progress } : {}
  const endNs = outcome.verdict.violations[0]!.timeNs
  const again = carryOut(scenario, files, seed, watched, module, lba, new StepRecorder({ endNs }))
  if (again.verdict.verdict !== 'fail') return outcome
  return { ...outcome, verdict: again.verdict, ...(again.steps && { steps: again.steps }) }
}

function carryOut(
  scenario: ResolvedScenario,
  files: ScenarioFiles,
  seed: number,
  options: RunOptions,
  module: WebAssembly.Module,
  focusLba: number | null,
  recorder: StepRecorder | null = null,
): RunOutcome {
  const scheduler = scenario.holds.length > 0 ? new HoldList(scenario.holds) : null
  const runOptions: JudgedRunOptions = { focusLba, scheduler, ...(options.progress && { progress: options.progress }) }
  const run = new JudgedRun(scenario, files, seed, module, runOptions)
  const { runner } = run
  const timeline = new Timeline(runner, options.timelineSpans ?? 0)
  let isOver = false
  if (run.begin()) {
    if (recorder) recordSteps(runner, recorder)
    const jobs = run.jobs()
    timeline.begin()
    isOver = run.workload(jobs)
    if (isOver) run.recover()
  }
  const members = options.wantMemberImages ? { memberImages: memberImages(run) } : {}
  const outcome: RunOutcome = {
    verdict: run.verdict,
    arrayState: arrayStateOf(run.runner.site),
    bayStates: bayStatesOf(run.runner.site),
    events: eventsOf(run),
    ...(recorder && { steps: stepsOf(recorder, run) }),
    ...(options.timelineSpans ? { timeline: timeline.spans() } : {}),
    ...members,
    ...(runner.imager.images.length > 0 && { liveImages: runner.imager.images }),
  }
  // Last, and after all figures were taken: whoever asks for an image gets the same verdict and the same trace.
  if (!isOver || !options.wantLunImage || !runner.awaitLun()) return outcome
  runner.initiator.judge = null
  return { ...outcome, lunImage: readLun(runner) }
}

/** Faults and violations are told at the end; the recorder puts them in their place. */
export function stepsOf(recorder: StepRecorder, { runner, violations }: JudgedRun): readonly Step[] {
  for (const { timeNs, text } of runner.faults.strikes) recorder.fault(timeNs, text, null)
  for (const violation of violations) recorder.violation(violation)
  return recorder.steps
}

function eventsOf({ runner: { counts } }: JudgedRun): ReadonlyMap<EventName, number> {
  return new Map([...EVENT_CODES].flatMap(([name, code]) => (counts[code]! > 0 ? [[name, counts[code]!]] : [])))
}

function memberImages({ runner }: JudgedRun): (SectorSource | null)[] {
  return runner.site.bays.map((drive) => drive?.medium ?? null)
}
