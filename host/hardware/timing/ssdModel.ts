// A flash drive: dies that work side by side behind shared channels, and a translation layer that makes room (ssdFtl.ts).
//
// A write ends when its pages are programmed: the drive's volatile cache is simulated elsewhere. Pages of a command go to their dies
// at once; what waits is a die that is busy, a channel that is, or the link to the host. Garbage collection begins after the
// write that made it necessary, and holds its die. A write of less than a page reads the rest first. Pages that were never written,
// or trimmed, are read without touching flash.
// Commands are reserved in the order in which they are served: a later one fills at most the last gap on a channel.
// Not modelled: planes, suspended programs and erases, cached mapping tables, a DRAM cache, collection while idle.

import {
  DRIVE_FLUSH,
  DRIVE_READ,
  DRIVE_TRIM,
  DRIVE_VERIFY,
  DRIVE_WRITE,
  DRIVE_WRITE_UNCORRECTABLE,
} from '../../../assembly/abi/driveSlots'
import { SsdFtl } from './ssdFtl'
import { type SsdParameters, shapeSsd } from './ssdParameters'
import type { TimingModel, TimingOp } from './timingModel'

export class SsdModel implements TimingModel {
  readonly channels: number
  readonly ftl: SsdFtl
  readonly #parameters: SsdParameters
  readonly #sectorBytes: number
  readonly #dieFreeNs: Float64Array
  readonly #channelFreeNs: Float64Array
  /** By channel: an idle stretch before the last reservation. */
  readonly #gapFromNs: Float64Array
  readonly #gapToNs: Float64Array
  #linkFreeNs = 0

  private constructor(parameters: SsdParameters, sectorBytes: number, ftl: SsdFtl) {
    this.#parameters = parameters
    this.#sectorBytes = sectorBytes
    this.ftl = ftl
    this.channels = parameters.queueSlots
    this.#dieFreeNs = new Float64Array(ftl.shape.dies)
    this.#channelFreeNs = new Float64Array(ftl.shape.flashChannels)
    this.#gapFromNs = new Float64Array(ftl.shape.flashChannels)
    this.#gapToNs = new Float64Array(ftl.shape.flashChannels)
  }

  static create(parameters: SsdParameters, sectorCount: number, sectorBytes: number): SsdModel {
    return new SsdModel(parameters, sectorBytes, new SsdFtl(shapeSsd(parameters, sectorCount * sectorBytes)))
  }

  serve(op: TimingOp, lba: number, sectors: number, startNs: number): number {
    const readyNs = startNs + this.#parameters.commandNs
    if (sectors === 0 || op === DRIVE_FLUSH) return readyNs
    const firstByte = lba * this.#sectorBytes
    const endByte = firstByte + sectors * this.#sectorBytes
    switch (op) {
      case DRIVE_READ:
        return this.#throughLink(this.#read(firstByte, endByte, readyNs, true), endByte - firstByte, readyNs)
      case DRIVE_VERIFY:
        return this.#read(firstByte, endByte, readyNs, false)
      case DRIVE_WRITE:
      case DRIVE_WRITE_UNCORRECTABLE:
        return this.#write(firstByte, endByte, readyNs)
      case DRIVE_TRIM:
        this.#trim(firstByte, endByte)
        return readyNs
      default:
        return readyNs
    }
  }

  /** Flash has no position: the drive serves in order of arrival. */
  positioningNs(): number {
    return 0
  }

  /** The map survives a power cut; nothing is under way after it. */
  reset(): void {
    this.#dieFreeNs.fill(0)
    this.#channelFreeNs.fill(0)
    this.#gapFromNs.fill(0)
    this.#gapToNs.fill(0)
    this.#linkFreeNs = 0
  }

