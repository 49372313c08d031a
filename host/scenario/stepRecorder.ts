// What happened step by step, as short texts: the story of a short run, for a picture (host/report/html/swimlane.ts).
//
// It takes what the hooks of a run have at hand and keeps the last `stepsMax` steps; what had to go is counted in a step of its own.
// Steps come out ordered by time, and those of one instant in the order in which they were told: a violation or a fault may be told
// afterwards. It judges nothing, and it is no part of the trace: a run with a recorder has the same digest as one without.

import {
  DRIVE_FLUSH,
  DRIVE_IDENTIFY,
  DRIVE_OK,
  DRIVE_READ,
  DRIVE_TRIM,
  DRIVE_VERIFY,
  DRIVE_WRITE,
  DRIVE_WRITE_UNCORRECTABLE,
} from '../../assembly/abi/driveSlots'
import { senseText } from '../oracle/sense'
import type { Violation } from '../oracle/verdict'
import { IO_FLUSH, IO_READ, IO_TRIM, IO_VERIFY, IO_WRITE } from '../workload/io'
import { driveStatusText, microcodeText } from './stepTexts'

export type LaneName = 'initiator' | 'microcode' | 'nvram' | `bay ${number}`

/** What kind of work a command is. */
export type StepOp = 'read' | 'write' | 'flush' | 'other'

interface StepBase {
  readonly timeNs: number
  /** For people, short. May hold text that a microcode made: whoever shows it escapes it. */
  readonly text: string
}

export type Step = StepBase &
  (
    | { readonly kind: 'host-command'; readonly slot: number; readonly op: StepOp }
    | { readonly kind: 'host-answer'; readonly slot: number; readonly good: boolean }
    | { readonly kind: 'drive-command'; readonly bay: number; readonly slot: number; readonly op: StepOp }
    | { readonly kind: 'drive-answer'; readonly bay: number; readonly slot: number; readonly good: boolean }
    | { readonly kind: 'nvram' }
    | { readonly kind: 'microcode' }
    /** `bay`: where it strikes, or null where it concerns no drive, or more than one. */
    | { readonly kind: 'fault'; readonly bay: number | null }
    | { readonly kind: 'hotplug'; readonly bay: number; readonly present: boolean }
    /** The microcode was stopped: all commands in flight are gone. */
    | { readonly kind: 'crash' }
    | { readonly kind: 'power-cut' }
    | { readonly kind: 'power-up' }
    | { readonly kind: 'violation'; readonly law: string }
    /** Stands first or last: so many steps before or after the others were not kept. */
    | { readonly kind: 'dropped'; readonly count: number }
  )

/** A command of an initiator; IoRequest is one. */
export interface HostCommandLike {
  /** IO_*; anything else is asked for by its name, 'other'. */
  readonly op: number
  readonly lba: number
  readonly sectors: number
  readonly fua: boolean
  /** Absent: there is one LUN, or it is of no interest. */
  readonly lun?: number
}

/** A command to a drive; DriveCommand is one. */
export interface DriveCommandLike {
  readonly slot: number
  /** DRIVE_READ, DRIVE_WRITE, ... */
  readonly op: number
  readonly lba: number
  readonly sectors: number
  readonly fua: boolean
  /** The answer, once there is one. */
  readonly status: number
  readonly badLba: number
}

export interface StepRecorderOptions {
  /** So many steps are kept, the last ones. Default: 2000. */
  readonly stepsMax?: number
  /** Steps after this instant are only counted: for whoever knows when a law was broken. Default: none. */
  readonly endNs?: number
}

const STEPS_MAX = 2000

export class StepRecorder {
  readonly #stepsMax: number
  readonly #endNs: number
  /** A ring, once it is full. */
  readonly #kept: Step[] = []
  #count = 0
  #later = 0
  #laterNs = 0

  constructor({ stepsMax = STEPS_MAX, endNs = Number.POSITIVE_INFINITY }: StepRecorderOptions = {}) {
    if (!(stepsMax >= 1)) throw new RangeError(`a recorder must keep at least one step, not ${stepsMax}`)
    this.#stepsMax = stepsMax
    this.#endNs = endNs
  }

  /** Steps that were told and are not among `steps`. */
  get dropped(): number {
    return this.#count - this.#kept.length + this.#later
  }

