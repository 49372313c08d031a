// The loss of a primary, at its worst: site a is gone for good, and the line with what was on it; the initiators go to the other site.

import type { FaultAction, FaultSpec, Trigger } from './faultSpec'

const FOREVER = Number.POSITIVE_INFINITY
const LOSS: readonly FaultAction[] = [
  { kind: 'link-cut', direction: 'both', durationNs: FOREVER },
  { kind: 'site-loss', site: 'a', durationNs: FOREVER },
  { kind: 'failover' },
]

export function siteLoss(trigger: Trigger): FaultSpec[] {
  return LOSS.map((action) => ({ name: action.kind, action, trigger }))
}
