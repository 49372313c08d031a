// The sweep: now and then, clears the marks of regions that have been quiet, so that a crash costs little.
//
// A region loses its mark after one whole interval without a write. With write cache enabled its data may still be in the drives'
// caches: they are flushed first. The superblocks say "clean" when the last mark is gone.

import { CONFIG_BITMAP_SWEEP_MS } from '../abi/config'
import { DRIVE_FLUSH } from '../abi/driveSlots'
import { ARRAY_OPTIMAL } from '../abi/status'
import { setTimer } from '../hal/hal'
import { arrayState, writeCacheEnabled, writeTargets } from './array'
import { clearIdle, dirtyRegions, findIdle, isSettled } from './bitmap'
import { config, OP_SWEEP } from './memory'
import { failMember, isIdle, isRecordedClean, requestCommit } from './metadata'
import { begin, KIND_NONE, KIND_SWEEP, Operation, operation, sendAll } from './operation'
import { TIMER_SWEEP } from './timers'

/** md's daemon_sleep: 5 s. */
const DEFAULT_SWEEP_MS: u32 = 5000

let armed: bool = false

/** There may be marks to clear: called when a mark is made and when the array begins to serve. */
export function startSweeping(): void {
  if (armed) return
  armed = true
  const configured = config(CONFIG_BITMAP_SWEEP_MS)
  setTimer(TIMER_SWEEP, <f64>(configured != 0 ? configured : DEFAULT_SWEEP_MS) * 1e6)
}

/** The interval is over. While a slot is empty nothing is cleared: the marks are what its member will need. */
export function sweep(): void {
  armed = false
  if (arrayState != ARRAY_OPTIMAL) return
  if (dirtyRegions == 0) {
    if (isRecordedClean()) return
    if (isSettled() && isIdle()) requestCommit()
    else startSweeping()
    return
  }
  startSweeping()
  if (operation(OP_SWEEP).kind != KIND_NONE) return
  if (findIdle() == 0) return
  if (!writeCacheEnabled) return clearIdle()
  const op = begin(OP_SWEEP, KIND_SWEEP)
  sendAll(op, writeTargets, DRIVE_FLUSH, 0, 0, 0, 0)
}

/** The drives have flushed. Regions written meanwhile are not idle any more and keep their marks. */
export function advanceSweep(op: Operation): void {
  if (op.pending != 0) return
  op.kind = KIND_NONE
  if (op.failed == 0) return clearIdle()
  for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
}
