// The jobs "replay" and "shrink": in a worker thread, the run and the power cuts that a token names, with the story of what went wrong;
// and a smaller scenario that goes wrong in the same way.
//
// Nothing here is an error: microcode that breaks no law is an answer too. A module that is refused is one that the caller tells.

import { readFileSync } from 'node:fs'
import { type CutStep, type Explored, type ExploreInput, Explorer } from '../explore/explorer'
import { exploreInput, loadMicrocode, type RunSource } from '../explore/unit'
import type { Law, Verdict } from '../oracle/verdict'
import type { ResolvedScenario } from '../scenario/scenario'
import type { JobContext } from './jobs'

export interface ReplayJobInput {
  readonly run: RunSource
  readonly microcodeFile: string
  readonly path: readonly CutStep[]
}

/** What came of the run, or of the recovery. */
export type Story = Pick<Explored, 'arrayState' | 'bayStates' | 'steps'> & { readonly verdict: Verdict }

export interface ReplayJobOutput {
  readonly scenario: ResolvedScenario
  readonly seed: number
  readonly story: Story
  /** False: the run never came to these power cuts, and this is the verdict of the run by itself. */
  readonly isReached: boolean
}

export function replayJob({ run, microcodeFile, path }: ReplayJobInput, { progress }: JobContext): ReplayJobOutput {
  const input = exploreInput(run, loadMicrocode(readFileSync(microcodeFile)), progress)
  const { scenario, seed } = input
  const story = storyOf(input, path)
  if (story !== null) return { scenario, seed, story, isReached: true }
  return { scenario, seed, story: storyOf(input, [])!, isReached: false }
}

/** Twice: only the second time is it known which sector to look at. */
function storyOf(input: ExploreInput, path: readonly CutStep[]): Story | null {
  const depth = Math.max(1, path.length)
  const at = (focusLba: number | null): Story | null => {
    const bounds = { ...input.bounds, depth }
    const { verdict, arrayState, bayStates, steps } = new Explorer({ ...input, bounds, only: { path, focusLba } }).run()
    return verdict && { verdict, arrayState, bayStates, steps }
  }
  const first = at(null)
  if (first?.verdict.verdict !== 'fail') return first
  const lba = first.verdict.violations.find((violation) => violation.lba !== null)?.lba ?? null
  return lba === null ? first : at(lba)
}

export interface ShrinkJobInput {
  readonly run: RunSource
  readonly microcodeFile: string
  readonly law: Law
  readonly evaluations: number
}

export type ShrinkJobOutput = {
  readonly scenario: ResolvedScenario
  readonly seed: number
  readonly verified: boolean
} | null

/** Null: the law is not broken. */
export async function shrinkJob(
  { run, microcodeFile, law, evaluations }: ShrinkJobInput,
  { progress }: JobContext,
): Promise<ShrinkJobOutput> {
  const { shrink } = await import('../explore/shrink')
  const input = exploreInput(run, loadMicrocode(readFileSync(microcodeFile)), progress)
  const shrunken = shrink(input, law, { evaluations })
  return shrunken === null ? null : { ...shrunken, seed: input.seed }
}
