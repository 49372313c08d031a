// The standard campaign: what any microcode that implements the ABI is put through. Units are drawn runs, one after the other; nothing in
// them knows the microcode.

import { type Budget, type CampaignPlan, microcodeOf } from './campaign'

export const CERTIFY_SEED = 1
/** The standard budget: enough for every bug of the zoo (docs/bug-zoo.md has the figures). */
export const CERTIFY_STATES = 60_000

export interface CertifyOptions {
  readonly seed: number
  readonly budget: Budget
  readonly shard: { readonly index: number; readonly count: number }
  readonly bail: boolean
  readonly jobs: number
  readonly clockMs: () => number
}

export function certifyPlan(
  bytes: Uint8Array,
  { seed, budget, shard, bail, jobs, clockMs }: CertifyOptions,
): CampaignPlan {
  return {
    microcode: microcodeOf(bytes),
    unit: (index) => ({ run: { kind: 'drawn', campaignSeed: seed, index }, slice: 0, slices: 1 }),
    // A shard has its part of the states.
    budget: 'states' in budget ? { states: Math.ceil(budget.states / shard.count) } : budget,
    shard,
    bail,
    window: jobs * 4,
    clockMs,
  }
}
