// The snapshot of an array, held against what the LUNs were at its instant (law PIT).
//
// When a snapshot is taken is what the judge sees: the microcode says so, and the judge keeps what each sector may have held then. Whatever
// is read of it later must be one of that, and stay what it was read as, also after power cuts, until the snapshot is given up. What the
// microcode says of it must be so: it is there until an operator gives it up, or the area was full.

import { OPERATOR_SNAPSHOT_BASE, OPERATOR_SNAPSHOT_DROP } from '../../assembly/abi/operator'
import {
  ASC_INSUFFICIENT_RESOURCES,
  ASC_MEDIUM_NOT_PRESENT,
  ASC_UNRECOVERED_READ_ERROR,
  SENSE_HARDWARE_ERROR,
  SENSE_MEDIUM_ERROR,
  SENSE_NOT_READY,
} from '../../assembly/abi/scsi'
import {
  SNAPSHOT_BROKEN,
  SNAPSHOT_NONE,
  SNAPSHOT_OVERFLOWED,
  SNAPSHOT_THERE,
  STATUS_SNAPSHOT,
  STATUS_SNAPSHOT_SLOTS,
  STATUS_SNAPSHOT_SLOTS_USED,
  STATUS_SNAPSHOT_STATE,
} from '../../assembly/abi/status'
import { formatDurationNs } from '../sim/units'
import type { CaseFile } from './caseFile'
import { ChangesJudge } from './changesJudge'
import type { SectorBytes } from './content'
import type { ErrorJudge } from './errorJudge'
import { excuseOf, SEEN_FOREIGN, SEEN_OLDER } from './excuse'
import { claimsToServe, dataOffsetOf, isClaimedInSync, type RigView } from './rigView'
import { SectorModel } from './sectorModel'
import { senseText } from './sense'
import { isTornByPowerCut } from './torn'
import { lawBit } from './verdict'
import { WRITE_FAILED, WRITE_IN_FLIGHT } from './writeTable'
import { WrittenRegions } from './writtenRegions'

/** A slot keeps 64 KiB at least, at a border of that (docs/live-image.md). */
const REGION_SECTORS_MIN = 128
/** LUNs up to 1 GiB have such regions; of larger ones a slot keeps more. */
const SMALL_REGIONS_SECTORS = 2 ** 21
/** So much of the room, in regions, may be used for something else: to know what the slots keep. */
const TABLE_REGIONS = 3

export class SnapshotJudge {
  /** Bits (`lawBit`) of the laws that something was held against. */
  lawsJudged = 0
  readonly #case: CaseFile
  readonly #view: RigView
  readonly #errors: ErrorJudge
  readonly #lunSectors: number
  readonly #frozen: SectorModel
  readonly #changes: ChangesJudge
  /** Of sectors that might have been several things: what reads of the snapshot have left. */
  readonly #seen = new Map<number, readonly number[]>()
  /** The snapshot that is there, as far as was seen; 0: none. */
  #number = 0
  #takenNs = 0
  #state = SNAPSHOT_NONE
  /** An operator has asked to give it up. */
  #isReleased = false
  /** How often the NVRAM had lost its content when that was looked at last. */
  #nvramLosses = 0
  /** It has, and the array has not served since. */
  #isForgotten = false
  /** Sectors of the smallest member that it was taken on, and of the smallest drive that there has been since. */
  #least = 0
  #shortest = 0
  /** The first write that may have been under way when it was taken, and how many slots were found to be needed since. */
  #firstWrite = 0
  #neededSlots = 0

  constructor(caseFile: CaseFile, view: RigView, errors: ErrorJudge, lunSectors: number) {
    this.#case = caseFile
    this.#view = view
    this.#errors = errors
    this.#lunSectors = lunSectors
    this.#frozen = new SectorModel(caseFile.writes, lunSectors, false)
    this.#changes = new ChangesJudge(caseFile)
  }

