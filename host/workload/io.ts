// What an initiator does next: the interface between a source of work (generator, fio job, trace) and the initiator that carries
// it out. A source knows nothing of SCSI, queues or faults; it says what, where and not before when.

export const IO_READ = 1
export const IO_WRITE = 2
export const IO_FLUSH = 3
export const IO_TRIM = 4
/** Read and compare with what was written last; judged by the oracle like any read. */
export const IO_VERIFY = 5

/** One request; an initiator owns it and reuses it, so a source fills every field. */
export class IoRequest {
  op = 0
  /** First logical sector: of the job's LUN, in the row of all LUNs (lunMap.ts). A flush concerns the LUN that lies there. */
  lba = 0
  sectors = 0
  /** Force unit access: a write that is durable when it is acknowledged. */
  fua = false
  /** Not to be issued before this simulated time, in ns from the start of the workload. */
  notBeforeNs = 0
  /** What to write; null = content made by the oracle's stamp (write id, LBA), unique for every sector of every write. */
  payload: Uint8Array | null = null
}

/** `next` filled the request. */
export const NEXT_READY = 0
/** Nothing until a request of this job completes (a barrier: fsync, or the last writes before a verify pass). */
export const NEXT_WAIT = 1
/** This job is over. */
export const NEXT_DONE = 2

/** One stream of requests with its own queue depth: an fio job, a trace, a generator. */
export interface WorkloadJob {
  readonly name: string
  /** Requests that may be outstanding at once (1 or more). */
  readonly queueDepth: number
  /**
   * Absent = 0. A job of stage n starts (its first `next` is called) when every job of a lower stage is over and its requests have
   * completed: fio's stonewall. Jobs of one stage run side by side.
   */
  readonly stage?: number
  /** What one real host did, with its data: after a power cut it would have done something else, so the job ends there. */
  readonly endsAtPowerCut?: boolean
  /**
   * Fills `io` with the next request. Called only while fewer than `queueDepth` are outstanding. `nowNs` counts from the start of the
   * workload; `outstanding` is the number of this job's requests in flight.
   */
  next(io: IoRequest, nowNs: number, outstanding: number): typeof NEXT_READY | typeof NEXT_WAIT | typeof NEXT_DONE
}

/** Everything that a job needs to know about where it runs. */
export interface WorkloadTarget {
  readonly lunSectors: number
  readonly sectorBytes: number
}
