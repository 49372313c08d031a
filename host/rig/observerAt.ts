// Who observes one of several sites: one observer while the initiators use it, another while they do not.

import type { SiteObserver } from './site'

export function observerAt(
  index: number,
  activeIndex: () => number,
  used: SiteObserver,
  unused: SiteObserver,
): SiteObserver {
  const observer = (): SiteObserver => (activeIndex() === index ? used : unused)
  return {
    hostDone: (slot, timeNs) => observer().hostDone(slot, timeNs),
    driveIssued: (bay, command) => observer().driveIssued(bay, command),
    driveDone: (bay, command) => observer().driveDone(bay, command),
    microcodeEvent: (code, a, b, c) => observer().microcodeEvent(code, a, b, c),
    nvramCommitted: (offset, bytes) => observer().nvramCommitted(offset, bytes),
    crashed: (reason, last) => observer().crashed(reason, last),
  }
}
