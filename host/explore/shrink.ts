// From a run that breaks a law somewhere in its branches to a scenario that breaks it by itself: few operations, few faults, explicit
// power cuts and holds.
//
// Smaller runs are tried one after the other, and each is explored anew: when an operation is left out the crash points move, so the way
// to the violation must be looked for again, not remembered. What breaks the same law is kept. At the end the branch is written down as
// power cuts at numbered crash points, and the scenario is run: `verified` says that it breaks the law as a plain run does.

import type { Law } from '../oracle/verdict'
import { JudgedRun } from '../scenario/judgedRun'
import type { ResolvedScenario } from '../scenario/scenario'
import { HoldList } from '../sim/scheduler'
import type { Operation } from '../workload/operations'
import { type Bounds, type ExploreInput, Explorer, type FoundViolation } from './explorer'
import { type Linear, linearScenario } from './linearScenario'
import { simplerRuns, withOperations } from './simplerRuns'

export interface Shrunken {
  readonly scenario: ResolvedScenario
  readonly verified: boolean
}

export interface ShrinkOptions {
  /** Runs that are tried; each is explored within small bounds. */
  readonly evaluations: number
}

/** What a candidate is explored with: enough to find again what is there. */
const BOUNDS = { crashPoints: 80, choices: 8, states: 240 } as const

interface Kept {
  readonly input: ExploreInput
  readonly found: FoundViolation
}

/** Null: the law is not broken here. */
export function shrink(input: ExploreInput, law: Law, { evaluations }: ShrinkOptions): Shrunken | null {
  let left = evaluations
  const first = find(input, law)
  if (first === null) return null
  let kept: Kept = { input, found: first }
  const attempt = (candidate: ExploreInput): boolean => {
    if (left <= 0) return false
    left--
    const found = find({ ...candidate, bounds: smaller(candidate.bounds, kept.found) }, law)
    if (found !== null) kept = { input: candidate, found }
    return found !== null
  }
  const operations = operationsOf(kept.input)
  if (operations !== null) leaveOut(operations, (some) => attempt(withOperations(kept.input, some)))
  for (let changed = true; changed && left > 0; ) {
    changed = false
    for (const simpler of simplerRuns(kept.input)) {
      if (attempt(simpler)) {
        changed = true
        break
      }
    }
  }
  return written(kept, law)
}

function smaller(bounds: Bounds, found: FoundViolation): Bounds {
  if (found.path.length === 0) return { ...bounds, crashPoints: 0, states: 0 }
  const depth = Math.max(found.path.length, 1)
  return { ...bounds, ...BOUNDS, depth, absences: found.path.some(({ choice }) => choice.absent >= 0) }
}

function find(input: ExploreInput, law: Law): FoundViolation | null {
  const { violations } = new Explorer({ ...input, until: law }).run()
  return violations.find(({ violation }) => violation.law === law) ?? null
}

function operationsOf({ scenario }: ExploreInput): readonly Operation[] | null {
  const [load] = scenario.workload
  return scenario.workload.length === 1 && load!.kind === 'operations' ? load!.operations : null
}

/** Leaves out ever smaller pieces, as long as what is left still fails (Zeller, Hildebrandt: delta debugging, 2002). */
function leaveOut(all: readonly Operation[], fails: (some: readonly Operation[]) => boolean): void {
  let current = all
  for (let piece = current.length >> 1; piece >= 1; piece >>= 1) {
    for (let at = current.length - piece; at >= 0; at -= piece) {
      const some = [...current.slice(0, at), ...current.slice(at + piece)]
      if (some.length > 0 && fails(some)) current = some
    }
  }
}

/** The branch as a scenario; of several ways to write it down, the first that breaks the law by itself. */
function written({ input, found }: Kept, law: Law): Shrunken {
  const linear: Linear = linearScenario(input, found, law)
  for (const scenario of linear.candidates) {
    const failed = breaks(scenario, input, law)
    if (failed) return { scenario: withoutHolds(scenario, input, law), verified: true }
  }
  return { scenario: linear.candidates[0]!, verified: false }
}

/** Holds that make no difference are left out, the late ones first. */
function withoutHolds(scenario: ResolvedScenario, input: ExploreInput, law: Law): ResolvedScenario {
  let current = scenario
  const fails = (some: ResolvedScenario['holds']): boolean => {
    const candidate = { ...scenario, holds: some }
    if (!breaks(candidate, input, law)) return false
    current = candidate
    return true
  }
  let { holds } = scenario
  for (let piece = holds.length; piece >= 1; piece = piece >> 1) {
    for (let at = Math.max(0, holds.length - piece); at >= 0; at -= piece) {
      const some = [...holds.slice(0, at), ...holds.slice(at + piece)]
      if (fails(some)) holds = some
    }
  }
  return current
}

function breaks(scenario: ResolvedScenario, input: ExploreInput, law: Law): boolean {
  const { files, seed, module, sockets, progress } = input
  const scheduler = scenario.holds.length > 0 ? new HoldList(scenario.holds) : null
  const run = new JudgedRun(scenario, files, seed, module, { sockets, progress, scheduler, eventsMax: 300_000 })
  if (run.begin() && run.workload(run.jobs())) {
    run.recover()
    run.audit()
  }
  const failed = run.violations.some((violation) => violation.law === law)
  run.retire()
  return failed
}
