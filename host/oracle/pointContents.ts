// Mode scheduled: what the members of the copy hold when the primary has just been told that a point in time is there. Nothing changes it then:
// the next point comes later. So it can be held against the point at once, failover or not (law PIT).
//
//   a write that was submitted after the point was taken is not in it
//   a write that was acknowledged before that is, or one that took its place
//
// The second only of writes since initiators lost an answer last, or the last members went with what was in their caches: an array may have
// lost what was not secured then. A sector is wrong when no member in sync has it right: which of them a copy would read where it has not
// made them equal yet is its own business.

import { formatDurationNs } from '../sim/units'
import type { CaseFile } from './caseFile'
import type { SectorBytes } from './content'
import { excuseOf, SEEN_OLDER } from './excuse'
import { dataOffsetOf, inSyncDrive, isAssembled, type RigView } from './rigView'
import { LEAF_SECTORS } from './sectorPages'
import { WRITE_PAYLOAD, WRITE_ZEROS } from './writeTable'

export class PointContents {
  readonly #case: CaseFile
  readonly #copy: RigView
  readonly #data: SectorBytes

  constructor(caseFile: CaseFile, copy: RigView) {
    this.#case = caseFile
    this.#copy = copy
    const words = new Uint32Array((LEAF_SECTORS * caseFile.contents.sectorBytes) >>> 2)
    this.#data = { words, bytes: new Uint8Array(words.buffer) }
  }

  judge(takenNs: number, nowNs: number): void {
    if (!isAssembled(this.#copy)) return
    const { pages } = this.#case.sectors
    const acknowledged = this.#acknowledgedBefore(takenNs)
    for (const leaf of pages.used()) {
      const words = pages.look(leaf)!
      const wrong = new Map<number, string>()
      let isFirst = true
      for (let bay = 0; bay < this.#copy.bayCount; bay++) {
        if (!this.#read(bay, leaf)) continue
        for (let i = 0; i < LEAF_SECTORS; i++) {
          const lba = leaf * LEAF_SECTORS + i
          const isWritten = words[i * 2] !== 0 || words[i * 2 + 1] !== 0
          if (!isWritten || (!isFirst && !wrong.has(lba))) continue
          const found = this.#isUnreadable(bay, lba) ? null : this.#faultAt(lba, i, takenNs, acknowledged)
          if (found === null) wrong.delete(lba)
          else wrong.set(lba, found)
        }
        isFirst = false
      }
      for (const [lba, found] of wrong) this.#charge(lba, found, takenNs, nowNs)
    }
  }

  /** By sector: the newest write that the point must have, or one that took its place. */
  #acknowledgedBefore(takenNs: number): ReadonlyMap<number, number> {
    const { writes, interruptions, cachesLostNs } = this.#case
    const sinceNs = Math.max(cachesLostNs, interruptions.at(-1)?.timeNs ?? -1)
    const newest = new Map<number, number>()
    for (let id = 1; id < writes.next; id++) {
      const doneNs = writes.doneNs[id]!
      if (!writes.isAcknowledged(id) || doneNs >= takenNs || writes.submitNs[id]! <= sinceNs) continue
      const first = writes.lba[id]!
      for (let lba = first; lba < first + writes.sectors[id]!; lba++) {
        const other = newest.get(lba)
        if (other === undefined || writes.isSuperseded(other, id)) newest.set(lba, id)
      }
    }
    return newest
  }

  /** What a member in sync has of a leaf; false: it is none, or is not there. */
  #read(bay: number, leaf: number): boolean {
    const drive = inSyncDrive(this.#copy, bay)
    const from = dataOffsetOf(this.#copy) + leaf * LEAF_SECTORS
    if (drive === null || from >= drive.sectorCount) return false
    drive.peek(from, Math.min(LEAF_SECTORS, drive.sectorCount - from), this.#data.bytes, 0)
    return true
  }

  #isUnreadable(bay: number, lba: number): boolean {
    return inSyncDrive(this.#copy, bay)!.firstUnreadable(dataOffsetOf(this.#copy) + lba, 1) >= 0
  }

  #faultAt(lba: number, index: number, takenNs: number, acknowledged: ReadonlyMap<number, number>): string | null {
    const { contents, writes } = this.#case
    const id = contents.versionOf(lba, this.#data, index * contents.sectorBytes)
    // Of contents that several writes may have given nobody can tell which it is.
    if (id < 0 || writes.flags[id]! & (WRITE_PAYLOAD | WRITE_ZEROS)) return null
    if (writes.submitNs[id]! > takenNs)
      return `holds write ${id}, submitted at ${formatDurationNs(writes.submitNs[id]!)}`
    const needed = acknowledged.get(lba)
    if (needed === undefined || needed === id || !writes.isSuperseded(id, needed)) return null
    return `lacks write ${needed}, acknowledged at ${formatDurationNs(writes.doneNs[needed]!)}`
  }

  #charge(lba: number, found: string, takenNs: number, nowNs: number): void {
    const excuse = excuseOf(this.#case, lba, 0, SEEN_OLDER)
    const text = `the copy says that it holds a point in time, and LBA ${lba} there ${found}`
    if (excuse !== null) {
      this.#case.ledger.find(`point:${lba}`, nowNs, `${text}: ${excuse}`)
      return
    }
    const expected = `the LUN as it was at ${formatDurationNs(takenNs)}`
    this.#case.charge({ law: 'PIT', lba, found: text, expected, versions: this.#case.sectors.possible(lba) }, nowNs)
  }
}
