// Which LUN sectors are in use by whom: the order of operations that touch the same sectors.
//
// Operations are admitted in the order of their arrival as far as they conflict: nobody overtakes an earlier operation on the same
// sectors, waiting or not. Two writes conflict: replicas would end up with different winners. A read and a write conflict: it might be
// answered from one replica before the write and then, for another read, from one after it. A copy (resync, rebuild) and a write
// conflict: a block that was read before the write must not land after it. Reads disturb neither reads nor copies.

import { indexOf, Operation, operation, wake } from './operation'

export const RANGE_READ: u32 = 0
export const RANGE_COPY: u32 = 1
export const RANGE_WRITE: u32 = 2

export const NO_RANGE: u32 = 0xffffffff

@unmanaged
class Range {
  first: u64
  end: u64
  order: u64
  owner: u32
  mode: u32
  waiting: u32
}

const RANGE_BYTES: u32 = 40
/** At most one for each operation. */
const TABLE: usize = memory.data(110 * 40, 16)

let count: u32 = 0
let waiting: u32 = 0
let arrivals: u64 = 0

/** Counters begin where the configuration says. */
export function startArrivals(first: u32): void {
  arrivals = first
}

function at(index: u32): Range {
  return changetype<Range>(TABLE + index * RANGE_BYTES)
}

function conflict(a: Range, b: Range): bool {
  // Both are compared, always: places are random, and a wrong guess at which comparison ends it costs more than the other one.
  if (<i32>(a.first >= b.end) | <i32>(b.first >= a.end)) return false
  if (a.mode == RANGE_WRITE || b.mode == RANGE_WRITE) return true
  return a.mode == RANGE_COPY && b.mode == RANGE_COPY
}

/** Asks for sectors. True: they are the operation's now. False: it is woken when they are. */
export function admit(op: Operation, first: u64, sectors: u32, mode: u32): bool {
  const own = at(count)
  own.first = first
  own.end = first + sectors
  own.order = arrivals++
  own.owner = indexOf(op)
  own.mode = mode
  own.waiting = 0
  for (let i: u32 = 0; i < count; i++) {
    if (conflict(own, at(i))) {
      own.waiting = 1
      waiting++
      break
    }
  }
  op.range = count++
  return own.waiting == 0
}

export function isAdmitted(op: Operation): bool {
  return at(op.range).waiting == 0
}

/** Gives the sectors back and wakes those that now may have theirs. */
export function release(op: Operation): void {
  const hole = op.range
  if (hole == NO_RANGE) return
  op.range = NO_RANGE
  if (at(hole).waiting) waiting--
  const last = --count
  if (hole != last) {
    memory.copy(changetype<usize>(at(hole)), changetype<usize>(at(last)), RANGE_BYTES)
    operation(at(hole).owner).range = hole
  }
  if (waiting != 0) admitWaiting()
}

function admitWaiting(): void {
  for (let i: u32 = 0; i < count; i++) {
    const candidate = at(i)
    if (!candidate.waiting || isBlocked(candidate)) continue
    candidate.waiting = 0
    waiting--
    wake(operation(candidate.owner))
  }
}

/** Whether an earlier operation, itself waiting or not, stands in the way. */
function isBlocked(candidate: Range): bool {
  for (let i: u32 = 0; i < count; i++) {
    const other = at(i)
    if (other.order < candidate.order && conflict(candidate, other)) return true
  }
  return false
}