  /** Oldest first. A step 'dropped' stands for those before the first, and one for those after the last. */
  get steps(): Step[] {
    const first = this.#count % this.#kept.length || 0
    const told = [...this.#kept.slice(first), ...this.#kept.slice(0, first)]
    const steps = told.sort((one, other) => (one.timeNs === other.timeNs ? 0 : one.timeNs - other.timeNs))
    const earlier = this.#count - this.#kept.length
    if (earlier > 0) steps.unshift(droppedStep(earlier, 'earlier', steps[0].timeNs))
    if (this.#later > 0) steps.push(droppedStep(this.#later, 'later', this.#laterNs))
    return steps
  }

  /** An initiator sends a command. */
  hostCommand(timeNs: number, slot: number, command: HostCommandLike): void {
    this.#keep({ kind: 'host-command', timeNs, slot, op: hostOp(command.op), text: hostText(command) })
  }

  /** The answer reaches the initiator; `sense` = sense key << 16 | additional sense code, as in workload/scsiCodec. */
  hostAnswer(timeNs: number, slot: number, command: HostCommandLike, good: boolean, sense = 0): void {
    const answer = good ? 'GOOD' : sense === 0 ? 'an error' : senseText(sense)
    this.#keep({ kind: 'host-answer', timeNs, slot, good, text: `${hostText(command)}: ${answer}` })
  }

  driveCommand(timeNs: number, bay: number, command: DriveCommandLike): void {
    const { slot, op } = command
    this.#keep({ kind: 'drive-command', timeNs, bay, slot, op: driveOp(op), text: driveText(command) })
  }

  /** The drive has answered; `status` and `badLba` of the command say what. */
  driveAnswer(timeNs: number, bay: number, command: DriveCommandLike): void {
    const { slot, status, badLba } = command
    const text = `${driveText(command)}: ${driveStatusText(status, badLba)}`
    this.#keep({ kind: 'drive-answer', timeNs, bay, slot, good: status === DRIVE_OK, text })
  }

  nvramCommitted(timeNs: number, offset: number, bytes: number): void {
    this.#keep({ kind: 'nvram', timeNs, text: `commit ${offset}+${bytes} B` })
  }

  /** A trace event of the microcode (assembly/abi/events.ts), whatever it is worth. */
  microcodeEvent(timeNs: number, code: number, a: number, b: number, c: number): void {
    this.#keep({ kind: 'microcode', timeNs, text: microcodeText(code, a, b, c) })
  }

  fault(timeNs: number, text: string, bay: number | null): void {
    this.#keep({ kind: 'fault', timeNs, bay, text })
  }

  /** A drive was pulled out of a bay or put into it. */
  hotplug(timeNs: number, bay: number, present: boolean): void {
    this.#keep({ kind: 'hotplug', timeNs, bay, present, text: present ? 'drive inserted' : 'drive pulled' })
  }

  /** The microcode was stopped. */
  crashed(timeNs: number, reason: string, last: boolean): void {
    const end = last ? '; it is not started again' : ''
    this.#keep({ kind: 'crash', timeNs, text: `the microcode was stopped: ${reason}${end}` })
  }

  powerCut(timeNs: number, tears: boolean): void {
    this.#keep({ kind: 'power-cut', timeNs, text: tears ? 'power cut (writes in flight may be torn)' : 'power cut' })
  }

  powerUp(timeNs: number): void {
    this.#keep({ kind: 'power-up', timeNs, text: 'power returns' })
  }

  violation({ law, lba, timeNs, found, expected }: Violation): void {
    const place = lba === null ? 'the array' : `LBA ${lba}`
    this.#keep({ kind: 'violation', timeNs, law, text: `${place}: found ${found}; expected ${expected}` })
  }

  #keep(step: Step): void {
    if (step.timeNs > this.#endNs) {
      if (this.#later++ === 0) this.#laterNs = step.timeNs
      return
    }
    this.#kept[this.#count++ % this.#stepsMax] = step
  }
}

function droppedStep(count: number, when: 'earlier' | 'later', timeNs: number): Step {
  return { kind: 'dropped', timeNs, count, text: `${count} ${when} ${count === 1 ? 'step' : 'steps'} not kept` }
}

const HOST_OPS: ReadonlyMap<number, readonly [name: string, op: StepOp]> = new Map([
  [IO_READ, ['read', 'read']],
  [IO_WRITE, ['write', 'write']],
  [IO_FLUSH, ['flush', 'flush']],
  [IO_TRIM, ['trim', 'other']],
  [IO_VERIFY, ['verify', 'read']],
])

const DRIVE_OPS: ReadonlyMap<number, readonly [name: string, op: StepOp]> = new Map([
  [DRIVE_READ, ['read', 'read']],
  [DRIVE_WRITE, ['write', 'write']],
  [DRIVE_FLUSH, ['flush', 'flush']],
  [DRIVE_TRIM, ['trim', 'other']],
  [DRIVE_VERIFY, ['verify', 'read']],
  [DRIVE_IDENTIFY, ['identify', 'other']],
  [DRIVE_WRITE_UNCORRECTABLE, ['write uncorrectable', 'write']],
])

const hostOp = (op: number): StepOp => HOST_OPS.get(op)?.[1] ?? 'other'

const driveOp = (op: number): StepOp => DRIVE_OPS.get(op)?.[1] ?? 'other'

/** 'LUN 1: write 0+8' */
function hostText(command: HostCommandLike): string {
  const lun = command.lun ? `LUN ${command.lun}: ` : ''
  return lun + commandText(HOST_OPS.get(command.op)?.[0], command)
}

const driveText = (command: DriveCommandLike): string => commandText(DRIVE_OPS.get(command.op)?.[0], command)

/** 'write 0+8 FUA', 'flush' */
function commandText(name: string | undefined, { op, lba, sectors, fua }: HostCommandLike): string {
  const range = sectors > 0 ? ` ${lba}+${sectors}` : ''
  return `${name ?? `operation ${op}`}${range}${fua ? ' FUA' : ''}`
}
