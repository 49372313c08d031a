// The recovery point objective: how old an acknowledged write may become that the other site lacks. A promise of modes async and scheduled.

import { CONFIG_INTERVAL_MS, CONFIG_RPO_MS } from '../abi/config'
import { config } from './memory'
import { isAsync, isScheduled } from './remoteMode'

/** Of mode async, unless configured. */
const DEFAULT_MS: u32 = 1000
/** Of mode scheduled, unless configured: an interval, and a transfer that takes no longer than that. */
const INTERVALS: u32 = 2

/** Of the RPO: it is said that the other site lags. Before it is too late, since the link is looked after now and then only. */
const TELL: f64 = 0.8

/** 0: no promise. */
export function rpoNs(): f64 {
  const configured = config(CONFIG_RPO_MS)
  if (isAsync()) return <f64>(configured != 0 ? configured : DEFAULT_MS) * 1e6
  if (isScheduled()) return <f64>(configured != 0 ? configured : INTERVALS * config(CONFIG_INTERVAL_MS)) * 1e6
  return 0
}

/** The promise is about to be broken by a write of that age. */
export function isLate(ageNs: f64): bool {
  return rpoNs() != 0 && ageNs > rpoNs() * TELL
}

/** How often one has to look whether something is late. */
export function lateTickNs(): f64 {
  return rpoNs() != 0 ? rpoNs() * (1 - TELL) : Infinity
}
