// Two sites: what makes sense one after the other, beyond what happens between them once (sites.ts). What a site that serves alone knows
// of the other one must outlast its own power.

import { cut, type Draw, type Drawing, MS } from './drawing'

/** Longer than it takes to give the other site up, and to look for it in vain after a boot. */
const LONG_NS = 900 * MS

/** The copy is away; the site that goes on alone loses its power, and has to serve alone again. */
function aloneThroughPowerCut(d: Drawing): void {
  const timeNs = d.random.below(20 * MS)
  const isBack = d.random.chance(2, 3) || !d.range.goesOnAlone
  if (d.random.chance(1, 2)) d.at(timeNs, { kind: 'link-cut', direction: 'both', durationNs: LONG_NS })
  else d.at(timeNs, { kind: 'site-loss', site: 'b', durationNs: isBack ? LONG_NS : Number.POSITIVE_INFINITY })
  d.at(timeNs + d.pick([60, 120, 200]) * MS, { ...cut(d), durationNs: d.pick([1, 10, 100]) * MS })
}

/** The copy takes over, and loses its power when hosts have written there. */
function promotedThroughPowerCut(d: Drawing): void {
  const timeNs = d.random.below(60 * MS)
  d.at(timeNs, { kind: 'site-loss', site: 'a', durationNs: d.pick([200 * MS, LONG_NS, Number.POSITIVE_INFINITY]) })
  d.at(timeNs + d.pick([0, 1, 100]) * MS, { kind: 'failover' })
  d.at(timeNs + d.pick([150, 300, 450, 600]) * MS, {
    kind: 'site-loss',
    site: 'b',
    durationNs: d.pick([1, 10, 100]) * MS,
  })
}

/** The primary alone loses its power for a moment, once or twice, the copy being there: both must know each other again. */
function primaryBlinks(d: Drawing): void {
  let timeNs = d.random.below(60 * MS)
  for (let i = d.random.below(2); i >= 0; i--) {
    d.at(timeNs, { ...cut(d), durationNs: d.pick([1, 10, 60]) * MS })
    timeNs += d.pick([80, 200, 400]) * MS
  }
}

/** What the copy lacks is kept at the far end of the drives while the line is away; and then nobody can read it there. */
function farEndLost(d: Drawing): void {
  const timeNs = d.random.below(10 * MS)
  d.at(timeNs, { kind: 'link-cut', direction: 'both', durationNs: d.pick([200, 500]) * MS })
  const lba = Math.floor(d.range.driveSectors * d.pick([0.5, 0.6]))
  const trigger = d.nth('microcode:journal-spill', 3)
  for (let bay = 0; bay < d.range.members; bay++) {
    d.add({ kind: 'latent-sector-error', bay, range: { lba, sectors: d.range.driveSectors - lba } }, trigger)
  }
}

export const SITE_SEQUENCES: readonly Draw[] = [
  aloneThroughPowerCut,
  aloneThroughPowerCut,
  promotedThroughPowerCut,
  primaryBlinks,
  farEndLost,
]
