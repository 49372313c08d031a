// When a drive lied, a mirror without checksums cannot tell which replica is right: what the law still asks then.
//
// A lie excuses exactly the sectors it touched, on whatever member the wrong content turns up later (a resync may have carried it on), and
// only while the last acknowledged write of the LBA began before the lie: the next write that reaches the drives ends the excuse. What it
// excuses depends on its kind: a lost write only explains an older version of the same LBA, never foreign bytes. A lie about the array's own
// metadata (a mark that is not there, say) excuses all of it.
//
// An array is blind when an older content of its NVRAM was put back and no member is there that was in sync since: all that it has is as it was
// then, and so is all that it could ask.

import type { FaultFilter } from '../faults/faultFilter'
import { LIE_FOREIGN, LIE_ROT, LIE_STALE, LIE_TORN } from '../faults/lies'
import type { RigView } from './rigView'
import { dataOffsetOf } from './rigView'

/** What was seen instead of a possible version. */
export const SEEN_OLDER = 1
export const SEEN_FOREIGN = 2

const EXPLAINS: Readonly<Record<number, number>> = {
  [SEEN_OLDER]: LIE_STALE | LIE_TORN | LIE_FOREIGN | LIE_ROT,
  [SEEN_FOREIGN]: LIE_TORN | LIE_FOREIGN | LIE_ROT,
}

const NAMES: readonly (readonly [number, string])[] = [
  [LIE_STALE, 'lost a write to it (or flushed nothing)'],
  [LIE_TORN, 'tore it'],
  [LIE_FOREIGN, 'stored data of another place there'],
  [LIE_ROT, 'let its bits rot'],
]

/** In words why the array cannot know better, or null. `sinceNs`: when the last acknowledged write of the LBA was submitted. */
export function excuseOf(view: RigView | null, lba: number, sinceNs: number, seen: number): string | null {
  if (view === null) return null
  if (view.blindness !== null && seen === SEEN_OLDER) return view.blindness
  if (view.filters.length === 0) return null
  const driveLba = dataOffsetOf(view) + lba
  for (const filter of view.filters) {
    if (filter.lies.anyBelow(dataOffsetOf(view))) return `drive ${filter.driveId} lied about the metadata of the array`
    const kinds = filter.lies.of(driveLba, sinceNs) & EXPLAINS[seen]!
    if (kinds !== 0) return nameLie(filter, kinds)
  }
  return null
}

function nameLie(filter: FaultFilter, kinds: number): string {
  const [, name] = NAMES.find(([kind]) => kinds & kind)!
  return `drive ${filter.driveId} ${name} with good status`
}
