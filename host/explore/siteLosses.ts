// What is explored where there are two sites: at a crash point of site a it is lost for good (faults/siteLoss.ts). Another run each time,
// from the start: what is kept of a rig at a crash point is one site.

import type { FaultSpec } from '../faults/faultSpec'
import { siteLoss } from '../faults/siteLoss'
import type { CrashChoice } from './crashChoice'

/** Nothing of site a comes back: there is nothing to choose. */
export const SITE_IS_GONE: CrashChoice = { survival: { bays: {}, nvram: 'none' }, absent: -1, scrubs: false }

/** Right after the n-th change of what site a would keep. */
export function lossAt(crashPoint: number): FaultSpec[] {
  return siteLoss({ kind: 'nth', event: 'crash-point', n: crashPoint, filter: {} })
}
