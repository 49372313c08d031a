// A scenario, resolved: what one run needs to know, with every default filled in and every unit turned into an integer.
//
// Plain data; JSON.stringify shows all of it. Files are named by the path that the scenario gives: reading them is the
// caller's job (see runTypes.ts, ScenarioFiles), because nothing in this layer touches the world.

import type { EventName, FaultSpec } from '../faults/faultSpec'
import type { TimingModelName } from '../hardware/timing/timingModels'
import type { Law } from '../oracle/verdict'
import type { Hold } from '../sim/scheduler'
import type { GeneratorOptions } from '../workload/generatorOptions'
import type { OperationsOptions } from '../workload/operations'

/** Microcode that ships with Platterlab, or a module of the user's. */
export type MicrocodeRef =
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }

export const BUILTIN_MICROCODES: readonly string[] = ['mirror']

/** What the controller is told: the words of assembly/abi/config.ts, in their units. 0 = the microcode's own default. */
export interface ResolvedArray {
  readonly microcode: MicrocodeRef
  readonly members: number
  readonly spares: number
  /** Sectors of each LUN; 0 = all that is left. None: there is one LUN, and it has everything. */
  readonly luns: readonly number[]
  /** WCE towards the initiator. */
  readonly writeCache: boolean
  /** Where the microcode runs. */
  readonly placement: 'controller' | 'host'
  /** Of the bus of the initiators' machine; 0 = no limit in a controller, a controller's own rate in the host. */
  readonly hostBusBytesPerSecond: number
  readonly assumeClean: boolean
  readonly bitmapChunkSectors: number
  readonly commandDeadlineMs: number
  readonly discoveryMs: number
  readonly bitmapSweepMs: number
  readonly resyncPauseUs: number
  readonly checkpointSectors: number
  readonly dataOffsetSectors: number
  /** Percent of each member that are kept free for a snapshot; absent: there is none. */
  readonly snapshotAreaPercent?: number
  /** Event count that a new array begins with. */
  readonly firstEvents: number
  /** Where the microcode's own u32 counters begin at every boot. */
  readonly firstCounters: number
  /** For the front panel, by name, as texts. */
  readonly settings: Readonly<Record<string, string>>
}

export interface ResolvedLink {
  /** One way. */
  readonly latencyNs: number
  /** 0 = no limit. */
  readonly bytesPerSecond: number
  /** Bytes that may be on the way before frames wait at the sender. */
  readonly windowBytes: number
  /** Bytes of data that one frame may carry; 0 = no limit. */
  readonly frameBytesMax: number
  readonly paths: number
  readonly fragmentBytes: number
}

export const REMOTE_MODES = ['sync', 'received', 'one-behind', 'async', 'scheduled'] as const
/** When a write is acknowledged: REMOTE_MODE_* in assembly/abi/config.ts. */
export type RemoteMode = (typeof REMOTE_MODES)[number]

/** The second site: an array like the first one, over a link. */
export interface ResolvedRemote {
  readonly mode: RemoteMode
  /** What the primary does when the link is lost: serve alone and track what changes, or refuse writes. */
  readonly onLinkLoss: 'go-on' | 'stop'
  readonly linkTimeoutMs: number
  /** In modes async and scheduled: the age that an acknowledged write may have which the other site lacks; 0 = nothing is promised. */
  readonly rpoMs: number
  /** In mode scheduled: between two appointed times; 0 = there are none but those of `cron`. */
  readonly intervalMs: number
  /** In mode scheduled: a cron expression, with or without seconds, UTC; '' = none. */
  readonly cron: string
  /** In modes scheduled and async: percent of each member that are kept free for points in time, or for the journal. */
  readonly areaPercent: number
  /** In mode async, when the journal is full: initiators wait, or regions are marked instead. */
  readonly overflow: 'throttle' | 'track'
  /** Battery-backed memory of each controller. */
  readonly nvramBytes: number
  /** A resync compares sums first. */
  readonly resyncSums: boolean
  /** Of a resync; 0 = no limit. */
  readonly resyncKibPerSecond: number
  readonly link: ResolvedLink
}

export interface ResolvedDrive {
  readonly model: TimingModelName
  /** As createTimingModel reads it: a named set; of `ideal`, times (`readNs=50000`), or nothing. */
  readonly parameters: string
  /** The drive's own write cache is volatile: what is in it may be lost at a power cut. */
  readonly volatileCache: boolean
  readonly sectorBytes: number
  readonly sectorCount: number
  readonly contents: 'zeros' | 'garbage'
  /** From power on until the drive is there. */
  readonly spinUpNs: number
}

