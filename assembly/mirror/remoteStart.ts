// The array serves for the first time since the boot: what is known of the other site is looked up, and it is looked for.

import { CONFIG_ASSUME_CLEAN, CONFIG_REMOTE_MODE, REMOTE_MODE_SYNC } from '../abi/config'
import { ROLE_SECONDARY } from '../abi/status'
import { hasWriteIntent } from './bitmap'
import { wasFormatted } from './format'
import { config } from './memory'
import { regionCount, regionEnd, regionStart } from './regions'
import { startRemote } from './remote'
import { hasRemote, isScheduled } from './remoteMode'
import { formatRecord, markRange, readRecord, role, setConsistent } from './remoteRecord'
import { startSchedule } from './schedule'
import { resumeSwitch } from './switch'

export function arrayServes(): void {
  if (!hasRemote()) return
  const isNew = wasFormatted()
  if (isNew) formatRecord(config(CONFIG_ASSUME_CLEAN) != 0)
  else {
    readRecord()
    // It took writes in their order, but what was on its way to the members when power failed is there or not, each on its own.
    // What it took in mode scheduled it is still to switch to, or has said already that it is not consistent.
    const tookOrder = config(CONFIG_REMOTE_MODE) != REMOTE_MODE_SYNC && !isScheduled() && role == ROLE_SECONDARY
    for (let region: u32 = 0; region < regionCount; region++) {
      if (!hasWriteIntent(region)) continue
      if (tookOrder) setConsistent(false)
      // What was being written when power failed the other site may have or not.
      markRange(regionStart(region), <u32>(regionEnd(region) - regionStart(region)))
    }
  }
  if (isScheduled()) {
    startSchedule()
    if (!isNew) resumeSwitch()
  }
  startRemote(isNew)
}
