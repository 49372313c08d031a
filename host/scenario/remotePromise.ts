// What a second site promises, for the judge.

import type { RemotePromise } from '../oracle/otherSite'
import type { Runner } from './runner'
import type { ResolvedRemote } from './scenario'

const MS = 1_000_000

/** `isHeld`: events are held back, which may cost a session as well. */
export function remotePromise(remote: ResolvedRemote, { faults }: Runner, isHeld: boolean): RemotePromise {
  const { mode, rpoMs, intervalMs } = remote
  return { mode, rpoNs: rpoMs * MS, intervalNs: intervalMs * MS, isTroubled: () => isHeld || faults.strikes.length > 0 }
}
