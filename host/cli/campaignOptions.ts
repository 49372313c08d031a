// The options of `certify`, `merge`, `explore` and `worker`, checked.

import { availableParallelism } from 'node:os'
import { parseDurationNs, UnitError } from '../sim/units'
import { CAMPAIGN_REPORTER_NAMES, type CampaignReporterChoice } from './campaignReporters'
import { BadInput } from './cliError'
import { chooseAmong } from './reporters'
import { parseSeed } from './runOptions'

/** As commander gives them. */
export interface RawCampaignOptions {
  readonly jobs?: string
  readonly seed?: string
  readonly json?: boolean
  readonly reporter?: readonly string[]
  readonly queue?: string
  readonly bail?: boolean
  readonly shrink?: string
}

export interface CampaignOptions {
  readonly jobs: number
  readonly seed: number | null
  readonly reporters: readonly CampaignReporterChoice[]
  readonly queue: string | null
  readonly bail: boolean
  readonly shrinkDirectory: string | null
}

/** Units on a queue keep so many workers busy, wherever they are, unless --jobs says otherwise. */
const QUEUE_JOBS = 32
const JOBS_MAX = 1024

export function checkCampaignOptions(raw: RawCampaignOptions): CampaignOptions {
  const queue = raw.queue ?? null
  return {
    jobs: parseJobs(raw.jobs, queue === null ? availableParallelism() : QUEUE_JOBS),
    seed: raw.seed === undefined ? null : parseSeed(raw.seed),
    reporters: checkReporters(raw),
    queue,
    bail: raw.bail ?? false,
    shrinkDirectory: raw.shrink ?? null,
  }
}

export function checkReporters({ reporter = [], json = false }: RawCampaignOptions): CampaignReporterChoice[] {
  return chooseAmong(CAMPAIGN_REPORTER_NAMES, reporter, json)
}

export function parseJobs(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : parseCount(text, '--jobs', 1, JOBS_MAX)
}

export function parseCount(text: string, option: string, least: number, most = 1_000_000_000): number {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (count >= least && count <= most) return count
  throw new BadInput(`${option}: found "${text}", expected a whole number from ${least} to ${most}`)
}

export type ParsedBudget = { readonly states: number } | { readonly durationNs: number }

const SECOND_NS = 1_000_000_000
const MINUTES = /^(\d+)m$/

/** 'states:60000', '60s', '10m', '1.5 h'. */
export function parseBudget(text: string): ParsedBudget {
  const states = /^states:(.*)$/.exec(text)
  if (states) return { states: parseCount(states[1]!, '--budget states:', 1) }
  // What people type; the units of scenario files know only `min`, for `m` is also the metre and the milli.
  const duration = text.replace(MINUTES, '$1min')
  try {
    const durationNs = parseDurationNs(duration)
    if (durationNs >= SECOND_NS) return { durationNs }
  } catch (error) {
    if (!(error instanceof UnitError)) throw error
  }
  throw new BadInput(
    `--budget: found "${text}", expected states:N, or a time of at least a second such as 60s, 10m or 1h`,
  )
}

export interface Shard {
  /** From 0. */
  readonly index: number
  readonly count: number
}

/** '2/3': the second of three. */
export function parseShard(text: string | undefined): Shard {
  if (text === undefined) return { index: 0, count: 1 }
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text)
  const [index, count] = [Number(match?.[1]), Number(match?.[2])]
  if (match && index >= 1 && index <= count) return { index: index - 1, count }
  throw new BadInput(`--shard: found "${text}", expected i/n with i from 1 to n, such as 1/4`)
}
