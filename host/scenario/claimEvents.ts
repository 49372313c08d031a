// Events of the microcode after which its claims may be others: the judge looks at the status words again.

import {
  EVENT_BAY_STATE,
  EVENT_POINT_HELD,
  EVENT_POINT_TAKEN,
  EVENT_REMOTE_STATE,
  EVENT_SNAPSHOT_INVALID,
  EVENT_SNAPSHOT_RECALLED,
  EVENT_SNAPSHOT_RELEASED,
  EVENT_SNAPSHOT_TAKEN,
} from '../../assembly/abi/events'

export const CLAIM_EVENTS: ReadonlySet<number> = new Set([
  EVENT_BAY_STATE,
  EVENT_REMOTE_STATE,
  EVENT_POINT_TAKEN,
  EVENT_POINT_HELD,
  EVENT_SNAPSHOT_TAKEN,
  EVENT_SNAPSHOT_INVALID,
  EVENT_SNAPSHOT_RELEASED,
  EVENT_SNAPSHOT_RECALLED,
])
