// Single SCSI commands to a LUN that is ready and idle, one at a time, and what is wrong with their answers.
//
// Whatever the answer says, its form is judged here: sense data with every CHECK CONDITION, no more data than there is room for, an end in
// bounded time. What the answer should have said is the caller's business. UNIT ATTENTION is answered by sending the command again.

import {
  ASC_LBA_OUT_OF_RANGE,
  SCSI_CHECK_CONDITION,
  SCSI_GOOD,
  SENSE_DESCRIPTOR_CURRENT,
  SENSE_FIXED_CURRENT,
  SENSE_ILLEGAL_REQUEST,
  SENSE_UNIT_ATTENTION,
} from '../../../assembly/abi/scsi'
import { senseKey, senseOf, senseText } from '../../oracle/sense'
import type { LunMap } from '../../workload/lunMap'
import { senseInformation, senseWord } from '../../workload/scsiCodec'
import type { Runner } from '../runner'

export interface AuditProblem {
  readonly law: 'ERR' | 'TRUTH' | 'LIVE'
  /** What was seen, with the command. */
  readonly found: string
  readonly expected: string
}

export interface Answer {
  readonly status: number
  /** Key << 16 | ASC << 8 | ASCQ. */
  readonly sense: number
  readonly senseBytes: Uint8Array
  /** The data-in: a copy. */
  readonly data: Uint8Array
}

export interface SendOptions {
  readonly dataOut?: Uint8Array
  /** Bytes that the initiator has room for. */
  readonly room?: number
  readonly lun?: number
  /** What the slot's buffer is full of when the command comes. */
  readonly filling?: number
}

/** There is nobody to talk to any more. */
export class AuditOver extends Error {
  override readonly name = 'AuditOver'
}

const ANSWER_NS = 10_000_000_000
const BEYOND_THE_END = senseOf(SENSE_ILLEGAL_REQUEST, ASC_LBA_OUT_OF_RANGE)
const ATTENTIONS_MAX = 8
/** A microcode that gets everything wrong need not be told so more often. */
const PROBLEMS_MAX = 100
/** SPC-5 4.5.3 and 4.5.2: bytes 0 to 7 are there in either format; byte 7 counts what follows. */
const SENSE_HEAD_BYTES = 8
/** What is asked for where the answer's length is the LUN's choice. */
export const ROOM_BYTES = 1024

export class ScsiProbe {
  readonly problems: AuditProblem[] = []
  /** Response codes of the sense data so far, without VALID and "deferred". */
  readonly formatsSeen = new Set<number>()
  /** Unit serial number -> the LUN that gave it. */
  readonly serials = new Map<string, number>()
  #nextSlot = 0
  /** Where commands go that name no LUN. */
  lun = 0

  constructor(readonly runner: Runner) {}

