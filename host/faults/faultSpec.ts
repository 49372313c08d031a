// What can go wrong, and when: the resolved form of the `faults:` list of a scenario. Plain data, all units resolved.

import type { NvramContent } from '../hardware/nvram'
import type { SurvivalChoice } from '../rig/powerCut'

/** A ratio such as 1/2000: exact, no floating point. */
export interface Ratio {
  readonly numerator: number
  readonly denominator: number
}

/** Which events count for a trigger. Absent = any. LBAs are those of the drive (members), not of the LUN. */
export interface EventFilter {
  /** Absent: the site that the initiators use then; for `crash-point`, the one that they began with. */
  readonly site?: SiteName
  readonly bay?: number
  readonly lbaFirst?: number
  readonly lbaLast?: number
}

/** Things that happen in a rig, as a scenario names them; `microcode:*` are the events of assembly/abi/events.ts in kebab-case. */
export type EventName =
  | 'host-read'
  | 'host-write'
  | 'host-flush'
  | 'host-ack'
  | 'drive-read'
  | 'drive-write'
  | 'drive-flush'
  | 'drive-done'
  | 'nvram-commit'
  | 'crash-point'
  | `microcode:${string}`

export type Trigger =
  /** At a simulated time, counted from the start of the workload. */
  | { readonly kind: 'at'; readonly timeNs: number }
  /** At the n-th (from 1) matching event since the start of the workload. */
  | { readonly kind: 'nth'; readonly n: number; readonly event: EventName; readonly filter: EventFilter }
  /** Each matching event draws with this probability from a stream of its own; at most `limit` times. */
  | {
      readonly kind: 'rate'
      readonly rate: Ratio
      readonly event: EventName
      readonly filter: EventFilter
      readonly limit: number
    }
  /** There before the workload starts. */
  | { readonly kind: 'start' }

/** A place on a drive: `lba` counts the drive's own sectors; `lunLba` is resolved by the rig through the data offset that the microcode claims. */
export interface SectorRange {
  readonly lba?: number
  readonly lunLba?: number
  readonly sectors: number
}

/** Of one array. */
export type ArrayAction =
  /**
   * All power is lost; it returns after `durationNs`. `tearSector`: one sector of a write in progress is left half old, half new.
   * `survival`: what persists; null = the seed chooses. `final`: afterwards no fault strikes any more, and the initiators send nothing.
   */
  | {
      readonly kind: 'power-cut'
      readonly durationNs: number
      readonly tearSector: boolean
      readonly survival: SurvivalChoice | null
      readonly final: boolean
      /** The drive in this bay comes back a second after the power; -1: all come with it. */
      readonly late: number
    }
  /** The next power cut leaves something else in the array's NVRAM. */
  | { readonly kind: 'nvram-loss'; readonly content: NvramContent }
  | { readonly kind: 'pull'; readonly bay: number }
  /** A drive comes (back) into the bay: the one that was pulled, a factory-new one, or one full of foreign data. */
  | { readonly kind: 'insert'; readonly bay: number; readonly drive: 'same' | 'new' | 'foreign' }
  /** What an operator asks the microcode for (assembly/abi/operator.ts). */
  | { readonly kind: 'operator-scrub' }
  | { readonly kind: 'operator-detach'; readonly bay: number }
  | { readonly kind: 'operator-attach'; readonly bay: number }
  | { readonly kind: 'operator-stop' }
  | { readonly kind: 'operator-snapshot' }
  /** The snapshot is given up; `as`: an image of it was made, or one that is the base from now on, or none. */
  | { readonly kind: 'operator-release'; readonly as: 'dropped' | 'image' | 'base' }
  /** Reads of these sectors end in a medium error until they are written again. */
  | { readonly kind: 'latent-sector-error'; readonly bay: number; readonly range: SectorRange }
  /** The next `count` reads (writes) end in ABORTED, then all is well. */
  | { readonly kind: 'transient-read-error'; readonly bay: number; readonly count: number }
  | { readonly kind: 'transient-write-error'; readonly bay: number; readonly count: number }
  /** Writes to these sectors (or the next `count` writes) end in a medium error; nothing is stored. */
  | { readonly kind: 'write-error'; readonly bay: number; readonly range: SectorRange | null; readonly count: number }
  /** The drive answers nothing for `durationNs` (Infinity = never again until power is cycled). */
  | { readonly kind: 'hang'; readonly bay: number; readonly durationNs: number }
  /** Service takes `factor` times as long, for `durationNs`. */
  | { readonly kind: 'fail-slow'; readonly bay: number; readonly factor: number; readonly durationNs: number }
  /** The next write stores only the first half of one of its sectors, and is acknowledged. */
  | { readonly kind: 'torn-write'; readonly bay: number; readonly count: number }
  /** The next write is acknowledged and not stored. */
  | { readonly kind: 'lost-write'; readonly bay: number; readonly count: number }
  /** The next write is stored `offsetSectors` away from where it belongs, and is acknowledged. */
  | { readonly kind: 'misdirected-write'; readonly bay: number; readonly count: number; readonly offsetSectors: number }
  /** Bits of these sectors flip; reads deliver the same wrong bytes with good status until the sectors are written again. */
  | { readonly kind: 'bit-rot'; readonly bay: number; readonly range: SectorRange; readonly bits: number }
  /** Flushes (and FUA) are acknowledged without effect, for `durationNs`. */
  | { readonly kind: 'ignored-flush'; readonly bay: number; readonly durationNs: number }
  /** The next `count` flushes end in a hardware error; nothing is made durable. */
  | { readonly kind: 'failing-flush'; readonly bay: number; readonly count: number }

/** Of a rig with two sites. */
export type SitesAction =
  /** All power of one site is lost, as the seed chooses; it returns after `durationNs` (Infinity = it does not). */
  | { readonly kind: 'site-loss'; readonly site: SiteName; readonly durationNs: number }
  /** The initiators go to the other site; its operator promotes it. */
  | { readonly kind: 'failover' }
  | { readonly kind: 'operator-promote'; readonly site: SiteName; readonly force: boolean }
  | { readonly kind: 'operator-demote'; readonly site: SiteName }
  | { readonly kind: 'operator-discard'; readonly site: SiteName }
  /** A point in time is to be taken, for the other site (mode scheduled). */
  | { readonly kind: 'operator-point'; readonly site: SiteName }
  | { readonly kind: 'link-cut'; readonly direction: LinkSide; readonly durationNs: number }
  | { readonly kind: 'link-stall'; readonly direction: LinkSide; readonly durationNs: number }
  | { readonly kind: 'link-slow'; readonly direction: LinkSide; readonly factor: number; readonly durationNs: number }
  | {
      readonly kind: 'link-drop' | 'link-duplicate' | 'link-reorder' | 'link-corrupt'
      readonly direction: LinkSide
      readonly count: number
    }

/** Where it strikes; absent: the site that the initiators began with. */
export interface AtSite {
  readonly site?: SiteName
}

export type FaultAction = (ArrayAction & AtSite) | SitesAction

export type SiteName = 'a' | 'b'

/** Its place in a rig. */
export const siteIndex = (site: SiteName | undefined): number => (site === 'b' ? 1 : 0)

export type LinkSide = 'both' | 'a-to-b' | 'b-to-a'
export type LinkFaultAction = Extract<FaultAction, { kind: `link-${string}` }>

export const isLinkFault = (action: FaultAction): action is LinkFaultAction => action.kind.startsWith('link-')

export interface FaultSpec {
  readonly name: string
  readonly action: FaultAction
  readonly trigger: Trigger
}
