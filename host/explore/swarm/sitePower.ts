// Two sites: power fails at one of them while it writes down what it knows of the other one: its generation, its marks, its journal, the seal
// of a point in time. What was stored and not committed may be there then, or not; so both extremes are drawn besides what a seed chooses.

import type { EventName, FaultSpec, SiteName } from '../../faults/faultSpec'
import type { SurvivalChoice } from '../../rig/powerCut'
import type { RandomStream } from '../../sim/random'
import { Drawing, type FaultRange, MS } from './drawing'

/** What a site says, or does, when it has just written such a thing down, or is about to. */
const MOMENTS: readonly EventName[] = [
  'nvram-commit',
  'nvram-commit',
  'crash-point',
  'crash-point',
  'drive-write',
  'microcode:remote-state',
  'microcode:remote-sync-begin',
  'microcode:remote-sync-done',
  'microcode:generation',
  'microcode:point-taken',
  'microcode:point-held',
  'microcode:journal-spill',
  'microcode:journal-replay',
]
/** Longer than it takes to give the other site up, and to look for it in vain after a boot. */
const LONG_NS = 900 * MS

/** In one run of three. From a stream of its own: all else in the run is as it would be without. */
export function drawSitePower(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 3)) return []
  const d = new Drawing(random, range)
  d.pick([inPassing, inPassing, alone, afterChange, copyAlone])(d)
  return d.faults
}

/** As things are: mostly both sites are in step. */
function inPassing(d: Drawing): void {
  powerFails(d, d.pick(['a', 'a', 'b']), 1)
}

/** The line is away, and comes back: one of them has to know what the other one lacks. */
function alone(d: Drawing): void {
  d.at(d.random.below(20 * MS), { kind: 'link-cut', direction: 'both', durationNs: d.pick([80, 200, 500]) * MS })
  powerFails(d, d.pick(['a', 'a', 'b']), 2)
}

/** The initiators have gone over to the copy. */
function afterChange(d: Drawing): void {
  const timeNs = d.random.below(40 * MS)
  const isPlanned = d.random.chance(1, 2)
  if (isPlanned) d.at(timeNs, { kind: 'operator-demote', site: 'a' })
  else d.at(timeNs, { kind: 'site-loss', site: 'a', durationNs: d.pick([200 * MS, LONG_NS]) })
  d.at(timeNs + d.pick([0, 2, 30]) * MS, { kind: 'failover' })
  powerFails(d, d.pick(['b', 'b', 'a']), 2)
}

/** The copy loses its power, and for good what could tell it again: what it has of its own is all that there is. */
function copyAlone(d: Drawing): void {
  const event = d.pick(['nvram-commit', 'crash-point', 'drive-write', 'microcode:point-held'] as const)
  const trigger = d.nth(event, mostOf(d, event), { site: 'b' })
  d.add(failing(d, 'b'), trigger)
  d.add({ kind: 'site-loss', site: 'a', durationNs: d.pick([LONG_NS, Number.POSITIVE_INFINITY]) }, trigger)
  d.add({ kind: 'failover' }, trigger)
}

/** `most`: how often, at most. */
function powerFails(d: Drawing, site: SiteName, most: number): void {
  for (let times = 1 + d.random.below(most); times > 0; times--) {
    const event = d.pick(MOMENTS)
    d.add(failing(d, site), d.nth(event, mostOf(d, event), { site }))
  }
}

/** Some things happen once or twice, others all the time: then mostly early in the run. */
function mostOf(d: Drawing, event: EventName): number {
  return event.startsWith('microcode:') ? 4 : d.pick([8, 40, 200])
}

/** Power of one site, for a while. */
export function failing(d: Drawing, site: SiteName) {
  return { ...outage(d), site } as const
}

/** Power of the only site, for a while. */
export function outage(d: Drawing) {
  const survival = d.pick([null, 'none', 'all'] as const)
  return {
    kind: 'power-cut',
    durationNs: d.pick([1, 10, 100, 400]) * MS,
    tearSector: false,
    survival: survival === null ? null : extreme(d, survival),
    final: false,
    late: -1,
  } as const
}

/** Nothing of what the NVRAM was not told to keep; of what drives had in their caches, nothing or all. */
function extreme(d: Drawing, kept: 'none' | 'all'): SurvivalChoice {
  const bays = Object.fromEntries(Array.from({ length: d.range.bayCount }, (_, bay) => [String(bay), kept]))
  return { bays, nvram: 'none' }
}
