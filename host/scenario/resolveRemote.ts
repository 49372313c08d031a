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
const AREA_PERCENT = 50

type RemoteInput = NonNullable<ScenarioInput['remote']>

export function resolveRemote({ array, remote }: ScenarioInput, checks: Checks): ResolvedRemote | null {
  if (remote === undefined) return null
  const place = ['array', 'writeCache']
  checks.that(!array.writeCache, place, 'off: two sites are mirrored with the write cache off only, so far')
  const isScheduled = remote.mode === 'scheduled'
  const hasRpo = remote.rpo === undefined || remote.mode === 'async' || isScheduled
  checks.that(hasRpo, ['remote', 'rpo'], 'mode: async or scheduled with it; the other modes promise more')
  for (const key of ['interval', 'cron', 'area'] as const) {
    checks.that(remote[key] === undefined || isScheduled, ['remote', key], 'mode: scheduled with it')
  }
  const { cron, interval, link } = remote
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
    areaPercent: remote.area ?? AREA_PERCENT,
    link: {
      latencyNs: link.latency,
      bytesPerSecond: link.bandwidth,
      windowBytes: link.window,
      paths: link.paths,
      fragmentBytes: link.fragment,
    },
  }
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
