// All faults of one drive, as one filter over it. The data under it stay pristine.
//
// It belongs to the drive, not to the bay: a drive that is pulled takes its bad sectors with it. Put it into `drive.filters` when the
// first fault strikes: a drive without faults pays nothing. A command meets what is in force when the drive begins to serve it.
//
// Each write meets at most one of torn, lost and misdirected, in this order. A hang ends with its window or with a power cycle; commands
// that it swallowed stay unanswered. Everything else outlives a power cycle.
//
// For the judge it remembers where the drive lied (`lies`), and when it last failed, hung or slowed a command (`troubledSince`).

import {
  DRIVE_ABORTED,
  DRIVE_FLUSH,
  DRIVE_HARDWARE_ERROR,
  DRIVE_MEDIUM_ERROR,
  DRIVE_READ,
  DRIVE_WRITE,
} from '../../assembly/abi/driveSlots'
import { type DriveCommand, STORE_ELSEWHERE, STORE_NOTHING, STORE_TORN } from '../hardware/driveCommand'
import type { DriveFilter } from '../hardware/driveFilter'
import type { Hash64 } from '../sim/hash'
import type { RandomStream } from '../sim/random'
import { applyRot, type RotPattern, rotPattern } from './bitRot'
import { LIE_FOREIGN, LIE_ROT, LIE_STALE, LIE_TORN, LieRecord } from './lies'

/** Writes to [first, last] fail, `left` times. */
interface WriteErrorRange {
  readonly first: number
  readonly last: number
  left: number
}

export interface FaultFilterOptions {
  readonly seed: number
  readonly driveId: number
  readonly sectorBytes: number
  readonly sectorCount: number
}

export class FaultFilter implements DriveFilter {
  readonly lies = new LieRecord()
  readonly #options: FaultFilterOptions
  readonly #unreadable = new Set<number>()
  readonly #rotten = new Map<number, RotPattern>()
  readonly #writeErrors: WriteErrorRange[] = []
  #transientReads = 0
  #transientWrites = 0
  #failingFlushes = 0
  #hangUntilNs = Number.NEGATIVE_INFINITY
  #slowUntilNs = Number.NEGATIVE_INFINITY
  #slowFactor = 1
  #ignoreFlushUntilNs = Number.NEGATIVE_INFINITY
  #torn = 0
  #tornRandom: RandomStream | null = null
  #lost = 0
  #misdirected = 0
  #misdirectedBy = 0
  /** The last command that was refused, slowed or swallowed. */
  #troubleNs = Number.NEGATIVE_INFINITY
  #hungNs = Number.NEGATIVE_INFINITY

  constructor(options: FaultFilterOptions) {
    this.#options = options
  }

