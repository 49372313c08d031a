// Drives a job as an initiator would, without an array: fixed latency, completions in order of issue. For tests of workloads.

import {
  IO_FLUSH,
  IO_READ,
  IO_TRIM,
  IO_VERIFY,
  IO_WRITE,
  IoRequest,
  NEXT_DONE,
  NEXT_WAIT,
  type WorkloadJob,
} from '../../host/workload/io'

export interface Issued {
  readonly op: string
  readonly lba: number
  readonly sectors: number
  readonly fua: boolean
  readonly atNs: number
  readonly payload: Uint8Array | null
}

const NAMES: Record<number, string> = {
  [IO_READ]: 'read',
  [IO_WRITE]: 'write',
  [IO_FLUSH]: 'flush',
  [IO_TRIM]: 'trim',
  [IO_VERIFY]: 'verify',
}

export interface DriveOptions {
  readonly latencyNs?: number
  readonly requestsMax?: number
  readonly startNs?: number
}

/** Runs the job to its end (or `requestsMax`) and returns what it issued, with the simulated times. */
export function drive(
  job: WorkloadJob,
  { latencyNs = 100_000, requestsMax = 1_000_000, startNs = 0 }: DriveOptions = {},
): Issued[] {
  const io = new IoRequest()
  const issued: Issued[] = []
  const completions: number[] = []
  let nowNs = startNs
  while (issued.length < requestsMax) {
    while (completions.length > 0 && completions[0]! <= nowNs) completions.shift()
    const result = completions.length < job.queueDepth ? job.next(io, nowNs, completions.length) : NEXT_WAIT
    if (result === NEXT_DONE) return issued
    if (result === NEXT_WAIT) {
      if (completions.length === 0) throw new Error('the job waits for requests that do not exist')
      nowNs = completions[0]!
      continue
    }
    nowNs = Math.max(nowNs, io.notBeforeNs)
    issued.push({ op: NAMES[io.op]!, lba: io.lba, sectors: io.sectors, fua: io.fua, atNs: nowNs, payload: io.payload })
    completions.push(nowNs + latencyNs)
  }
  return issued
}

/** 'write 8+4': operation, first sector, length. */
export function brief(issued: readonly Issued[]): string[] {
  return issued.map((io) => (io.op === 'flush' ? 'flush' : `${io.op} ${io.lba}+${io.sectors}`))
}
