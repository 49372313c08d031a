// `remote:` -> the second site; null: there is none.

import type { Checks } from './checks'
import type { ResolvedRemote } from './scenario'
import type { ScenarioInput } from './schema'

export function resolveRemote({ array, remote }: ScenarioInput, checks: Checks): ResolvedRemote | null {
  if (remote === undefined) return null
  const place = ['array', 'writeCache']
  checks.that(!array.writeCache, place, 'off: two sites are mirrored with the write cache off only, so far')
  const { latency, bandwidth, window, paths, fragment } = remote.link
  return {
    mode: remote.mode,
    onLinkLoss: remote.onLinkLoss,
    linkTimeoutMs: remote.linkTimeout,
    link: { latencyNs: latency, bytesPerSecond: bandwidth, windowBytes: window, paths, fragmentBytes: fragment },
  }
}