  /** An independent filter in the same state. A random tear is drawn from a stream of its own, as that of the original was. */
  clone(): FaultFilter {
    const copy = new FaultFilter(this.#options)
    copy.lies.copyFrom(this.lies)
    for (const lba of this.#unreadable) copy.#unreadable.add(lba)
    for (const [lba, pattern] of this.#rotten) copy.#rotten.set(lba, pattern)
    for (const range of this.#writeErrors) copy.#writeErrors.push({ ...range })
    copy.#transientReads = this.#transientReads
    copy.#transientWrites = this.#transientWrites
    copy.#failingFlushes = this.#failingFlushes
    copy.#hangUntilNs = this.#hangUntilNs
    copy.#slowUntilNs = this.#slowUntilNs
    copy.#slowFactor = this.#slowFactor
    copy.#ignoreFlushUntilNs = this.#ignoreFlushUntilNs
    copy.#torn = this.#torn
    copy.#tornRandom = this.#tornRandom?.clone() ?? null
    copy.#lost = this.#lost
    copy.#misdirected = this.#misdirected
    copy.#misdirectedBy = this.#misdirectedBy
    copy.#troubleNs = this.#troubleNs
    copy.#hungNs = this.#hungNs
    return copy
  }

  /** What is in force, as a few words for a hash: equal filters add equal words. */
  hashInto(hash: Hash64): void {
    for (const lba of this.#unreadable) hash.add(lba)
    for (const lba of this.#rotten.keys()) hash.add(lba)
    for (const { first, left } of this.#writeErrors) hash.add(Math.imul(first, 31) + Math.min(left, 1e6))
    for (const count of [this.#transientReads, this.#transientWrites, this.#failingFlushes, this.#torn, this.#lost]) {
      hash.add(count)
    }
    hash.add(this.#misdirected)
    hash.add(this.#slowFactor)
  }

  get driveId(): number {
    return this.#options.driveId
  }

  /** Good status was given for something that was not done, at least once. */
  get lied(): boolean {
    return this.lies.any
  }

  /** Nothing of it is in force any more, and it never lied: the drive is as good as one that never had a fault. */
  isOver(nowNs: number): boolean {
    const ordered = this.#transientReads + this.#transientWrites + this.#failingFlushes
    const lies = this.#torn + this.#lost + this.#misdirected
    const windowsEndNs = Math.max(this.#hangUntilNs, this.#slowUntilNs, this.#ignoreFlushUntilNs)
    const refuses = this.#writeErrors.some(({ left }) => left > 0)
    const isWhole = this.#unreadable.size === 0 && this.#rotten.size === 0 && !this.lied
    return ordered + lies === 0 && windowsEndNs <= nowNs && !refuses && isWhole
  }

  /** Some writes, or flushes, are still going to be refused or swallowed. */
  refusesWrites(nowNs: number): boolean {
    const counted = this.#transientWrites + this.#failingFlushes
    return counted > 0 || this.#hangUntilNs > nowNs || this.#writeErrors.some(({ left }) => left > 0)
  }

  /**
   * Whether the drive refused, slowed or swallowed a command at `sinceNs` or later, or a hang or slow window reaches past it. A hang
   * counts `hangGraceNs` longer: a swallowed command keeps the drive busy until it is aborted.
   */
  troubledSince(sinceNs: number, hangGraceNs = 0): boolean {
    return (
      this.#troubleNs >= sinceNs ||
      this.hungSince(sinceNs, hangGraceNs) ||
      (this.#slowFactor !== 1 && this.#slowUntilNs > sinceNs)
    )
  }

  /** The same for hangs alone. */
  hungSince(sinceNs: number, hangGraceNs = 0): boolean {
    return this.#hungNs + hangGraceNs >= sinceNs || this.#hangUntilNs > sinceNs
  }

  /** The sector cannot be read because of a latent error that was never overwritten, or delivers flipped bits. */
  isDamaged(lba: number): boolean {
    return this.#unreadable.has(lba) || this.#rotten.has(lba)
  }

  /** All such sectors, each once or twice. */
  *damagedSectors(): Generator<number> {
    yield* this.#unreadable
    yield* this.#rotten.keys()
  }

  makeUnreadable(lba: number, sectors: number): void {
    for (let at = lba; at < lba + sectors; at++) this.#unreadable.add(at)
  }

  rot(lba: number, sectors: number, bits: number, nowNs: number): void {
    const { seed, driveId, sectorBytes } = this.#options
    for (let at = lba; at < lba + sectors; at++) this.#rotten.set(at, rotPattern(seed, driveId, at, sectorBytes, bits))
    this.lies.add(lba, sectors, LIE_ROT, nowNs)
  }

  failReads(count: number): void {
    this.#transientReads += count
  }

  failWrites(count: number): void {
    this.#transientWrites += count
  }

  /** The next `count` writes that touch the range end in a medium error. */
  refuseWrites(lba: number, sectors: number, count: number): void {
    this.#writeErrors.push({ first: lba, last: lba + sectors - 1, left: count })
  }

  hang(untilNs: number): void {
    this.#hangUntilNs = Math.max(this.#hangUntilNs, untilNs)
  }

  slow(factor: number, untilNs: number): void {
    this.#slowFactor = factor
    this.#slowUntilNs = untilNs
  }

  tearWrites(count: number, random: RandomStream): void {
    this.#torn += count
    this.#tornRandom = random
  }

  loseWrites(count: number): void {
    this.#lost += count
  }

  /** `offsetSectors` may be negative; targets beyond either end of the drive wrap around. */
  misdirectWrites(count: number, offsetSectors: number): void {
    this.#misdirected += count
    this.#misdirectedBy = offsetSectors
  }

  ignoreFlushes(untilNs: number): void {
    this.#ignoreFlushUntilNs = Math.max(this.#ignoreFlushUntilNs, untilNs)
  }

  failFlushes(count: number): void {
    this.#failingFlushes += count
  }

  begin(command: DriveCommand, nowNs: number): void {
    const { effect } = command
    if (nowNs < this.#hangUntilNs) {
      effect.hang = true
      this.#hungNs = nowNs
      this.#troubleNs = nowNs
      return
    }
    if (nowNs < this.#slowUntilNs) {
      effect.slowFactor *= this.#slowFactor
      this.#troubleNs = nowNs
    }
    if (command.op === DRIVE_WRITE) this.#beginWrite(command, nowNs)
    else if (command.op === DRIVE_FLUSH) this.#beginFlush(command, nowNs)
    else if (command.op === DRIVE_READ && this.#transientReads > 0) {
      this.#transientReads--
      this.#refuse(command, DRIVE_ABORTED, nowNs)
    }
  }

  refused(nowNs: number): void {
    this.#troubleNs = nowNs
  }

  delivered(lba: number, sectors: number, target: Uint8Array, offset: number): void {
    if (this.#rotten.size === 0) return
    for (let i = 0; i < sectors; i++) {
      const pattern = this.#rotten.get(lba + i)
      if (pattern) applyRot(pattern, target, offset + i * this.#options.sectorBytes)
    }
  }

  stored(lba: number, sectors: number): void {
    if (this.#unreadable.size === 0 && this.#rotten.size === 0) return
    for (let at = lba; at < lba + sectors; at++) {
      this.#unreadable.delete(at)
      this.#rotten.delete(at)
    }
  }

  firstUnreadable(lba: number, sectors: number): number {
    if (this.#unreadable.size === 0) return -1
    for (let at = lba; at < lba + sectors; at++) if (this.#unreadable.has(at)) return at
    return -1
  }

  powerCycled(): void {
    this.#hangUntilNs = Number.NEGATIVE_INFINITY
    this.lies.powerCycled()
  }

  #beginWrite(command: DriveCommand, nowNs: number): void {
    const { effect, lba, sectors } = command
    if (this.#transientWrites > 0) {
      this.#transientWrites--
      this.#refuse(command, DRIVE_ABORTED, nowNs)
      return
    }
    for (const range of this.#writeErrors) {
      if (range.left <= 0 || lba > range.last || lba + sectors <= range.first) continue
      range.left--
      this.#refuse(command, DRIVE_MEDIUM_ERROR, nowNs)
      effect.badLba = Math.max(lba, range.first)
      return
    }
    if (command.fua && nowNs < this.#ignoreFlushUntilNs) {
      effect.ignoreFlush = true
      this.lies.flushIgnored(nowNs)
    }
    if (this.#torn > 0) {
      this.#torn--
      effect.store = STORE_TORN
      effect.tornSector = this.#tornRandom!.below(sectors)
      this.lies.add(lba + effect.tornSector, 1, LIE_TORN, nowNs)
    } else if (this.#lost > 0) {
      this.#lost--
      effect.store = STORE_NOTHING
      this.lies.add(lba, sectors, LIE_STALE, nowNs)
    } else if (this.#misdirected > 0) {
      this.#misdirected--
      const places = this.#options.sectorCount - sectors + 1
      effect.store = STORE_ELSEWHERE
      effect.elsewhereLba = (((lba + this.#misdirectedBy) % places) + places) % places
      this.lies.add(lba, sectors, LIE_STALE, nowNs)
      this.lies.add(effect.elsewhereLba, sectors, LIE_FOREIGN, nowNs)
    }
  }

  #beginFlush(command: DriveCommand, nowNs: number): void {
    if (this.#failingFlushes > 0) {
      this.#failingFlushes--
      this.#refuse(command, DRIVE_HARDWARE_ERROR, nowNs)
    } else if (nowNs < this.#ignoreFlushUntilNs) {
      command.effect.ignoreFlush = true
      this.lies.flushIgnored(nowNs)
    }
  }

  #refuse(command: DriveCommand, status: number, nowNs: number): void {
    command.effect.status = status
    command.effect.badLba = command.lba
    this.#troubleNs = nowNs
  }
}

/** The filter of a drive that had a fault before, or null. */
export function faultFilterOf(drive: { readonly filters: readonly DriveFilter[] }): FaultFilter | null {
  for (const filter of drive.filters) if (filter instanceof FaultFilter) return filter
  return null
}
