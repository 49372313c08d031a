// The array serves for the first time since the boot: what is known of the other site is looked up, and it is looked for. Without one: of
// the snapshot.

import { CONFIG_ASSUME_CLEAN } from '../abi/config'
import { ROLE_PRIMARY, ROLE_SECONDARY } from '../abi/status'
import { writeCacheEnabled } from './array'
import { hasWriteIntent } from './bitmap'
import { wasFormatted } from './format'
import { beginStream, openJournal } from './journal'
import { beginReplay } from './journalReplay'
import { recallHeld } from './journalRing'
import { config } from './memory'
import { regionCount, regionEnd, regionStart } from './regions'
import { startRemote } from './remote'
import { hasRemote, hasSnapshots, isAsync, isOrdered, isScheduled } from './remoteMode'
import { formatRecord, markAll, markRange, readRecord, role, setConsistent } from './remoteRecord'
import { startSchedule } from './schedule'
import { startSnapshots } from './snapshot'
import { resumeSwitch } from './switch'

export function arrayServes(): void {
  if (hasSnapshots()) startSnapshots(wasFormatted())
  if (!hasRemote()) return
  const isNew = wasFormatted()
  if (isNew) formatRecord(config(CONFIG_ASSUME_CLEAN) != 0)
  else {
    readRecord()
    // What was being written when power failed, or was in caches only, the other site may have or not, unless all of that is in the journal.
    if (!isInJournal()) markWritten()
  }
  if (isOrdered()) resumeJournal(isNew)
  if (isScheduled()) {
    startSchedule()
    if (!isNew) resumeSwitch()
  }
  startRemote(isNew)
}

/**
 * In the modes that keep an order a secondary has it in the journal; in mode async a primary has, too, or has marked it. But not what was in
 * the caches of its members: that left the journal when it was there.
 */
function isInJournal(): bool {
  return isOrdered() && (role == ROLE_SECONDARY || (isAsync() && !writeCacheEnabled))
}

/** Whatever may not be on the members' media. */
export function markWritten(): void {
  for (let region: u32 = 0; region < regionCount; region++) {
    if (!hasWriteIntent(region)) continue
    markRange(regionStart(region), <u32>(regionEnd(region) - regionStart(region)))
  }
}

/** What was in the journal goes to the members before anybody reads them. */
function resumeJournal(isNew: bool): void {
  const sends = isAsync() && role == ROLE_PRIMARY
  const isKnown = openJournal(sends)
  if (isNew) {
    if (sends) beginStream()
    return
  }
  if (!isKnown) {
    // The NVRAM was lost, or exchanged, and the record of the role was not: what was in the journal may be anywhere.
    markAll()
    if (role == ROLE_SECONDARY) setConsistent(false)
    if (sends) beginStream()
    return
  }
  recallHeld()
  beginReplay()
}
