// What a second site promises, for the judge.

import type { RemotePromise } from '../oracle/otherSite'
import type { Runner } from './runner'
import type { ResolvedRemote } from './scenario'

const MS = 1_000_000

/** `isHeld`: events are held back, which may cost a session as well. */
export function remotePromise(remote: ResolvedRemote, { faults }: Runner, isHeld: boolean): RemotePromise {
  const { mode, rpoMs, intervalMs, overflow } = remote
  return {
    mode,
    rpoNs: rpoMs * MS,
    intervalNs: intervalMs * MS,
    // A journal that has no room any more is given up, however young it is.
    lagsByAge: mode === 'scheduled' || overflow !== 'track',
    isTroubled: () => isHeld || faults.strikes.length > 0,
  }
}
