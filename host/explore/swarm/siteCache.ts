// The write cache of a drawn run with two sites, and what goes wrong with it on: the copy loses its power when its drives flush, or right
// after that; alone, again and again, or together with the primary, so that it has to do with what it has.

import type { FaultSpec, Trigger } from '../../faults/faultSpec'
import type { RandomStream } from '../../sim/random'
import { Drawing, type FaultRange, MS } from './drawing'

/** What the loss waits for at the copy, and how often at most. */
const MOMENTS = [
  ['microcode:journal-checkpoint', 4],
  ['microcode:journal-checkpoint', 12],
  ['drive-flush', 16],
  ['drive-done', 120],
  ['crash-point', 120],
] as const

/** In one run of three it is on. */
export const hasSiteCache = (random: RandomStream): boolean => random.chance(1, 3)

/** Where it is, in half of the runs. From the same stream, which is its own: all else in the run is as it would be without. */
export function drawCacheLosses(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 2)) return []
  const d = new Drawing(random, range)
  for (let losses = d.pick([1, 1, 3]); losses > 0; losses--) {
    const [event, most] = d.pick(MOMENTS)
    const trigger: Trigger = d.nth(event, most, { site: 'b' })
    d.add({ kind: 'site-loss', site: 'b', durationNs: d.pick([0.5, 5, 60]) * MS }, trigger)
    if (losses > 1 || !random.chance(1, 2)) continue
    d.add({ kind: 'site-loss', site: 'a', durationNs: d.pick([200 * MS, Number.POSITIVE_INFINITY]) }, trigger)
    d.at(random.below(120) * MS, { kind: 'failover' })
  }
  return d.faults
}

/**
 * In one run of three with the cache on: a flush fails at a site, or a site hands the LUN over and loses its power soon after that, with what its
 * drives had in their caches. Or both.
 */
export function drawStepDown(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 3)) return []
  const d = new Drawing(random, range)
  const isPlanned = random.chance(1, 2)
  if (isPlanned) handOver(d)
  if (!isPlanned || random.chance(1, 3)) flushFails(d)
  return d.faults
}

function handOver(d: Drawing): void {
  const timeNs = d.random.below(40 * MS)
  d.at(timeNs, { kind: 'operator-demote', site: 'a' })
  const changeNs = timeNs + d.pick([0, 2, 10]) * MS
  d.at(changeNs, { kind: 'failover' })
  const lostNs = changeNs + d.pick([0, 0.5, 3, 20]) * MS
  d.at(lostNs, { kind: 'site-loss', site: 'a', durationNs: d.pick([1, 10, 60]) * MS })
  // What it says that it has is all that there is.
  if (d.random.chance(1, 3)) {
    d.at(lostNs + 90 * MS, { kind: 'site-loss', site: 'b', durationNs: d.pick([200 * MS, Number.POSITIVE_INFINITY]) })
    d.at(lostNs + 90 * MS, { kind: 'failover' })
  }
}

/** Some member, or each one, and what it had taken is gone. */
function flushFails(d: Drawing): void {
  const site = d.pick(['a', 'b', 'b'] as const)
  const trigger: Trigger = d.nth('drive-flush', 12, { site })
  const one = d.random.chance(2, 3) ? d.random.below(d.range.members) : -1
  for (let bay = 0; bay < d.range.members; bay++) {
    if (one < 0 || bay === one) d.add({ kind: 'failing-flush', site, bay, count: d.pick([1, 2]) }, trigger)
  }
}
