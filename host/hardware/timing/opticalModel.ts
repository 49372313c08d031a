// An optical drive: a spiral that is read from the inside out, at constant linear velocity (CLV: the spindle slows down as the head moves out) or at
// constant angular velocity (CAV: the outside is faster).
//
// A read that follows the one before it finds the drive reading on, as far as its buffer reaches; any other one, also of what was delivered before,
// goes to the disc: settling, a way over the radius (and at CLV a change of speed, at the same time), then the disc turns until the sector comes by. A disc at rest is spun up first. Where
// sectors can only be read together (a DVD's ECC block), all of them are.
// A disc of more sectors than its kind has is one with narrower tracks. Not modelled: layers of a DVD, retries, slower reading after errors.

import { DRIVE_READ, DRIVE_VERIFY } from '../../../assembly/abi/driveSlots'
import { DRIVE_READ_C2 } from '../../../assembly/abi/optical'
import type { OpticalParameters } from './opticalParameters'
import type { TimingModel, TimingOp } from './timingModel'

const RAW_BYTES = 2352
const RAW_SUBCHANNEL_BYTES = 2448
const USER_BYTES = 2048
const NS_PER_SECOND = 1e9

export class OpticalModel implements TimingModel {
  readonly channels = 1
  readonly #parameters: OpticalParameters
  readonly #sectorCount: number
  readonly #sectorBytes: number
  /** Disc sectors that a logical sector takes: less than 1 for those of 512 bytes. */
  readonly #scale: number
  readonly #pitchUm: number
  /** Disc sectors from here to the head are in the buffer. */
  #bufferFrom = 0
  /** Where the head was, and when; it reads on from there. */
  #head = 0
  #headNs = 0
  /** The head stops where the buffer is full. */
  #headLimit = 0
  #isSpinning = false
  #lastNs = 0

