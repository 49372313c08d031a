// Both sites say that they hold the same: do they? Compares what a member in sync of each would deliver, wherever the LUN was written to.

import type { Drive } from '../hardware/drive'
import type { OtherSiteJudge } from '../oracle/otherSite'
import { dataOffsetOf, inSyncDrive } from '../oracle/rigView'
import type { Violation } from '../oracle/verdict'
import type { Rig } from '../rig/rig'
import type { Site } from '../rig/site'
import { isInStep } from './quiet'
import type { Runner } from './runner'
import { viewOf } from './viewOf'

const SECTOR_BYTES = 512

interface Member {
  readonly drive: Drive
  readonly offset: number
}

/** What breaks CONV: an empty list, or one. */
export function siteDifference({ rig, written, lunSectors, events }: Runner, judge: OtherSiteJudge): Violation[] {
  const lba = firstDifference(rig, written.ranges(lunSectors), (sector) => judge.isExcused(sector))
  if (lba < 0) return []
  const found = `both sites say that they hold the same, and differ at LBA ${lba}`
  return [{ law: 'CONV', lba, timeNs: events.nowNs, found, expected: 'equal bytes', history: [] }]
}

/** The first LUN sector on which the sites differ, or -1. Nothing is compared unless both say that they hold the same. */
function firstDifference(
  rig: Rig,
  ranges: Iterable<readonly [lba: number, sectors: number]>,
  isExcused: (lba: number) => boolean,
): number {
  if (rig.sites.length < 2 || !rig.sites.every(({ isPowered }) => isPowered) || !isInStep(rig)) return -1
  const [here, there] = rig.sites.map(memberOf)
  if (!here || !there) return -1
  for (const [lba, sectors] of ranges) {
    const [a, b] = [contentOf(here, lba, sectors), contentOf(there, lba, sectors)]
    for (let i = 0; i < a.length; i++) {
      if (a[i] === b[i]) continue
      const sector = lba + Math.floor(i / SECTOR_BYTES)
      // Lost on one site: whoever reads it there is told.
      if (isReadable(here, sector) && isReadable(there, sector) && !isExcused(sector)) return sector
      i = (sector - lba + 1) * SECTOR_BYTES - 1
    }
  }
  return -1
}

function memberOf(site: Site): Member | null {
  const view = viewOf(() => site, [])
  for (let bay = 0; bay < view.bayCount; bay++) {
    const drive = inSyncDrive(view, bay)
    if (drive) return { drive, offset: dataOffsetOf(view) }
  }
  return null
}

function contentOf({ drive, offset }: Member, lba: number, sectors: number): Uint8Array {
  const bytes = new Uint8Array(sectors * SECTOR_BYTES)
  drive.peek(offset + lba, sectors, bytes, 0)
  return bytes
}

const isReadable = ({ drive, offset }: Member, lba: number): boolean => drive.firstUnreadable(offset + lba, 1) < 0
