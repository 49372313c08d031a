// The second site of a drawn run: how it mirrors, the link, and what may go wrong with the sites and between them.

import type { FaultAction, FaultSpec, SiteName } from '../../faults/faultSpec'
import type { ResolvedRemote } from '../../scenario/scenario'
import type { RandomStream } from '../../sim/random'
import { cut, type Draw, type Drawing, MS, someMoment } from './drawing'

/** The least that the scenario's schema allows. */
export const NVRAM_BYTES = 384 * 1024

export function drawRemote(random: RandomStream): ResolvedRemote {
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)]!
  return {
    mode: pick(['sync', 'received', 'one-behind', 'async', 'scheduled', 'scheduled']),
    onLinkLoss: pick(['go-on', 'go-on', 'stop']),
    // Longer than the largest frame takes.
    linkTimeoutMs: pick([50, 100]),
    rpoMs: pick([20, 100]),
    intervalMs: pick([5, 20, 60, 0]),
    cron: '',
    // Little room: points that do not fit, and writes that wait.
    areaPercent: pick([50, 50, 10, 2]),
    overflow: pick(['throttle', 'track']),
    nvramBytes: NVRAM_BYTES,
    resyncSums: pick([false, true]),
    resyncKibPerSecond: pick([0, 0, 20_000]),
    link: {
      latencyNs: pick([0.02, 0.2, 1, 3]) * MS,
      bytesPerSecond: pick([0, 0, 20_000_000, 100_000_000]),
      windowBytes: pick([1 << 24, 1 << 16, 1 << 12]),
      frameBytesMax: 0,
      paths: pick([1, 1, 1, 3]),
      fragmentBytes: pick([1 << 16, 1500]),
    },
  }
}

/** On one line of four, frames carry little: what hosts write in one go, and a resync copies, crosses in several. */
export function onSmallFrames(remote: ResolvedRemote, random: RandomStream): ResolvedRemote {
  if (!random.chance(1, 4)) return remote
  return { ...remote, link: { ...remote.link, frameBytesMax: random.chance(1, 2) ? 4096 : 10_000 } }
}

/** The initiators go to the other site. */
const changeOver = (d: Drawing, timeNs: number): void => d.at(timeNs, { kind: 'failover' })

function linkCut(d: Drawing, durationNs: number): FaultAction {
  return { kind: 'link-cut', direction: d.pick(['both', 'both', 'a-to-b', 'b-to-a']), durationNs }
}

/** Long enough to be noticed, or just not. */
const outage = (d: Drawing): number => d.pick([1, 10, 30, 80, 200, 500]) * MS

const FRAME_FAULTS = ['link-drop', 'link-duplicate', 'link-reorder', 'link-corrupt'] as const

/**
 * A fault of one array, at the second site. Mostly it waits for what happens there, too; what hosts do, they do at the site that they use.
 */
export function atSiteB({ name, action, trigger }: FaultSpec, random: RandomStream): FaultSpec {
  const site: SiteName = 'b'
  const there = { ...action, site } as FaultAction
  const isCounted = trigger.kind === 'nth' || trigger.kind === 'rate'
  if (!isCounted || trigger.event.startsWith('host-') || random.chance(1, 4)) return { name, action: there, trigger }
  return { name, action: there, trigger: { ...trigger, filter: { ...trigger.filter, site } } }
}

