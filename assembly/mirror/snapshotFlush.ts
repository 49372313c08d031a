// With write cache enabled, what was acknowledged may be in the drives' caches alone. A snapshot has it: so it is made durable first.
//
//   due         hosts' writes are held, where they would go to the members, and those that have gone there end
//   flushing    all members flush. Nothing is acknowledged meanwhile, so what a host has been told is what is flushed
//   recording   members that could not are recorded as failed: what is in their caches only is not believed any more
//   taken       the record in the NVRAM, and the writes go on: copy on write
//
// A cut before the record: there is no snapshot. From it on a region that is not kept is on the media of all members in sync as it was, for
// every write to it since has waited until it was kept. Where no member can flush there is no snapshot, and hosts go on.

import { DRIVE_FLUSH } from '../abi/driveSlots'
import { inSync, writeTargets } from './array'
import { HOST_SLOTS, OP_PRESERVE } from './memory'
import { commitsFail, failMember, lossesAreRecorded, retryFailedCommit } from './metadata'
import { begin, KIND_PRESERVE, KIND_WRITE, newRound, Operation, operation, sendAll } from './operation'
import { PRESERVE_FLUSHED, PRESERVE_FLUSHING, preserveEnded } from './preserve'
import { NO_RANGE } from './ranges'
import { isServing } from './recovery'
import { asked, cannotTake, takeFlushed } from './snapshot'
import { isUnderWay } from './write'

/** What the flush is for (`asked`). */
let flushedFor: u32 = 0

/** A snapshot is due, and hosts' writes are held. */
export function flushForSnapshot(): void {
  for (let index: u32 = 0; index < HOST_SLOTS; index++) {
    if (operation(index).kind == KIND_WRITE && isUnderWay(operation(index))) return
  }
  const op = begin(OP_PRESERVE, KIND_PRESERVE)
  op.range = NO_RANGE
  flushedFor = asked
  retryFailedCommit()
  flush(op)
}

function flush(op: Operation): void {
  newRound(op)
  op.step = PRESERVE_FLUSHING
  sendAll(op, writeTargets, DRIVE_FLUSH, 0, 0, 0, 0)
}

/** All members have answered; or losses are recorded. */
export function advanceSnapshotFlush(op: Operation): void {
  if (op.step == PRESERVE_FLUSHING) {
    if ((op.succeeded & inSync) == 0) return end(op, false)
    for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
    op.step = PRESERVE_FLUSHED
  }
  if (!isServing()) return end(op, false)
  if (!lossesAreRecorded()) {
    if (commitsFail()) end(op, false)
    return
  }
  // One has become complete since.
  if ((inSync & ~op.succeeded) != 0) return flush(op)
  end(op, true)
}

function end(op: Operation, flushed: bool): void {
  if (flushed) takeFlushed(flushedFor)
  else cannotTake()
  preserveEnded(op)
}
