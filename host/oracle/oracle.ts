// The judge of one LUN. The initiators tell it everything they send and everything they get; the rig tells it of power cuts and changed
// claims, and shows it the hardware (RigView). It answers with write ids for stamps, and keeps violations of the laws.
//
// Judged as the run goes: DUR, MONO, INT (contents of reads), AVAIL and ERR (errors), DUR and ERR at acknowledgements, AVAIL (last member
// given up), LIVE (overdue commands). At the end: TRUTH, CONV, LIVE, AVAIL. In a focused replay: DIR. docs/oracle.md has the whole law.
// Calls come in the order of simulated time; equal times in order of cause.

import { DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { OPERATOR_DETACH, OPERATOR_STOP } from '../../assembly/abi/operator'
import { ARRAY_STOPPED, STATUS_ARRAY_STATE } from '../../assembly/abi/status'
import { formatDurationNs } from '../sim/units'
import type { Judge } from '../workload/judge'
import { AckJudge } from './ackJudge'
import { CaseFile } from './caseFile'
import { ClaimsWatch } from './claimsWatch'
import { Contents } from './content'
import { ErrorJudge, type FailedCommand } from './errorJudge'
import { FinalJudge, type RestState } from './finalJudge'
import { FocusRecorder } from './focusRecorder'
import { OperatorWatch } from './operatorWatch'
import type { OracleOptions } from './oracleOptions'
import { type FlushReachThere, OtherSiteJudge } from './otherSite'
import { ReadJudge } from './readJudge'
import { ReadRecord } from './readRecord'
import { ReplicaJudge } from './replicaJudge'
import { claimsToServe, isAtRestWhenStopped, type RigView } from './rigView'
import { judgeScrub } from './scrubJudge'
import { type FlushReach, SectorModel } from './sectorModel'
import { senseText } from './sense'
import { SnapshotJudge } from './snapshotJudge'
import { stateFault } from './stateClaim'
import { sectorsText } from './story'
import { type Finding, type Law, lawBit, type Violation } from './verdict'
import { WRITE_FUA, WRITE_PAYLOAD, WRITE_ZEROS, WriteTable } from './writeTable'

/** How long a command that a drive swallowed may keep it busy, when the rig does not say: a usual command deadline. */
const HANG_GRACE_NS = 10_000_000_000

const JUDGED_AT_READS = lawBit('DUR') | lawBit('MONO') | lawBit('INT')
const JUDGED_AT_ACKNOWLEDGEMENTS = lawBit('DUR') | lawBit('ERR')
const JUDGED_AT_ERRORS = lawBit('ERR') | lawBit('AVAIL')
const JUDGED_AT_END = lawBit('TRUTH') | lawBit('LIVE') | lawBit('AVAIL') | lawBit('CONV')

interface FlushRecord extends FlushReach, FlushReachThere {
  readonly submitNs: number
  readonly notServed: boolean
}

export class Oracle implements Judge {
  /** For the rig to report drive commands to, in a focused replay. */
  readonly focus: FocusRecorder | null
  /** Sectors of answered commands that were judged. */
  sectorsJudged = 0
  readonly #options: OracleOptions
  readonly #writes = new WriteTable()
  readonly #case: CaseFile
  readonly #reads = new Map<number, ReadRecord>()
  readonly #spareReads: ReadRecord[] = []
  readonly #flushes = new Map<number, FlushRecord>()
  /** Ids of writes that were submitted while the array did not serve. */
  readonly #notServedWrites = new Set<number>()
  readonly #readJudge: ReadJudge
  readonly #errorJudge: ErrorJudge | null
  readonly #ackJudge: AckJudge | null
  readonly #claims: ClaimsWatch | null
  readonly #operator: OperatorWatch | null
  /** Null: there is one site. */
  readonly otherSite: OtherSiteJudge | null
  readonly snapshots: SnapshotJudge | null
  readonly #view: RigView | null
  readonly #durableAtAck: boolean
  /** The array has claimed to serve since the last interruption. */
  #hasServed = false
  #sequence = 1
  #lawsJudged = 0
  readonly #data = { bytes: new Uint8Array(0), words: new Uint32Array(0) } as { bytes: Uint8Array; words: Uint32Array }

  constructor(options: OracleOptions) {
    this.#options = options
    const view = options.view ?? null
    const hangGraceNs = options.hangGraceNs ?? HANG_GRACE_NS
    const other = options.otherSite ?? null
    const sectors = new SectorModel(this.#writes, options.lunSectors, options.writeCacheEnabled, other !== null)
    const contents = new Contents(this.#writes, options.sectorBytes, options.startImages ?? [])
    this.#view = view
    this.#case = new CaseFile(this.#writes, sectors, contents, view, hangGraceNs)
    this.#readJudge = new ReadJudge(this.#case, options.inFlightReadsDecide ?? true)
    const checkAcks = options.checkAcknowledgements ?? true
    this.#ackJudge = view && checkAcks ? new AckJudge(this.#case, view) : null
    this.#claims = view && new ClaimsWatch(view, hangGraceNs, this.#case.memory!)
    this.#errorJudge = view && new ErrorJudge(view, hangGraceNs, this.#claims!, options)
    this.#operator = view && new OperatorWatch(view)
    this.otherSite = view && other && new OtherSiteJudge(this.#case, view, other, options.otherView ?? null)
    this.snapshots = view && new SnapshotJudge(this.#case, view, this.#errorJudge!, options.lunSectors)
    this.#durableAtAck = !options.writeCacheEnabled
    this.focus = typeof options.focusLba === 'number' ? new FocusRecorder(this.#case, options.focusLba) : null
    this.#case.focus = this.focus
  }

  /**
   * Takes over another judge's knowledge of the same LUN: what was written, promised and seen until now. From here on the two are
   * independent. What the other one found stays there.
   */
  takeOver(other: Oracle): void {
    this.#writes.copyFrom(other.#writes)
    this.#case.sectors.copyFrom(other.#case.sectors)
    this.#case.copyFrom(other.#case)
    this.#reads.clear()
    this.#flushes.clear()
    this.#notServedWrites.clear()
    for (const id of other.#notServedWrites) this.#notServedWrites.add(id)
    if (this.#claims && other.#claims) this.#claims.copyFrom(other.#claims)
    this.snapshots?.copyFrom(other.snapshots!)
    this.#hasServed = other.#hasServed
    this.#sequence = other.#sequence
    this.sectorsJudged = 0
    this.#lawsJudged = 0
  }

  /** Bits (`lawBit`) of the laws that something was held against here. */
  get lawsJudged(): number {
    return this.#lawsJudged | (this.otherSite?.lawsJudged ?? 0) | (this.snapshots?.lawsJudged ?? 0)
  }

  /** A hash of all that was promised so far (sectorModel.ts). */
  get promises(): number {
    return this.#case.sectors.promises ^ (this.snapshots?.promises ?? 0)
  }

  /** Runs of sectors that may hold more than one version now, ascending, none longer than 128. */
  openRanges(): [lba: number, sectors: number][] {
    return this.#case.sectors.openRanges(128)
  }

  /** The first violations, each with its story. */
  get violations(): readonly Violation[] {
    return this.#case.ledger.violations
  }

  /** All violations, also those that are not kept. */
  get violationCount(): number {
    return this.#case.ledger.violationCount
  }

  get findings(): readonly Finding[] {
    return this.#case.ledger.findings
  }

  get writesSubmitted(): number {
    return this.#writes.next - 1
  }

  /** A write goes out. Returns its id: what `fillStamp` puts into its sectors. A payload must not change any more. */
  submitWrite(lba: number, sectors: number, fua: boolean, payload: Uint8Array | null, nowNs: number): number {
    const id = this.#submit(lba, sectors, (fua ? WRITE_FUA : 0) | (payload ? WRITE_PAYLOAD : 0), nowNs)
    if (payload) this.#writes.payloads.set(id, payload)
    return id
  }

  /** A trim goes out: a write of zeros. It ends with `writeDone`. */
  submitTrim(lba: number, sectors: number, nowNs: number): number {
    return this.#submit(lba, sectors, WRITE_ZEROS, nowNs)
  }

  /** A write or trim is answered. `sense`: key << 16 | ASC << 8 | ASCQ, 0 = none; see sense.ts. */
  writeDone(id: number, good: boolean, sense: number, nowNs: number, information = -1): void {
    const { sectors } = this.#case
    const [lba, count] = [this.#writes.lba[id]!, this.#writes.sectors[id]!]
    this.sectorsJudged += count
    const end = good ? 'acknowledged' : `answered with ${senseText(sense)}`
    if (this.focus?.touches(lba, count)) this.focus.add(nowNs, `write ${id} ${end}`)
    const notServed = this.#notServedWrites.size > 0 && this.#notServedWrites.delete(id)
    if (!good) {
      sectors.fail(id, nowNs, ++this.#sequence)
      const submitNs = this.#writes.submitNs[id]!
      this.#judgeError({ kind: 'write', lba, sectors: count, submitNs, notServed, information }, sense, nowNs, [id])
      return
    }
    sectors.acknowledge(id, nowNs, ++this.#sequence)
    this.otherSite?.acknowledged(id, nowNs)
    if (this.#durableAtAck || this.#writes.flags[id]! & WRITE_FUA) this.#judgeAcknowledgement(id, nowNs)
  }

  submitRead(tag: number, lba: number, sectors: number, nowNs: number): void {
    const read = this.#spareReads.pop() ?? new ReadRecord()
    read.reset(lba, sectors)
    read.submitNs = nowNs
    read.sequence = ++this.#sequence
    read.firstLaterWrite = this.#writes.next
    read.notServed = this.#refusesService()
    this.#case.sectors.snapshot(read)
    if (this.#reads.has(tag)) throw new Error(`tag ${tag} must be free: its read has no answer yet`)
    this.#reads.set(tag, read)
    if (this.focus?.touches(lba, sectors)) this.focus.add(nowNs, `read of ${sectorsText(lba, sectors)} submitted`)
  }

  /** A read is answered; with good status its data begin at `byteOffset` of `bytes`, and `words` is the same memory. */
  readDone(
    tag: number,
    good: boolean,
    sense: number,
    bytes: Uint8Array,
    words: Uint32Array,
    byteOffset: number,
    nowNs: number,
    information = -1,
  ): void {
    const read = this.#reads.get(tag)
    if (!read) throw new Error(`tag ${tag} must have been submitted as a read`)
    this.#reads.delete(tag)
    this.sectorsJudged += read.sectors
    this.#sequence++
    if (good) {
      this.#lawsJudged |= JUDGED_AT_READS
      this.#data.bytes = bytes
      this.#data.words = words
      this.focus?.readReturned(read, this.#data, byteOffset, nowNs)
      this.#readJudge.judge(read, this.#data, byteOffset, nowNs)
    } else {
      if (this.focus?.touches(read.lba, read.sectors)) this.focus.add(nowNs, `read answered with ${senseText(sense)}`)
      this.#judgeReadError(read, sense, nowNs, information)
    }
    this.#spareReads.push(read)
  }

  submitFlush(tag: number, nowNs: number, first = 0, end = Number.POSITIVE_INFINITY): void {
    this.#sequence++
    if (this.#flushes.has(tag)) throw new Error(`tag ${tag} must be free: its flush has no answer yet`)
    const mark = this.#case.sectors.flushMark
    const markThere = this.otherSite?.flushMark ?? 0
    this.#flushes.set(tag, { mark, first, end, submitNs: nowNs, notServed: this.#refusesService(), markThere })
    this.focus?.add(nowNs, 'flush submitted')
  }

  flushDone(tag: number, good: boolean, sense: number, nowNs: number, information = -1): void {
    const flush = this.#flushes.get(tag)
    if (!flush) throw new Error(`tag ${tag} must have been submitted as a flush`)
    this.#flushes.delete(tag)
    this.#sequence++
    this.focus?.add(nowNs, `flush ${good ? 'acknowledged' : `answered with ${senseText(sense)}`}`)
    if (!good) {
      this.#judgeError({ kind: 'flush', lba: 0, sectors: 0, information, ...flush }, sense, nowNs, [])
      this.#judgeNamed(information, nowNs)
      return
    }
    for (const id of this.#case.sectors.flushed(flush)) this.#judgeAcknowledgement(id, nowNs)
    this.otherSite?.flushed(flush, nowNs)
  }

  polled(sense: number, nowNs: number, information = -1): void {
    const fault = this.#errorJudge?.polled(sense, information) ?? null
    if (fault) this.chargeArray(fault.law, fault.found, fault.expected, nowNs)
  }

  /** A drive has answered. After an orderly stop nothing is written any more (assembly/abi/operator.ts). */
  driveDone(bay: number, op: number, nowNs: number): void {
    if (op !== DRIVE_WRITE || this.#view === null || !this.#claims!.isStopAsked) return
    if (this.#view.status[STATUS_ARRAY_STATE] !== ARRAY_STOPPED) return
    this.chargeArray('TRUTH', `the array says that it is stopped, and writes to bay ${bay}`, 'peace', nowNs)
  }

  /** All power is lost: no command in flight will be answered. `tears`: a sector of a write in flight may be left half written. */
  powerCut(nowNs: number, tears = true): void {
    if (tears) this.#case.tearsNs.add(nowNs)
    this.#interrupt(nowNs, 'power failed')
  }

  /** An operator asks the array for something (assembly/abi/operator.ts): what it gives up then, it gives up rightly. */
  operatorAsks(request: number, bay: number): void {
    this.#operator?.asked(request, bay)
    this.snapshots?.asked(request)
    if (request === OPERATOR_STOP) {
      this.#errorJudge?.stopAsked()
      this.#claims?.stopAsked()
    } else if (request === OPERATOR_DETACH) {
      this.#claims?.detachAsked(bay)
    }
  }

  /** The initiators have gone to the other site. */
  changedOver(nowNs: number): void {
    this.#case.memory?.changedOver()
    this.#interrupt(nowNs, 'the initiators went to the other site')
    this.otherSite?.changedOver(nowNs, ++this.#sequence)
  }

  /** The controller restarts by itself (trap, watchdog): no command in flight will be answered. */
  controllerRestart(nowNs: number): void {
    this.#interrupt(nowNs, 'the controller restarted')
  }

  /** The claims may have changed: after a bay-state event of the microcode, or a hot-plug. */
  claimsChanged(nowNs: number): void {
    this.#operator?.look()
    this.otherSite?.look(nowNs)
    this.snapshots?.look(nowNs)
    for (const { found, expected } of this.#claims?.look(nowNs) ?? []) this.chargeArray('AVAIL', found, expected, nowNs)
    if (this.#claims?.lostAll) this.#case.cachesLost(nowNs)
    const fault = this.#view && stateFault(this.#view, this.#options.members ?? 0)
    if (fault) this.chargeArray('TRUTH', fault.found, fault.expected, nowNs)
  }

  /** A command (`what`: read, write, flush) has no answer after the time that the rig allows. */
  commandOverdue(what: string, lba: number, submitNs: number, nowNs: number): void {
    const found = `the ${what} at LBA ${lba}, submitted at ${formatDurationNs(submitNs)}, has no answer after ${formatDurationNs(nowNs - submitNs)}`
    this.chargeArray('LIVE', found, 'every command ends in bounded time', nowNs)
  }

  mistransferred(lba: number, bytes: number, expected: number, nowNs: number): void {
    this.chargeArray('ERR', `a good answer at LBA ${lba} transfers ${bytes} bytes`, `${expected} bytes`, nowNs)
  }

  /** The run is over, and quiet as far as it will be; power is on, and the drives' caches are written out. */
  finalJudgement(rest: RestState, nowNs: number): void {
    if (this.#view === null) return
    this.#lawsJudged |= JUDGED_AT_END
    this.claimsChanged(nowNs)
    new FinalJudge(this.#case, this.#view, this.#claims!, this.#options.otherView ?? null).judge(rest, nowNs)
    const ignored = rest.atRest ? this.#operator!.ignored() : []
    for (const { found, expected } of ignored) this.chargeArray('LIVE', found, expected, nowNs)
    this.otherSite?.judge(nowNs)
    if (!claimsToServe(this.#view) && !isAtRestWhenStopped(this.#view)) return
    const differences = new ReplicaJudge(this.#case, this.#view, this.#options.lunSectors).judge(nowNs)
    if (rest.scrubbed) judgeScrub(this.#case, this.#view, differences, nowNs)
  }

  /** A flush that fails may name an LBA: one that there is something to flush for. */
  #judgeNamed(lba: number, nowNs: number): void {
    if (lba < 0 || (lba < this.#options.lunSectors && this.#case.sectors.possible(lba).some((id) => id > 0))) return
    const found = `a flush failed and names LBA ${lba}, which was never written`
    this.chargeArray('ERR', found, 'an LBA that was written in the INFORMATION field, or none', nowNs)
  }

  /** A violation that is no single sector's. */
  chargeArray(law: Law, found: string, expected: string, nowNs: number): void {
    this.#case.charge({ law, lba: null, found, expected, versions: [] }, nowNs)
  }

  #submit(lba: number, sectors: number, properties: number, nowNs: number): number {
    const id = this.#writes.add(lba, sectors, properties, nowNs, ++this.#sequence)
    this.#case.sectors.submit(id)
    this.otherSite?.lookAtClock(nowNs)
    if (this.#refusesService()) this.#notServedWrites.add(id)
    if (this.focus?.touches(lba, sectors)) this.focus.add(nowNs, `write ${id} (${sectorsText(lba, sectors)}) submitted`)
    return id
  }

  #judgeAcknowledgement(id: number, nowNs: number): void {
    this.#lawsJudged |= JUDGED_AT_ACKNOWLEDGEMENTS
    const fault = this.#ackJudge === null ? null : this.#ackJudge.judge(id)
    if (fault) this.#case.charge({ ...fault, versions: [id, fault.version] }, nowNs)
  }

  #judgeReadError(read: ReadRecord, sense: number, nowNs: number, information: number): void {
    // A write that overlapped the read may have made a bad sector readable just now: no verdict then.
    for (let lba = read.lba; lba < read.lba + read.sectors; lba++) {
      const overlapped = this.#case.sectors.possible(lba).some((id) => !this.#writes.endedBefore(id, read.sequence))
      if (overlapped) return
    }
    const { lba, sectors, submitNs, notServed } = read
    this.#judgeError({ kind: 'read', lba, sectors, submitNs, notServed, information }, sense, nowNs, [])
  }

  #judgeError(command: FailedCommand, sense: number, nowNs: number, versions: readonly number[]): void {
    this.#lawsJudged |= JUDGED_AT_ERRORS
    this.claimsChanged(nowNs)
    const fault = this.#errorJudge === null ? null : this.#errorJudge.judge(command, sense)
    if (!fault) return
    const { law, expected } = fault
    const where = command.sectors > 0 ? `${sectorsText(command.lba, command.sectors)}: ` : ''
    const lba = command.sectors > 0 ? command.lba : null
    this.#case.charge({ law, lba, found: `${where}${fault.found}`, expected, versions }, nowNs)
  }

  /**
   * Whether the array does not serve yet. Asked until it does, then not again until it has to find its members anew: an array that
   * fails in between says so (ARRAY_FAILED), and is judged by that.
   */
  #refusesService(): boolean {
    if (this.#hasServed || this.#view === null) return false
    this.#hasServed = claimsToServe(this.#view)
    return !this.#hasServed
  }

  #interrupt(nowNs: number, text: string): void {
    this.#case.interruptions.push({ timeNs: nowNs, text })
    this.#case.sectors.powerCut(nowNs, ++this.#sequence)
    this.#spareReads.push(...this.#reads.values())
    this.#reads.clear()
    this.#flushes.clear()
    this.#notServedWrites.clear()
    this.#hasServed = false
    this.#claims?.interrupted(nowNs)
    this.#operator?.interrupted()
    this.#errorJudge?.interrupted()
    this.focus?.interrupted(nowNs, text)
  }
}
