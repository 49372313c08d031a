// Power that fails again and again for a moment, each time in the middle of something: what was stored and not committed, or written and not
// flushed, is gone each time. What a controller has told somebody must have been durable then.

import type { EventName, FaultSpec, SiteName } from '../../faults/faultSpec'
import type { ResolvedScenario } from '../../scenario/scenario'
import { RandomStream } from '../../sim/random'
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

/** The same run, and what is drawn here behind all that it has. `seed`: of the run. */
export function withOutages(seed: number, scenario: ResolvedScenario, range: FaultRange): ResolvedScenario {
  const stream = (name: string): RandomStream => RandomStream.fromSeed(seed, name)
  const { array, liveImages, remote } = scenario
  if (remote) {
    const more = [...drawSiteOutages(stream('outages'), range), ...drawNoise(stream('noise'), range)]
    return withHandOver(stream('unappointed'), withMore(scenario, more), range)
  }
  return withMore(scenario, [
    ...(liveImages ? drawImageOutages(stream('image-outages'), range) : []),
    ...(liveImages ? drawTurns(stream('image-turns'), range) : []),
    ...drawRotInFront(stream('rot-in-front'), range, array.dataOffsetSectors),
  ])
}

function withMore(scenario: ResolvedScenario, more: readonly FaultSpec[]): ResolvedScenario {
  return { ...scenario, faults: [...scenario.faults, ...more] }
}

/** In one run of four with two sites: one of them, mostly the copy, has up to four outages shorter than it takes to give it up. */
function drawSiteOutages(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
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
function drawImageOutages(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
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

/** In one run of three with live images members leave and return in turns, so that in the end one is asked that was away meanwhile. */
function drawTurns(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (range.members < 2 || !random.chance(1, 3)) return []
  const d = new Drawing(random, range)
  let timeNs = d.random.below(40 * MS)
  for (let turns = d.pick([2, 3, 4]), bay = d.random.below(range.members); turns > 0; turns--) {
    d.at(timeNs, { kind: 'pull', bay })
    const backNs = timeNs + d.pick([1, 5, 20]) * MS
    d.at(backNs, { kind: 'insert', bay, drive: 'same' })
    timeNs = backNs + d.pick([10, 40, 100]) * MS
    bay = (bay + 1) % range.members
  }
  return d.faults
}

/** In one run of six of mode scheduled no point is appointed, and an operator moves the LUN to the other site: all that is there has to get there. */
function withHandOver(random: RandomStream, scenario: ResolvedScenario, range: FaultRange): ResolvedScenario {
  const { remote } = scenario
  if (remote?.mode !== 'scheduled' || !random.chance(1, 6)) return scenario
  const d = new Drawing(random, range)
  const timeNs = d.random.below(30 * MS)
  d.at(timeNs, { kind: 'operator-demote', site: 'a' })
  d.at(timeNs + d.pick([0, 2, 100]) * MS, { kind: 'failover' })
  return withMore({ ...scenario, remote: { ...remote, intervalMs: 0 } }, d.faults)
}

/** In one run of eight with one site: sectors in front of the data rot, used or not, and power fails, so that all of them are looked at. */
function drawRotInFront(random: RandomStream, range: FaultRange, dataOffset: number): readonly FaultSpec[] {
  if (!random.chance(1, 8)) return []
  const d = new Drawing(random, range)
  for (let sectors = d.pick([1, 3, 8]); sectors > 0; sectors--) {
    const lba = d.pick([d.random.below(dataOffset), d.random.below(32)])
    d.add({ kind: 'latent-sector-error', bay: d.bay, range: { lba, sectors: 1 } }, d.moment())
  }
  d.add(outage(d), d.moment())
  return d.faults
}

/** In one run of four with two sites: the line damages frames while hosts write. */
function drawNoise(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 4)) return []
  const d = new Drawing(random, range)
  for (let times = d.pick([2, 4, 8]); times > 0; times--) {
    const direction = d.pick(['a-to-b', 'a-to-b', 'a-to-b', 'b-to-a'] as const)
    d.add({ kind: 'link-corrupt', direction, count: d.pick([1, 1, 4]) }, d.nth('host-write', range.operations))
  }
  return d.faults
}
