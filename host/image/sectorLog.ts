// Which sectors a copy wrote with data, and which reads failed at first: what a picture of the copy is made of, beside its list.
//
// Ranges are kept as they come, neighbours joined. When there are too many of them, gaps are closed: then some zeros count as data.

import { DRIVE_OK } from '../../assembly/abi/driveSlots'
import type { BayDrive, DriveAnswer, ZeroStretch } from './bayDrive'

export interface SectorRange {
  readonly lba: number
  readonly sectors: number
}

const RANGES_MAX = 200_000

export class SectorLog {
  readonly #written: { lba: number; sectors: number }[] = []
  readonly #failedReads: { lba: number; sectors: number }[] = []

  get written(): readonly SectorRange[] {
    return this.#written
  }

  get failedReads(): readonly SectorRange[] {
    return this.#failedReads
  }

  wrote(lba: number, sectors: number): void {
    add(this.#written, lba, sectors)
  }

  failedToRead(lba: number, sectors: number): void {
    add(this.#failedReads, lba, sectors)
  }
}

function add(ranges: { lba: number; sectors: number }[], lba: number, sectors: number): void {
  const last = ranges.at(-1)
  const touches = last && lba >= last.lba && lba <= last.lba + last.sectors
  if (last && (touches || (ranges.length >= RANGES_MAX && lba > last.lba))) {
    last.sectors = Math.max(last.sectors, lba + sectors - last.lba)
  } else if (ranges.length < RANGES_MAX) {
    ranges.push({ lba, sectors })
  }
}

/** A drive whose commands are noted; everything else is the drive's own. */
export class LoggedDrive implements BayDrive {
  readonly #drive: BayDrive
  readonly #log: SectorLog

  constructor(drive: BayDrive, log: SectorLog) {
    this.#drive = drive
    this.#log = log
  }

  read(lba: number, sectors: number, memory: Uint8Array, address: number): DriveAnswer {
    return whenAnswered(this.#drive.read(lba, sectors, memory, address), (status) => {
      if (status !== DRIVE_OK) this.#log.failedToRead(lba, sectors)
    })
  }

  write(lba: number, sectors: number, memory: Uint8Array, address: number): DriveAnswer {
    return whenAnswered(this.#drive.write(lba, sectors, memory, address), (status) => {
      if (status === DRIVE_OK) this.#log.wrote(lba, sectors)
    })
  }

  trim(lba: number, sectors: number): DriveAnswer {
    return this.#drive.trim(lba, sectors)
  }

  writeUncorrectable(lba: number, sectors: number): DriveAnswer {
    return this.#drive.writeUncorrectable(lba, sectors)
  }

  flush(): DriveAnswer {
    return this.#drive.flush()
  }

  zerosFrom(lba: number): ZeroStretch | null {
    return this.#drive.zerosFrom(lba)
  }

  identify(memory: Uint8Array, address: number): void {
    this.#drive.identify(memory, address)
  }

  get sectorBytes(): number {
    return this.#drive.sectorBytes
  }

  get sectorCount(): number {
    return this.#drive.sectorCount
  }

  get isDurable(): boolean {
    return this.#drive.isDurable
  }

  set isDurable(isDurable: boolean) {
    this.#drive.isDurable = isDurable
  }

  get lastError(): string {
    return this.#drive.lastError
  }

  get badLba(): number {
    return this.#drive.badLba
  }
}

function whenAnswered(answer: DriveAnswer, note: (status: number) => void): DriveAnswer {
  if (typeof answer !== 'number') {
    return answer.then((status) => {
      note(status)
      return status
    })
  }
  note(answer)
  return answer
}
