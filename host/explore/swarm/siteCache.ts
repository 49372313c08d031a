// The write cache of a drawn run with two sites, and what goes wrong with it on: the copy loses its power when its drives flush, or right
// after that; alone, again and again, or together with the primary, so that it has to do with what it has.
//
// A stream of its own: the runs without it are what they were.

import type { FaultAction, FaultSpec, Trigger } from '../../faults/faultSpec'
import type { RandomStream } from '../../sim/random'
import { MS } from './drawing'

export interface DrawnSiteCache {
  readonly isOn: boolean
  /** Beyond those of every run. */
  readonly faults: readonly FaultSpec[]
}

export function drawSiteCache(random: RandomStream): DrawnSiteCache {
  if (!random.chance(1, 3)) return { isOn: false, faults: [] }
  const faults = random.chance(1, 2) ? drawLosses(random) : []
  return { isOn: true, faults }
}

/** What the loss waits for at the copy, and how often at most. */
const MOMENTS = [
  ['microcode:journal-checkpoint', 4],
  ['microcode:journal-checkpoint', 12],
  ['drive-flush', 16],
  ['drive-done', 120],
  ['crash-point', 120],
] as const

function drawLosses(random: RandomStream): FaultSpec[] {
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)]!
  const faults: FaultSpec[] = []
  const add = (action: FaultAction, trigger: Trigger): void => {
    faults.push({ name: action.kind, action, trigger })
  }
  for (let losses = pick([1, 1, 3]); losses > 0; losses--) {
    const [event, most] = pick(MOMENTS)
    const n = 1 + random.below(most)
    const trigger: Trigger = { kind: 'nth', event, n, filter: { site: 'b' } }
    add({ kind: 'site-loss', site: 'b', durationNs: pick([0.5, 5, 60]) * MS }, trigger)
    if (losses > 1 || !random.chance(1, 2)) continue
    add({ kind: 'site-loss', site: 'a', durationNs: pick([200 * MS, Number.POSITIVE_INFINITY]) }, trigger)
    add({ kind: 'failover' }, { kind: 'at', timeNs: random.below(120) * MS })
  }
  return faults
}
