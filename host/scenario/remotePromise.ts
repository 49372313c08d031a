// What a second site promises, for the judge.

import type { RemotePromise } from '../oracle/otherSite'
import type { ResolvedRemote } from './scenario'

const MS = 1_000_000

export function remotePromise(remote: ResolvedRemote): RemotePromise {
  const { mode, rpoMs, intervalMs, overflow, onLinkLoss } = remote
  return {
    mode,
    rpoNs: rpoMs * MS,
    intervalNs: intervalMs * MS,
    stopsAlone: onLinkLoss === 'stop',
    // A journal that has no room any more is given up, however young it is.
    lagsByAge: mode === 'scheduled' || overflow !== 'track',
  }
}
