// After a boot: what is in the journal's ring goes to the members once more, one write after the other. Nobody reads the LUN before that.
//
// A cut on the way: it begins again. What has been spilled to the drives was on the members before.

import { EVENT_JOURNAL_REPLAY } from '../abi/events'
import { replayed } from './journal'
import { lengthOf, RECORD_WRITE, recordAt, ringStart, tail } from './journalRing'
import { note } from './log'
import { APPLY_BUFFER, OP_APPLY, SECTOR_BYTES } from './memory'
import { KIND_NONE, operation } from './operation'
import { isServing } from './recovery'
import { areaIsFree, storeOwn } from './remoteTarget'
import { isStopping } from './stop'

/** The record that is being done, and the end of all. */
let next: u64 = 0
let end: u64 = 0

export function isReplaying(): bool {
  return next < end
}

export function beginReplay(): void {
  next = ringStart()
  end = tail
  if (isReplaying()) note(EVENT_JOURNAL_REPLAY, <u32>(end - next), 0, 0)
  goOnReplaying()
}

/** The link is looked after: what had to wait for members goes on. */
export function goOnReplaying(): void {
  if (operation(OP_APPLY).kind != KIND_NONE || !isServing() || isStopping()) return
  while (isReplaying()) {
    const record = recordAt(next)
    if (record.kind == RECORD_WRITE) {
      memory.copy(APPLY_BUFFER, changetype<usize>(record) + SECTOR_BYTES, record.sectors * SECTOR_BYTES)
      return storeOwn(record.lba, record.sectors)
    }
    next += lengthOf(record)
  }
  replayed(end)
  areaIsFree()
}

/** It is on the members, or they did not take it: then it is tried again when the link is looked after. */
export function replayIsStored(isStored: bool): void {
  if (!isStored) return
  next += lengthOf(recordAt(next))
  goOnReplaying()
}
