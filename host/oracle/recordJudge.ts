// At the end, when all is quiet: do the members say of themselves what the array says of them (law TRUTH)?
//
// What a member says is what the next boot goes by, and it may be all that is left then. Looked at are superblocks and bitmaps of Linux md,
// version 1.2 (include/uapi/linux/raid/md_p.h, drivers/md/md-bitmap.h), of drives that never had a fault. A drive without one says nothing.

import {
  BAY_STATE_IN_SYNC,
  BAY_STATE_SPARE,
  STATUS_BAY_SLOT,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
  STATUS_BITMAP_CHUNK_SECTORS,
  STATUS_BUSY,
  STATUS_DATA_OFFSET_SECTORS,
  STATUS_EVENTS_HIGH,
  STATUS_EVENTS_LOW,
  STATUS_LUN_SECTORS_HIGH,
  STATUS_LUN_SECTORS_LOW,
} from '../../assembly/abi/status'
import { faultFilterOf } from '../faults/faultFilter'
import type { Drive } from '../hardware/drive'
import type { CaseFile } from './caseFile'
import { bayStateOf, isAssembled, type RigView } from './rigView'

const SECTOR_BYTES = 512
const SUPERBLOCK_SECTOR = 8
const SUPERBLOCK_SECTORS = 8
const MD_MAGIC = 0xa92b4efc
const FEATURE_BITMAP_OFFSET = 1
const FEATURE_RECOVERY_OFFSET = 2
const DEVICES_MAX = 1920
const ROLE_SPARE = 0xffff
const BITMAP_MAGIC = 0x6d746962

export class RecordJudge {
  readonly #case: CaseFile
  readonly #view: RigView

  constructor(caseFile: CaseFile, view: RigView) {
    this.#case = caseFile
    this.#view = view
  }

  judge(nowNs: number): void {
    if (!isAssembled(this.#view) || this.#view.status[STATUS_BUSY] !== 0 || !this.#mayRecord()) return
    for (let bay = 0; bay < this.#view.bayCount; bay++) {
      const state = bayStateOf(this.#view, bay)
      if (state !== BAY_STATE_IN_SYNC && state !== BAY_STATE_SPARE) continue
      const superblock = this.#read(bay, SUPERBLOCK_SECTOR, SUPERBLOCK_SECTORS)
      if (superblock?.getUint32(0, true) !== MD_MAGIC) continue
      this.#judgeRole(bay, state, superblock, nowNs)
      this.#judgeNumbers(bay, superblock, nowNs)
      if (state === BAY_STATE_IN_SYNC) this.#judgeBitmap(bay, superblock, nowNs)
    }
  }

  /** A member in sync never had a fault. What all of them refuse is recorded nowhere, and the array counts its attempts. */
  #mayRecord(): boolean {
    for (let bay = 0; bay < this.#view.bayCount; bay++) {
      if (bayStateOf(this.#view, bay) === BAY_STATE_IN_SYNC && this.#soundDrive(bay) !== null) return true
    }
    return false
  }

  /** A drive that never had a fault, or null. */
  #soundDrive(bay: number): Drive | null {
    const drive = this.#view.driveIn(bay)
    return drive === null || faultFilterOf(drive) !== null || drive.medium.unreadableSectors.size > 0 ? null : drive
  }

  /** Of a drive that never had a fault: what it holds; else null. */
  #read(bay: number, lba: number, sectors: number): DataView | null {
    const drive = this.#soundDrive(bay)
    if (drive === null) return null
    if (this.#case.contents.sectorBytes !== SECTOR_BYTES || lba + sectors > drive.sectorCount) return null
    const bytes = new Uint8Array(sectors * SECTOR_BYTES)
    drive.peek(lba, sectors, bytes, 0)
    return new DataView(bytes.buffer)
  }

  /** dev_number, max_dev, dev_roles and feature_map. */
  #judgeRole(bay: number, state: number, superblock: DataView, nowNs: number): void {
    const device = superblock.getUint32(160, true)
    const isListed = device < Math.min(superblock.getUint32(220, true), DEVICES_MAX)
    const role = isListed ? superblock.getUint16(256 + 2 * device, true) : -1
    const slot = this.#view.status[STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_SLOT]!
    const expected = state === BAY_STATE_SPARE ? ROLE_SPARE : slot
    if (role !== expected) this.#charge(bay, 'role', role, expected, nowNs)
    const isPartial = (superblock.getUint32(8, true) & FEATURE_RECOVERY_OFFSET) !== 0
    if (isPartial && state === BAY_STATE_IN_SYNC) this.#charge(bay, 'recovery_offset', 'valid', 'not valid', nowNs)
  }

  /** events, size and data_offset. */
  #judgeNumbers(bay: number, superblock: DataView, nowNs: number): void {
    const { status } = this.#view
    const word = (index: number): bigint => BigInt(status[index]!)
    for (const [what, at, expected] of [
      ['events', 200, word(STATUS_EVENTS_LOW) | (word(STATUS_EVENTS_HIGH) << 32n)],
      ['size', 80, word(STATUS_LUN_SECTORS_LOW) | (word(STATUS_LUN_SECTORS_HIGH) << 32n)],
      ['data_offset', 128, word(STATUS_DATA_OFFSET_SECTORS)],
    ] as const) {
      const found = superblock.getBigUint64(at, true)
      if (found !== expected) this.#charge(bay, what, found, expected, nowNs)
    }
  }

  /** chunksize, in bytes. */
  #judgeBitmap(bay: number, superblock: DataView, nowNs: number): void {
    if ((superblock.getUint32(8, true) & FEATURE_BITMAP_OFFSET) === 0) return
    const bitmap = this.#read(bay, SUPERBLOCK_SECTOR + superblock.getInt32(96, true), 1)
    if (bitmap?.getUint32(0, true) !== BITMAP_MAGIC) return
    const found = bitmap.getUint32(52, true)
    const expected = this.#view.status[STATUS_BITMAP_CHUNK_SECTORS]! * SECTOR_BYTES
    if (found !== expected) this.#charge(bay, 'chunksize of the bitmap', found, expected, nowNs)
  }

  #charge(bay: number, what: string, value: unknown, expected: unknown, nowNs: number): void {
    const found = `the drive in bay ${bay} says of itself: ${what} ${value}`
    this.#case.charge(
      { law: 'TRUTH', lba: null, found, expected: `${expected}, as the array says`, versions: [] },
      nowNs,
    )
  }
}
