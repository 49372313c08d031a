import { expect, it } from 'vitest'
import type { UnitQueue } from '../../host/explore/queueProtocol'
import { QueueRun } from '../../host/explore/queueRun'
import type { UnitJob, UnitOutcome } from '../../host/explore/unitPool'

/** A server on which each unit has ended already, after a first try that failed. */
function queueOf(state: 'completed' | 'failed'): UnitQueue {
  const queue = {
    getJobState: async () => state,
    getJob: async (id: string) => ({ id, failedReason: 'a first try', returnvalue: { kind: 'done', output: 7 } }),
    getWorkers: async () => [],
    remove: async () => 1,
  }
  return queue as unknown as UnitQueue
}

async function outcomeOn(state: 'completed' | 'failed'): Promise<UnitOutcome[]> {
  const jobs: UnitJob[] = [{ index: 0, key: 'u0', name: 'toy', input: null } as UnitJob]
  const outcomes: UnitOutcome[] = []
  const run = new QueueRun({
    campaign: 'c',
    queue: queueOf(state),
    next: () => jobs.shift() ?? null,
    ended: (_, outcome) => void outcomes.push(outcome),
  })
  await run.toEnd()
  run.stop()
  return outcomes
}

it('a unit that was tried twice, and ended well, has ended well', async () => {
  expect(await outcomeOn('completed')).toEqual([{ kind: 'done', output: 7 }])
})

it('a unit that was given up says why', async () => {
  expect(await outcomeOn('failed')).toEqual([{ kind: 'died', reason: 'a first try' }])
})
