// A disk drive: mechanics, command overheads, bus, and (if it has one) the buffer with read-ahead and write-back.
//
// One command at a time. What goes on between commands (reading ahead, writing back) is caught up with when the next one arrives, so
// the model has no events of its own. A read stops a read-ahead that does not help it; a write-back is finished before anything
// else touches the medium. With write-back a write ends when its data are in the buffer; FLUSH waits for the medium.
// Not modelled: several commands at once inside the drive (the drive's own queue sorts them), combining of writes, FUA with
// write-back on. A drive whose volatile cache is simulated elsewhere wants a parameter set without write-back.

import {
  DRIVE_FLUSH,
  DRIVE_READ,
  DRIVE_TRIM,
  DRIVE_VERIFY,
  DRIVE_WRITE,
  DRIVE_WRITE_UNCORRECTABLE,
} from '../../../assembly/abi/driveSlots'
import { HddBuffer, NO_SEGMENT } from './hddBuffer'
import { HddGeometry } from './hddGeometry'
import { HddMechanics } from './hddMechanics'
import type { HddOverheads, HddParameters } from './hddParameters'
import { buildSeekTable } from './hddSeek'
import type { TimingModel, TimingOp } from './timingModel'

const NO_OVERHEADS: HddOverheads = {
  readHitAfterReadNs: 0,
  readHitAfterWriteNs: 0,
  readMissAfterReadNs: 0,
  readMissAfterWriteNs: 0,
  writeHitAfterReadNs: 0,
  writeHitAfterWriteNs: 0,
  writeMissAfterReadNs: 0,
  writeMissAfterWriteNs: 0,
}

export class HddModel implements TimingModel {
  readonly channels = 1
  readonly #parameters: HddParameters
  readonly #overheads: HddOverheads
  readonly #blocksPerSector: number
  readonly #seekNs: Float64Array
  readonly #mechanics: HddMechanics
  readonly #buffer: HddBuffer | undefined
  readonly #writeBack: boolean
  readonly #busBlockNs: number
  #lastWrote = false
  /** The medium is in use for what was commanded until here. */
  #mediumFreeNs = 0
  /** Segment into which the drive reads ahead, and from where and when on. */
  #aheadSegment = NO_SEGMENT
  #aheadLbn = 0
  #aheadNs = 0
  /** Ends of the writes that are still on their way from the buffer to the medium, oldest first. */
  readonly #writeBackEndNs: Float64Array
  #writeBacks = 0

  private constructor(
    parameters: HddParameters,
    blocksPerSector: number,
    geometry: HddGeometry,
    seekNs: Float64Array,
    buffer: HddBuffer | undefined,
  ) {
    this.#parameters = parameters
    this.#overheads = parameters.overheads ?? NO_OVERHEADS
    this.#blocksPerSector = blocksPerSector
    this.#seekNs = seekNs
    this.#mechanics = new HddMechanics(parameters, geometry, seekNs)
    this.#buffer = buffer
    this.#writeBack = parameters.buffer?.writeBack ?? false
    this.#busBlockNs = parameters.busBlockNs
    this.#writeBackEndNs = new Float64Array(parameters.buffer?.segments ?? 0)
  }

  /**
   * A drive of `sectorCount` sectors. A sector takes whole blocks of the parameter set's format: 520-byte sectors one of 512 bytes
   * each (a drive formatted for them), 4096-byte sectors eight.
   */
  static create(parameters: HddParameters, sectorCount: number, sectorBytes: number): HddModel {
    const blocksPerSector = Math.max(1, Math.round(sectorBytes / parameters.blockBytes))
    const geometry = new HddGeometry(parameters, sectorCount * blocksPerSector)
    const seekNs = buildSeekTable(parameters.seekCurveUs, geometry.cylinders, geometry.density)
    const memory = parameters.buffer
    const buffer = memory && new HddBuffer(memory.segments, memory.segmentBlocks, geometry)
    return new HddModel(parameters, blocksPerSector, geometry, seekNs, buffer)
  }

