// Who observes one of several sites: whoever the initiators are with.

import type { SiteObserver } from './site'

/** Tells `whole` what happens at a site while the initiators use it; else only of what concerns everybody. */
export function observerAt(
  index: number,
  activeIndex: () => number,
  whole: SiteObserver,
  crashed: (reason: string) => void,
): SiteObserver {
  const isActive = (): boolean => activeIndex() === index
  return {
    hostDone: (slot, timeNs) => {
      if (isActive()) whole.hostDone(slot, timeNs)
    },
    driveIssued: (bay, command) => {
      if (isActive()) whole.driveIssued(bay, command)
    },
    driveDone: (bay, command) => {
      if (isActive()) whole.driveDone(bay, command)
    },
    microcodeEvent: (code, a, b, c) => {
      if (isActive()) whole.microcodeEvent(code, a, b, c)
    },
    nvramCommitted: (offset, bytes) => {
      if (isActive()) whole.nvramCommitted(offset, bytes)
    },
    crashed: (reason, last) => {
      if (isActive()) whole.crashed(reason, last)
      else crashed(reason)
    },
  }
}
