// What is damaged by and by, and need not be noticed at once: frames on a line, and sectors in front of the data.

import type { FaultSpec } from '../../faults/faultSpec'
import type { RandomStream } from '../../sim/random'
import { Drawing, type FaultRange } from './drawing'
import { outage } from './sitePower'

/** In one run of four with two sites: the line damages frames while hosts write. */
export function drawNoise(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 4)) return []
  const d = new Drawing(random, range)
  for (let times = d.pick([2, 4, 8]); times > 0; times--) {
    const direction = d.pick(['a-to-b', 'a-to-b', 'a-to-b', 'b-to-a'] as const)
    d.add({ kind: 'link-corrupt', direction, count: d.pick([1, 1, 4]) }, d.nth('host-write', range.operations))
  }
  return d.faults
}

/** In one run of eight with one site: sectors in front of the data rot, used or not, and power fails, so that all of them are looked at. */
export function drawRotInFront(random: RandomStream, range: FaultRange, dataOffset: number): readonly FaultSpec[] {
  if (!random.chance(1, 8)) return []
  const d = new Drawing(random, range)
  for (let sectors = d.pick([1, 3, 8]); sectors > 0; sectors--) {
    const lba = d.pick([d.random.below(dataOffset), d.random.below(32)])
    d.add({ kind: 'latent-sector-error', bay: d.bay, range: { lba, sectors: 1 } }, d.moment())
  }
  d.add(outage(d), d.moment())
  return d.faults
}
