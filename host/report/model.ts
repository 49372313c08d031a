// What every reporter is told: the scenarios of one run of the command, each with what came out. Plain data.
//
// Nothing in it depends on wall time, so equal inputs give byte-equal reports. Reporters turn it into text; they decide nothing.

import type { Verdict } from '../oracle/verdict'
import type { TimelineSpan } from '../scenario/runTypes'
import type { ArrayStateName, BayStateName } from '../scenario/scenario'
import type { Step } from '../scenario/stepRecorder'

export type ScenarioResult =
  | {
      readonly kind: 'judged'
      readonly verdict: Verdict
      /** null = nobody asked. */
      readonly arrayState: ArrayStateName | null
      readonly bayStates: readonly BayStateName[]
      readonly timeline: readonly TimelineSpan[]
    }
  /** The microcode never returned, and was killed: there is no verdict. */
  | { readonly kind: 'killed'; readonly reason: string }
  /** Platterlab itself failed. */
  | { readonly kind: 'broken'; readonly reason: string }

export interface ScenarioReport {
  /** The scenario file, as it was named on the command line. */
  readonly file: string
  readonly name: string
  readonly story: string
  readonly seed: number
  /** 'pass', 'fail (DUR)': what its author expects. */
  readonly expected: string
  /** What is otherwise than expected, a sentence each. */
  readonly unmet: readonly string[]
  /** The command that brings it back. */
  readonly replay: string
  readonly result: ScenarioResult
  /** What happened step by step, for a picture; where somebody recorded it. */
  readonly steps?: readonly Step[]
}

export interface RunReport {
  readonly version: string
  readonly scenarios: readonly ScenarioReport[]
}

/** Makes text of reports. The pieces, in order, are one document. */
export interface Reporter {
  begin(version: string): string
  /** As soon as a scenario is over. */
  scenario(report: ScenarioReport): string
  end(run: RunReport): string
}

export function isAsExpected(report: ScenarioReport): boolean {
  return report.unmet.length === 0 && report.result.kind !== 'broken'
}

/** 'pass', 'fail (DUR, CONV)', 'unknown', 'killed', 'broken'. */
export function resultText({ result }: ScenarioReport): string {
  if (result.kind !== 'judged') return result.kind
  const { verdict } = result
  if (verdict.verdict !== 'fail') return verdict.verdict
  return `fail (${[...new Set(verdict.violations.map((violation) => violation.law))].join(', ')})`
}

/** Why it is not as expected, in one sentence. */
export function reasonText(report: ScenarioReport): string {
  return report.unmet[0] ?? `${resultText(report)}, expected ${report.expected}`
}

export interface Tally {
  readonly total: number
  readonly asExpected: number
  readonly unexpected: readonly ScenarioReport[]
}

export function tally(run: RunReport): Tally {
  const unexpected = run.scenarios.filter((report) => !isAsExpected(report))
  return { total: run.scenarios.length, asExpected: run.scenarios.length - unexpected.length, unexpected }
}
