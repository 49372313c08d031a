// The copier microcode: copies one bay to others, or compares two, sector by sector. docs/copier.md.
//
// Entry points do not block and allocate nothing; state lies in static areas of linear memory (layout.ts, job.ts), and what must outlive a
// power cut in the NVRAM window (journal.ts). Not promised: a copy of a source that changes while it is read.

import { BAY_PRESENT, BOOT_FORMAT } from '../abi/descriptor'
import { panic } from '../hal/hal'
import { bayEmptied, bayFilled, bootJob, dispatch, forgetJob } from './control'
import { answered, nextOverdue, rest, sweepAgain, TIMER_DISCOVERY } from './drive'
import { patienceEnded } from './identify'
import { describe as describeLayout, sizesHold } from './layout'
import { LOG_BOOTED, log } from './log'
import { kindsHold } from './optical/kinds'
import { publish } from './publish'
import { command } from './scsi'

export { panelConfigure, panelIdentify, panelLog, panelSettingNames, panelStatus } from './panel'

/** Panic codes: which rule was broken. */
const PANIC_LAYOUT: u32 = 1

export function describe(): u32 {
  return <u32>describeLayout()
}

export function boot(reason: u32): void {
  if (!sizesHold() || !kindsHold()) panic(PANIC_LAYOUT)
  log(LOG_BOOTED, 0, reason)
  if (reason === BOOT_FORMAT) forgetJob()
  else bootJob()
  publish()
}

export function doorbell(hostSlot: u32): void {
  command(hostSlot)
  rest()
  publish()
}

export function interrupt(driveSlot: u32): void {
  if (!answered(driveSlot)) return
  dispatch(driveSlot)
  rest()
  publish()
}

export function receive(_frame: u32): void {
  // No link: the descriptor offers no frames.
}

export function timer(id: u32): void {
  if (id === TIMER_DISCOVERY) {
    patienceEnded()
    publish()
    return
  }
  for (let slot = nextOverdue(); slot >= 0; slot = nextOverdue()) dispatch(slot)
  sweepAgain()
  publish()
}

export function hotplug(bay: u32, state: u32): void {
  if (state === BAY_PRESENT) bayFilled(bay)
  else bayEmptied(bay)
  rest()
  publish()
}