  /** What another judge of the same LUNs knows. */
  copyFrom(other: SnapshotJudge): void {
    this.lawsJudged = 0
    this.#number = other.#number
    this.#takenNs = other.#takenNs
    this.#state = other.#state
    this.#isReleased = other.#isReleased
    this.#nvramLosses = other.#nvramLosses
    this.#isForgotten = other.#isForgotten
    this.#least = other.#least
    this.#shortest = other.#shortest
    this.#firstWrite = other.#firstWrite
    this.#neededSlots = other.#neededSlots
    this.#changes.copyFrom(other.#changes)
    this.#seen.clear()
    if (other.#number === 0) return
    this.#frozen.copyFrom(other.#frozen)
    for (const [lba, ids] of other.#seen) this.#seen.set(lba, ids)
  }

  /** A hash of what is promised of the snapshot. */
  get promises(): number {
    return this.#number === 0 ? 0 : Math.imul(this.#frozen.promises ^ this.#number, 0x9e3779b1 | 0) ^ this.#seen.size
  }

  /** An operator is about to ask for something. */
  asked(request: number): void {
    this.#changes.asked(request)
    if (request >= OPERATOR_SNAPSHOT_DROP && request <= OPERATOR_SNAPSHOT_BASE) this.#isReleased = true
  }

  /** The claims may have changed. While the array does not serve it does not say. */
  look(nowNs: number): void {
    const { status, nvramLosses } = this.#view
    if (nvramLosses !== this.#nvramLosses) this.#mayBeForgotten(nvramLosses)
    const number = status[STATUS_SNAPSHOT]!
    if (this.#number !== 0)
      this.#shortest = Math.min(
        this.#shortest,
        this.#leastSectors(() => true),
      )
    if ((number === 0 && this.#number === 0) || !claimsToServe(this.#view)) return
    const state = status[STATUS_SNAPSHOT_STATE]!
    // One may be full as soon as it is taken.
    if (number !== this.#number && state !== SNAPSHOT_NONE) this.#take(number, nowNs)
    if (this.#number !== 0 && state !== this.#state) this.#changed(state, nowNs)
    this.#isForgotten = false
    if (this.#number !== 0) this.#judgeSlots(nowNs)
  }

  /** Sectors of the snapshot: read, or left in an image because they had not changed. */
  judge(lba: number, sectors: number, data: SectorBytes, byteOffset: number, nowNs: number, what: string): void {
    if (this.#number === 0) return
    this.lawsJudged |= lawBit('PIT')
    const { sectorBytes } = this.#case.contents
    for (let i = 0; i < sectors; i++) this.#judgeSector(lba + i, data, byteOffset + i * sectorBytes, nowNs, what)
  }

  /** A run counts as changed since the last image, or since the base; that is told in regions of so many sectors. */
  changed(lba: number, sectors: number, regionSectors: number, sinceBase: boolean, nowNs: number): void {
    this.look(nowNs)
    if (this.#number === 0) return
    this.lawsJudged |= lawBit('PIT')
    const fault = this.#changes.judge(lba, sectors, regionSectors, sinceBase)
    if (fault === null) return
    this.#chargeChanges(fault, 'what hosts wrote to, in regions of some size', nowNs)
  }

  /** READ CHANGES from the first sector of `asked` to its last one was answered with `run`. */
  misanswered(asked: readonly [number, number], run: readonly [number, number], nowNs: number): void {
    const found = `LBA ${asked[0]} and ${asked[1] - 1} more were asked for, and ${run[1]} sectors from LBA ${run[0]} were named`
    this.#chargeChanges(found, 'runs that lie behind each other, of those that were asked for', nowNs)
  }

  #chargeChanges(fault: string, expected: string, nowNs: number): void {
    const found = `READ CHANGES of snapshot ${this.#number}: ${fault}`
    this.#case.charge({ law: 'PIT', lba: null, found, expected, versions: [] }, nowNs)
  }

  /** A good answer to a read of the snapshot brought so many bytes, and not `expected`. */
  mistransferred(lba: number, bytes: number, expected: number, nowNs: number): void {
    const found = `a good answer at LBA ${lba} of the snapshot transfers ${bytes} bytes`
    this.#case.charge({ law: 'ERR', lba: null, found, expected: `${expected} bytes`, versions: [] }, nowNs)
  }

  /** The sense data of a read of the snapshot name a sector; -1: none. */
  readNames([lba, sectors]: readonly [number, number], sense: number, information: number, nowNs: number): void {
    if (information < 0 || (information >= lba && information < lba + sectors)) return
    const found = `a read of the snapshot at LBA ${lba} failed (${senseText(sense)}), and names LBA ${information}`
    const expected = `a sector of LBA ${lba} and ${sectors - 1} more in the INFORMATION field, or none`
    this.#case.charge({ law: 'ERR', lba: null, found, expected, versions: [] }, nowNs)
  }

  /** A read of the snapshot ended in an error. */
  readFailed(lba: number, sense: number, submitNs: number, nowNs: number): void {
    if (this.#mayAnswer(sense, submitNs, nowNs)) return
    const found = `the snapshot's sector ${lba} was answered with ${senseText(sense)}`
    this.#case.charge({ law: 'AVAIL', lba: null, found, expected: this.#stateText, versions: [] }, nowNs)
  }

  /** Only the NVRAM knew where its regions are kept. What was put back may be what was there: then it is what it was. */
  #mayBeForgotten(nvramLosses: number): void {
    this.#nvramLosses = nvramLosses
    this.#isForgotten = true
    this.#changes.forgotten()
  }

  #take(number: number, nowNs: number): void {
    if (this.#number !== 0) {
      if (!this.#isReleased && !this.#isForgotten) this.#lost('another one is in its place', nowNs)
      this.#changes.gone()
    }
    this.#number = number
    this.#takenNs = nowNs
    this.#state = SNAPSHOT_THERE
    this.#isReleased = false
    this.#least = this.#leastSectors((bay) => isClaimedInSync(this.#view, bay))
    this.#shortest = this.#leastSectors(() => true)
    this.#seen.clear()
    this.#frozen.copyFrom(this.#case.sectors)
    const { writes } = this.#case
    this.#firstWrite = 1
    while (this.#firstWrite < writes.next && writes.stateOf(this.#firstWrite) !== WRITE_IN_FLIGHT) this.#firstWrite++
    this.#changes.taken(this.#firstWrite)
    // One that an old NVRAM brought back has slots already.
    this.#neededSlots = this.#isForgotten ? Number.POSITIVE_INFINITY : 0
    if (!this.#isForgotten) this.#judgeRoom(nowNs)
  }

  /** What is free behind the LUNs on every drive is room for regions, but for a table of them. Of what is larger, regions are, too. */
  #judgeRoom(nowNs: number): void {
    if (this.#lunSectors > SMALL_REGIONS_SECTORS) return
    const free = this.#shortest - dataOffsetOf(this.#view) - this.#lunSectors
    const regions = Math.ceil(this.#lunSectors / REGION_SECTORS_MIN)
    const least = Math.min(regions, Math.floor(free / REGION_SECTORS_MIN) - TABLE_REGIONS)
    const slots = this.#view.status[STATUS_SNAPSHOT_SLOTS]!
    if (slots < least)
      this.#lost(`it has ${slots} slots, where every drive has room for ${least} and their table`, nowNs)
  }

  /** It keeps what hosts write to, and each region once. */
  #judgeSlots(nowNs: number): void {
    const used = this.#view.status[STATUS_SNAPSHOT_SLOTS_USED]!
    if (used <= this.#neededSlots) return
    const regions = new WrittenRegions(this.#firstWrite, REGION_SECTORS_MIN).in(this.#case.writes)
    this.#neededSlots = Math.max(used, regions.size)
    if (used > regions.size)
      this.#lost(`it has ${used} slots in use, and hosts wrote to ${regions.size} regions since`, nowNs)
  }

  #changed(state: number, nowNs: number): void {
    const { status } = this.#view
    const [used, slots] = [status[STATUS_SNAPSHOT_SLOTS_USED]!, status[STATUS_SNAPSHOT_SLOTS]!]
    this.#state = state
    if (state === SNAPSHOT_NONE) {
      if (!this.#isReleased && !this.#isForgotten) this.#lost('it is gone, and nobody has given it up', nowNs)
      this.#number = 0
      this.#changes.gone()
    } else if (state === SNAPSHOT_OVERFLOWED && used < slots) {
      this.#lost(`its area is said to be full, with ${used} of ${slots} slots in use`, nowNs)
    } else if (state === SNAPSHOT_BROKEN && this.#view.filters.length === 0 && this.#shortest >= this.#least) {
      this.#lost('it is broken, and no drive has had a fault, or is smaller than those that it was taken on', nowNs)
    }
  }

  /** Of the drives that are there, in some bays. */
  #leastSectors(counts: (bay: number) => boolean): number {
    let least = Number.POSITIVE_INFINITY
    for (let bay = 0; bay < this.#view.bayCount; bay++) {
      const drive = counts(bay) ? this.#view.driveIn(bay) : null
      if (drive) least = Math.min(least, drive.medium.sectorCount)
    }
    return least
  }

  #lost(why: string, nowNs: number): void {
    const found = `snapshot ${this.#number}, taken at ${formatDurationNs(this.#takenNs)}: ${why}`
    this.#case.charge(
      { law: 'PIT', lba: null, found, expected: 'it is there until it is given up', versions: [] },
      nowNs,
    )
  }

  #mayAnswer(sense: number, submitNs: number, nowNs: number): boolean {
    this.look(nowNs)
    const [key, code] = [sense >>> 16, sense & 0xffff]
    // The snapshot that was asked may be gone, and another one in its place.
    const isGone = this.#number === 0 || this.#isReleased || this.#isForgotten || submitNs <= this.#takenNs
    if (key === SENSE_NOT_READY && code === ASC_MEDIUM_NOT_PRESENT) return isGone
    if (key === SENSE_HARDWARE_ERROR && code === ASC_INSUFFICIENT_RESOURCES) return this.#state === SNAPSHOT_OVERFLOWED
    const isUnread = key === SENSE_MEDIUM_ERROR && code === ASC_UNRECOVERED_READ_ERROR
    return (isUnread && this.#state === SNAPSHOT_BROKEN) || this.#errors.wholeMember(submitNs) < 0
  }

  get #stateText(): string {
    return this.#state === SNAPSHOT_THERE ? 'what the LUN held when the snapshot was taken' : 'the sense of its state'
  }

  #judgeSector(lba: number, data: SectorBytes, offset: number, nowNs: number, what: string): void {
    const { contents, ledger, writes } = this.#case
    const possible = this.#frozen.possible(lba)
    const allowed = this.#decided(lba, this.#seen.get(lba) ?? possible)
    const matching = allowed.filter((id) => contents.matches(id, lba, data, offset))
    if (matching.length > 0) {
      // A failed write may surface late, as it may where it was written to.
      const kept = allowed.filter((id) => matching.includes(id) || (id > 0 && writes.stateOf(id) === WRITE_FAILED))
      if (possible.length > 1) this.#seen.set(lba, kept)
      return
    }
    const seen = contents.versionOf(lba, data, offset) >= 0 ? SEEN_OLDER : SEEN_FOREIGN
    const holds = contents.describe(lba, data, offset)
    const expected = `what it was at ${formatDurationNs(this.#takenNs)}: version ${allowed.join(' or ')}`
    const excuse = this.#excuse(lba, possible, seen, data, offset)
    if (excuse !== null) {
      ledger.find(
        `snapshot:${lba}:${holds}`,
        nowNs,
        `LBA ${lba} of the snapshot is ${holds}, not ${expected}: ${excuse}`,
      )
      return
    }
    const found = `LBA ${lba} of snapshot ${this.#number} ${what}: ${holds}`
    this.#case.charge(
      { law: 'PIT', lba, found, expected, versions: [contents.versionOf(lba, data, offset), ...allowed] },
      nowNs,
    )
  }

  /** Of what it may have been: what the LUN has shown that it was, if no host has written there since. */
  #decided(lba: number, allowed: readonly number[]): readonly number[] {
    if (allowed.length === 1 || this.#isWritten(lba)) return allowed
    const now = this.#case.sectors.possible(lba)
    const both = allowed.filter((id) => now.includes(id))
    // What was not flushed may be lost to the LUN meanwhile.
    return both.length > 0 ? both : allowed
  }

  /** By a write that may have come after the snapshot. */
  #isWritten(lba: number): boolean {
    const { writes } = this.#case
    for (let id = this.#firstWrite; id < writes.next; id++) if (writes.covers(id, lba)) return true
    return false
  }

  #excuse(lba: number, possible: readonly number[], seen: number, data: SectorBytes, offset: number): string | null {
    const { writes } = this.#case
    const acknowledged = possible.filter((id) => id > 0 && writes.isAcknowledged(id)).map((id) => writes.submitNs[id]!)
    const sinceNs = acknowledged.length < possible.length ? 0 : Math.min(...acknowledged)
    const own = excuseOf(this.#case, lba, sinceNs, seen)
    if (own !== null) return own
    const areaLba = dataOffsetOf(this.#view) + this.#lunSectors
    const liar = this.#view.filters.find(({ lies }) => lies.anyFrom(areaLba, this.#takenNs))
    if (liar) return `drive ${liar.driveId} lied about the area of the snapshot`
    const isTorn = isTornByPowerCut(this.#case, lba, data, offset, this.#frozen)
    return isTorn ? 'a power cut tore it' : null
  }
}
