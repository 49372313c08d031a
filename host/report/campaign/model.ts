// What the reporters of a campaign are told: of one certificate, or of the scenarios that were explored. Plain data.
//
// Nothing in it depends on wall time or on how many threads worked, unless the budget itself is a time.

import type { CoverageCounts } from '../../explore/coverage'
import { LAWS, type Law } from '../../oracle/verdict'

export interface BreachReport {
  readonly law: Law
  /** Units that broke it. */
  readonly units: number
  /** The first of them. */
  readonly unit: number
  readonly lba: number | null
  readonly found: string
  readonly expected: string
  readonly token: string
  /** The command that brings it back. */
  readonly replay: string
  /** A small scenario that breaks the law, where one was asked for and found. */
  readonly scenarioFile: string | null
}

export interface LostUnit {
  readonly unit: number
  readonly reason: string
}

/** What was found out about one module, or with one scenario. */
export interface CampaignFacts {
  readonly units: number
  readonly coverage: CoverageCounts
  readonly breaches: readonly BreachReport[]
  /** Units whose microcode never returned, or whose thread died. */
  readonly lost: readonly LostUnit[]
}

export interface MicrocodeReport {
  /** As it was named; that of the package by its name alone. */
  readonly file: string
  readonly sha256: string
}

/** Why a campaign ended before its budget did. */
export type Stopped = 'bail' | 'interrupted'

export type BudgetReport = { readonly states: number } | { readonly durationNs: number }

export interface Certificate extends CampaignFacts {
  readonly kind: 'certificate'
  readonly version: string
  readonly microcode: MicrocodeReport
  readonly seed: number
  readonly budget: BudgetReport
  /** index from 1; null = all of them, merged. */
  readonly shard: { readonly index: number | null; readonly count: number }
  readonly stopped: Stopped | null
}

export interface ExploredScenario extends CampaignFacts {
  readonly name: string
  /** As it was named on the command line. */
  readonly file: string
  readonly microcode: MicrocodeReport
  readonly firstSeed: number
}

export interface ExplorationBounds {
  /** Of each run; null = all. */
  readonly crashPoints: number | null
  readonly choices: number
  readonly depth: number
  readonly orders: number
  readonly seeds: number
  readonly states: number
  readonly absences: boolean
  readonly slices: number
}

export interface Exploration {
  readonly kind: 'exploration'
  readonly version: string
  readonly bounds: ExplorationBounds
  readonly scenarios: readonly ExploredScenario[]
  readonly stopped: Stopped | null
}

export type CampaignReport = Certificate | Exploration

/** A part of a report, with what it is about. */
export interface CampaignPart {
  readonly title: string
  /** Where an annotation belongs. */
  readonly file: string
  readonly facts: CampaignFacts
}

export function partsOf(report: CampaignReport): CampaignPart[] {
  if (report.kind === 'certificate') {
    const { file } = report.microcode
    return [{ title: `certify ${file}`, file, facts: report }]
  }
  return report.scenarios.map((facts) => ({ title: facts.name, file: facts.file, facts }))
}

/** In the order of the laws. */
export function brokenLaws(report: CampaignReport): Law[] {
  const broken = new Set(partsOf(report).flatMap(({ facts }) => facts.breaches.map(({ law }) => law)))
  return LAWS.filter((law) => broken.has(law))
}

export function statesOf(report: CampaignReport): number {
  return partsOf(report).reduce((sum, { facts }) => sum + facts.coverage.states, 0)
}

/** A broken law is a broken law, however far the campaign came; that none is broken is told only by one that came to its end. */
export function campaignVerdict(report: CampaignReport): 'pass' | 'fail' | 'unknown' {
  const parts = partsOf(report)
  if (brokenLaws(report).length > 0) return 'fail'
  const isWhole = report.stopped === null && parts.length > 0 && parts.every(({ facts }) => facts.lost.length === 0)
  return isWhole ? 'pass' : 'unknown'
}

/** States that a law judged, whatever was behind them; a state counts once for each class of faults. */
export function judgesAnything({ coverage }: CampaignFacts, law: Law): boolean {
  return Object.values(coverage.cells).some((row) => (row[law] ?? 0) > 0)
}

export interface CampaignReporter {
  document(report: CampaignReport): string
}
