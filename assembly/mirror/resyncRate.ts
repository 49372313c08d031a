// A resync of the other site leaves the line and the drives to hosts: no more than CONFIG_REMOTE_RESYNC_RATE is looked at, whether it is sent in
// full or found equal.

import { CONFIG_REMOTE_RESYNC_RATE } from '../abi/config'
import { now } from '../hal/hal'
import { config, SECTOR_BYTES } from './memory'

/** When the next window may be sent. */
let nextNs: f64 = 0

/** For how long to wait after a window of so many sectors. */
export function pauseAfter(sectors: u32): f64 {
  const kibPerSecond = config(CONFIG_REMOTE_RESYNC_RATE)
  if (kibPerSecond == 0) return 0
  const takesNs = (<f64>(sectors * SECTOR_BYTES) * 1e9) / (<f64>kibPerSecond * 1024)
  nextNs = max(nextNs, now()) + takesNs
  return nextNs - now()
}
