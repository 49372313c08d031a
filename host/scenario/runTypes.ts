// What goes into a run beside its scenario, and what comes out: the contract between the engine (run.ts) and its callers.

import type { ProgressCell } from '../controller/progressCell'
import type { EventName } from '../faults/faultSpec'
import type { Verdict } from '../oracle/verdict'
import type { ArrayStateName, BayStateName, LiveImageKind, ResolvedScenario } from './scenario'
import type { Step } from './stepRecorder'

/** Bytes that are read piece by piece, so that a large image need not lie in memory. Synchronous: the run loop knows no promises. */
export interface ByteSource {
  readonly byteLength: number
  /** Fills `target` from `offsetBytes` on; returns how many bytes there were. */
  read(offsetBytes: number, target: Uint8Array): number
}

/** The files that a scenario names, by the paths that it gives. A path that the caller did not supply is a broken rule, not bad input. */
export interface ScenarioFiles {
  /** The WebAssembly module of `array.microcode`. */
  readonly microcode: Uint8Array
  /** fio job files and traces. */
  readonly texts: ReadonlyMap<string, string>
  /** LUN images and payload files. */
  readonly bytes: ReadonlyMap<string, ByteSource>
}

/** Sparse sectors to stream somewhere; a Medium is one. */
export interface SectorSource {
  readonly sectorBytes: number
  readonly sectorCount: number
  readonly sectorsPerPage: number
  /** First sectors of the pages that may hold something else than zeros, ascending. The last page may reach past the end. */
  usedPages(): Iterable<number>
  read(lba: number, sectors: number, target: Uint8Array, offset: number): void
  /** Sectors whose content is lost. */
  readonly unreadableSectors: ReadonlySet<number>
}

/** An image that was made of the LUNs while the workload went on. */
export interface LiveImage {
  readonly kind: LiveImageKind
  readonly state: LiveImageState
  /** Number of its snapshot, and when that was there to be read. */
  readonly snapshot: number
  readonly takenNs: number
  readonly doneNs: number
  /** The whole image. */
  readonly content: SectorSource
  /** What was read for it, ascending and apart from each other. */
  readonly runs: readonly (readonly [lba: number, sectors: number])[]
}

/** `invalid`: its snapshot could not be read to the end. */
export type LiveImageState = 'complete' | 'invalid' | 'unfinished'

export interface RunOptions {
  /** For a watchdog in another thread. */
  readonly progress?: ProgressCell
  /** After recovery, read the whole LUN through the microcode. */
  readonly wantLunImage?: boolean
  /** Keep what is on the members' media at the end. */
  readonly wantMemberImages?: boolean
  /** Cut the run into at most so many equal spans and say what happened in each; 0 or absent = do not. */
  readonly timelineSpans?: number
}

/** What the initiators saw in one span of simulated time. */
export interface TimelineSpan {
  readonly startNs: number
  readonly endNs: number
  readonly reads: number
  readonly writes: number
  readonly errors: number
  readonly maxLatencyNs: number
  readonly meanLatencyNs: number
}

export interface RunOutcome {
  readonly verdict: Verdict
  /** What a person should know about the input: options of a job file that have no meaning here, for instance. */
  readonly notes?: readonly string[]
  /** The array's claims at the end. */
  readonly arrayState: ArrayStateName
  readonly bayStates: readonly BayStateName[]
  /** How often each event happened since the start of the workload. */
  readonly events: ReadonlyMap<EventName, number>
  readonly timeline?: readonly TimelineSpan[]
  /** What happened step by step, where somebody recorded it. */
  readonly steps?: readonly Step[]
  readonly lunImage?: SectorSource
  /** In the order in which they were made. */
  readonly liveImages?: readonly LiveImage[]
  /** One for each bay, null where the bay is empty. */
  readonly memberImages?: readonly (SectorSource | null)[]
}

export type RunScenario = (
  scenario: ResolvedScenario,
  files: ScenarioFiles,
  seed: number,
  options?: RunOptions,
) => RunOutcome