  charge(law: AuditProblem['law'], found: string, expected: string): void {
    const where = this.#luns.prefixOf(this.lun)
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ law, found: where + found, expected })
  }

  get #luns(): LunMap {
    return this.runner.initiator.luns
  }

  /** Charges a fault unless `isSo`. */
  hold(isSo: boolean, law: AuditProblem['law'], found: string, expected: string): boolean {
    if (!isSo) this.charge(law, found, expected)
    return isSo
  }

  /** Sends a command and waits for its answer. Throws AuditOver when there is none. */
  send(what: string, cdb: readonly number[], options: SendOptions = {}): Answer {
    let answer = this.#sendOnce(what, cdb, options)
    for (let i = 0; i < ATTENTIONS_MAX && senseKey(answer.sense) === SENSE_UNIT_ATTENTION; i++) {
      answer = this.#sendOnce(what, cdb, options)
    }
    this.#judgeForm(what, answer, options.room ?? 0)
    return answer
  }

  /** The data of a command that must end in GOOD; null: it does not, and that is charged. */
  good(what: string, cdb: readonly number[], options: SendOptions = {}): Uint8Array | null {
    const answer = this.send(what, cdb, options)
    const isGood = answer.status === SCSI_GOOD
    this.hold(isGood, 'ERR', `${what}: ${answerText(answer)}`, 'GOOD')
    if (!isGood) return null
    if (options.dataOut === undefined && answer.data.length > 0) this.judgeAgain(what, cdb, options, answer.data)
    return answer.data
  }

  /** What was in the buffer before is nobody's business: the answer is the same whatever that was. */
  judgeAgain(what: string, cdb: readonly number[], options: SendOptions, data: Uint8Array): void {
    const again = this.send(what, cdb, { ...options, filling: 0xff })
    const found = `${what}: ${hex(again.data)}, and ${hex(data)} before`
    this.hold(isEqual(again.data, data), 'TRUTH', found, 'the same answer to the same question')
  }

  /** A command that must end in ILLEGAL REQUEST with one of these additional sense codes, and without data. */
  refused(what: string, cdb: readonly number[], codes: readonly number[], options: SendOptions = {}): void {
    const answer = this.send(what, cdb, options)
    const senses = codes.map((code) => senseOf(SENSE_ILLEGAL_REQUEST, code))
    const isRefused = answer.status === SCSI_CHECK_CONDITION && senses.includes(answer.sense)
    const expected = `CHECK CONDITION, ${senses.map(senseText).join(' or ')}`
    this.hold(isRefused, 'ERR', `${what}: ${answerText(answer)}`, expected)
    this.#judgeNoData(what, answer)
  }

  /** A command that must end in CHECK CONDITION, whatever the sense data say, and without data. */
  notGood(what: string, cdb: readonly number[], options: SendOptions = {}): void {
    const answer = this.send(what, cdb, options)
    this.hold(answer.status === SCSI_CHECK_CONDITION, 'ERR', `${what}: ${answerText(answer)}`, 'CHECK CONDITION')
    this.#judgeNoData(what, answer)
  }

  /** SPC-5 4.2.5.6: no more than the allocation length is delivered, and what is delivered does not depend on it. */
  truncates(what: string, cdbOf: (allocation: number) => readonly number[], full: Uint8Array, lengths: number[]): void {
    for (const length of lengths) {
      const text = `${what}, allocation length ${length}`
      const data = this.good(text, cdbOf(length), { room: ROOM_BYTES })
      if (data === null) continue
      const bytes = Math.min(length, full.length)
      this.hold(data.length === bytes, 'ERR', `${text}: ${data.length} bytes`, `${bytes} bytes`)
      const compared = Math.min(data.length, full.length)
      const isSame = isEqual(data.subarray(0, compared), full.subarray(0, compared))
      this.hold(isSame, 'TRUTH', `${text}: ${hex(data)}`, `the beginning of ${hex(full)}`)
    }
  }

  #sendOnce(
    what: string,
    cdb: readonly number[],
    { dataOut, room = 0, lun = this.lun, filling = 0 }: SendOptions,
  ): Answer {
    const { runner } = this
    const { controller } = runner.site
    const slot = this.#freeSlot()
    if (slot < 0) this.#over(what, 'no host slot is free', 'a LUN that is idle has free slots')
    const address = controller.hostBufferAddress(slot)
    const padded = new Uint8Array(16)
    padded.set(cdb)
    controller.bytes.fill(filling, address, address + Math.min(room, ROOM_BYTES))
    if (dataOut) controller.bytes.set(dataOut, address)
    runner.probedSlot = slot
    controller.submit(slot, padded, cdb.length, dataOut?.length ?? 0, room, lun)
    runner.goOn(() => runner.probedSlot < 0, ANSWER_NS)
    if (runner.probedSlot !== -1) {
      const why = runner.probedSlot === -2 ? ': the microcode was stopped' : ''
      this.#over(what, `no answer${why}`, 'every command ends in bounded time')
    }
    const senseBytes = controller.hostSense(slot).slice()
    const status = controller.hostStatus(slot)
    return {
      status,
      sense: status === SCSI_CHECK_CONDITION ? senseWord(senseBytes) : 0,
      senseBytes,
      data: controller.bytes.slice(address, address + controller.hostTransferred(slot)),
    }
  }

  /** Each command in the next slot: they are all alike. */
  #freeSlot(): number {
    const { controller } = this.runner.site
    if (!controller.isRunning) return -1
    const free = controller.freeHostSlot(this.#nextSlot)
    const slot = free >= 0 ? free : controller.freeHostSlot(0)
    this.#nextSlot = slot + 1 < controller.descriptor.hostSlotCount ? slot + 1 : 0
    return slot
  }

  #over(what: string, found: string, expected: string): never {
    this.charge('LIVE', `${what}: ${found}`, expected)
    throw new AuditOver(what)
  }

  #judgeForm(what: string, answer: Answer, room: number): void {
    const { status, data, senseBytes } = answer
    this.hold(data.length <= room, 'ERR', `${what}: ${data.length} bytes`, `at most ${room}: the initiator's room`)
    if (status !== SCSI_CHECK_CONDITION) return
    const code = senseBytes.length > 0 ? senseBytes[0]! & 0x7e : 0
    this.formatsSeen.add(code)
    const information = senseInformation(senseBytes)
    if (senseKey(senseWord(senseBytes)) === SENSE_ILLEGAL_REQUEST && information >= 0) {
      // SBC-4 4.18.1: an LBA that is in error. A request that makes no sense has none, unless that is why.
      const isBeyond = senseWord(senseBytes) === BEYOND_THE_END && information >= this.#luns.sizes[this.lun]!
      this.hold(isBeyond, 'ERR', `${what}: the sense data name LBA ${information}`, 'an LBA in error, or none')
    }
    const isKnown = code === SENSE_FIXED_CURRENT || code === SENSE_DESCRIPTOR_CURRENT
    const isWhole = senseBytes.length >= SENSE_HEAD_BYTES && senseBytes[7] === senseBytes.length - SENSE_HEAD_BYTES
    const expected = 'sense data of response code 70h or 72h whose byte 7 counts the bytes after it'
    this.hold(isKnown && isWhole, 'ERR', `${what}: CHECK CONDITION with sense data ${hex(senseBytes)}`, expected)
  }

  #judgeNoData(what: string, { status, data }: Answer): void {
    const isBare = status !== SCSI_CHECK_CONDITION || data.length === 0
    this.hold(isBare, 'ERR', `${what}: refused, with ${data.length} bytes of data`, 'nothing is transferred')
  }
}

export function answerText({ status, sense, data }: Answer): string {
  if (status === SCSI_GOOD) return `GOOD with ${data.length} bytes`
  if (status === SCSI_CHECK_CONDITION) return `CHECK CONDITION, ${senseText(sense)}`
  return `status ${status.toString(16).padStart(2, '0')}h`
}

export function isRefusedWith({ status, sense }: Answer, code: number): boolean {
  return status === SCSI_CHECK_CONDITION && sense === senseOf(SENSE_ILLEGAL_REQUEST, code)
}

export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

/** The first bytes, in hexadecimal. */
export function hex(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'of no bytes'
  const digits = Array.from(bytes.subarray(0, 24), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return bytes.length > 24 ? `${digits} … (${bytes.length} bytes)` : digits
}
