// `remote:` -> the second site; null: there is none.

import { CronExpressionParser } from 'cron-parser'
import type { Checks } from './checks'
import { EPOCH_SECONDS } from './configure'
import type { ResolvedRemote } from './scenario'
import type { ScenarioInput } from './schema'

/** Of mode async, unless told. */
const RPO_MS = 1000
/** Of mode scheduled, unless told. */
const INTERVAL_MS = 1000
export const AREA_PERCENT = { scheduled: 50, async: 10 }
/** Of the modes that have a journal, unless told; and what they need: room for two writes of the largest size. */
const NVRAM_BYTES = 4 * 1024 * 1024
const NVRAM_LEAST_BYTES = 384 * 1024
/** Of the others: records and marks. */
const NVRAM_WITHOUT_JOURNAL_BYTES = 4096

/** What a microcode may count on: frames for all that its host slots have are so many at most. */
const MTU_LEAST_BYTES = 4096

type RemoteInput = NonNullable<ScenarioInput['remote']>

export function resolveRemote({ remote }: ScenarioInput, checks: Checks): ResolvedRemote | null {
  if (remote === undefined) return null
  const isScheduled = remote.mode === 'scheduled'
  const hasRpo = remote.rpo === undefined || remote.mode === 'async' || isScheduled
  checks.that(hasRpo, ['remote', 'rpo'], 'mode: async or scheduled with it; the other modes promise more')
  const isAsync = remote.mode === 'async'
  for (const key of ['interval', 'cron'] as const) {
    checks.that(remote[key] === undefined || isScheduled, ['remote', key], 'mode: scheduled with it')
  }
  checks.that(
    remote.area === undefined || isScheduled || isAsync,
    ['remote', 'area'],
    'mode: scheduled or async with it',
  )
  checks.that(remote.overflow === undefined || isAsync, ['remote', 'overflow'], 'mode: async with it')
  checkNvram(remote, checks)
  checks.that(!remote.resyncSums || !isScheduled, ['remote', 'resyncSums'], 'another mode than scheduled with it')
  const isRate = remote.resyncRate === 0 || remote.resyncRate >= 1024
  checks.that(isRate, ['remote', 'resyncRate'], 'a size of 1 KiB or more, or off')
  const { cron, interval, link } = remote
  checks.that(
    link.mtu === 0 || link.mtu >= MTU_LEAST_BYTES,
    ['remote', 'link', 'mtu'],
    'a size of 4 KiB or more, or off',
  )
  checks.that(cron === undefined || interval === undefined, ['remote', 'cron'], 'one of interval and cron')
  checks.that(cron === undefined || isCron(cron), ['remote', 'cron'], 'a cron expression such as */10 * * * * *')
  const intervalMs = isScheduled ? (interval ?? (cron === undefined ? INTERVAL_MS : 0)) : 0
  return {
    mode: remote.mode,
    onLinkLoss: remote.onLinkLoss,
    linkTimeoutMs: remote.linkTimeout,
    rpoMs: rpoMs(remote, intervalMs),
    intervalMs,
    cron: cron ?? '',
    areaPercent: remote.area ?? (isAsync ? AREA_PERCENT.async : AREA_PERCENT.scheduled),
    overflow: remote.overflow ?? 'throttle',
    nvramBytes: hasJournal(remote) ? (remote.nvram ?? NVRAM_BYTES) : NVRAM_WITHOUT_JOURNAL_BYTES,
    resyncSums: remote.resyncSums,
    resyncKibPerSecond: Math.floor(remote.resyncRate / 1024),
    link: {
      latencyNs: link.latency,
      bytesPerSecond: link.bandwidth,
      windowBytes: link.window,
      frameBytesMax: link.mtu,
      paths: link.paths,
      fragmentBytes: link.fragment,
    },
  }
}

function hasJournal({ mode }: RemoteInput): boolean {
  return mode === 'received' || mode === 'one-behind' || mode === 'async'
}

function checkNvram(remote: RemoteInput, checks: Checks): void {
  if (remote.nvram === undefined) return
  const place = ['remote', 'nvram']
  checks.that(hasJournal(remote), place, 'mode: received, one-behind or async with it')
  const fits = remote.nvram >= NVRAM_LEAST_BYTES && remote.nvram <= NVRAM_BYTES
  checks.that(fits, place, '384 KiB to 4 MiB')
}

/** In mode scheduled an interval, and a transfer that takes no longer than that; by cron nothing, unless told. */
function rpoMs({ mode, rpo }: RemoteInput, intervalMs: number): number {
  return rpo ?? (mode === 'scheduled' ? 2 * intervalMs : RPO_MS)
}

function isCron(text: string): boolean {
  try {
    CronExpressionParser.parse(text, { currentDate: EPOCH_SECONDS * 1000 })
    return true
  } catch {
    return false
  }
}
