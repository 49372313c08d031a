// Two drives, the claims of an array over them, and an oracle that looks at both. The test plays the microcode.

import {
  ARRAY_OPTIMAL,
  BAY_STATE_FAULTY,
  BAY_STATE_FOREIGN,
  BAY_STATE_IN_SYNC,
  BAY_STATE_SPARE,
  STATUS_ARRAY_STATE,
  STATUS_BAY_SLOT,
  STATUS_BAY_STATE,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
  STATUS_DATA_OFFSET_SECTORS,
  STATUS_WORDS,
} from '../../assembly/abi/status'
import { FaultFilter } from '../../host/faults/faultFilter'
import { Drive } from '../../host/hardware/drive'
import { DriveCommand } from '../../host/hardware/driveCommand'
import { Medium, sectorsPerPage } from '../../host/hardware/medium'
import { PageArena } from '../../host/hardware/pageArena'
import { IDEAL_DEFAULTS, IdealModel } from '../../host/hardware/timing/idealModel'
import type { RestState } from '../../host/oracle/finalJudge'
import { Oracle } from '../../host/oracle/oracle'
import type { OracleOptions } from '../../host/oracle/oracleOptions'
import type { RigView } from '../../host/oracle/rigView'
import { fillStamp } from '../../host/workload/stamp'

export const DATA_OFFSET = 24
export const LUN_SECTORS = 4096
export const SECTOR_BYTES = 512
const SECTOR_COUNT = DATA_OFFSET + LUN_SECTORS

const NO_SLOT = 0xffff_ffff
const OUTSIDE: ReadonlySet<number> = new Set([BAY_STATE_SPARE, BAY_STATE_FAULTY, BAY_STATE_FOREIGN])

export class FakeRig implements RigView {
  readonly bayCount = 3
  readonly status = new Uint32Array(STATUS_WORDS)
  readonly drives: (Drive | null)[]
  readonly filters: FaultFilter[] = []
  nvramLosses = 0
  isNvramOld = false
  readonly oracle: Oracle
  nowNs = 0
  #tag = 0

  constructor(options: Partial<OracleOptions> = {}) {
    const arena = new PageArena(sectorsPerPage(SECTOR_BYTES) * SECTOR_BYTES)
    const drive = (id: number) => {
      const medium = Medium.blank(arena, SECTOR_BYTES, SECTOR_COUNT)
      return new Drive(id, 'fake', medium, new IdealModel(IDEAL_DEFAULTS), false)
    }
    this.drives = [drive(0), drive(1), null]
    this.status[STATUS_ARRAY_STATE] = ARRAY_OPTIMAL
    this.status[STATUS_DATA_OFFSET_SECTORS] = DATA_OFFSET
    this.claim(0, BAY_STATE_IN_SYNC, 0)
    this.claim(1, BAY_STATE_IN_SYNC, 1)
    this.claim(2, 0, 0xffff_ffff)
    this.oracle = new Oracle({
      lunSectors: LUN_SECTORS,
      sectorBytes: SECTOR_BYTES,
      writeCacheEnabled: false,
      view: this,
      hangGraceNs: 0,
      ...options,
    })
    this.oracle.claimsChanged(0)
  }

  driveIn(bay: number): Drive | null {
    return this.drives[bay] ?? null
  }

  claim(bay: number, state: number, slot = OUTSIDE.has(state) ? NO_SLOT : bay): void {
    this.status[STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_STATE] = state
    this.status[STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_SLOT] = slot
  }

  /** A drive that has some fault is claimed to be faulty. */
  fail(bay: number): void {
    this.filter(bay)
    this.claim(bay, BAY_STATE_FAULTY)
  }

  /** The filter of a drive, attached if need be. */
  filter(bay: number): FaultFilter {
    const drive = this.drives[bay]!
    const found = drive.filters[0] as FaultFilter | undefined
    if (found) return found
    const options = { seed: 1, driveId: drive.id, sectorBytes: SECTOR_BYTES, sectorCount: SECTOR_COUNT }
    const filter = new FaultFilter(options)
    drive.filters.push(filter)
    this.filters.push(filter)
    return filter
  }

  /** Puts a version onto a drive's medium. */
  store(bay: number, lba: number, sectors: number, version: number): void {
    const words = new Uint32Array((sectors * SECTOR_BYTES) / 4)
    if (version > 0) fillStamp(words, 0, lba, sectors, SECTOR_BYTES, version)
    this.drives[bay]!.medium.write(DATA_OFFSET + lba, new Uint8Array(words.buffer))
  }

  submitWrite(lba: number, sectors: number, fua = false): number {
    this.nowNs += 1000
    return this.oracle.submitWrite(lba, sectors, fua, null, this.nowNs)
  }

  /** A write that goes to these bays, and is acknowledged. */
  write(lba: number, sectors: number, bays: readonly number[] = [0, 1], fua = false): number {
    const id = this.submitWrite(lba, sectors, fua)
    for (const bay of bays) this.store(bay, lba, sectors, id)
    this.acknowledge(id)
    return id
  }

  acknowledge(id: number): void {
    this.nowNs += 1000
    this.oracle.writeDone(id, true, 0, this.nowNs)
  }

  failWrite(id: number, sense: number, information = -1): void {
    this.nowNs += 1000
    this.oracle.writeDone(id, false, sense, this.nowNs, information)
  }

  /** A read that returns these words with status GOOD. */
  readWords(lba: number, sectors: number, words: Uint32Array): void {
    this.nowNs += 1000
    this.oracle.submitRead(++this.#tag, lba, sectors, this.nowNs)
    this.nowNs += 1000
    this.oracle.readDone(this.#tag, true, 0, new Uint8Array(words.buffer), words, 0, this.nowNs)
  }

  /** A read of one sector that returns a version. */
  readVersion(lba: number, version: number): void {
    const words = new Uint32Array(SECTOR_BYTES / 4)
    if (version > 0) fillStamp(words, 0, lba, 1, SECTOR_BYTES, version)
    this.readWords(lba, 1, words)
  }

  failRead(lba: number, sectors: number, sense: number, information = -1): void {
    this.nowNs += 1000
    this.oracle.submitRead(++this.#tag, lba, sectors, this.nowNs)
    this.nowNs += 1000
    const none = new Uint8Array(0)
    this.oracle.readDone(this.#tag, false, sense, none, new Uint32Array(0), 0, this.nowNs, information)
  }

  flush(good = true, sense = 0, information = -1): void {
    this.nowNs += 1000
    this.oracle.submitFlush(++this.#tag, this.nowNs)
    this.nowNs += 1000
    this.oracle.flushDone(this.#tag, good, sense, this.nowNs, information)
  }

  powerCut(): void {
    this.nowNs += 1000
    this.oracle.powerCut(this.nowNs)
  }

  finish(rest: Partial<RestState> = {}): void {
    this.nowNs += 1000
    this.oracle.finalJudgement({ members: 2, atRest: true, scrubbed: false, ...rest }, this.nowNs)
  }

  /** The laws that were broken, in order. */
  get laws(): string[] {
    return this.oracle.violations.map(({ law }) => law)
  }
}

/** A drive meets a command, as far as its faults are concerned. */
export function meet(rig: FakeRig, bay: number, op: number, lba = 8, sectors = 8): DriveCommand {
  const command = new DriveCommand(0)
  command.op = op
  command.lba = DATA_OFFSET + lba
  command.sectors = sectors
  rig.filter(bay).begin(command, rig.nowNs)
  return command
}
