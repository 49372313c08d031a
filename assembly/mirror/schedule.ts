// Mode scheduled: when points in time are taken.
//
// At each appointed time, when an operator asks, and before the LUN is given up. A point is taken when the last one has arrived: one that
// is due before that is taken at once then.

import { CONFIG_INTERVAL_MS } from '../abi/config'
import { REMOTE_BEHIND, REMOTE_DATED } from '../abi/status'
import { setTimer } from '../hal/hal'
import { config } from './memory'
import { isTaken } from './point'
import { isTied, remoteState } from './remote'
import { beginRemoteSync, isCopyingAway } from './remoteCopy'
import { isScheduled } from './remoteMode'
import { markedRegions } from './remoteRecord'
import { TIMER_APPOINTED } from './timers'

let isDue: bool = false

/** The array serves: the first appointed time is one interval from now. */
export function startSchedule(): void {
  if (intervalNs() != 0) setTimer(TIMER_APPOINTED, intervalNs())
}

export function appointedTime(): void {
  setTimer(TIMER_APPOINTED, intervalNs())
  takePointSoon()
}

/** As soon as the last one has arrived. */
export function takePointSoon(): void {
  if (!isScheduled() || !isTied()) return
  isDue = true
  takeIfDue()
}

export function takeIfDue(): void {
  const isThere = remoteState == REMOTE_DATED || remoteState == REMOTE_BEHIND
  if (!isDue || !isThere || isCopyingAway()) return
  isDue = false
  if (markedRegions != 0) beginRemoteSync()
}

/** Whether the other site has all that was ever acknowledged here. */
export function isHandedOver(): bool {
  return !isScheduled() || !isTied() || (markedRegions == 0 && !isTaken)
}

function intervalNs(): f64 {
  return <f64>config(CONFIG_INTERVAL_MS) * 1e6
}