  serve(op: TimingOp, lba: number, sectors: number, startNs: number): number {
    const firstLbn = lba * this.#blocksPerSector
    const blocks = sectors * this.#blocksPerSector
    switch (op) {
      case DRIVE_READ:
        return this.#read(firstLbn, blocks, startNs)
      case DRIVE_WRITE:
      case DRIVE_WRITE_UNCORRECTABLE:
        return this.#write(firstLbn, blocks, startNs)
      case DRIVE_VERIFY:
        return this.#verify(firstLbn, blocks, startNs)
      case DRIVE_FLUSH:
        return Math.max(startNs, this.#mediumFreeNs)
      case DRIVE_TRIM:
        this.#buffer?.drop(firstLbn, firstLbn + blocks)
        return startNs + this.#overheads.writeHitAfterWriteNs
      default:
        return startNs + this.#overheads.readHitAfterReadNs
    }
  }

  positioningNs(op: TimingOp, lba: number, nowNs: number): number {
    const write = op === DRIVE_WRITE || op === DRIVE_WRITE_UNCORRECTABLE
    return this.#mechanics.positioningNs(write, lba * this.#blocksPerSector, Math.max(nowNs, this.#mediumFreeNs))
  }

  reset(): void {
    this.#mechanics.park()
    this.#buffer?.clear()
    this.#lastWrote = false
    this.#mediumFreeNs = 0
    this.#aheadSegment = NO_SEGMENT
    this.#writeBacks = 0
  }

  clone(): HddModel {
    const geometry = this.#mechanics.geometry
    const copy = new HddModel(this.#parameters, this.#blocksPerSector, geometry, this.#seekNs, this.#buffer?.clone())
    copy.#mechanics.copyArm(this.#mechanics)
    copy.#lastWrote = this.#lastWrote
    copy.#mediumFreeNs = this.#mediumFreeNs
    copy.#aheadSegment = this.#aheadSegment
    copy.#aheadLbn = this.#aheadLbn
    copy.#aheadNs = this.#aheadNs
    copy.#writeBackEndNs.set(this.#writeBackEndNs)
    copy.#writeBacks = this.#writeBacks
    return copy
  }

  #read(firstLbn: number, blocks: number, startNs: number): number {
    const overheads = this.#overheads
    const missNs = this.#lastWrote ? overheads.readMissAfterWriteNs : overheads.readMissAfterReadNs
    const hitNs = this.#lastWrote ? overheads.readHitAfterWriteNs : overheads.readHitAfterReadNs
    this.#lastWrote = false
    const buffer = this.#buffer
    if (buffer === undefined) {
      const beginNs = Math.max(startNs + missNs, this.#mediumFreeNs)
      const endNs = this.#mechanics.read(firstLbn, blocks, beginNs, beginNs, this.#busBlockNs)
      this.#mediumFreeNs = this.#mechanics.mediumEndNs
      return endNs
    }
    this.#catchUp(startNs)
    const segment = buffer.find(firstLbn)
    const endLbn = firstLbn + blocks
    if (segment === NO_SEGMENT) return this.#readMiss(buffer, firstLbn, blocks, startNs, startNs + missNs)
    buffer.touch(segment)
    // While a write-back is under way the command waits as one that missed would.
    const waits = this.#mediumFreeNs > startNs
    const busNs = waits ? Math.max(startNs + missNs, this.#mediumFreeNs) : startNs + hitNs
    const mediumNs = Math.max(startNs + missNs, this.#mediumFreeNs)
    if (endLbn <= buffer.endLbn[segment]!) {
      this.#readOn(buffer, segment, endLbn, startNs, mediumNs)
      return busNs + blocks * this.#busBlockNs
    }
    return this.#readRest(buffer, segment, firstLbn, endLbn, startNs, busNs, mediumNs)
  }

  /** Nothing of it is buffered. */
  #readMiss(buffer: HddBuffer, firstLbn: number, blocks: number, startNs: number, readyNs: number): number {
    const beginNs = Math.max(readyNs, this.#stopAhead(buffer, startNs), this.#mediumFreeNs)
    const segment = buffer.take(firstLbn, NO_SEGMENT)
    const endNs = this.#mechanics.read(firstLbn, blocks, beginNs, beginNs, this.#busBlockNs)
    buffer.fill(segment, firstLbn + blocks)
    this.#startAhead(buffer, segment, firstLbn + blocks, this.#mechanics.mediumEndNs)
    return endNs
  }

  /** All of it is buffered: the drive goes on reading ahead, or begins to. */
  #readOn(buffer: HddBuffer, segment: number, endLbn: number, startNs: number, mediumNs: number): void {
    if (segment === this.#aheadSegment) {
      buffer.planAhead(segment, endLbn)
      return
    }
    const freeNs = Math.max(mediumNs, this.#stopAhead(buffer, startNs))
    this.#startAhead(buffer, segment, endLbn, freeNs)
  }

  /** Its beginning is buffered: the rest follows on the medium. */
  #readRest(
    buffer: HddBuffer,
    segment: number,
    firstLbn: number,
    endLbn: number,
    startNs: number,
    busNs: number,
    mediumNs: number,
  ): number {
    const heldEnd = buffer.endLbn[segment]!
    let beginNs = mediumNs
    // Reading ahead goes on as if nothing had happened.
    if (segment === this.#aheadSegment) beginNs = this.#aheadNs
    else beginNs = Math.max(beginNs, this.#stopAhead(buffer, startNs))
    const busFreeNs = busNs + (heldEnd - firstLbn) * this.#busBlockNs
    const endNs = this.#mechanics.read(heldEnd, endLbn - heldEnd, beginNs, busFreeNs, this.#busBlockNs)
    buffer.fill(segment, endLbn)
    this.#startAhead(buffer, segment, endLbn, this.#mechanics.mediumEndNs)
    return endNs
  }

  #write(firstLbn: number, blocks: number, startNs: number): number {
    const overheads = this.#overheads
    const missNs = this.#lastWrote ? overheads.writeMissAfterWriteNs : overheads.writeMissAfterReadNs
    const hitNs = this.#lastWrote ? overheads.writeHitAfterWriteNs : overheads.writeHitAfterReadNs
    this.#lastWrote = true
    const buffer = this.#buffer
    let busNs = startNs + (this.#writeBack ? hitNs : missNs)
    let mediumNs = busNs
    if (buffer !== undefined) {
      this.#catchUp(startNs)
      mediumNs = Math.max(mediumNs, this.#stopAhead(buffer, startNs))
      const segment = buffer.take(firstLbn, buffer.drop(firstLbn, firstLbn + blocks))
      buffer.fill(segment, firstLbn + blocks)
      if (this.#writeBack) busNs = Math.max(busNs, this.#makeRoom(startNs))
    }
    mediumNs = Math.max(mediumNs, this.#mediumFreeNs)
    const mediumEndNs = this.#mechanics.write(firstLbn, blocks, mediumNs, busNs)
    this.#mediumFreeNs = mediumEndNs
    const busEndNs = busNs + blocks * this.#busBlockNs
    if (!this.#writeBack) return Math.max(mediumEndNs, busEndNs)
    this.#writeBackEndNs[this.#writeBacks++] = mediumEndNs
    return busEndNs
  }

  #verify(firstLbn: number, blocks: number, startNs: number): number {
    const beginNs = Math.max(startNs + this.#overheads.readMissAfterReadNs, this.#mediumFreeNs)
    const freeNs = this.#buffer === undefined ? beginNs : this.#stopAhead(this.#buffer, startNs)
    this.#mediumFreeNs = this.#mechanics.read(firstLbn, blocks, Math.max(beginNs, freeNs), 0, 0)
    return this.#mediumFreeNs
  }

  /** Forgets the writes that have reached the medium; returns when a segment is free for another one. */
  #makeRoom(nowNs: number): number {
    const ends = this.#writeBackEndNs
    let done = 0
    while (done < this.#writeBacks && ends[done]! <= nowNs) done++
    const full = this.#writeBacks - done >= ends.length
    const freeNs = full ? ends[done]! : nowNs
    if (full) done++
    ends.copyWithin(0, done, this.#writeBacks)
    this.#writeBacks -= done
    return freeNs
  }

  #startAhead(buffer: HddBuffer, segment: number, endLbn: number, fromNs: number): void {
    buffer.planAhead(segment, endLbn)
    this.#aheadSegment = segment
    this.#aheadLbn = buffer.endLbn[segment]!
    this.#aheadNs = fromNs
  }

  /** Brings reading ahead up to `nowNs`. */
  #catchUp(nowNs: number): void {
    const segment = this.#aheadSegment
    const buffer = this.#buffer
    if (segment === NO_SEGMENT || buffer === undefined || this.#aheadNs >= nowNs) return
    const mechanics = this.#mechanics
    mechanics.readAhead(this.#aheadLbn, buffer.aheadEndLbn[segment]!, this.#aheadNs, nowNs, false)
    this.#aheadLbn = mechanics.aheadLbn
    this.#aheadNs = mechanics.aheadNs
    buffer.fill(segment, mechanics.aheadLbn)
    if (mechanics.aheadLbn >= buffer.aheadEndLbn[segment]!) this.#aheadSegment = NO_SEGMENT
  }

  /** Ends reading ahead; returns when the arm can be used. */
  #stopAhead(buffer: HddBuffer, nowNs: number): number {
    const segment = this.#aheadSegment
    if (segment === NO_SEGMENT) return 0
    this.#aheadSegment = NO_SEGMENT
    this.#mechanics.readAhead(this.#aheadLbn, buffer.aheadEndLbn[segment]!, this.#aheadNs, nowNs, true)
    return this.#mechanics.armFreeNs
  }
}
