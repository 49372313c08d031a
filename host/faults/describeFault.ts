// Faults in words, for reports: "drive in bay 1 is pulled".

import { formatDurationNs } from '../sim/units'
import type { DriveFault } from './afflict'
import {
  type AtSite,
  type FaultAction,
  isLinkFault,
  type LinkFaultAction,
  type LinkSide,
  type SectorRange,
} from './faultSpec'

function lasting(durationNs: number, forever = 'from now on'): string {
  return durationNs === Number.POSITIVE_INFINITY ? forever : `for ${formatDurationNs(durationNs)}`
}

function times(count: number, what: string): string {
  if (count === Number.POSITIVE_INFINITY) return `every ${what}`
  return count === 1 ? `the next ${what}` : `the next ${count} ${what}s`
}

/** `lba` is the place on the drive after a LUN sector was resolved. */
function place(range: SectorRange, lba: number): string {
  const sectors = range.sectors === 1 ? `sector ${lba}` : `sectors ${lba} to ${lba + range.sectors - 1}`
  return range.lunLba === undefined ? sectors : `${sectors} (LUN sector ${range.lunLba})`
}

/** Only where it was told: a rig may have one site. */
function ofSite({ site }: AtSite): string {
  return site === undefined ? '' : ` of site ${site}`
}

function atSite({ site }: AtSite): string {
  return site === undefined ? '' : ` at site ${site}`
}

function bayOf(action: AtSite & { readonly bay: number }): string {
  return `bay ${action.bay}${ofSite(action)}`
}

/** What happens when the fault strikes; `lba`: first sector on the drive, where the action has a range. */
export function describeFault(action: FaultAction, lba: number): string {
  switch (action.kind) {
    case 'power-cut': {
      const torn = action.tearSector ? ', and tears a sector of a write in progress' : ''
      return `power fails${atSite(action)} for ${formatDurationNs(action.durationNs)}${torn}`
    }
    case 'nvram-loss': {
      const found = { blank: 'nothing', noise: 'noise', old: 'what was there when power came last' }
      return `the battery of the NVRAM${atSite(action)} is empty: the next power cut leaves ${found[action.content]} in it`
    }
    case 'pull':
      return `the drive in ${bayOf(action)} is pulled`
    case 'insert': {
      const drive = { same: 'the drive that was pulled', new: 'a new drive', foreign: 'a drive with foreign data' }
      return `${drive[action.drive]} is inserted into ${bayOf(action)}`
    }
    case 'operator-scrub':
      return `an operator asks for a scrub${atSite(action)}`
    case 'operator-detach':
      return `an operator detaches the drive in ${bayOf(action)}`
    case 'operator-attach':
      return `an operator attaches the drive in ${bayOf(action)}`
    case 'operator-stop':
      return `an operator stops the array${atSite(action)}`
    case 'operator-snapshot':
      return 'an operator asks for a snapshot'
    case 'operator-release':
      return `an operator gives the snapshot up${RELEASES[action.as]}`
    case 'site-loss':
      return `site ${action.site} loses its power ${lasting(action.durationNs, 'for good')}`
    case 'failover':
      return 'the initiators go to the other site, whose operator promotes it'
    case 'operator-promote':
      return `an operator promotes site ${action.site}${action.force ? ', whatever is there' : ''}`
    case 'operator-demote':
      return `an operator demotes site ${action.site}`
    case 'operator-discard':
      return `an operator gives up what site ${action.site} has and the other one has not`
    case 'operator-point':
      return `an operator asks site ${action.site} for a point in time`
    default:
      if (isLinkFault(action)) return `the link${DIRECTIONS[action.direction]} ${ofLink(action)}`
      return `the drive in ${bayOf(action)} ${ofDrive(action, lba)}`
  }
}

const RELEASES = { dropped: '', image: ', of which an image was made', base: ', of which a full image was made' }

const DIRECTIONS: Readonly<Record<LinkSide, string>> = {
  both: '',
  'a-to-b': ' from a to b',
  'b-to-a': ' from b to a',
}

function ofLink(action: LinkFaultAction): string {
  switch (action.kind) {
    case 'link-cut':
      return `is cut ${lasting(action.durationNs, 'for good')}`
    case 'link-stall':
      return `stalls ${lasting(action.durationNs)}`
    case 'link-slow':
      return `is ${action.factor} times slower ${lasting(action.durationNs)}`
    case 'link-drop':
      return `loses ${framesOf(action)}`
    case 'link-duplicate':
      return `delivers ${framesOf(action)} twice`
    case 'link-reorder':
      return `delivers ${framesOf(action)} after the one behind it`
    case 'link-corrupt':
      return `flips a bit in ${framesOf(action)}`
  }
}

/** Both directions count for themselves. */
function framesOf({ count, direction }: { readonly count: number; readonly direction: LinkSide }): string {
  const frames = count === 1 ? 'the next frame' : `each of the next ${count} frames`
  return direction === 'both' ? `${frames} each way` : frames
}

function ofDrive(action: DriveFault, lba: number): string {
  switch (action.kind) {
    case 'latent-sector-error':
      return `cannot read ${place(action.range, lba)} any more`
    case 'transient-read-error':
      return `aborts ${times(action.count, 'read')}`
    case 'transient-write-error':
      return `aborts ${times(action.count, 'write')}`
    case 'write-error':
      return `refuses ${times(action.count, 'write')}${action.range ? ` to ${place(action.range, lba)}` : ''}`
    case 'hang':
      return `hangs ${lasting(action.durationNs, 'until its power is cycled')}`
    case 'fail-slow':
      return `is ${action.factor} times slower ${lasting(action.durationNs)}`
    case 'torn-write':
      return `tears a sector of ${times(action.count, 'write')}`
    case 'lost-write':
      return `loses ${times(action.count, 'write')}`
    case 'misdirected-write':
      return `stores ${times(action.count, 'write')} ${Math.abs(action.offsetSectors)} sectors ${action.offsetSectors < 0 ? 'before' : 'after'} where it belongs`
    case 'bit-rot':
      return `has ${action.bits} flipped bit${action.bits === 1 ? '' : 's'} in ${place(action.range, lba)}`
    case 'ignored-flush':
      return `ignores flushes and FUA ${lasting(action.durationNs)}`
    case 'failing-flush':
      return `fails ${times(action.count, 'flush').replace(/flushs/, 'flushes')}`
  }
}
