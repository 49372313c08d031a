// Power that fails again and again for a moment, each time in the middle of something: what was stored and not committed, or written and not
// flushed, is gone each time. What a controller has told somebody must have been durable then.

import type { EventName, FaultSpec, SiteName } from '../../faults/faultSpec'
import type { RandomStream } from '../../sim/random'
import { Drawing, type FaultRange, MS } from './drawing'
import { failing, outage } from './sitePower'

/** What a site is doing when its power fails, and how often, at most, it has done so since the run began. */
const MOMENTS: readonly (readonly [EventName, number])[] = [
  ['nvram-commit', 12],
  ['nvram-commit', 60],
  ['nvram-commit', 400],
  ['crash-point', 100],
  ['drive-write', 30],
  ['drive-write', 200],
  ['drive-done', 100],
]

/** In one run of four with two sites: one of them, mostly the copy, has up to four outages shorter than it takes to give it up. */
export function drawSiteOutages(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 4)) return []
  const d = new Drawing(random, range)
  const site: SiteName = d.pick(['b', 'b', 'a'])
  for (let times = 1 + d.random.below(4); times > 0; times--) {
    const [event, most] = d.pick(MOMENTS)
    d.add({ ...failing(d, site), durationNs: d.pick([0.2, 1, 10]) * MS }, d.nth(event, most, { site }))
  }
  return d.faults
}

/** In one run of three with live images: where a snapshot begins and ends, and in between. */
export function drawImageOutages(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 3)) return []
  const d = new Drawing(random, range)
  for (let times = 1 + d.random.below(2); times > 0; times--) {
    const [event, most] = d.pick([
      ['microcode:snapshot-taken', 4],
      ['microcode:snapshot-released', 3],
      ['microcode:snapshot-kept', 12],
      ['nvram-commit', 100],
    ] as const)
    d.add(outage(d), d.nth(event, most))
  }
  return d.faults
}
