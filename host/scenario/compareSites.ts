// What the members of two sites hold, at the end: the replicas of the site that the initiators do not use are equal to each other (those of the
// other one are the ReplicaJudge's), and equal to those of the other site where both say that they hold the same. Compares what reads of the
// members in sync would deliver, wherever the LUN was written to, as far as they can be read.
//
// Not compared: a site without power or array, and what no member of a site can read (whoever reads it there is told).

import type { Drive } from '../hardware/drive'
import { dataOffsetOf, inSyncDrive, isAssembled } from '../oracle/rigView'
import type { Violation } from '../oracle/verdict'
import type { Site } from '../rig/site'
import { isInStep, isQuiet } from './quiet'
import type { Runner } from './runner'
import { viewOf } from './viewOf'

const SECTOR_BYTES = 512

/** Who knows of drives that lied. */
export interface Excuses {
  isExcused(lba: number, mayBeBehind: boolean): boolean
}

interface Member {
  readonly drive: Drive
  readonly offset: number
}

/** What breaks CONV: an empty list, or one. */
export function siteDifferences(runner: Runner, judge: Excuses): Violation[] {
  const { rig, events } = runner
  if (rig.sites.length < 2) return []
  const charge = (lba: number, found: string): Violation => {
    return { law: 'CONV', lba, timeNs: events.nowNs, found, expected: 'equal bytes', history: [] }
  }
  const unused = 1 - rig.activeIndex
  const own = firstDifference(membersOf(rig.sites[unused]!), runner, (lba) => judge.isExcused(lba, true))
  if (own >= 0) return [charge(own, `the members of site ${'ab'[unused]} differ at LBA ${own}`)]
  const members = rig.sites.map(membersOf)
  if (!members.every(({ length }) => length > 0) || !isInStep(rig)) return []
  const lba = firstDifference(members.flat(), runner, (lba) => judge.isExcused(lba, false))
  return lba < 0 ? [] : [charge(lba, `both sites say that they hold the same, and differ at LBA ${lba}`)]
}

/** Members in sync of a site at rest. */
function membersOf(site: Site): Member[] {
  const view = viewOf(() => site, [])
  if (!site.isPowered || !isAssembled(view) || !isQuiet(site)) return []
  const offset = dataOffsetOf(view)
  return site.bays.flatMap((_, bay) => {
    const drive = inSyncDrive(view, bay)
    return drive ? [{ drive, offset }] : []
  })
}

/** The first LUN sector on which two members that can read it differ, or -1. */
function firstDifference(members: readonly Member[], runner: Runner, isExcused: (lba: number) => boolean): number {
  if (members.length < 2) return -1
  for (const [lba, sectors] of runner.written.ranges(runner.lunSectors)) {
    const contents = members.map((member) => contentOf(member, lba, sectors))
    if (contents.every((bytes) => isEqual(bytes, contents[0]!))) continue
    for (let i = 0; i < sectors; i++) {
      const at = i * SECTOR_BYTES
      const readable = contents.filter((_, index) => isReadable(members[index]!, lba + i))
      const [first, ...others] = readable.map((bytes) => bytes.subarray(at, at + SECTOR_BYTES))
      if (others.some((bytes) => !isEqual(first!, bytes)) && !isExcused(lba + i)) return lba + i
    }
  }
  return -1
}

function contentOf({ drive, offset }: Member, lba: number, sectors: number): Uint8Array {
  const bytes = new Uint8Array(sectors * SECTOR_BYTES)
  drive.peek(offset + lba, sectors, bytes, 0)
  return bytes
}

const isReadable = ({ drive, offset }: Member, lba: number): boolean => drive.firstUnreadable(offset + lba, 1) < 0

/** Whole sectors, word by word. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  const [left, right] = [a, b].map(({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length >> 2))
  for (let i = 0; i < left!.length; i++) if (left![i] !== right![i]) return false
  return true
}
