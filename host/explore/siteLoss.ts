// What is explored where there are two sites: at a crash point of site a it is lost for good, and the line with it; the initiators go to
// the other site. Another run each time, from the start: what is kept of a rig at a crash point is one site.

import type { FaultAction, FaultSpec } from '../faults/faultSpec'
import type { ResolvedScenario } from '../scenario/scenario'
import type { CrashChoice } from './crashChoice'

/** Nothing of site a comes back: there is nothing to choose. */
export const SITE_IS_GONE: CrashChoice = { survival: { bays: {}, nvram: 'none' }, absent: -1, scrubs: false }

const FOREVER = Number.POSITIVE_INFINITY
const LOSS: readonly FaultAction[] = [
  { kind: 'link-cut', direction: 'both', durationNs: FOREVER },
  { kind: 'site-loss', site: 'a', durationNs: FOREVER },
  { kind: 'failover' },
]

/** The scenario with that loss right after the n-th change of what site a would keep. */
export function withLossAt(scenario: ResolvedScenario, crashPoint: number): ResolvedScenario {
  return { ...scenario, faults: [...scenario.faults, ...lossAt(crashPoint)] }
}

export function lossAt(crashPoint: number): FaultSpec[] {
  const trigger = { kind: 'nth', event: 'crash-point', n: crashPoint, filter: {} } as const
  return LOSS.map((action) => ({ name: action.kind, action, trigger }))
}
