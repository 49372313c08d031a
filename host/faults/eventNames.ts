// Numbers for the events that a trigger can listen to. The microcode's are its trace codes (assembly/abi/events.ts, all below 256); the
// rig's own begin at 256. One small table indexed by the number tells the rig whether anybody listens.

import * as abiEvents from '../../assembly/abi/events'
import type { EventName } from './faultSpec'

export const EVENT_HOST_READ = 256
export const EVENT_HOST_WRITE = 257
export const EVENT_HOST_FLUSH = 258
/** A command of an initiator is answered, whatever the answer. */
export const EVENT_HOST_ACK = 259
/** A drive command is issued; reported before the drive sees it, so that a fault which strikes here meets this very command. */
export const EVENT_DRIVE_READ = 260
export const EVENT_DRIVE_WRITE = 261
export const EVENT_DRIVE_FLUSH = 262
/** A drive command is answered; reported before the microcode hears of it. */
export const EVENT_DRIVE_DONE = 263
export const EVENT_NVRAM_COMMIT = 264
/** What a power cut would leave is about to change: the last moment before. */
export const EVENT_CRASH_POINT = 265

/** Event numbers lie below this. */
export const EVENT_NUMBERS = 512

const RIG_EVENTS: readonly (readonly [EventName, number])[] = [
  ['host-read', EVENT_HOST_READ],
  ['host-write', EVENT_HOST_WRITE],
  ['host-flush', EVENT_HOST_FLUSH],
  ['host-ack', EVENT_HOST_ACK],
  ['drive-read', EVENT_DRIVE_READ],
  ['drive-write', EVENT_DRIVE_WRITE],
  ['drive-flush', EVENT_DRIVE_FLUSH],
  ['drive-done', EVENT_DRIVE_DONE],
  ['nvram-commit', EVENT_NVRAM_COMMIT],
  ['crash-point', EVENT_CRASH_POINT],
]

function microcodeEvents(): [EventName, number][] {
  const prefix = 'EVENT_'
  return Object.entries(abiEvents)
    .filter(([constant]) => constant.startsWith(prefix))
    .map(([constant, code]) => {
      if (code >= EVENT_HOST_READ) throw new Error(`trace code ${code} (${constant}) must lie below ${EVENT_HOST_READ}`)
      return [`microcode:${constant.slice(prefix.length).toLowerCase().replaceAll('_', '-')}`, code]
    })
}

/** Every name with its number. */
export const EVENT_CODES: ReadonlyMap<EventName, number> = new Map([...RIG_EVENTS, ...microcodeEvents()])

/** The number of an event; throws on a name that no scenario can have passed. */
export function eventCodeOf(name: EventName): number {
  const code = EVENT_CODES.get(name)
  if (code === undefined) throw new Error(`an event's name must be known: ${name}`)
  return code
}
