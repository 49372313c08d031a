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
import { HddReadAhead } from './hddReadAhead'
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
  readonly #ahead: HddReadAhead | undefined
  readonly #writeBack: boolean
  readonly #segmentBlocks: number
  readonly #busBlockNs: number
  #lastWrote = false
  /** The medium is in use for what was commanded until here. */
  #mediumFreeNs = 0
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
    this.#ahead = buffer && new HddReadAhead(this.#mechanics, buffer)
    this.#writeBack = parameters.buffer?.writeBack ?? false
    this.#segmentBlocks = parameters.buffer?.segmentBlocks ?? 0
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
    const buffer = memory && new HddBuffer(memory.segments, memory.segmentBlocks)
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

  positioningNs(op: TimingOp, lba: number, nowNs: number, limitNs = Number.POSITIVE_INFINITY): number {
    const write = op === DRIVE_WRITE || op === DRIVE_WRITE_UNCORRECTABLE
    const lbn = lba * this.#blocksPerSector
    if (op === DRIVE_READ && this.#buffer !== undefined && this.#buffer.find(lbn) !== NO_SEGMENT) return 0
    const freeNs = Math.max(this.#mediumFreeNs, nowNs)
    const waitNs = freeNs - nowNs
    return waitNs + this.#mechanics.positioningNs(write, lbn, freeNs, limitNs - waitNs)
  }

  reset(): void {
    this.#mechanics.park()
    this.#buffer?.clear()
    this.#lastWrote = false
    this.#mediumFreeNs = 0
    this.#ahead?.reset()
    this.#writeBacks = 0
  }

  clone(): HddModel {
    const geometry = this.#mechanics.geometry
    const copy = new HddModel(this.#parameters, this.#blocksPerSector, geometry, this.#seekNs, this.#buffer?.clone())
    copy.#mechanics.copyArm(this.#mechanics)
    copy.#lastWrote = this.#lastWrote
    copy.#mediumFreeNs = this.#mediumFreeNs
    if (this.#ahead !== undefined) copy.#ahead?.copyState(this.#ahead)
    copy.#writeBackEndNs.set(this.#writeBackEndNs)
    copy.#writeBacks = this.#writeBacks
    return copy
  }

  #read(firstLbn: number, blocks: number, startNs: number): number {
    const overheads = this.#overheads
    const missNs = this.#lastWrote ? overheads.readMissAfterWriteNs : overheads.readMissAfterReadNs
    const hitNs = this.#lastWrote ? overheads.readHitAfterWriteNs : overheads.readHitAfterReadNs
    this.#lastWrote = false
    // A write-back is finished before anything else is done, and the command then costs as much as one that missed.
    const readyNs = Math.max(startNs + missNs, this.#mediumFreeNs)
    const busNs = this.#mediumFreeNs > startNs ? readyNs : startNs + hitNs
    const buffer = this.#buffer
    const ahead = this.#ahead
    if (buffer === undefined || ahead === undefined) {
      const endNs = this.#mechanics.read(firstLbn, blocks, readyNs, readyNs, this.#busBlockNs)
      this.#mediumFreeNs = this.#mechanics.mediumEndNs
      return endNs
    }
    ahead.catchUp(startNs)
    let segment = buffer.find(firstLbn)
    if (segment === NO_SEGMENT) segment = ahead.segmentAwaiting(firstLbn)
    if (segment === NO_SEGMENT) return this.#readMiss(buffer, ahead, firstLbn, blocks, startNs, readyNs)
    buffer.touch(segment)
    const heldBlocks = buffer.endLbn[segment]! - firstLbn
    if (blocks > heldBlocks)
      return this.#readRest(
        buffer,
        ahead,
        segment,
        firstLbn + blocks,
        busNs + heldBlocks * this.#busBlockNs,
        startNs,
        readyNs,
      )
    this.#readOn(buffer, ahead, segment, firstLbn + blocks, startNs, readyNs)
    return busNs + blocks * this.#busBlockNs
  }

  /** Nothing of it is buffered. */
  #readMiss(
    buffer: HddBuffer,
    ahead: HddReadAhead,
    firstLbn: number,
    blocks: number,
    startNs: number,
    readyNs: number,
  ): number {
    const beginNs = Math.max(readyNs, ahead.stop(startNs))
    const segment = buffer.take(firstLbn)
    const endNs = this.#mechanics.read(firstLbn, blocks, beginNs, beginNs, this.#busBlockNs)
    this.#finishRead(buffer, ahead, segment, firstLbn + blocks, endNs)
    return endNs
  }

  /** Its beginning is buffered, and has crossed the bus at `busFreeNs`: the rest follows on the medium. */
  #readRest(
    buffer: HddBuffer,
    ahead: HddReadAhead,
    segment: number,
    endLbn: number,
    busFreeNs: number,
    startNs: number,
    readyNs: number,
  ): number {
    const heldEnd = buffer.endLbn[segment]!
    // Reading ahead, if that is what fills the segment, goes on as if nothing had happened.
    const beginNs = segment === ahead.segment ? ahead.sinceNs : Math.max(readyNs, ahead.stop(startNs))
    const endNs = this.#mechanics.read(heldEnd, endLbn - heldEnd, beginNs, busFreeNs, this.#busBlockNs)
    this.#finishRead(buffer, ahead, segment, endLbn, endNs)
    return endNs
  }

  #finishRead(buffer: HddBuffer, ahead: HddReadAhead, segment: number, endLbn: number, busEndNs: number): void {
    buffer.fill(segment, endLbn)
    buffer.written[segment] = 0
    // A read that is larger than its segment has been held up by the bus.
    const mediumEndNs = Math.max(this.#mechanics.mediumEndNs, busEndNs - buffer.segmentBlocks * this.#busBlockNs)
    ahead.startAfterRead(segment, endLbn, mediumEndNs)
  }

  /** All of it is buffered: the drive goes on reading ahead, or begins to; not after data that were written. */
  #readOn(
    buffer: HddBuffer,
    ahead: HddReadAhead,
    segment: number,
    endLbn: number,
    startNs: number,
    readyNs: number,
  ): void {
    if (segment === ahead.segment) ahead.extend(endLbn)
    else {
      const freeNs = Math.max(readyNs, ahead.stop(startNs))
      if (buffer.written[segment] === 0) ahead.startIdle(segment, endLbn, freeNs)
    }
  }

  #write(firstLbn: number, blocks: number, startNs: number): number {
    const overheads = this.#overheads
    const missNs = this.#lastWrote ? overheads.writeMissAfterWriteNs : overheads.writeMissAfterReadNs
    const hitNs = this.#lastWrote ? overheads.writeHitAfterWriteNs : overheads.writeHitAfterReadNs
    this.#lastWrote = true
    const readyNs = startNs + (this.#writeBack ? hitNs : missNs)
    const freeNs = this.#takeForWrite(firstLbn, blocks, startNs)
    if (!this.#writeBack) {
      const mediumNs = Math.max(readyNs, freeNs, this.#mediumFreeNs)
      this.#mediumFreeNs = this.#mechanics.write(firstLbn, blocks, mediumNs, readyNs)
      return Math.max(this.#mediumFreeNs, readyNs + blocks * this.#busBlockNs)
    }
    const busNs = Math.max(readyNs, this.#makeRoom(startNs))
    const busEndNs = busNs + blocks * this.#busBlockNs
    this.#mediumFreeNs = this.#mechanics.write(firstLbn, blocks, Math.max(readyNs, freeNs, this.#mediumFreeNs), busNs)
    this.#writeBackEndNs[this.#writeBacks++] = this.#mediumFreeNs
    return blocks <= this.#segmentBlocks ? busEndNs : Math.max(busEndNs, this.#mediumFreeNs)
  }

  /** Data to be written take a segment, and end reading ahead; returns when the arm can be used. */
  #takeForWrite(firstLbn: number, blocks: number, startNs: number): number {
    const buffer = this.#buffer
    const ahead = this.#ahead
    if (buffer === undefined || ahead === undefined) return startNs
    ahead.catchUp(startNs)
    const freeNs = ahead.stop(startNs)
    buffer.drop(firstLbn, firstLbn + blocks)
    const segment = buffer.take(firstLbn)
    buffer.fill(segment, firstLbn + blocks)
    buffer.written[segment] = 1
    return freeNs
  }

  /** Reads from the medium, whatever is buffered, and transfers nothing. */
  #verify(firstLbn: number, blocks: number, startNs: number): number {
    const overheads = this.#overheads
    const missNs = this.#lastWrote ? overheads.readMissAfterWriteNs : overheads.readMissAfterReadNs
    this.#lastWrote = false
    this.#ahead?.catchUp(startNs)
    const freeNs = this.#ahead?.stop(startNs) ?? startNs
    const beginNs = Math.max(startNs + missNs, freeNs, this.#mediumFreeNs)
    this.#mediumFreeNs = this.#mechanics.read(firstLbn, blocks, beginNs, beginNs, 0)
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
}
