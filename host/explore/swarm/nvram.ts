// Drawn runs whose controller loses what its NVRAM held: the battery was empty, the board was exchanged, or what was saved before is put
// back. What it knew of members, of the other site, of its journal or snapshot has to be found out anew, or to be asked for.

import type { FaultSpec, SiteName } from '../../faults/faultSpec'
import type { RandomStream } from '../../sim/random'
import { cut, Drawing, type FaultRange, MS } from './drawing'

const CONTENTS = ['blank', 'noise', 'old', 'old'] as const

/** In one run of ten. From a stream of its own: all else in the run is as it would be without. */
export function drawNvramLoss(random: RandomStream, range: FaultRange, hasTwoSites: boolean): readonly FaultSpec[] {
  if (!random.chance(1, 10)) return []
  const d = new Drawing(random, range)
  if (hasTwoSites) lossAtASite(d)
  else lossAtTheSite(d)
  return d.faults
}

/** Power fails, perhaps with a member away then or late afterwards. What is old is so only where power had failed before. */
function lossAtTheSite(d: Drawing): void {
  const timeNs = d.random.below(40 * MS)
  if (d.random.chance(1, 2)) d.at(timeNs, cut(d))
  const lossNs = timeNs + d.pick([15, 60, 150, 300]) * MS
  if (d.random.chance(1, 4)) d.at(lossNs - d.pick([0.1, 1, 10]) * MS, { kind: 'pull', bay: d.bay })
  d.at(lossNs, { kind: 'nvram-loss', content: d.pick(CONTENTS) })
  const late = d.random.chance(1, 4) ? d.bay : -1
  if (d.random.chance(1, 3)) d.add({ ...cut(d), late }, d.milestone())
  else d.at(lossNs, { ...cut(d), late })
}

/** One of two sites forgets who it was; then the initiators go to the other one, or stay, and the line may be away meanwhile. */
function lossAtASite(d: Drawing): void {
  const site: SiteName = d.pick(['a', 'a', 'b'])
  let timeNs = d.random.below(40 * MS)
  if (d.random.chance(1, 2)) {
    // What has changed since this one is what an old content does not know.
    d.at(timeNs, { kind: 'site-loss', site, durationNs: d.pick([10, 60]) * MS })
    timeNs += d.pick([100, 250, 500]) * MS
    if (d.random.chance(1, 2)) {
      d.at(timeNs, { kind: 'link-cut', direction: 'both', durationNs: d.pick([150, 400]) * MS })
      timeNs += d.pick([20, 200, 500]) * MS
    }
  }
  const movesBefore = d.random.chance(1, 3)
  if (movesBefore) {
    d.at(timeNs, { kind: 'operator-demote', site: 'a' })
    d.at(timeNs + 2 * MS, { kind: 'failover' })
    timeNs += d.pick([20, 100, 300]) * MS
  }
  if (d.random.chance(1, 3)) {
    const awayNs = d.pick([300, 900]) * MS
    d.at(Math.max(0, timeNs - d.pick([0, 5, 150]) * MS), { kind: 'link-cut', direction: 'both', durationNs: awayNs })
  }
  d.at(timeNs, { kind: 'nvram-loss', site, content: d.pick(CONTENTS) })
  d.at(timeNs, { kind: 'site-loss', site, durationNs: d.pick([1, 10, 100]) * MS })
  if (!movesBefore && d.random.chance(2, 3)) d.at(timeNs + d.pick([1, 50, 200]) * MS, { kind: 'failover' })
  // Without an operator's word they stay apart.
  if (d.random.chance(2, 3)) d.at(timeNs + d.pick([400, 900]) * MS, { kind: 'operator-discard', site })
}
