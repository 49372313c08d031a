// Answers that are errors. An error is legal only where no trusted copy could have answered; then it must carry the right sense.
//
// Trusted: a drive in a bay that the array claims to be in sync, plugged in and powered, that refused, delayed or swallowed nothing since the
// command was submitted, and was in sync then. Reads are judged sector by sector: a sector unreadable on one member and another on the
// other is no reason to fail.
// Not judged: UNIT ATTENTION (the initiator sends the command again), errors of commands that overlapped a refusal of service, and NOT READY
// once an operator has asked the array to stop.

import {
  ASC_INITIALIZING_COMMAND_REQUIRED,
  ASC_MANUAL_INTERVENTION_REQUIRED,
  ASC_STANDBY,
  ASC_UNRECOVERED_READ_ERROR,
  SENSE_ABORTED_COMMAND,
  SENSE_HARDWARE_ERROR,
  SENSE_MEDIUM_ERROR,
  SENSE_NOT_READY,
  SENSE_UNIT_ATTENTION,
} from '../../assembly/abi/scsi'
import {
  ARRAY_DISCOVERING,
  ARRAY_FAILED,
  ARRAY_STOPPED,
  REMOTE_REFUSED,
  REMOTE_WRITES_REFUSED,
  STATUS_ARRAY_STATE,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { faultFilterOf } from '../faults/faultFilter'
import type { Drive } from '../hardware/drive'
import type { ClaimsWatch } from './claimsWatch'
import type { OracleOptions } from './oracleOptions'
import { claimsToServe, dataOffsetOf, inSyncDrive, type RigView } from './rigView'
import { senseAsc, senseKey, senseOf, senseText } from './sense'
import type { Law } from './verdict'

export interface FailedCommand {
  readonly kind: 'read' | 'write' | 'flush'
  readonly lba: number
  readonly sectors: number
  readonly submitNs: number
  /** The array did not claim to serve when the command was submitted. */
  readonly notServed: boolean
  /** The LBA that the sense data name, or -1. */
  readonly information: number
}

/** What is wrong with an error, or null: it is legal. */
export interface ErrorFault {
  readonly law: Law
  readonly found: string
  readonly expected: string
}

const ASC_NOT_READY = 0x04
/** 02/04/02: an operator has to start the LUN. 02/04/03: somebody has to help. */
const MUST_BE_STARTED = senseOf(SENSE_NOT_READY, ASC_INITIALIZING_COMMAND_REQUIRED)
const MUST_BE_HELPED = senseOf(SENSE_NOT_READY, ASC_MANUAL_INTERVENTION_REQUIRED)
/** 02/04/0B: the initiator finds the LUN elsewhere. */
const IN_STANDBY = senseOf(SENSE_NOT_READY, ASC_STANDBY)

const CRIES_MAX = 2

export class ErrorJudge {
  readonly #view: RigView
  readonly #hangGraceNs: number
  readonly #claims: ClaimsWatch
  /** A flush concerns the other site as well. */
  readonly #stopsAlone: boolean
  readonly #flushesElsewhere: boolean
  readonly #isAlone: boolean
  #stopAsked = false
  /** How often in a row an array that looks for its members has asked for help. */
  #cries = 0

  /** `hangGraceNs`: how long a swallowed command may keep a drive busy, that is the deadline after which the microcode aborts it. */
  constructor(view: RigView, hangGraceNs: number, claims: ClaimsWatch, options: OracleOptions) {
    this.#isAlone = !options.otherSite
    this.#stopsAlone = options.otherSite?.stopsAlone ?? false
    this.#flushesElsewhere = options.writeCacheEnabled && options.otherSite?.mode === 'sync'
    this.#view = view
    this.#claims = claims
    this.#hangGraceNs = hangGraceNs
  }

  /** An operator has asked the array to stop. */
  stopAsked(): void {
    this.#stopAsked = true
  }

  /** Power was lost, or the controller restarts: what an operator asked for is over. */
  interrupted(): void {
    this.#stopAsked = false
    this.#cries = 0
  }

  /**
   * TEST UNIT READY was answered with an error. An array that looks for its members becomes ready by itself, or says so when it has given
   * up. The state that goes with an answer may be told right after it: so a single answer is no proof of anything.
   */
  polled(sense: number, information: number): ErrorFault | null {
    const found = `TEST UNIT READY was answered with ${senseText(sense)}`
    const fault = this.#misinformed(sense, information, found)
    if (fault) return fault
    const looks = this.#view.status[STATUS_ARRAY_STATE] === ARRAY_DISCOVERING && !this.#stopAsked
    this.#cries = looks && (sense === MUST_BE_STARTED || sense === MUST_BE_HELPED) ? this.#cries + 1 : 0
    if (this.#cries !== CRIES_MAX) return null
    const who = 'an array that looks for its members'
    return { law: 'ERR', found: `${found} by ${who}`, expected: 'NOT READY, BECOMING READY (02/04/01)' }
  }

  #misinformed(sense: number, information: number, found: string): ErrorFault | null {
    return uninformed(sense, information, found) ?? this.#judgeStopped(sense, found) ?? this.#judgeStandby(sense, found)
  }

  /** Standby is a state of a target port beside others that have the LUN (SPC-5, asymmetric logical unit access): whoever hears of it goes there. */
  #judgeStandby(sense: number, found: string): ErrorFault | null {
    if (sense !== IN_STANDBY || !this.#isAlone) return null
    const expected = 'another reason (02/04/xx): there is no other site that the initiator could go to'
    return { law: 'ERR', found, expected }
  }

  /** An array that was stopped waits for somebody to start it. Nothing is wrong with it that had to be mended. */
  #judgeStopped(sense: number, found: string): ErrorFault | null {
    const isStopped = this.#stopAsked && this.#view.status[STATUS_ARRAY_STATE] === ARRAY_STOPPED
    if (!isStopped || sense !== MUST_BE_HELPED) return null
    const expected = 'NOT READY, INITIALIZING COMMAND REQUIRED (02/04/02): an operator has stopped the array'
    return { law: 'ERR', found, expected }
  }

  /** The array says that the other site cannot have what is written, and that this is a reason to take nothing. */
  #refusesWrites(state: number): boolean {
    return state === REMOTE_WRITES_REFUSED || (this.#stopsAlone && state === REMOTE_REFUSED)
  }

  judge(command: FailedCommand, sense: number): ErrorFault | null {
    const found = `the ${command.kind} was answered with ${senseText(sense)}`
    if (sense === 0) return { law: 'ERR', found, expected: 'sense data with every error (SPC-5 4.5)' }
    const misinformed = this.#misinformed(sense, command.information, found)
    if (misinformed) return misinformed
    if (senseKey(sense) === SENSE_UNIT_ATTENTION) return null
    if (senseKey(sense) === SENSE_NOT_READY && senseAsc(sense) === ASC_NOT_READY) {
      if (this.#stopAsked) return null
      // An array that says it has failed, or stopped unasked, is asked why; one that looks for its members is left in peace.
      const state = this.#view.status[STATUS_ARRAY_STATE]
      const failed = state === ARRAY_FAILED || state === ARRAY_STOPPED
      const refusesWrites = this.#refusesWrites(this.#view.status[STATUS_REMOTE_STATE]!)
      const isForBoth = command.kind === 'write' || (command.kind === 'flush' && this.#flushesElsewhere)
      if (isForBoth && refusesWrites) return null
      if (!failed && (command.notServed || !claimsToServe(this.#view))) return null
    }
    const trusted = this.#trusted(command.submitNs)
    const fault =
      command.kind === 'read'
        ? this.#judgeRead(command, trusted, found, sense)
        : this.#judgeStore(trusted, found, sense, command.kind)
    return fault ?? this.#judgeInformation(command, trusted, found, sense)
  }

  /**
   * A bay whose drive can deliver whatever it was ever given, wherever it lies: in sync since `sinceNs`, without trouble since, and without an
   * unreadable sector; or -1.
   */
  wholeMember(sinceNs: number): number {
    const isWhole = (bay: number): boolean => {
      const drive = this.#view.driveIn(bay)!
      return drive.firstUnreadable(0, drive.medium.sectorCount) < 0
    }
    return this.#trusted(sinceNs).find(isWhole) ?? -1
  }

  #judgeStore(trusted: readonly number[], found: string, sense: number, kind: string): ErrorFault | null {
    if (trusted.length > 0) {
      const expected = `bay ${trusted[0]} is in sync and refused nothing: the ${kind} succeeds there`
      return { law: 'AVAIL', found, expected }
    }
    const legal = [SENSE_MEDIUM_ERROR, SENSE_HARDWARE_ERROR, SENSE_ABORTED_COMMAND, SENSE_NOT_READY]
    if (legal.includes(senseKey(sense))) return null
    return { law: 'ERR', found, expected: 'MEDIUM ERROR, HARDWARE ERROR, ABORTED COMMAND or NOT READY' }
  }

  #judgeRead(command: FailedCommand, trusted: readonly number[], found: string, sense: number): ErrorFault | null {
    const { lba, sectors } = command
    const lost = this.#firstLost(lba, sectors, trusted)
    if (lost < 0) {
      const where = trusted.length === 1 ? `bay ${trusted[0]} can` : `bays ${trusted.join(' and ')} can`
      return { law: 'AVAIL', found, expected: `${where} deliver every sector` }
    }
    const key = senseKey(sense)
    const unreadable = key === SENSE_MEDIUM_ERROR && senseAsc(sense) === ASC_UNRECOVERED_READ_ERROR >>> 8
    // The member that said so may be gone by now.
    if (unreadable && (this.#inSync() > 0 || !command.notServed)) return null
    // With every member in sync healthy enough to say "unreadable", that is the only right word for it.
    const silent = [SENSE_HARDWARE_ERROR, SENSE_ABORTED_COMMAND, SENSE_NOT_READY]
    const allAnswer = trusted.length > 0 && trusted.length === this.#inSync()
    if (!allAnswer && silent.includes(key)) return null
    const expected =
      trusted.length === 0
        ? 'HARDWARE ERROR, ABORTED COMMAND or NOT READY: no member answers'
        : `MEDIUM ERROR, UNRECOVERED READ ERROR (03/11/xx): no member can read LBA ${lost}`
    return { law: 'ERR', found, expected }
  }

  /** An error that names an LBA (VALID = 1) names one of the command's, and an unreadable one where it speaks of unreadable ones. */
  #judgeInformation(
    { kind, lba, sectors, information }: FailedCommand,
    trusted: readonly number[],
    found: string,
    sense: number,
  ): ErrorFault | null {
    if (information < 0 || kind === 'flush') return null
    const named = `${found}, which names LBA ${information}`
    if (information < lba || information >= lba + sectors) {
      return { law: 'ERR', found: named, expected: 'an LBA of the command in the INFORMATION field, or none' }
    }
    const speaksOfReading = senseKey(sense) === SENSE_MEDIUM_ERROR && kind === 'read'
    if (!speaksOfReading || trusted.length === 0 || this.#firstLost(information, 1, trusted) >= 0) return null
    return { law: 'ERR', found: named, expected: 'an LBA that no member can read' }
  }

  /** Bays in sync since `sinceNs` whose drive had no trouble since. One that has just become complete knows nothing of what began before. */
  #trusted(sinceNs: number): number[] {
    const bays: number[] = []
    for (let bay = 0; bay < this.#view.bayCount; bay++) {
      const drive = this.#claims.wasInSync(bay, sinceNs) ? inSyncDrive(this.#view, bay) : null
      if (drive && !faultFilterOf(drive)?.troubledSince(sinceNs, this.#hangGraceNs)) bays.push(bay)
    }
    return bays
  }

  /** Members that are in sync and there, troubled or not. */
  #inSync(): number {
    let count = 0
    for (let bay = 0; bay < this.#view.bayCount; bay++) if (inSyncDrive(this.#view, bay)) count++
    return count
  }

  /** The first sector that no trusted member can read, or -1. */
  #firstLost(lba: number, sectors: number, trusted: readonly number[]): number {
    const offset = dataOffsetOf(this.#view)
    const drives = trusted.map((bay) => this.#view.driveIn(bay)).filter((drive): drive is Drive => drive !== null)
    for (let at = lba; at < lba + sectors; at++) {
      if (!drives.some((drive) => drive.firstUnreadable(offset + at, 1) < 0)) return at
    }
    return -1
  }
}

/** SBC-4 4.18: of UNIT ATTENTION and NOT READY the INFORMATION field says nothing. */
function uninformed(sense: number, information: number, found: string): ErrorFault | null {
  const isUninformed = senseKey(sense) === SENSE_UNIT_ATTENTION || senseKey(sense) === SENSE_NOT_READY
  if (!isUninformed || information < 0) return null
  return { law: 'ERR', found: `${found}, and the INFORMATION field is valid`, expected: 'VALID = 0' }
}
