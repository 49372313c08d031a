// The events that a scenario can name. Those of the microcode are read from the ABI's own table: EVENT_BITMAP_BEGIN is
// `microcode:bitmap-begin`.

import * as abiEvents from '../../assembly/abi/events'
import type { EventName } from '../faults/faultSpec'

/** What the rig itself sees. */
export const RIG_EVENTS = [
  'host-read',
  'host-write',
  'host-flush',
  'host-ack',
  'drive-read',
  'drive-write',
  'drive-flush',
  'drive-done',
  'nvram-commit',
] as const satisfies readonly EventName[]

const PREFIX = 'EVENT_'

function microcodeEvents(): Map<EventName, number> {
  const codes = new Map<EventName, number>()
  for (const [constant, code] of Object.entries(abiEvents)) {
    if (!constant.startsWith(PREFIX)) continue
    codes.set(`microcode:${constant.slice(PREFIX.length).toLowerCase().replaceAll('_', '-')}`, code)
  }
  return codes
}

/** Name of each microcode event -> its trace code. */
export const MICROCODE_EVENT_CODES: ReadonlyMap<EventName, number> = microcodeEvents()

export const EVENT_NAMES: readonly EventName[] = [...RIG_EVENTS, ...MICROCODE_EVENT_CODES.keys()]
