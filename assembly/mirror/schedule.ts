// Mode scheduled: when points in time are taken, and how old what the other site lacks may become.
//
// At each appointed time, when an operator asks, and before the LUN is given up. A point is taken when the last one has arrived: one that
// is due before that is taken at once then.

import { CONFIG_INTERVAL_MS, CONFIG_RPO_MS } from '../abi/config'
import { REMOTE_BEHIND, REMOTE_DATED } from '../abi/status'
import { setTimer } from '../hal/hal'
import { isScheduled } from './area'
import { config } from './memory'
import { isTaken, pointAgeNs } from './point'
import { isTied, remoteState } from './remote'
import { beginRemoteSync, isCopyingAway } from './remoteCopy'
import { markedRegions } from './remoteRecord'
import { TIMER_APPOINTED } from './timers'

// Of the RPO:
/** It is said that the other site lags: before it is too late, since the link is looked after now and then only. */
const TELL: f64 = 0.8

let isDue: bool = false

/** The array serves: the first appointed time is one interval from now. */
export function startSchedule(): void {
  if (isScheduled() && intervalNs() != 0) setTimer(TIMER_APPOINTED, intervalNs())
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

/** What was promised of the age of writes is about to be broken. */
export function pointIsLate(): bool {
  return rpoNs() != 0 && pointAgeNs() > rpoNs() * TELL
}

/** How often one has to look whether it is. */
export function lateTickNs(): f64 {
  return rpoNs() != 0 ? rpoNs() * (1 - TELL) : Infinity
}

function intervalNs(): f64 {
  return <f64>config(CONFIG_INTERVAL_MS) * 1e6
}

function rpoNs(): f64 {
  const configured = config(CONFIG_RPO_MS)
  return configured != 0 ? <f64>configured * 1e6 : 2 * intervalNs()
}
