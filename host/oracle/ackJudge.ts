// At the moment of an acknowledgement that promises durability: is the write really on the medium of every member claimed in sync?
//
// Finds early acknowledgements without waiting for a power cut at the right instant. To be cheap it looks at the first and the last sector
// only, and at a stamp's header only; a torn or mixed sector is found by the reads. A later version there is as good, and one that overlapped
// this write; a drive that lied about the sector is not the array's fault.

import { BAY_STATE_IN_SYNC, STATUS_DATA_OFFSET_SECTORS } from '../../assembly/abi/status'
import { faultFilterOf } from '../faults/faultFilter'
import type { Drive } from '../hardware/drive'
import type { Medium } from '../hardware/medium'
import type { CaseFile } from './caseFile'
import { type Contents, versionName } from './content'
import { excuseOf, SEEN_FOREIGN, SEEN_OLDER } from './excuse'
import { bayStateIn, bayStateOf, dataOffsetOf, type RigView } from './rigView'
import type { Law } from './verdict'
import { WRITE_PAYLOAD, WRITE_ZEROS, type WriteTable } from './writeTable'

export interface AckFault {
  readonly law: Law
  readonly lba: number
  readonly found: string
  readonly expected: string
  /** The version found instead, or -1. */
  readonly version: number
}

/** Words 1 (LBA, low) and 2 (write id) of a stamp: see workload/stamp.ts. */
const LBA_BYTE = 4
const ID_BYTE = 8

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

export class AckJudge {
  readonly #case: CaseFile
  readonly #view: RigView
  readonly #writes: WriteTable
  readonly #contents: Contents
  readonly #bytes: Uint8Array
  readonly #words: Uint32Array

  constructor(caseFile: CaseFile, view: RigView) {
    const { writes, contents } = caseFile
    this.#case = caseFile
    this.#view = view
    this.#writes = writes
    this.#contents = contents
    const buffer = new ArrayBuffer(contents.sectorBytes)
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
  }

  /** What is wrong with acknowledging write `id` as durable now, or null. */
  judge(id: number): AckFault | null {
    const view = this.#view
    const first = this.#writes.lba[id]!
    const last = first + this.#writes.sectors[id]! - 1
    // Once: the rig may have to make this view of the module's memory anew.
    const { status, bayCount } = view
    const offset = status[STATUS_DATA_OFFSET_SECTORS]!
    for (let bay = 0; bay < bayCount; bay++) {
      if (bayStateIn(status, bay) !== BAY_STATE_IN_SYNC) continue
      const drive = view.driveIn(bay)
      if (drive === null || this.#flushedNothing(drive, id)) continue
      if (!this.#holds(drive.medium, offset + first, first, id)) return this.#fault(id, first)
      if (last !== first && !this.#holds(drive.medium, offset + last, last, id)) return this.#fault(id, last)
    }
    return null
  }

  /** The drive said that it had made the write durable, and had not. */
  #flushedNothing(drive: Drive, id: number): boolean {
    if (drive.filters.length === 0) return false
    return faultFilterOf(drive)?.lies.ignoredFlushSince(this.#writes.submitNs[id]!) ?? false
  }

  #holds(medium: Medium, driveLba: number, lba: number, id: number): boolean {
    // Lost since, and made unreadable: whoever reads it is told, and that answer is judged.
    if (medium.firstUnreadable(driveLba, 1) >= 0) return true
    const flags = this.#writes.flags[id]!
    if (!(flags & (WRITE_PAYLOAD | WRITE_ZEROS))) {
      const page = medium.pageOf(driveLba)
      const slab = medium.arena.slabOf(page)
      const at = medium.arena.offsetOf(page) + (driveLba % medium.sectorsPerPage) * medium.sectorBytes
      if (wordAt(slab, at + ID_BYTE) === id && wordAt(slab, at + LBA_BYTE) === lba >>> 0) return true
    }
    const version = this.#versionOn(medium, driveLba, lba, id)
    if (version >= 0 && !this.#writes.isSuperseded(version, id)) return true
    const seen = version >= 0 ? SEEN_OLDER : SEEN_FOREIGN
    return excuseOf(this.#case, lba, this.#writes.submitNs[id]!, seen) !== null
  }

  #versionOn(medium: Medium, driveLba: number, lba: number, id: number): number {
    medium.read(driveLba, 1, this.#bytes, 0)
    const sector = { bytes: this.#bytes, words: this.#words }
    return this.#contents.matches(id, lba, sector, 0) ? id : this.#contents.versionOf(lba, sector, 0)
  }

  /** Looks again at all members, for the sentence. */
  #fault(id: number, lba: number): AckFault {
    const view = this.#view
    const driveLba = dataOffsetOf(view) + lba
    const lacking: { bay: number; drive: Drive }[] = []
    let members = 0
    for (let bay = 0; bay < view.bayCount; bay++) {
      const drive = bayStateOf(view, bay) === BAY_STATE_IN_SYNC ? view.driveIn(bay) : null
      if (drive === null) continue
      members++
      if (!this.#flushedNothing(drive, id) && !this.#holds(drive.medium, driveLba, lba, id))
        lacking.push({ bay, drive })
    }
    const { bay, drive } = lacking[0]!
    drive.medium.read(driveLba, 1, this.#bytes, 0)
    const sector = { bytes: this.#bytes, words: this.#words }
    const refused = lacking.every((leg) => faultFilterOf(leg.drive)?.troubledSince(this.#writes.submitNs[id]!))
    const swallowed = lacking.length === members && refused
    return {
      law: swallowed ? 'ERR' : 'DUR',
      lba,
      found: swallowed
        ? `write ${id} was acknowledged although every member in sync refused it; the medium in bay ${bay} holds ${this.#contents.describe(lba, sector, 0)}`
        : `write ${id} was acknowledged before it was durable in bay ${bay}: the medium there holds ${this.#contents.describe(lba, sector, 0)}`,
      expected: swallowed
        ? 'an error, as no trusted member took the write'
        : `${versionName(id)}, or a later one, on the medium of every member in sync`,
      version: this.#contents.versionOf(lba, sector, 0),
    }
  }
}
