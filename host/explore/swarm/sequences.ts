// Faults that make sense one after the other, at times that belong together: members that leave and return in turns, all at once or one
// alone, drives that hang while they are looked for, requests of an operator about a drive in trouble.

import { cut, type Draw, type Drawing, MS } from './drawing'

/** From power off to power on, where the sequence goes on after it. */
const OFF_NS = 10 * MS

function cutAt(d: Drawing, timeNs: number): number {
  d.at(timeNs, { ...cut(d), durationNs: OFF_NS })
  return timeNs + OFF_NS
}

/** The members, beginning with any of them. */
function rotated(d: Drawing): number[] {
  const { members } = d.range
  const first = d.random.below(members)
  return Array.from({ length: members }, (_, i) => (first + i) % members)
}

function leaveAndReturn(d: Drawing, bay: number, fromNs: number): number {
  const backNs = fromNs + d.pick([1, 5, 20, 60]) * MS
  d.at(fromNs, { kind: 'pull', bay })
  d.at(backNs, { kind: 'insert', bay, drive: 'same' })
  return backNs
}

/** No member is left for a while, perhaps in the middle of a resync, a rebuild or a scrub. */
function allGoAndReturn(d: Drawing): void {
  let timeNs = d.random.below(40 * MS)
  if (d.random.chance(1, 2)) timeNs = leaveAndReturn(d, d.bay, timeNs) + d.pick([0.2, 1, 5]) * MS
  if (d.random.chance(1, 3)) d.at(timeNs, { kind: 'operator-scrub' })
  for (const bay of rotated(d)) {
    timeNs += d.pick([0, 0.05, 0.5, 5]) * MS
    d.at(timeNs, { kind: 'pull', bay })
  }
  timeNs += d.pick([0.2, 2, 100]) * MS
  for (const bay of rotated(d)) {
    d.at(timeNs, { kind: 'insert', bay, drive: 'same' })
    timeNs += d.pick([0, 1, 5, 70]) * MS
  }
}

/** Drives that do not answer when the array looks for its members, and do later. */
function hangAtBoot(d: Drawing): void {
  const onNs = cutAt(d, d.random.below(40 * MS))
  const isAll = d.random.chance(1, 2)
  const durationNs = d.pick([30, 100, 300, 1000]) * MS
  for (const bay of rotated(d)) {
    if (isAll || d.random.chance(1, 2)) d.at(onNs + d.random.below(2 * MS), { kind: 'hang', bay, durationNs })
  }
}

/** A member that missed something is alone when power returns; the others come later, or never. */
function staleAlone(d: Drawing): void {
  const [stale, ...others] = rotated(d)
  const pullNs = d.random.below(30 * MS)
  const cutNs = pullNs + d.pick([2, 10, 40]) * MS
  d.at(pullNs, { kind: 'pull', bay: stale! })
  const onNs = cutAt(d, cutNs)
  for (const bay of others) d.at(cutNs + MS, { kind: 'pull', bay })
  d.at(cutNs + 2 * MS, { kind: 'insert', bay: stale!, drive: 'same' })
  if (d.random.chance(1, 4)) return
  const backNs = onNs + d.pick([1, 30, 80, 500]) * MS
  for (const bay of others) d.at(backNs, { kind: 'insert', bay, drive: 'same' })
}

/** One after the other is away: whoever came back has to do without the next one, perhaps after a power cut. */
function takeTurns(d: Drawing): void {
  let timeNs = d.random.below(20 * MS)
  for (const bay of rotated(d)) {
    const isCut = d.random.chance(1, 3)
    if (isCut) {
      d.at(timeNs, { kind: 'pull', bay })
      const onNs = cutAt(d, timeNs + d.pick([0.5, 3, 20]) * MS)
      timeNs = onNs + d.pick([-5, 5, 100]) * MS
      d.at(timeNs, { kind: 'insert', bay, drive: 'same' })
    } else timeNs = leaveAndReturn(d, bay, timeNs)
    timeNs += d.pick([2, 10, 40, 150]) * MS
  }
}

/** A drive that is slow or hangs is taken out by an operator, and put back while its commands are still under way. */
function attachedInTrouble(d: Drawing): void {
  const { bay } = d
  const startNs = d.random.below(40 * MS)
  const durationNs = d.pick([10, 30, 120]) * MS
  if (d.random.chance(1, 2)) d.at(startNs, { kind: 'hang', bay, durationNs })
  else d.at(startNs, { kind: 'fail-slow', bay, factor: d.pick([5, 20]), durationNs })
  const detachNs = startNs + d.pick([0.1, 1, 5]) * MS
  d.at(detachNs, { kind: 'operator-detach', bay })
  d.at(detachNs + d.pick([0.05, 0.5, 5, 50]) * MS, { kind: 'operator-attach', bay })
}

/** A new drive leaves before it is complete, and comes back so. */
function pulledInRebuild(d: Drawing): void {
  const { bay } = d
  const startNs = d.random.below(30 * MS)
  d.at(startNs, { kind: 'pull', bay })
  d.at(startNs + MS, { kind: 'insert', bay, drive: 'new' })
  const againNs = startNs + d.pick([2, 3, 5, 10, 30]) * MS
  leaveAndReturn(d, bay, againNs)
  if (d.random.chance(1, 3)) cutAt(d, againNs + d.pick([0.5, 8, 40]) * MS)
}

/** A spare has taken a member's place and marks have been cleared since; then the spare leaves, and the member of old is back. */
function formerMemberReturns(d: Drawing): void {
  const { members, bayCount } = d.range
  const bay = d.random.below(members)
  const startNs = d.random.below(20 * MS)
  const leavesNs = startNs + d.pick([30, 60, 120, 300]) * MS
  d.at(startNs, { kind: 'pull', bay })
  if (bayCount > members) d.at(leavesNs, { kind: 'pull', bay: members })
  if (d.random.chance(1, 2)) cutAt(d, leavesNs + d.pick([-2, 2]) * MS)
  d.at(leavesNs + d.pick([0.5, 5, 30]) * MS, { kind: 'insert', bay, drive: 'same' })
}

/** The array is stopped while it has much to do. */
function stoppedAtWork(d: Drawing): void {
  const { bay } = d
  const backNs = leaveAndReturn(d, bay, d.random.below(30 * MS))
  if (d.random.chance(1, 3)) d.at(backNs, { kind: 'operator-scrub' })
  const trigger = d.nth(d.pick(['microcode:resync-begin', 'microcode:scrub-begin', 'host-write'] as const), 2)
  if (d.random.chance(1, 2)) d.at(backNs + d.pick([0.5, 1, 2, 5, 10]) * MS, { kind: 'operator-stop' })
  else d.add({ kind: 'operator-stop' }, trigger)
  if (d.random.chance(1, 2)) d.at(backNs + d.pick([20, 200]) * MS, cut(d))
}

export const SEQUENCES: readonly Draw[] = [
  allGoAndReturn,
  hangAtBoot,
  staleAlone,
  takeTurns,
  attachedInTrouble,
  pulledInRebuild,
  formerMemberReturns,
  stoppedAtWork,
]
