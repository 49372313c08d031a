// How a drive is plugged into a rig: where its events go.

import type { EventQueue } from '../sim/eventQueue'

export interface DriveWiring {
  readonly events: EventQueue
  /** Event kinds that the rig passes back to `finish` and `idle`; `a` is `eventIndex`, `b` names the command. */
  readonly finishEvent: number
  readonly idleEvent: number
  readonly eventIndex: number
}
