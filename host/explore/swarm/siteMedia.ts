// Two sites: what the other one lacks cannot be read any more where it was written, or lies on the drives of a journal that power interrupts.

import type { FaultSpec } from '../../faults/faultSpec'
import type { RandomStream } from '../../sim/random'
import { Drawing, type FaultRange, MS } from './drawing'
import { failing } from './sitePower'

/** In one run of six: the line is away, and when it is back no member can read all of what is to be copied. */
export function drawLostSource(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 6)) return []
  const d = new Drawing(random, range)
  const timeNs = d.random.below(10 * MS)
  const durationNs = d.pick([80, 150, 300]) * MS
  d.at(timeNs, { kind: 'link-cut', direction: 'both', durationNs })
  const site = d.pick(['a', 'a', 'b'] as const)
  for (let places = d.pick([1, 1, 3]); places > 0; places--) {
    const lunLba = d.pick(range.hotSectors) + d.random.below(4)
    const strikesNs = timeNs + durationNs + d.pick([-20, -1, 0.5]) * MS
    for (let bay = 0; bay < range.members; bay++) {
      d.at(strikesNs, { kind: 'latent-sector-error', site, bay, range: { lunLba, sectors: d.pick([1, 1, 4]) } })
    }
  }
  return d.faults
}

/** Where hosts write more than the NVRAM takes, in half of the runs: power fails at the primary while the journal goes to the drives, or later. */
export function drawSpillPower(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (!random.chance(1, 2)) return []
  const d = new Drawing(random, range)
  const [event, most] = d.pick([
    ['microcode:journal-spill', 4],
    ['microcode:journal-spill', 12],
    ['nvram-commit', 400],
    ['drive-read', 40],
  ] as const)
  d.add(failing(d, 'a'), d.nth(event, most, { site: 'a' }))
  return d.faults
}
