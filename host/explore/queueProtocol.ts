// What a campaign and its workers leave for each other on the server (docs/scale.md has the picture): jobs of one BullMQ queue.
//
//   id            CAMPAIGN.KEY: the same unit is never there twice
//   name          which job of the registry
//   data          { input: JSON }
//   return value  the outcome. BullMQ stores it in the step that ends the job, and only for the worker that holds the job's lock.
//
// The queue's name holds Platterlab's version, because another version's microcode or judge would give other results.
import type { Job, Queue } from 'bullmq'
import { version } from '../../package.json'
import type { UnitOutcome } from './unitPool'

export const QUEUE_NAME = `platterlab-units-${version}`

/** How long what nobody reads stays on the server: results, and units that were given up. */
export const KEPT_SECONDS = 24 * 60 * 60

/** The stream of events holds a copy of each result, so it is kept short. A campaign that missed some looks for itself. */
export const EVENTS_MAX = 1_000

/** A unit on which so many workers died is given up: it may be what kills them. */
export const WORKERS_LOST_MAX = 3

export interface QueuedInput {
  /** JSON. */
  readonly input: string
}

export type UnitQueue = Queue<QueuedInput, UnitOutcome, string>
export type QueuedUnit = Job<QueuedInput, UnitOutcome, string>

const WORD = /^[\w.-]+$/

export function unitId(campaign: string, key: string): string {
  for (const word of [campaign, key]) {
    if (!WORD.test(word))
      throw new Error(`"${word}": a campaign or a unit is named by letters, digits, ".", "_" and "-"`)
  }
  return `${campaign}.${key}`
}

/** How a worker tells its number of threads: in the name of its connection. */
export const workerName = (threads: number): string => `threads-${threads}`

export function threadsOf(connectionName: string): number {
  const threads = /:w:threads-(\d+)$/.exec(connectionName)
  return threads === null ? 0 : Number(threads[1])
}
