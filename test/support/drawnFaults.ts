// For tests of draws: a range to draw faults in, and what was drawn.

import type { FaultRange } from '../../host/explore/swarm/drawing'
import type { FaultSpec } from '../../host/faults/faultSpec'

export const RANGE: FaultRange = {
  bayCount: 3,
  members: 2,
  hotSectors: [0, 8],
  operations: 40,
  goesOnAlone: true,
  driveSectors: 1280,
}

export const kindsOf = (drawn: readonly (readonly FaultSpec[])[]) =>
  new Set(drawn.flat().map(({ action }) => action.kind))
