// Drawn runs in which something happens while a controller is busy with the last trouble: a drive that comes and goes before anybody has
// looked at it, all members away with commands under way, and metadata refused when no host asks for anything any more.

import type { FaultSpec } from '../../faults/faultSpec'
import type { RandomStream } from '../../sim/random'
import { cut, type Draw, Drawing, type FaultRange, METADATA_SECTORS, MS } from './drawing'

/** In one run of eight. From a stream of its own: all else in the run is as it would be without. */
export function drawTrouble(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 8)) return []
  const d = new Drawing(random, range)
  d.pick([comesAndGoes, allGoAtWork, allGoAtWork, refusedAtTheEnd, twoCuts] satisfies Draw[])(d)
  return d.faults
}

/** A write waits for another member, and meanwhile a drive leaves, comes, and leaves again. */
function comesAndGoes(d: Drawing): void {
  const { members } = d.range
  const bay = d.random.below(members)
  const timeNs = d.random.below(40 * MS)
  const durationNs = d.pick([5, 20]) * MS
  if (members > 1) d.at(timeNs, { kind: 'hang', bay: (bay + 1) % members, durationNs })
  let nextNs = timeNs + d.pick([0.1, 0.5, 1]) * MS
  for (let times = 2; times > 0; times--) {
    d.at(nextNs, { kind: 'pull', bay })
    nextNs += d.pick([0.05, 0.2]) * MS
    d.at(nextNs, { kind: 'insert', bay, drive: 'same' })
    nextNs += d.pick([0.05, 0.2, 1]) * MS
  }
  if (d.random.chance(1, 2)) d.at(nextNs, { kind: 'pull', bay })
  if (d.random.chance(1, 2)) d.at(nextNs + d.pick([1, 30]) * MS, { kind: 'insert', bay, drive: 'same' })
}

/** Members that do not answer are pulled together, and are back before the last answer is given up. */
function allGoAtWork(d: Drawing): void {
  const timeNs = d.random.below(40 * MS)
  const slow = d.random.below(d.range.members)
  if (d.random.chance(2, 3)) d.at(timeNs, { kind: 'hang', bay: slow, durationNs: d.pick([5, 30, 120]) * MS })
  else d.at(timeNs, { kind: 'fail-slow', bay: slow, factor: 100, durationNs: 100 * MS })
  const goneNs = timeNs + d.pick([0.2, 1, 3]) * MS
  for (let bay = 0; bay < d.range.members; bay++) {
    d.at(goneNs + d.pick([0, 0, 0.05]) * MS, { kind: 'pull', bay })
    d.at(goneNs + d.pick([0.06, 0.1, 0.3]) * MS, { kind: 'insert', bay, drive: 'same' })
  }
}

/** No member takes a block of metadata when the last commands are answered: nobody else asks for it again. */
function refusedAtTheEnd(d: Drawing): void {
  const range = { lba: d.pick(METADATA_SECTORS), sectors: 1 }
  const last = Math.max(1, d.range.operations - d.pick([0, 1, 2, 4]))
  const count = d.pick([2, 4, 6])
  if (d.random.chance(1, 2)) d.add({ kind: 'pull', bay: d.random.below(d.range.members) }, d.moment())
  for (let bay = 0; bay < d.range.bayCount; bay++) {
    d.add({ kind: 'write-error', bay, range, count }, { kind: 'nth', n: last, event: 'host-ack', filter: {} })
  }
}

/** Power fails again while what the first cut left is being made good; a member may be missing the second time. */
function twoCuts(d: Drawing): void {
  const timeNs = d.random.below(40 * MS)
  const backNs = timeNs + 10 * MS
  d.at(timeNs, { ...cut(d), durationNs: 10 * MS })
  const againNs = backNs + d.pick([0.3, 1, 3, 10, 30]) * MS
  const late = d.random.chance(1, 3) ? d.random.below(d.range.members) : -1
  d.at(againNs, { ...cut(d), durationNs: 10 * MS, late })
}

/**
 * With the write cache on, in one run of six: an operator stops the array in the midst of its work, and power fails as soon as that is done. What
 * one drive still had in its cache is lost, what another one had is not: a stop that was no end of writing leaves them apart.
 */
export function drawStopInCaches(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 6)) return []
  const d = new Drawing(random, range)
  const bays = Object.fromEntries(
    Array.from({ length: range.bayCount }, (_, bay) => [String(bay), d.pick(['none', 'all'] as const)]),
  )
  const survival = d.random.chance(1, 3) ? null : { bays, nvram: 'none' as const }
  d.add({ kind: 'operator-stop' }, d.nth('host-write', range.operations))
  d.add({ ...cut(d), tearSector: false, survival }, { kind: 'nth', n: 1, event: 'microcode:stopped', filter: {} })
  return d.faults
}
