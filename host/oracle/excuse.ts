// When a drive lied, a mirror without checksums cannot tell which replica is right: what the law still asks then.
//
// A lie excuses exactly the sectors it touched, on whatever member the wrong content turns up later (a resync may have carried it on), and
// only while the last acknowledged write of the LBA began before the lie: the next write that reaches the drives ends the excuse. What it
// excuses depends on its kind: a lost write only explains an older version of the same LBA, never foreign bytes. A lie about the array's own
// metadata (a mark that is not there, say) excuses all of it.
//
// An array that is blind (memoryWatch.ts) is excused for what was written before it went so.

import type { FaultFilter } from '../faults/faultFilter'
import { LIE_FOREIGN, LIE_ROT, LIE_STALE, LIE_TORN } from '../faults/lies'
import type { CaseFile } from './caseFile'
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

const BLIND = 'an older content of its NVRAM was put back, and no member is there that has been in sync since'

/** What the case says of it. */
type Known = Pick<CaseFile, 'view' | 'memory'>

/** In words why the array cannot know better, or null. `sinceNs`: when the last acknowledged write of the LBA was submitted. */
export function excuseOf({ view, memory }: Known, lba: number, sinceNs: number, seen: number): string | null {
  if (view === null || memory === null) return null
  if (seen === SEEN_OLDER && sinceNs < memory.blindSinceNs) return BLIND
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
