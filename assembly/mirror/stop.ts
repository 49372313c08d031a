// The orderly stop: from the operator's word until nothing moves any more.
//
//   draining    commands are refused; those in flight end as ever, and with them what they wait for. A cut here: as in service
//   flushing    with write cache enabled, everything goes from the drives' caches to the media. A cut here: the marks are still there
//   clearing    marks that nobody needs are cleared. A cut here: at worst a mark too many
//   recording   the superblocks say what is so: clean, or what is left to do. A cut here: some members say it, the newest is believed
//   stopped     nothing is written any more. A cut here is what the operator wants
//
// A stop that loses members on the way goes on with those that are left; with none there is nothing to record. The next boot
// assembles the array as it does after any power cut.

import { DRIVE_FLUSH } from '../abi/driveSlots'
import { EVENT_STOPPED } from '../abi/events'
import { ARRAY_STOPPED } from '../abi/status'
import { cancelTimer } from '../hal/hal'
import { inSync, setArrayState, writeCacheEnabled, writeTargets } from './array'
import { clearAll, isWriting, isWritten, markFailures } from './bitmap'
import { note } from './log'
import {
  HOST_SLOTS,
  OP_ASSEMBLE,
  OP_CHECKPOINT,
  OP_COPY,
  OP_JOURNAL,
  OP_PRESERVE,
  OP_PROBE,
  OP_SCRUB,
  OP_SPILL,
  OP_STOP,
  OP_SWEEP,
  OP_SWITCH,
} from './memory'
import { failMember, isIdle, requestCommit } from './metadata'
import { begin, KIND_NONE, KIND_STOP, newRound, operation, sendAll } from './operation'
import { forgetPause } from './recovery'
import { loseSession } from './remote'
import { hasRemote } from './remoteMode'
import { writesUnderWay } from './remoteTarget'
import { cancelScrub } from './scrub'
import { abandonSwitch } from './switch'
import { TIMER_DISCOVERY, TIMER_SWEEP } from './timers'

const RUNNING: u32 = 0
const DRAINING: u32 = 1
const FLUSHING: u32 = 2
const CLEARING: u32 = 3
const RECORDING: u32 = 4
const STOPPED: u32 = 5

let phase: u32 = RUNNING
/** What `markFailures` was when the marks were cleared. */
let failuresBefore: u32 = 0

/** Commands are refused. */
export function isStopping(): bool {
  return phase != RUNNING
}

export function isStopped(): bool {
  return phase == STOPPED
}

/** A stop is under way, and no command of an initiator waits for anything: no copy is begun any more. */
export function isDrained(): bool {
  return phase != RUNNING && hostsAreIdle()
}

/** The bitmap is left as it is. */
export function isSealed(): bool {
  return phase >= RECORDING
}

/** An operator asks for it; the array is being served. */
export function requestStop(): void {
  if (phase != RUNNING) return
  phase = DRAINING
  begin(OP_STOP, KIND_STOP)
  cancelScrub()
}

/** Called before every return to the hardware while the stop is under way. True: it has gone on, and others may have something to do. */
export function advanceStop(): bool {
  switch (phase) {
    case DRAINING:
      if (!hostsAreIdle() || !ownWorkIsOver()) return false
      return flush()
    case FLUSHING:
      if (operation(OP_STOP).pending != 0) return false
      return clear()
    case CLEARING:
      // A mark that cannot be cleared on the last member stays: that is safe.
      // Nor is one that nobody is left to clear it on.
      if (inSync != 0 && !isWritten() && markFailures == failuresBefore) return false
      phase = RECORDING
      requestCommit()
      return true
    case RECORDING:
      // Durable, or refused by the last member, which is still "active" then.
      if (!isIdle() || isWriting()) return false
      return finish()
  }
  return false
}

function flush(): bool {
  phase = FLUSHING
  const op = operation(OP_STOP)
  newRound(op)
  if (writeCacheEnabled) sendAll(op, writeTargets, DRIVE_FLUSH, 0, 0, 0, 0)
  return true
}

/** After a failed flush the marks tell what may be missing: they stay. */
function clear(): bool {
  phase = CLEARING
  const op = operation(OP_STOP)
  failuresBefore = markFailures
  for (let rest = op.failed; rest != 0; rest &= rest - 1) failMember(ctz(rest))
  if (op.failed == 0 && inSync != 0) clearAll()
  return true
}

function finish(): bool {
  phase = STOPPED
  operation(OP_STOP).kind = KIND_NONE
  cancelTimer(TIMER_SWEEP)
  forgetPause()
  cancelTimer(TIMER_DISCOVERY)
  setArrayState(ARRAY_STOPPED)
  // The other site hears no more of this one.
  if (hasRemote()) loseSession()
  abandonSwitch()
  note(EVENT_STOPPED, 0, 0, 0)
  return true
}

/** No command of an initiator is under way, nor a write of the other site. */
export function hostsAreIdle(): bool {
  if (writesUnderWay != 0) return false
  for (let index: u32 = 0; index < HOST_SLOTS; index++) if (operation(index).kind != KIND_NONE) return false
  return true
}

/** Copies, probes and sweeps; commits and the bitmap have their turn later. */
function ownWorkIsOver(): bool {
  const journal = operation(OP_SPILL).pending | operation(OP_JOURNAL).pending
  const area = operation(OP_PRESERVE).pending | operation(OP_SWITCH).pending | journal
  return (
    area == 0 &&
    isOver(OP_COPY) &&
    isOver(OP_SCRUB) &&
    isOver(OP_SWEEP) &&
    isOver(OP_CHECKPOINT) &&
    isOver(OP_ASSEMBLE) &&
    operation(OP_PROBE).pending == 0
  )
}

function isOver(index: u32): bool {
  return operation(index).kind == KIND_NONE
}
