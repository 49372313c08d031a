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
