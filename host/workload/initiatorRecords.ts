// What an initiator keeps for each of its commands and jobs.

import { IoRequest, type WorkloadJob } from './io'

/** One host slot's command. */
export class Request {
  readonly io = new IoRequest()
  job = -1
  writeId = 0
  submitNs = 0
  busy = false
}

export interface RunningJob {
  readonly source: WorkloadJob
  outstanding: number
  over: boolean
  /** A request that may not be sent yet. */
  held: boolean
  readonly io: IoRequest
  wakeScheduled: boolean
}

export interface OldestCommand {
  readonly what: 'read' | 'write' | 'flush'
  readonly lba: number
  readonly sectors: number
  readonly submitNs: number
}