  clone(): SsdModel {
    const copy = new SsdModel(this.#parameters, this.#sectorBytes, this.ftl.clone())
    copy.#dieFreeNs.set(this.#dieFreeNs)
    copy.#channelFreeNs.set(this.#channelFreeNs)
    copy.#gapFromNs.set(this.#gapFromNs)
    copy.#gapToNs.set(this.#gapToNs)
    copy.#linkFreeNs = this.#linkFreeNs
    return copy
  }

  #read(firstByte: number, endByte: number, readyNs: number, transfer: boolean): number {
    const { pageBytes, readNs } = this.#parameters
    const endPage = Math.ceil(endByte / pageBytes)
    let endNs = readyNs
    for (let page = Math.floor(firstByte / pageBytes); page < endPage; page++) {
      if (!this.ftl.isMapped(page)) continue
      const die = this.ftl.dieOf(page)
      const sensedNs = this.#occupyDie(die, readyNs, readNs)
      const pageEndNs = transfer ? this.#occupyChannel(die, sensedNs) : sensedNs
      if (pageEndNs > endNs) endNs = pageEndNs
    }
    return endNs
  }

  #write(firstByte: number, endByte: number, readyNs: number): number {
    const { pageBytes, readNs, programNs, eraseNs } = this.#parameters
    const ftl = this.ftl
    const endPage = Math.ceil(endByte / pageBytes)
    const arrivedNs = this.#throughLink(readyNs, endByte - firstByte, readyNs)
    let endNs = arrivedNs
    for (let page = Math.floor(firstByte / pageBytes); page < endPage; page++) {
      const die = ftl.dieOf(page)
      const isPartial = page * pageBytes < firstByte || (page + 1) * pageBytes > endByte
      let beginNs = arrivedNs
      if (isPartial && ftl.isMapped(page)) beginNs = this.#occupyDie(die, beginNs, readNs)
      const programmedNs = this.#occupyDie(die, this.#occupyChannel(die, beginNs), programNs)
      if (programmedNs > endNs) endNs = programmedNs
      ftl.write(page)
      if (ftl.erasedBlocks > 0) {
        this.#dieFreeNs[die]! += ftl.copiedPages * (readNs + programNs) + ftl.erasedBlocks * eraseNs
      }
    }
    return endNs
  }

  #trim(firstByte: number, endByte: number): void {
    const { pageBytes } = this.#parameters
    const endPage = Math.floor(endByte / pageBytes)
    for (let page = Math.ceil(firstByte / pageBytes); page < endPage; page++) {
      if (this.ftl.isMapped(page)) this.ftl.trim(page)
    }
  }

  #occupyDie(die: number, fromNs: number, forNs: number): number {
    const freeNs = this.#dieFreeNs[die]!
    const endNs = Math.max(freeNs, fromNs) + forNs
    this.#dieFreeNs[die] = endNs
    return endNs
  }

  /** A page crosses the channel of `die`, from `fromNs` at the earliest. */
  #occupyChannel(die: number, fromNs: number): number {
    const forNs = this.#parameters.channelPageNs
    const channel = die % this.#channelFreeNs.length
    const gapBeginNs = Math.max(this.#gapFromNs[channel]!, fromNs)
    if (gapBeginNs + forNs <= this.#gapToNs[channel]!) {
      this.#gapFromNs[channel] = gapBeginNs + forNs
      return gapBeginNs + forNs
    }
    const freeNs = this.#channelFreeNs[channel]!
    const beginNs = Math.max(freeNs, fromNs)
    if (beginNs > freeNs) {
      this.#gapFromNs[channel] = freeNs
      this.#gapToNs[channel] = beginNs
    }
    this.#channelFreeNs[channel] = beginNs + forNs
    return beginNs + forNs
  }

  /** Data that are ready at `fromNs` cross the link to the host; commands share its rate in the order in which they came. */
  #throughLink(fromNs: number, bytes: number, readyNs: number): number {
    const forNs = Math.ceil((bytes / this.#parameters.pageBytes) * this.#parameters.hostPageNs)
    this.#linkFreeNs = Math.max(this.#linkFreeNs, readyNs) + forNs
    return Math.max(fromNs + forNs, this.#linkFreeNs)
  }
}
