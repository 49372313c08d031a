// Drawn runs of mode scheduled that take one point in time after the other: hosts write a few regions, and pause; all that has changed has room
// at the copy. Else most runs are over before the second point, or it does not fit, and the copy never switches from one to the next.

import type { FaultSpec } from '../../faults/faultSpec'
import type { ResolvedScenario } from '../../scenario/scenario'
import type { RandomStream } from '../../sim/random'
import type { Operation } from '../../workload/operations'
import { Drawing, type FaultRange, MS } from './drawing'
import { failing } from './sitePower'

/** The same run so, or as it is: in two of three of mode scheduled. From a stream of its own. `range`: of its faults. */
export function withPoints(random: RandomStream, scenario: ResolvedScenario, range: FaultRange): ResolvedScenario {
  const { remote, workload } = scenario
  if (remote?.mode !== 'scheduled' || !random.chance(2, 3)) return scenario
  const d = new Drawing(random, range)
  const intervalMs = d.pick([5, 20])
  // LUNs but the last may take a quarter of the array (luns.ts).
  const areaPercent = d.pick([50, 60, 70])
  return {
    ...scenario,
    remote: { ...remote, intervalMs, areaPercent },
    workload: workload.map((load) =>
      load.kind === 'operations' ? { ...load, operations: inPieces(d, load.operations, intervalMs * MS) } : load,
    ),
    faults: [...scenario.faults, ...drawFaults(d)],
  }
}

/** In one run of six of mode scheduled no point is appointed, and an operator moves the LUN to the other site: all that is there has to get there. */
export function withHandOver(random: RandomStream, scenario: ResolvedScenario, range: FaultRange): ResolvedScenario {
  const { remote } = scenario
  if (remote?.mode !== 'scheduled' || !random.chance(1, 6)) return scenario
  const d = new Drawing(random, range)
  const timeNs = d.random.below(30 * MS)
  d.at(timeNs, { kind: 'operator-demote', site: 'a' })
  d.at(timeNs + d.pick([0, 2, 100]) * MS, { kind: 'failover' })
  return { ...scenario, remote: { ...remote, intervalMs: 0 }, faults: [...scenario.faults, ...d.faults] }
}

/** A pause after every few operations: shorter than an interval, or longer. */
function inPieces(d: Drawing, operations: readonly Operation[], intervalNs: number): Operation[] {
  const pieces: Operation[] = []
  let left = 1
  for (const operation of operations) {
    if (--left === 0) {
      pieces.push({ kind: 'wait', ns: intervalNs * d.pick([0.3, 1, 2]) })
      left = d.pick([2, 5, 10])
    }
    pieces.push(operation)
  }
  return pieces
}

/** While the copy is at work with a point: it loses its power, or what it has staged cannot be read, or its drives do not take it. */
function drawFaults(d: Drawing): readonly FaultSpec[] {
  if (d.random.chance(1, 3)) return []
  const trigger = d.nth(d.pick(['drive-write', 'drive-read', 'crash-point', 'nvram-commit']), d.pick([20, 80]), {
    site: 'b',
  })
  if (d.random.chance(1, 2)) {
    d.add(failing(d, 'b'), trigger)
    // What could tell it again is away: what it has of its own is all that there is.
    if (d.random.chance(1, 2)) {
      d.add({ kind: 'site-loss', site: 'a', durationNs: d.pick([900 * MS, Number.POSITIVE_INFINITY]) }, trigger)
      d.add({ kind: 'failover' }, trigger)
    }
    return d.faults
  }
  const lba = Math.floor(d.range.driveSectors * d.pick([0.3, 0.5, 0.7]))
  const range = { lba, sectors: d.range.driveSectors - lba }
  const isAll = d.random.chance(1, 2)
  for (let bay = 0; bay < d.range.members; bay++) {
    if (!isAll && d.random.chance(1, 2)) continue
    if (d.random.chance(2, 3)) d.add({ kind: 'latent-sector-error', site: 'b', bay, range }, trigger)
    else d.add({ kind: 'write-error', site: 'b', bay, range, count: d.pick([1, 3]) }, trigger)
  }
  return d.faults
}
