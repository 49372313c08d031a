// Drawn runs of mode async whose hosts write more in one go than the NVRAM has room for, mostly with the line away: the journal goes on to the
// drives and comes back from there, or does not. Small writes alone hardly ever fill it.

import type { FaultSpec } from '../../faults/faultSpec'
import type { ResolvedRemote } from '../../scenario/scenario'
import type { RandomStream } from '../../sim/random'
import type { Operation } from '../../workload/operations'
import { Drawing, type FaultRange, MS } from './drawing'
import { NVRAM_BYTES } from './sites'

const NVRAM_SECTORS = NVRAM_BYTES / 512

export interface Burst {
  /** The operations, and the burst in their midst. */
  readonly operations: readonly Operation[]
  readonly faults: readonly FaultSpec[]
}

/** In one of three runs of mode async. From a stream of its own: all else in the run is as it would be without. */
export function drawBurst(
  random: RandomStream,
  remote: ResolvedRemote | null,
  operations: readonly Operation[],
  range: FaultRange,
  lunSectors: number,
): Burst {
  if (remote?.mode !== 'async' || !random.chance(1, 3)) return { operations, faults: [] }
  const at = random.chance(1, 2) ? 0 : random.below(operations.length)
  const sectors = random.below(2) === 0 ? 64 : 128
  // More than the NVRAM takes, and mostly less than the NVRAM and the drives together.
  const count = Math.ceil((NVRAM_SECTORS * (1 + random.below(3) / 4)) / sectors)
  const writes = Array.from({ length: count }, () => writeSomewhere(random, sectors, lunSectors))
  const d = new Drawing(random, range)
  if (random.chance(3, 4)) lineAway(d)
  return { operations: [...operations.slice(0, at), ...writes, ...operations.slice(at)], faults: d.faults }
}

function writeSomewhere(random: RandomStream, sectors: number, lunSectors: number): Operation {
  return { kind: 'write', lba: Math.max(0, random.below(lunSectors) - sectors), sectors, fua: false }
}

/** What the drives keep of the journal is behind the LUN, and one member, or nobody, can deliver it when it is needed. */
function lineAway(d: Drawing): void {
  const timeNs = d.random.below(3 * MS)
  const durationNs = d.pick([100, 300, 600]) * MS
  d.at(timeNs, { kind: 'link-cut', direction: 'both', durationNs })
  if (d.random.chance(1, 3)) return
  const lba = Math.floor(d.range.driveSectors * d.pick([0.5, 0.5, 0.6]))
  const place = { lba, sectors: d.range.driveSectors - lba }
  // Shortly before it is needed: writes mend what is worn out.
  const strikesNs = timeNs + durationNs - d.pick([1, 30]) * MS
  const members = d.random.chance(2, 3) ? d.range.members : 1
  const rots = d.random.chance(1, 3)
  for (let bay = 0; bay < members; bay++) {
    if (rots) d.at(strikesNs, { kind: 'bit-rot', bay, range: place, bits: 1 })
    else d.at(strikesNs, { kind: 'latent-sector-error', bay, range: place })
  }
}