  constructor(parameters: OpticalParameters, sectorCount: number, sectorBytes: number) {
    this.#parameters = parameters
    this.#sectorCount = sectorCount
    this.#sectorBytes = sectorBytes
    this.#scale = sectorBytes === RAW_BYTES || sectorBytes === RAW_SUBCHANNEL_BYTES ? 1 : sectorBytes / USER_BYTES
    const { innerRadiusUm, outerRadiusUm, pitchUm, sectorUm } = parameters.disc
    const trackUm = Math.ceil(sectorCount * this.#scale) * sectorUm
    const widestPitchUm = (Math.PI * (outerRadiusUm * outerRadiusUm - innerRadiusUm * innerRadiusUm)) / trackUm
    this.#pitchUm = Math.min(pitchUm, widestPitchUm)
  }

  serve(op: TimingOp, lba: number, sectors: number, startNs: number): number {
    const { commandNs, spinUpNs, spinDownAfterNs, busBytesPerNs, disc } = this.#parameters
    let timeNs = startNs + commandNs
    if (op !== DRIVE_READ && op !== DRIVE_READ_C2 && op !== DRIVE_VERIFY) return timeNs
    if (!this.#isSpinning || startNs - this.#lastNs > spinDownAfterNs) {
      timeNs += spinUpNs
      this.#isSpinning = true
      this.#stopAt(0, timeNs)
    }
    const first = wholeBlock(lba * this.#scale, disc.eccSectors)
    const end = wholeBlock((lba + sectors) * this.#scale + disc.eccSectors - 1, disc.eccSectors)
    if (first < this.#bufferFrom || first > this.#headAt(timeNs)) timeNs = this.#seek(first, timeNs)
    timeNs = this.#passes(Math.max(end, first + 1), timeNs)
    this.#bufferFrom = wholeBlock((lba + sectors) * this.#scale, disc.eccSectors)
    const busNs = Math.ceil((sectors * this.#sectorBytes) / busBytesPerNs)
    this.#lastNs = timeNs + busNs
    return this.#lastNs
  }

  positioningNs(op: TimingOp, lba: number, nowNs: number): number {
    if (op !== DRIVE_READ) return 0
    const first = wholeBlock(lba * this.#scale, this.#parameters.disc.eccSectors)
    if (first >= this.#bufferFrom && first <= this.#headAt(nowNs)) return 0
    return this.#moveNs(this.#headAt(nowNs), first)
  }

  reset(): void {
    this.#isSpinning = false
    this.#stopAt(0, 0)
    this.#lastNs = 0
  }

  clone(): OpticalModel {
    const copy = new OpticalModel(this.#parameters, this.#sectorCount, this.#sectorBytes)
    copy.#bufferFrom = this.#bufferFrom
    copy.#head = this.#head
    copy.#headNs = this.#headNs
    copy.#headLimit = this.#headLimit
    copy.#isSpinning = this.#isSpinning
    copy.#lastNs = this.#lastNs
    return copy
  }

  /** The head is on a sector, and the buffer holds nothing else. */
  #stopAt(sector: number, timeNs: number): void {
    this.#bufferFrom = sector
    this.#head = sector
    this.#headNs = timeNs
    this.#headLimit = sector
  }

  /** How far the head has read by then. */
  #headAt(timeNs: number): number {
    const passed = Math.floor(Math.max(0, timeNs - this.#headNs) / this.#sectorNs(this.#head))
    return Math.min(this.#headLimit, this.#head + passed)
  }

  /** Reads on until sector `end` has passed; then the drive goes on by itself for as long as there is room in the buffer. */
  #passes(end: number, timeNs: number): number {
    const { bufferBytes, disc } = this.#parameters
    const room = Math.floor(bufferBytes / RAW_BYTES / disc.eccSectors) * disc.eccSectors
    const head = this.#headAt(timeNs)
    let doneNs = timeNs
    if (end > head) {
      const sinceNs = head < this.#headLimit ? this.#headNs + (head - this.#head) * this.#sectorNs(this.#head) : timeNs
      doneNs = Math.max(timeNs, Math.round(sinceNs + (end - head) * this.#sectorNs(head)))
      this.#head = end
      this.#headNs = doneNs
    }
    this.#headLimit = Math.max(this.#head, end + room)
    return doneNs
  }

  #seek(sector: number, timeNs: number): number {
    const arrivedNs = timeNs + this.#moveNs(this.#headAt(timeNs), sector)
    const turnNs = Math.round((60 * NS_PER_SECOND) / this.#rpmAt(sector))
    // The angle of a sector is the part of a turn of the spiral that lies before it; the disc was at angle 0 at time 0.
    const turns = (this.#radiusUm(sector) - this.#parameters.disc.innerRadiusUm) / this.#pitchUm
    const wanted = Math.floor((turns - Math.floor(turns)) * turnNs)
    const waitNs = (((wanted - (arrivedNs % turnNs)) % turnNs) + turnNs) % turnNs
    this.#stopAt(sector, arrivedNs + waitNs)
    return arrivedNs + waitNs
  }

  #moveNs(from: number, to: number): number {
    const { settleNs, strokeNs, rpmPerSecond, disc } = this.#parameters
    const way = Math.abs(this.#radiusUm(to) - this.#radiusUm(from)) / (disc.outerRadiusUm - disc.innerRadiusUm)
    const sledNs = way * strokeNs
    const change = Math.abs(this.#rpmAt(to) - this.#rpmAt(from))
    const spindleNs = rpmPerSecond === undefined ? 0 : (change / rpmPerSecond) * NS_PER_SECOND
    return Math.round(settleNs + Math.max(sledNs, spindleNs))
  }

  #radiusUm(sector: number): number {
    const { innerRadiusUm, sectorUm } = this.#parameters.disc
    return Math.sqrt(innerRadiusUm * innerRadiusUm + (sector * sectorUm * this.#pitchUm) / Math.PI)
  }

  #rpmAt(sector: number): number {
    const { cavRpm, clvFactor = 1, disc } = this.#parameters
    if (cavRpm !== undefined) return cavRpm
    const umPerMinute = disc.sectorUm * disc.sectorsPerSecond * clvFactor * 60
    return umPerMinute / (2 * Math.PI * this.#radiusUm(sector))
  }

  /** Time in which one sector passes. */
  #sectorNs(sector: number): number {
    const { cavRpm, clvFactor = 1, disc } = this.#parameters
    if (cavRpm === undefined) return NS_PER_SECOND / (disc.sectorsPerSecond * clvFactor)
    const umPerNs = (2 * Math.PI * this.#radiusUm(sector) * cavRpm) / (60 * NS_PER_SECOND)
    return disc.sectorUm / umPerNs
  }
}

/** The first sector of the block that a place lies in. */
function wholeBlock(sector: number, eccSectors: number): number {
  return Math.floor(sector / eccSectors) * eccSectors
}
