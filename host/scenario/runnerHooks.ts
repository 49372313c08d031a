// What a runner tells, and what it can be given.

import type { ProgressCell } from '../controller/progressCell'
import type { SocketSource } from '../controller/socket'
import type { DriveCommand } from '../hardware/driveCommand'
import type { Complaint } from '../oracle/verdict'
import type { Scheduler } from '../sim/scheduler'

export interface RunnerHooks {
  /** `tears`: a sector of a write in flight may be half new. */
  powerCut(nowNs: number, tears: boolean): void
  /** The microcode was stopped; what the initiators had sent is lost. */
  crashed(reason: string, last: boolean, nowNs: number): void
  /** A bay has changed its state, or its drive. */
  claimsChanged(nowNs: number): void
  /** An operator is about to ask for something (assembly/abi/operator.ts). Absent: nobody minds. */
  operatorAsks?(request: number, bay: number): void
  /** A drive has answered, and the microcode does not know it yet. */
  driveDone(bay: number, command: DriveCommand, nowNs: number): void
  commandOverdue(what: string, lba: number, submitNs: number, nowNs: number): void
  /** The initiators have gone to the other site. */
  changedOver?(nowNs: number): void
  /** The site that the initiators do not use has lost its power. */
  otherLost?(nowNs: number, tears: boolean): void
  /** A site has power again, and does not know what it said before. */
  forgot?(what: Complaint, nowNs: number): void
  /** The site that the initiators do not use has power again, rests, and says that it holds a point in time. */
  copyReturned?(point: number, nowNs: number): void
  /** The microcode of the site that the initiators do not use was stopped. */
  otherSiteStopped?(reason: string, nowNs: number): void
  /** Some phase did not end in time. */
  overdue(what: string, nowNs: number): void
  /** What a power cut would leave of a site is about to change; `number` counts those of the site from 1 since the workload began. Absent: nobody asks. */
  crashPoint?(number: number, nowNs: number, site: number): void
}

export interface RunnerOptions {
  readonly progress?: ProgressCell
  /** Holds events back; null = everything happens when it falls due. */
  readonly scheduler?: Scheduler | null
  /** A phase that takes more events than this does not end: law LIVE. */
  readonly eventsMax?: number
  readonly sockets?: SocketSource
}
