// Carries out a campaign on a pool of threads here or behind a queue, with a line of progress, and says what went wrong in words that
// help. Ctrl-C is no error: what is known until then is the result.

import {
  Campaign,
  type CampaignPlan,
  type CampaignProgress,
  type CampaignResult,
  UnitFailed,
} from '../explore/campaign'
import { formatToken, type Replay } from '../explore/replayToken'
import type { UnitPool } from '../explore/unitPool'
import type { CampaignFacts } from '../report/campaign/model'
import { countText, plural } from '../report/quantities'
import { BadInput } from './cliError'
import { tokenLine } from './replayLine'
import { statusLine } from './statusLine'
import type { Terminal } from './terminal'

/** Several campaigns one after the other; each has a name of its own, for a queue keeps units by it. */
export interface Pools {
  open(campaign: string): UnitPool
  close(): Promise<void>
}

export async function openPools(queue: string | null, jobs: number, terminal: Terminal): Promise<Pools> {
  if (queue === null) {
    const { localPool } = await import('../explore/localPool')
    const pool = localPool({ threads: jobs })
    return { open: () => pool, close: () => pool.close() }
  }
  const { queuePool } = await import('../explore/queuePool')
  const opened: UnitPool[] = []
  let toldThreads = -1
  const onWorkers = (threads: number): void => {
    if (threads === toldThreads) return
    toldThreads = threads
    const nobody = 'nobody works on the queue yet: platterlab worker --queue URL does'
    terminal.err(`${threads === 0 ? nobody : `${plural(threads, 'thread')} at work on the queue`}\n`)
  }
  return {
    open(campaign) {
      const pool = asBadInput(() => queuePool(queue, { campaign, onWorkers }))
      opened.push(pool)
      return pool
    },
    close: async () => void (await Promise.all(opened.map((pool) => pool.close()))),
  }
}

function asBadInput<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw told(error, '')
  }
}

/** What the user can mend as BadInput; anything else as it is. `file`: the module, which does not know its name. */
function told(error: unknown, file: string): unknown {
  if ((error as Error).name === 'QueueServerError') return new BadInput(`--queue: ${(error as Error).message}`)
  if (!(error instanceof UnitFailed)) return error
  const { name, message, stack, fields } = error.cause
  const { subject, found, expected } = fields as { subject?: string; found?: string; expected?: string }
  if (typeof found === 'string' && typeof expected === 'string') {
    const what = subject === undefined ? '' : `${subject}: `
    return new BadInput(`${file}: found ${what}${found}, expected ${expected}`)
  }
  return Object.assign(new Error(`unit ${error.index}: ${name}: ${message}`), {
    stack: `unit ${error.index}: ${stack}`,
  })
}

/** `microcodeFile`: for the words of a refusal. */
export async function runCampaign(
  plan: CampaignPlan,
  pool: UnitPool,
  microcodeFile: string,
  terminal: Terminal,
): Promise<CampaignResult> {
  const line = statusLine(terminal)
  try {
    const onProgress = (progress: CampaignProgress) => line.show(() => progressText(progress, plan.budget))
    return await new Campaign(plan).run(pool, terminal.interrupted, onProgress)
  } catch (error) {
    throw told(error, microcodeFile)
  } finally {
    line.end()
  }
}

/** '12,345 states, 2,100/s, 20 s left, 1 law broken' */
export function progressText(
  { states, breaches, elapsedMs }: CampaignProgress,
  budget: CampaignPlan['budget'],
): string {
  const rate = elapsedMs > 0 ? (states / elapsedMs) * 1000 : 0
  const leftMs = 'ms' in budget ? budget.ms - elapsedMs : rate > 0 ? ((budget.states - states) / rate) * 1000 : Infinity
  const left = Number.isFinite(leftMs) ? `, ${countText(Math.max(0, leftMs / 1000))} s left` : ''
  const broken = breaches > 0 ? `, ${plural(breaches, 'law')} broken` : ''
  return `${plural(states, 'state')}, ${countText(rate)}/s${left}${broken}`
}

/** `replayOf`: what brings the states of a unit back. */
export function factsOf(
  { units, coverage, breaches, lost }: CampaignResult,
  targetOf: (unit: number) => Replay['target'],
  microcodeOption: string | null,
): CampaignFacts {
  return {
    units,
    coverage,
    breaches: breaches.map(({ index, path, ...breach }) => {
      const token = formatToken({ target: targetOf(index), path })
      const { law, units: count, lba, found, expected } = breach
      const replay = tokenLine(token, microcodeOption)
      return { law, units: count, unit: index, lba, found, expected, token, replay, scenarioFile: null }
    }),
    lost: lost.map(({ index, reason }) => ({ unit: index, reason })),
  }
}
