// A branch of an exploration, written down as a scenario that takes this way by itself.
//
// The cuts become power cuts at numbered crash points with an explicit choice of what persists; the last one is final: what comes after it
// in the workload and among the faults never happened in the branch. Crash points go on being counted after a cut. The order of
// events becomes a list of holds.

import type { FaultSpec } from '../faults/faultSpec'
import type { Law } from '../oracle/verdict'
import { JudgedRun } from '../scenario/judgedRun'
import type { ResolvedScenario } from '../scenario/scenario'
import type { Hold } from '../sim/scheduler'
import type { CutStep, ExploreInput, FoundViolation } from './explorer'
import { RecordedScheduler } from './priorityScheduler'
import { faultsAt } from './siteCuts'

export interface Linear {
  /** Most likely first. */
  readonly candidates: readonly ResolvedScenario[]
}

const POWER_OFF_NS = 1_000_000_000

export function linearScenario(input: ExploreInput, { violation, path }: FoundViolation, law: Law): Linear {
  const { scenario } = input
  const holds = input.scheduler() === null ? scenario.holds : recordedHolds(input, path.length > 0)
  const cuts =
    scenario.remote === null ? cutFaults(path) : path.flatMap(({ crashPoint, choice }) => faultsAt(crashPoint, choice))
  const base: ResolvedScenario = {
    ...scenario,
    file: `${law.toLowerCase()}.yaml`,
    name: `${law.toLowerCase()}-found-by-exploring`,
    story: `Found by exploring. ${violation.found}; expected ${violation.expected}.`,
    seed: input.seed,
    holds,
    expect: { verdict: 'fail', laws: [law], arrayState: null, bays: {}, events: {}, faultsStruckMin: 0 },
  }
  if (path.length === 0) return { candidates: [base] }
  return {
    candidates: [
      { ...base, faults: [...scenario.faults, ...cuts] },
      { ...base, faults: cuts },
    ],
  }
}

function cutFaults(path: readonly CutStep[]): FaultSpec[] {
  let crashPoint = 0
  return path.map((step, index) => {
    crashPoint += step.crashPoint
    const { survival, absent } = step.choice
    return {
      name: 'power-cut',
      action: {
        kind: 'power-cut',
        durationNs: POWER_OFF_NS,
        tearSector: false,
        survival,
        // The first cut ends the run: all that follows it is recovery.
        final: index === 0 || index === path.length - 1,
        late: absent,
      },
      trigger: { kind: 'nth', n: crashPoint, event: 'crash-point', filter: {} },
    }
  })
}

/** The holds of the run's own order. A run that is not cut short goes on to its end: its recovery has an order, too. */
function recordedHolds(input: ExploreInput, isCut: boolean): readonly Hold[] {
  const { scenario, files, seed, module, sockets, progress } = input
  const scheduler = new RecordedScheduler(input.scheduler()!)
  const run = new JudgedRun(scenario, files, seed, module, { sockets, progress, scheduler, eventsMax: 300_000 })
  if (run.begin() && run.workload(run.jobs()) && !isCut) {
    run.recover()
    run.audit()
  }
  run.retire()
  return scheduler.holds
}