/** What happens to sites and link, a line or a few for each. */
export const SITE_FAULTS: readonly Draw[] = [
  (d) => d.add(linkCut(d, outage(d)), someMoment(d)),
  (d) => {
    // It flaps.
    let timeNs = d.random.below(60 * MS)
    for (let i = 0; i < 3; i++) {
      d.at(timeNs, linkCut(d, d.pick([10, 60]) * MS))
      timeNs += d.pick([30, 120, 300]) * MS
    }
  },
  (d) => d.add({ kind: 'link-stall', direction: 'both', durationNs: outage(d) }, someMoment(d)),
  (d) =>
    d.add(
      { kind: d.pick(FRAME_FAULTS), direction: d.pick(['a-to-b', 'b-to-a']), count: d.pick([1, 1, 3]) },
      someMoment(d),
    ),
  (d) =>
    d.add(
      { kind: d.pick(FRAME_FAULTS), direction: d.pick(['a-to-b', 'b-to-a']), count: d.pick([1, 2]) },
      { kind: 'at', timeNs: d.random.below(400 * MS) },
    ),
  (d) => d.add({ kind: 'site-loss', site: 'b', durationNs: outage(d) }, someMoment(d)),
  (d) => {
    // The copy goes down in the middle of a resync.
    const timeNs = d.random.below(40 * MS)
    const backNs = timeNs + d.pick([60, 150]) * MS
    d.at(timeNs, linkCut(d, backNs - timeNs))
    d.at(backNs + d.pick([0.1, 2, 4, 10, 30]) * MS, { kind: 'site-loss', site: 'b', durationNs: outage(d) })
  },
  primaryLost,
  primaryLost,
  primaryLost,
  lostInResync,
  copyRefuses,
  plannedChange,
  plannedChange,
  splitBrain,
  (d) => d.add({ kind: 'operator-promote', site: d.pick(['a', 'b']), force: false }, someMoment(d)),
  (d) => d.add({ kind: 'operator-demote', site: 'b' }, someMoment(d)),
  (d) => {
    // Both are lost together, and come back one after the other.
    const timeNs = d.random.below(60 * MS)
    d.at(timeNs, { kind: 'site-loss', site: 'b', durationNs: outage(d) })
    d.at(timeNs + d.pick([0, 0, 1]) * MS, { ...cut(d), durationNs: d.pick([10, 100, 400]) * MS })
  },
]

/** Perhaps it comes back, and perhaps initiators then go back to it. */
function primaryLost(d: Drawing): void {
  const timeNs = d.random.below(60 * MS)
  const isBack = d.random.chance(2, 3)
  if (d.random.chance(1, 3)) d.at(Math.max(0, timeNs - d.pick([0, 5, 150]) * MS), linkCut(d, outage(d)))
  d.at(timeNs, { kind: 'site-loss', site: 'a', durationNs: isBack ? outage(d) : Number.POSITIVE_INFINITY })
  changeOver(d, timeNs + d.pick([0, 1, 100]) * MS)
  if (!isBack || d.random.chance(1, 2)) return
  const returnNs = timeNs + d.pick([400, 900]) * MS
  d.at(returnNs, { kind: 'operator-demote', site: 'b' })
  changeOver(d, returnNs + d.pick([5, 50]) * MS)
}

/** The copy is not complete when the site that has everything is lost. */
function lostInResync(d: Drawing): void {
  const timeNs = d.random.below(20 * MS)
  const backNs = timeNs + d.pick([120, 200]) * MS
  d.at(timeNs, linkCut(d, backNs - timeNs))
  const lostNs = backNs + d.pick([1, 5, 20, 40, 60]) * MS
  d.at(lostNs, { kind: 'site-loss', site: 'a', durationNs: d.pick([50 * MS, Number.POSITIVE_INFINITY]) })
  changeOver(d, lostNs)
}

/** Site a has become the copy, and its members refuse writes. */
function copyRefuses(d: Drawing): void {
  const timeNs = d.random.below(20 * MS)
  d.at(timeNs, { kind: 'operator-demote', site: 'a' })
  changeOver(d, timeNs + 2 * MS)
  const trigger = d.nth('host-write', d.range.operations)
  for (let bay = 0; bay < d.range.members; bay++)
    d.add({ kind: 'write-error', bay, range: d.place, count: d.pick([1, 3, 20]) }, trigger)
}

/** The LUN moves to the other site without any harm, and perhaps back. */
function plannedChange(d: Drawing): void {
  let timeNs = d.random.below(60 * MS)
  for (const site of d.random.chance(1, 2) ? (['a', 'b'] as const) : (['a'] as const)) {
    d.at(timeNs, { kind: 'operator-demote', site })
    timeNs += d.pick([0, 2, 30]) * MS
    changeOver(d, timeNs)
    timeNs += d.pick([20, 100, 300]) * MS
  }
}

/** Both sites serve, and an operator decides which of them gives up what it has. */
function splitBrain(d: Drawing): void {
  const timeNs = d.random.below(40 * MS)
  d.at(timeNs, linkCut(d, 400 * MS))
  changeOver(d, timeNs + d.pick([120, 250]) * MS)
  if (d.random.chance(1, 2)) d.at(timeNs + 900 * MS, { kind: 'operator-discard', site: 'a' })
}
