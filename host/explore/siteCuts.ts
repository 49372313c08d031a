// What is explored where there are two sites, and written down as faults: at a crash point of site a it is lost for good with the line, and the
// initiators go to site b; at one of either site the power of that site fails for a while, or that of both, and the initiators send no more.
//
// Whoever keeps its power goes on with what it has in RAM, on the line and under way to its drives. That cannot be forked, so each branch is
// the whole run once more, with these faults in it. Of recoveries of both sites equal durable states are played once; of one alone
// only where they are equal at the same crash point.

import type { FaultSpec, SiteName, Trigger } from '../faults/faultSpec'
import { siteLoss } from '../faults/siteLoss'
import type { SurvivalChoice } from '../rig/powerCut'
import type { Site } from '../rig/site'
import type { JudgedRun } from '../scenario/judgedRun'
import type { RandomStream } from '../sim/random'
import type { FaultClass } from './coverage'
import { type CrashChoice, crashChoices, type SiteCut, type SiteCuts } from './crashChoice'
import { disposeOf, remainsOf } from './recoveryRig'
import { type StateKey, stateKey } from './stateKey'
import { uncommittedCount, volatileWrites } from './volatileState'

export interface SiteBranch {
  readonly choice: CrashChoice
  readonly key: StateKey
}

const NOTHING: SurvivalChoice = { bays: {}, nvram: 'none' }
/** Nothing of site a comes back: there is nothing to choose. */
const SITE_IS_GONE: CrashChoice = { survival: NOTHING, absent: -1, scrubs: false }
/** Longer than any usual `linkTimeout`, and shorter: the other site does not notice. */
const OFF_NS = [1_000_000_000, 10_000_000] as const
/** Nothing persists, and everything does: the first choices of every site. */
const CORNERS = [
  [0, 0],
  [1, 1],
  [0, 1],
  [1, 0],
] as const

/** What may follow at the n-th crash point of a site, at most `max` ways for each of the sites that fail; and how many combinations there are. */
export function siteBranches(
  run: JudgedRun,
  { at, crashPoint, max }: { readonly at: SiteName; readonly crashPoint: number; readonly max: number },
  random: RandomStream,
): { readonly branches: readonly SiteBranch[]; readonly combinations: number } {
  const [a, b] = run.runner.rig.sites.map((site) => cutsOf(site, max, random))
  const own = at === 'a' ? a! : b!
  const branches: SiteBranch[] = []
  if (at === 'a') branches.push({ choice: SITE_IS_GONE, key: { text: `lost:${crashPoint}`, hash: crashPoint } })
  // Equal states of one site are not equal states: the other one lives on.
  for (const cut of own.cuts) branches.push(branchOf(run, { at, [at]: cut }, [crashPoint, at === 'a' ? 1 : 2]))
  if (!run.runner.rig.sites.every(({ isPowered }) => isPowered)) return { branches, combinations: own.combinations }
  for (const [i, j] of pairs(a!.cuts.length, b!.cuts.length, max, random)) {
    branches.push(branchOf(run, { at, a: a!.cuts[i]!, b: b!.cuts[j]! }, [0]))
  }
  return { branches, combinations: own.combinations + a!.combinations * b!.combinations }
}

function cutsOf(site: Site, max: number, random: RandomStream): { cuts: readonly SiteCut[]; combinations: number } {
  if (!site.isPowered) return { cuts: [], combinations: 0 }
  const bounds = { max, scrubs: false }
  const { choices, combinations } = crashChoices(volatileWrites(site), uncommittedCount(site), [], bounds, random)
  const cuts = choices.map(({ survival }) => ({ survival, offNs: OFF_NS[random.chance(1, 4) ? 1 : 0] }))
  return { cuts, combinations }
}

function* pairs(as: number, bs: number, max: number, random: RandomStream): Generator<readonly [number, number]> {
  const seen = new Set<number>()
  for (let tries = 0; seen.size < max && tries < max * 4; tries++) {
    const [i, j] = CORNERS[tries] ?? [random.below(as), random.below(bs)]
    if (i >= as || j >= bs || seen.has(i * bs + j)) continue
    seen.add(i * bs + j)
    yield [i, j]
  }
}

function branchOf(run: JudgedRun, sites: SiteCuts, more: readonly number[]): SiteBranch {
  const { rig } = run.runner
  const keys = rig.sites.flatMap((site, index) => {
    const cut = index === 0 ? sites.a : sites.b
    if (!cut) return []
    const remains = remainsOf(site, cut.survival)
    const links = rig.link!.directions.map(({ isUp }) => (isUp ? 1 : 0))
    const key = stateKey(run, site, remains, [...more, ...links, cut.offNs, rig.activeIndex])
    disposeOf(remains)
    return [key]
  })
  const choice = { ...SITE_IS_GONE, survival: (sites.a ?? sites.b)!.survival, sites }
  return {
    choice,
    key: { text: keys.map(({ text }) => text).join('+'), hash: keys.reduce((all, { hash }) => all ^ hash, 0) >>> 0 },
  }
}

/** The branch as faults of the scenario: right before that crash point, or right after it where a site is lost for good. */
export function faultsAt(crashPoint: number, { sites }: CrashChoice): FaultSpec[] {
  const filter = sites?.at === 'b' ? { site: sites.at } : {}
  const trigger: Trigger = { kind: 'nth', event: 'crash-point', n: crashPoint, filter }
  if (!sites) return siteLoss(trigger)
  return (['a', 'b'] as const).flatMap((site) => {
    const cut = sites[site]
    if (!cut) return []
    const { survival, offNs } = cut
    const how = { durationNs: offNs, tearSector: false, survival, final: true, late: -1 }
    return [{ name: `power-cut at ${site}`, action: { kind: 'power-cut', site, ...how }, trigger }]
  })
}

/** Which site crashed, for the account of what was covered. */
export function classOf({ sites }: CrashChoice): readonly FaultClass[] {
  if (!sites) return []
  if (sites.a && sites.b) return ['both-sites-cut']
  return [sites.a ? 'site-a-cut' : 'site-b-cut']
}