/** One part of the load, on LUN 0 unless it says another. Operations name LUNs of their own. Text that stands in the scenario itself says at which of its lines it begins. */
export type ResolvedWorkload =
  | ({ readonly kind: 'fio'; readonly path: string } & OnLun)
  | ({ readonly kind: 'fio-text'; readonly text: string; readonly firstLine: number } & OnLun)
  | ({ readonly kind: 'trace'; readonly path: string } & TraceOptions & OnLun)
  /** `line`: where in the scenario it stands, for what turns out not to fit the LUN. */
  | ({ readonly kind: 'pattern'; readonly options: GeneratorOptions; readonly line: number } & OnLun)
  | ({ readonly kind: 'operations'; readonly line: number } & OperationsOptions)

export interface OnLun {
  /** Absent = 0. */
  readonly lun?: number
}

export const TRACE_FORMATS = ['auto', 'fio-iolog', 'msr', 'spc', 'blkparse', 'disksim'] as const
export type TraceFormat = (typeof TRACE_FORMATS)[number]

export interface TraceOptions {
  readonly format: TraceFormat
  /** File with the bytes of the writes, in the order of the trace; null = stamped content. */
  readonly payloadsPath: string | null
  /** 2 = twice as slow, 0.5 = twice as fast; exact as a ratio is not needed here. */
  readonly timeScale: number
  /** Queue depth of a replay that ignores the times of the trace; null = at its times. */
  readonly closedLoop: number | null
  /** Requests that may be outstanding at once when replayed at the times of the trace. */
  readonly queueDepth: number
  /** Only this unit (ASU, disk number, device) of the trace; null = all, or the only one. */
  readonly device: string | null
  /** Fold addresses beyond the LUN back into it, instead of refusing the trace. */
  readonly wrap: boolean
}

export const PATTERN_MODES = ['read', 'write', 'rw', 'randread', 'randwrite', 'randrw'] as const
export type PatternMode = (typeof PATTERN_MODES)[number]

export const LIVE_IMAGE_KINDS = ['full', 'incremental', 'differential'] as const
/** All of the LUNs; what changed since the last image; what changed since the last full one. */
export type LiveImageKind = (typeof LIVE_IMAGE_KINDS)[number]

/** An image of the LUNs that is made while the workload goes on. */
export interface ResolvedLiveImage {
  readonly kind: LiveImageKind
  /** From the start of the workload, or the end of the image before it, until its snapshot is asked for. */
  readonly afterNs: number
  /** Reads of the snapshot at once. */
  readonly queueDepth: number
}

export interface ResolvedLimits {
  readonly simulatedNs: number
  readonly commandTimeoutNs: number
}

export const ARRAY_STATES = ['discovering', 'optimal', 'degraded', 'failed', 'none', 'stopped'] as const
/** Names of ARRAY_* in assembly/abi/status.ts, at their values. */
export type ArrayStateName = (typeof ARRAY_STATES)[number]

export const BAY_STATES = [
  'empty',
  'unknown',
  'spare',
  'rebuilding',
  'catching-up',
  'in-sync',
  'faulty',
  'foreign',
] as const
/** Names of BAY_STATE_* in assembly/abi/status.ts, at their values. */
export type BayStateName = (typeof BAY_STATES)[number]

/** What the author of the scenario says that comes out. null and empty = no claim. */
export interface Expectation {
  readonly verdict: 'pass' | 'fail' | 'unknown'
  /** With `fail`: laws that must be among the broken ones. */
  readonly laws: readonly Law[]
  readonly arrayState: ArrayStateName | null
  readonly bays: Readonly<Record<string, BayStateName>>
  /** At least so many of each. */
  readonly events: Readonly<Partial<Record<EventName, number>>>
  /** At least so many faults have struck; by default one for each fault that is not drawn at a rate. */
  readonly faultsStruckMin: number
}

export interface ResolvedScenario {
  /** The file that it was read from, as the caller named it. */
  readonly file: string
  readonly name: string
  readonly story: string
  /** null = the caller chooses. */
  readonly seed: number | null
  readonly array: ResolvedArray
  /** One for each bay; null = the bay is empty at the start. */
  readonly bays: readonly (ResolvedDrive | null)[]
  /** Sectors of a drive that is put in factory-new, and how it behaves: like the array's default drive. */
  readonly replacement: ResolvedDrive
  /** null = there is one site. */
  readonly remote: ResolvedRemote | null
  /** LUN content at the start, written through the microcode. */
  readonly imagePath: string | null
  readonly workload: readonly ResolvedWorkload[]
  /** Made one after the other; absent: none. */
  readonly liveImages?: readonly ResolvedLiveImage[]
  /** Events that are held back, by their number. */
  readonly holds: readonly Hold[]
  readonly faults: readonly FaultSpec[]
  readonly limits: ResolvedLimits
  readonly expect: Expectation
}
