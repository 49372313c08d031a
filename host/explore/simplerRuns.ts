// Ways to make a run simpler, one change at a time: what a shrinker tries.

import type { Trigger } from '../faults/faultSpec'
import type { ResolvedScenario } from '../scenario/scenario'
import type { Operation } from '../workload/operations'
import type { ExploreInput } from './explorer'
import { ontoOne } from './swarm/luns'

export function withOperations(input: ExploreInput, operations: readonly Operation[]): ExploreInput {
  const [load] = input.scenario.workload
  if (load?.kind !== 'operations') return input
  return withScenario(input, { workload: [{ ...load, operations }] })
}

function withScenario(input: ExploreInput, change: Partial<ResolvedScenario>): ExploreInput {
  return { ...input, scenario: { ...input.scenario, ...change } }
}

/** Candidates, the greatest changes first. Each is one step from the run that is given. */
export function* simplerRuns(input: ExploreInput): Generator<ExploreInput> {
  const { scenario } = input
  yield* simplerOrder(input)
  for (let i = scenario.faults.length - 1; i >= 0; i--) {
    yield withScenario(input, { faults: scenario.faults.filter((_, index) => index !== i) })
  }
  yield* withoutLuns(input)
  yield* simplerArray(input)
  yield* simplerOperations(input)
  yield* simplerTriggers(input)
}

function* simplerOrder(input: ExploreInput): Generator<ExploreInput> {
  if (input.scheduler() !== null) yield { ...input, scheduler: () => null }
}

function* simplerTriggers(input: ExploreInput): Generator<ExploreInput> {
  const { faults } = input.scenario
  for (const [i, fault] of faults.entries()) {
    for (const trigger of earlier(fault.trigger)) {
      yield withScenario(input, { faults: faults.map((one, index) => (index === i ? { ...fault, trigger } : one)) })
    }
  }
}

/** Smaller numbers. */
function earlier(trigger: Trigger): Trigger[] {
  if (trigger.kind === 'at' && trigger.timeNs > 0) {
    const timeNs = Math.floor(trigger.timeNs / 2_000_000) * 1_000_000
    return [{ ...trigger, timeNs: 0 }, ...(timeNs > 0 ? [{ ...trigger, timeNs }] : [])]
  }
  if (trigger.kind !== 'nth' || trigger.n === 1) return []
  return [...new Set([1, trigger.n >> 1, trigger.n - 1])].map((n) => ({ ...trigger, n }))
}

function* simplerArray(input: ExploreInput): Generator<ExploreInput> {
  const { array, bays, faults } = input.scenario
  const highest = Math.max(-1, ...faults.map(({ action }) => ('bay' in action ? action.bay : -1)))
  if (array.spares > 0 && highest < array.members) {
    yield withScenario(input, { array: { ...array, spares: 0 }, bays: bays.slice(0, array.members) })
  }
  if (array.members > 2 && highest < array.members - 1) {
    const kept = bays.filter((_, bay) => bay !== array.members - 1)
    yield withScenario(input, { array: { ...array, members: array.members - 1 }, bays: kept })
  }
  if (array.writeCache) yield withScenario(input, { array: { ...array, writeCache: false } })
  if (array.firstEvents !== 0) yield withScenario(input, { array: { ...array, firstEvents: 0 } })
  if (array.firstCounters !== 0) yield withScenario(input, { array: { ...array, firstCounters: 0 } })
  if (array.resyncPauseUs !== 0) yield withScenario(input, { array: { ...array, resyncPauseUs: 0 } })
  if (bays.some((bay) => bay !== null && bay.spinUpNs > 0)) {
    yield withScenario(input, { bays: bays.map((bay) => bay && { ...bay, spinUpNs: 0 }) })
  }
}

/** One LUN, with everything where it was. */
function* withoutLuns(input: ExploreInput): Generator<ExploreInput> {
  const { array, workload } = input.scenario
  const [load] = workload
  if (array.luns.length === 0 || load?.kind !== 'operations') return
  const operations = ontoOne(load.operations, array.luns)
  yield withScenario(input, { array: { ...array, luns: [] }, workload: [{ ...load, operations }] })
}

function* simplerOperations(input: ExploreInput): Generator<ExploreInput> {
  const [load] = input.scenario.workload
  if (load?.kind !== 'operations') return
  if (load.queueDepth > 1) {
    yield withScenario(input, { workload: [{ ...load, queueDepth: load.queueDepth >> 1 }] })
  }
  const { operations } = load
  for (let i = operations.length - 1; i >= 0; i--) {
    yield withOperations(
      input,
      operations.filter((_, index) => index !== i),
    )
  }
  for (const [i, operation] of operations.entries()) {
    if ('sectors' in operation && operation.sectors > 8) {
      yield withOperations(
        input,
        operations.map((one, index) => (index === i ? { ...operation, sectors: 8 } : one)),
      )
    }
  }
}
