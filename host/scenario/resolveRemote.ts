// `remote:` -> the second site; null: there is none.

import type { Checks } from './checks'
import type { ResolvedRemote } from './scenario'
import type { ScenarioInput } from './schema'

/** Of mode async, unless told. */
const RPO_MS = 1000

export function resolveRemote({ array, remote }: ScenarioInput, checks: Checks): ResolvedRemote | null {
  if (remote === undefined) return null
  const place = ['array', 'writeCache']
  checks.that(!array.writeCache, place, 'off: two sites are mirrored with the write cache off only, so far')
  const hasRpo = remote.rpo === undefined || remote.mode === 'async'
  checks.that(hasRpo, ['remote', 'rpo'], 'mode: async with it; the other modes promise more')
  const { latency, bandwidth, window, paths, fragment } = remote.link
  return {
    mode: remote.mode,
    onLinkLoss: remote.onLinkLoss,
    linkTimeoutMs: remote.linkTimeout,
    rpoMs: remote.rpo ?? RPO_MS,
    link: { latencyNs: latency, bytesPerSecond: bandwidth, windowBytes: window, paths, fragmentBytes: fragment },
  }
}
