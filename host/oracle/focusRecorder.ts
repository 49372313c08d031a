// The whole story of one sector: every host and drive command that touched it, with the version that was there afterwards.
//
// Used in a second run of the same scenario and seed, after a violation: the first run is too fast to keep all this. While it records it also
// judges law DIR, which only the order of drive writes can show: no drive write may put a version that is ruled out over one that is
// possible. That is so whether a resync, a repair or a late host write did it.

import { DRIVE_OK, DRIVE_READ, DRIVE_TRIM, DRIVE_WRITE, DRIVE_WRITE_UNCORRECTABLE } from '../../assembly/abi/driveSlots'
import type { Drive } from '../hardware/drive'
import type { CaseFile } from './caseFile'
import { type SectorBytes, versionName } from './content'
import { excuseOf, SEEN_FOREIGN, SEEN_OLDER } from './excuse'
import type { ReadRecord } from './readRecord'
import { dataOffsetOf, inSyncDrive } from './rigView'
import { isTornByPowerCut } from './torn'
import type { HistoryStep } from './verdict'

const STEPS_MAX = 2000

const STORES: Readonly<Record<number, string>> = {
  [DRIVE_WRITE]: 'write',
  [DRIVE_TRIM]: 'trim',
  [DRIVE_WRITE_UNCORRECTABLE]: 'write uncorrectable',
}

/** What a drive held at the sector when it was looked at last. */
interface Held {
  readonly version: number
  readonly text: string
  /** Half written at a power cut that tears: as good as a version. */
  readonly isTorn: boolean
  readonly isUnreadable: boolean
}

export class FocusRecorder {
  readonly lba: number
  readonly steps: HistoryStep[] = []
  readonly #case: CaseFile
  readonly #held = new Map<number, Held>()
  readonly #bytes: Uint8Array
  readonly #words: Uint32Array

  constructor(caseFile: CaseFile, lba: number) {
    this.#case = caseFile
    this.lba = lba
    const buffer = new ArrayBuffer(caseFile.contents.sectorBytes)
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
  }

  touches(lba: number, sectors: number): boolean {
    return lba <= this.lba && this.lba < lba + sectors
  }

  add(timeNs: number, text: string): void {
    if (this.steps.length < STEPS_MAX) this.steps.push({ timeNs, text })
  }

  /** A read has returned data, which begin at `byteOffset`. */
  readReturned(read: ReadRecord, data: SectorBytes, byteOffset: number, nowNs: number): void {
    if (!this.touches(read.lba, read.sectors)) return
    const { contents } = this.#case
    const what = contents.describe(this.lba, data, byteOffset + (this.lba - read.lba) * contents.sectorBytes)
    this.add(nowNs, `read returned ${what}`)
  }

  /** A drive command has ended, and its effect has taken place; `lba` counts the drive's sectors. */
  driveDone(bay: number, drive: Drive, op: number, lba: number, sectors: number, status: number, nowNs: number): void {
    const view = this.#case.view
    if (view === null) return
    const place = dataOffsetOf(view) + this.lba
    if (op === DRIVE_READ && lba <= place && place < lba + sectors) {
      this.add(
        nowNs,
        `the drive in bay ${bay} was read: ${status === DRIVE_OK ? this.#look(drive).text : this.#error(status)}`,
      )
      return
    }
    const store = STORES[op]
    if (store === undefined) return
    const touched = lba <= place && place < lba + sectors
    // A misdirected write changes the sector without naming it, and a latent error may have come: look at every write, tell only of changes.
    const before = this.#held.get(drive.id)
    const now = this.#look(drive)
    this.#held.set(drive.id, now)
    if (touched) {
      const end = status === DRIVE_OK ? `now holds ${now.text}` : `${this.#error(status)}, still holds ${now.text}`
      this.add(nowNs, `${store} to the drive in bay ${bay}: ${end}`)
    } else if (before !== undefined && before.text !== now.text) {
      this.add(nowNs, `${store} to another place of the drive in bay ${bay}: the sector now holds ${now.text}`)
    }
    if (before && touched && !(now.isUnreadable && this.#isLost(place))) this.#judgeDirection(bay, before, now, nowNs)
  }

  /** All power was lost: what the drives hold may have changed by itself. */
  interrupted(timeNs: number, text: string): void {
    this.add(timeNs, text)
    this.#held.clear()
  }

  /** No member in sync can read the sector: then the others may be made to say so, too. */
  #isLost(place: number): boolean {
    const view = this.#case.view!
    for (let bay = 0; bay < view.bayCount; bay++) {
      const drive = inSyncDrive(view, bay)
      if (drive && drive.firstUnreadable(place, 1) < 0) return false
    }
    return true
  }

  #judgeDirection(bay: number, before: Held, now: Held, nowNs: number): void {
    const { sectors, writes } = this.#case
    const possible = sectors.possible(this.lba)
    const wasGood = before.version >= 0 && possible.includes(before.version)
    if (!wasGood || now.isTorn || (now.version >= 0 && possible.includes(now.version))) return
    const acknowledged = possible.filter((id) => writes.isAcknowledged(id))
    if (acknowledged.length === 0) return
    const seen = now.version >= 0 ? SEEN_OLDER : SEEN_FOREIGN
    if (excuseOf(this.#case, this.lba, this.#case.acknowledgedSinceNs(this.lba), seen) !== null) return
    const found = `in bay ${bay} ${before.text} was overwritten by ${now.text}`
    const expected = `nothing but ${possible.map(versionName).join(' or ')} over a good version`
    const versions = [before.version, now.version, ...possible]
    this.#case.charge({ law: 'DIR', lba: this.lba, found, expected, versions }, nowNs)
  }

  #look(drive: Drive): Held {
    const place = dataOffsetOf(this.#case.view!) + this.lba
    const nothing = { version: -1, isTorn: false, isUnreadable: false }
    if (place >= drive.sectorCount) return { ...nothing, text: 'nothing: the drive is too small' }
    if (drive.firstUnreadable(place, 1) >= 0) return { ...nothing, text: 'an unreadable sector', isUnreadable: true }
    drive.peek(place, 1, this.#bytes, 0)
    const sector = { bytes: this.#bytes, words: this.#words }
    const { contents } = this.#case
    const version = contents.versionOf(this.lba, sector, 0)
    const isTorn = version < 0 && isTornByPowerCut(this.#case, this.lba, sector, 0)
    return { version, text: contents.describe(this.lba, sector, 0), isTorn, isUnreadable: false }
  }

  #error(status: number): string {
    return `failed with drive status ${status}`
  }
}
