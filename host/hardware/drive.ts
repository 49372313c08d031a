// A drive: queue + timing model + volatile write cache + medium, with faults as filters over all of it.
//
// Duties: carry out commands in an order of its choice (shortest positioning first where the timing model knows positions, else first
// come first served), one per channel; answer each exactly once, unless it hangs or loses power; keep what it promised to keep.
// A write takes effect when it completes. A power cut leaves each sector of a write in flight, or in the cache, new or old,
// one by one; half a sector only where a fault says so. Nothing here knows what the sectors mean.

import {
  DRIVE_FLUSH,
  DRIVE_IDENTIFY,
  DRIVE_ILLEGAL,
  DRIVE_MEDIUM_ERROR,
  DRIVE_OK,
  DRIVE_READ,
  DRIVE_TRIM,
  DRIVE_VERIFY,
  DRIVE_WRITE,
  DRIVE_WRITE_UNCORRECTABLE,
} from '../../assembly/abi/driveSlots'
import type { EventQueue } from '../sim/eventQueue'
import type { RandomStream } from '../sim/random'
import {
  COMMAND_ACTIVE,
  COMMAND_FREE,
  COMMAND_QUEUED,
  type DriveCommand,
  STORE_ELSEWHERE,
  STORE_NOTHING,
  STORE_TORN,
} from './driveCommand'
import type { DriveFilter } from './driveFilter'
import type { Medium } from './medium'
import type { TimingModel } from './timing/timingModel'
import { keepSomeSectors, WriteCache } from './writeCache'

/** A queued command older than this is served next, whatever its position: no request starves. */
const STARVATION_NS = 500_000_000
/** A completed write that goes to the cache takes this long: command overhead and transfer to DRAM. */
const CACHED_WRITE_NS = 20_000
/** Idle time after which the drive starts to write its cache out, entry by entry. */
const DESTAGE_IDLE_NS = 20_000_000
/** Entries that the cache holds before the drive writes them out although it is busy. */
const CACHE_ENTRIES_MAX = 1024

export interface DriveWiring {
  readonly events: EventQueue
  /** Event kinds that the rig passes back to `finish` and `idle`; `a` is `eventIndex`, `b` names the command. */
  readonly finishEvent: number
  readonly idleEvent: number
  readonly eventIndex: number
}

export class Drive {
  /** Unique in a rig; what IDENTIFY reports. */
  readonly id: number
  readonly model: string
  /** What survives a power cut. */
  readonly medium: Medium
  /** Faults, asked in order. */
  readonly filters: DriveFilter[] = []
  /** Commands that were served, and sectors moved. */
  commandsServed = 0
  readonly #timing: TimingModel
  readonly #cached: boolean
  readonly #cache: WriteCache
  /** What reads see: the medium itself without a cache, else the medium with the cache's content over it. */
  #view: Medium
  #wiring: DriveWiring | null = null
  #answer: (command: DriveCommand) => void = () => {}
  readonly #queue: DriveCommand[] = []
  readonly #active: DriveCommand[] = []
  #idleGeneration = 0

  constructor(id: number, model: string, medium: Medium, timing: TimingModel, volatileCache: boolean) {
    this.id = id
    this.model = model
    this.medium = medium
    this.#timing = timing
    this.#cached = volatileCache
    this.#cache = new WriteCache(medium)
    this.#view = volatileCache ? medium.fork() : medium
  }

  /** Plugs the drive into a bay: events that it pushes carry the wiring's numbers, answers go to `answer`. */
  connect(wiring: DriveWiring, answer: (command: DriveCommand) => void): void {
    this.#wiring = wiring
    this.#answer = answer
  }

  get sectorCount(): number {
    return this.medium.sectorCount
  }

  /** Commands inside the drive. */
  get outstanding(): number {
    return this.#queue.length + this.#active.length
  }

  /** Takes a command; `command.arrivalNs` says when it is there. */
  submit(command: DriveCommand): void {
    command.state = COMMAND_QUEUED
    this.#queue.push(command)
    this.#startNext()
  }

  /** Whether a command is inside this drive. */
  holds(command: DriveCommand): boolean {
    return this.#active.includes(command) || this.#queue.includes(command)
  }

  /** Takes a command back. A write that is being served may take effect or not: here, it does not. */
  abort(command: DriveCommand): void {
    const list = command.state === COMMAND_ACTIVE ? this.#active : this.#queue
    const at = list.indexOf(command)
    if (at >= 0) list.splice(at, 1)
    this.#release(command)
    this.#startNext()
  }

  /** The event of `finishEvent`: the command in a slot, unless the event is stale. */
  finishSlot(slot: number, generation: number): void {
    const at = this.#indexOfActive(slot, generation)
    if (at < 0) return
    const command = this.#active[at]!
    removeAt(this.#active, at)
    this.#carryOut(command)
    this.commandsServed++
    // Free before the answer: the microcode may use the slot again at once.
    this.#release(command)
    this.#startNext()
    this.#answer(command)
    if (this.#cached && this.outstanding === 0) this.#waitIdle()
  }

  /** The event of `idleEvent`: writes one cached entry out if nothing else came in between. */
  idle(generation: number): void {
    if (generation !== this.#idleGeneration || this.outstanding > 0 || this.#cache.length === 0) return
    const { lba, sectors } = this.#cache.entry(0)
    const nowNs = this.#wiring!.events.nowNs
    this.#timing.serve(DRIVE_WRITE, lba, sectors, nowNs)
    this.#cache.destage(1)
    this.#waitIdle()
  }

  /**
   * Power is lost. What was in flight or in the cache persists sector by sector, by the seed; `tear` leaves one sector of a write
   * in flight half new. Commands are forgotten without an answer.
   */
  powerCut(random: RandomStream, tear: boolean): void {
    // All, nothing, and shares in between: extremes are as likely as mixtures.
    this.#cache.powerCut(random, random.below(5))
    let torn = !tear
    for (const command of [...this.#active, ...this.#queue]) {
      if (command.op === DRIVE_WRITE && command.effect.status === DRIVE_OK && !command.effect.hang) {
        if (!torn) {
          this.#storeTorn(this.medium, command, random.below(command.sectors))
          torn = true
        } else {
          keepSomeSectors(this.medium, command.lba, command.sectors, command.pages, random, random.below(5))
        }
      }
      this.#release(command)
    }
    this.#active.length = 0
    this.#queue.length = 0
    this.#idleGeneration++
  }

  powerUp(): void {
    this.#timing.reset()
    for (const filter of this.filters) filter.powerCycled()
    if (!this.#cached) return
    this.#view.dispose()
    this.#view = this.medium.fork()
  }

  /** The drive leaves its bay: commands are forgotten (the bay answers for it), and it loses its power. */
  disconnect(random: RandomStream): DriveCommand[] {
    const orphans = [...this.#active, ...this.#queue]
    this.powerCut(random, false)
    this.#wiring = null
    return orphans
  }

  /** What a read of these sectors would deliver now, faults included: for the judge. */
  peek(lba: number, sectors: number, target: Uint8Array, offset: number): void {
    this.#view.read(lba, sectors, target, offset)
    for (const filter of this.filters) filter.delivered(lba, sectors, target, offset)
  }

  /** The first sector in the range that a read would fail on now, or -1: for the judge. */
  firstUnreadable(lba: number, sectors: number): number {
    let first = this.#view.firstUnreadable(lba, sectors)
    for (const filter of this.filters) {
      const bad = filter.firstUnreadable(lba, sectors)
      if (bad >= 0 && (first < 0 || bad < first)) first = bad
    }
    return first
  }

  /** Puts a data-in command's bytes where they belong; called by the controller when it delivers the answer. */
  transfer(command: DriveCommand, target: Uint8Array): void {
    this.#view.read(command.lba, command.sectors, target, command.bufferAddress)
    for (const filter of this.filters) filter.delivered(command.lba, command.sectors, target, command.bufferAddress)
  }

  #indexOfActive(slot: number, generation: number): number {
    for (let i = 0; i < this.#active.length; i++) {
      const command = this.#active[i]!
      if (command.slot === slot && command.generation === generation) return i
    }
    return -1
  }

  #startNext(): void {
    const { events, finishEvent, eventIndex } = this.#wiring!
    while (this.#queue.length > 0 && this.#active.length < this.#timing.channels) {
      const nowNs = events.nowNs
      const command = this.#pick(nowNs)
      command.state = COMMAND_ACTIVE
      const startNs = Math.max(command.arrivalNs, nowNs)
      const effect = command.effect
      effect.clear()
      for (const filter of this.filters) filter.begin(command, startNs)
      this.#active.push(command)
      if (effect.hang) continue
      const endNs = this.#serve(command, startNs)
      events.push(
        effect.slowFactor === 1 ? endNs : Math.round(startNs + (endNs - startNs) * effect.slowFactor),
        finishEvent,
        eventIndex,
        (command.generation << 12) | command.slot,
      )
    }
  }

  /** The command to serve next; takes it out of the queue. */
  #pick(nowNs: number): DriveCommand {
    const queue = this.#queue
    let best = 0
    const oldest = queue[0]!
    if (queue.length > 1 && nowNs - oldest.arrivalNs < STARVATION_NS) {
      let bestNs = this.#timing.positioningNs(oldest.op, oldest.lba, nowNs)
      for (let i = 1; i < queue.length && bestNs > 0; i++) {
        const command = queue[i]!
        if (command.arrivalNs > nowNs) break
        const ns = this.#timing.positioningNs(command.op, command.lba, nowNs, bestNs)
        if (ns < bestNs) {
          bestNs = ns
          best = i
        }
      }
    }
    const command = queue[best]!
    removeAt(queue, best)
    return command
  }

  #serve(command: DriveCommand, startNs: number): number {
    if (command.op === DRIVE_WRITE && this.#cached && !command.fua && this.#cache.length < CACHE_ENTRIES_MAX) {
      return startNs + CACHED_WRITE_NS
    }
    let timeNs = startNs
    if (command.op === DRIVE_FLUSH) {
      for (let i = 0; i < this.#cache.length; i++) {
        const { lba, sectors } = this.#cache.entry(i)
        timeNs = this.#timing.serve(DRIVE_WRITE, lba, sectors, timeNs)
      }
    }
    return this.#timing.serve(command.op, command.lba, command.sectors, timeNs)
  }

  /** The medium changes, or the answer says why not. */
  #carryOut(command: DriveCommand): void {
    const { effect, lba, sectors } = command
    command.status = effect.status
    command.badLba = effect.badLba
    if (effect.status !== DRIVE_OK) return
    if (lba + sectors > this.sectorCount) {
      command.status = DRIVE_ILLEGAL
      return
    }
    switch (command.op) {
      case DRIVE_WRITE:
        this.#store(command)
        return
      case DRIVE_READ:
      case DRIVE_VERIFY: {
        const bad = this.firstUnreadable(lba, sectors)
        if (bad < 0) return
        command.status = DRIVE_MEDIUM_ERROR
        command.badLba = bad
        return
      }
      case DRIVE_FLUSH:
        if (!effect.ignoreFlush) this.#cache.destage(this.#cache.length)
        return
      case DRIVE_TRIM:
        this.#cache.destageOverlapping(lba, sectors)
        this.medium.trim(lba, sectors)
        if (this.#cached) this.#view.trim(lba, sectors)
        this.#stored(lba, sectors)
        return
      case DRIVE_WRITE_UNCORRECTABLE:
        this.#cache.destageOverlapping(lba, sectors)
        this.medium.makeUnreadable(lba, sectors)
        if (this.#cached) this.#view.makeUnreadable(lba, sectors)
        return
      case DRIVE_IDENTIFY:
        return
      default:
        command.status = DRIVE_ILLEGAL
    }
  }

  #store(command: DriveCommand): void {
    const { effect, lba, sectors, pages } = command
    if (effect.store === STORE_NOTHING) return
    const throughCache = this.#cached && (!command.fua || effect.ignoreFlush)
    if (effect.store === STORE_TORN) {
      // Past the cache: an older write that waits there must not land on top of this one later.
      this.#cache.destageOverlapping(lba, sectors)
      this.#storeTorn(this.medium, command, effect.tornSector)
      if (this.#cached) this.#storeTorn(this.#view, command, effect.tornSector)
    } else if (effect.store === STORE_ELSEWHERE) {
      this.#cache.destageOverlapping(effect.elsewhereLba, sectors)
      this.#storeElsewhere(this.medium, command)
      if (this.#cached) this.#storeElsewhere(this.#view, command)
      return
    } else if (throughCache) {
      if (this.#cache.length >= CACHE_ENTRIES_MAX) this.#cache.destage(1)
      this.#cache.add(lba, sectors, pages, command.pageCount)
      this.#view.writeExtent(lba, pages, 0, lba, sectors)
    } else {
      if (this.#cached) {
        this.#cache.destageOverlapping(lba, sectors)
        this.#view.writeExtent(lba, pages, 0, lba, sectors)
      }
      this.medium.writeExtent(lba, pages, 0, lba, sectors)
    }
    this.#stored(lba, sectors)
  }

  #stored(lba: number, sectors: number): void {
    for (const filter of this.filters) filter.stored(lba, sectors)
  }

  /** All sectors but one are stored; of that one, only the first half. */
  #storeTorn(medium: Medium, command: DriveCommand, tornSector: number): void {
    const { lba, sectors, pages } = command
    const half = new Uint8Array(medium.sectorBytes)
    medium.read(lba + tornSector, 1, half, 0)
    medium.writeExtent(lba, pages, 0, lba, sectors)
    const whole = new Uint8Array(medium.sectorBytes)
    medium.read(lba + tornSector, 1, whole, 0)
    half.set(whole.subarray(0, medium.sectorBytes >> 1))
    medium.write(lba + tornSector, half)
  }

  #storeElsewhere(medium: Medium, command: DriveCommand): void {
    const bytes = new Uint8Array(command.sectors * medium.sectorBytes)
    const perPage = medium.sectorsPerPage
    const first = command.lba % perPage
    for (let i = 0; i < command.sectors; i++) {
      const page = command.pages[Math.floor((first + i) / perPage)]!
      const from = medium.arena.offsetOf(page) + ((first + i) % perPage) * medium.sectorBytes
      bytes.set(medium.arena.slabOf(page).subarray(from, from + medium.sectorBytes), i * medium.sectorBytes)
    }
    medium.write(command.effect.elsewhereLba, bytes)
  }

  #release(command: DriveCommand): void {
    for (let i = 0; i < command.pageCount; i++) this.medium.arena.release(command.pages[i]!)
    command.pageCount = 0
    command.state = COMMAND_FREE
    command.generation = (command.generation + 1) & 0x7_ffff
  }

  #waitIdle(): void {
    if (this.#cache.length === 0) return
    const { events, idleEvent, eventIndex } = this.#wiring!
    events.push(events.nowNs + DESTAGE_IDLE_NS, idleEvent, eventIndex, ++this.#idleGeneration)
  }
}

/** Keeps the order, and allocates nothing, as `splice` would. */
function removeAt(list: DriveCommand[], index: number): void {
  for (let i = index + 1; i < list.length; i++) list[i - 1] = list[i]!
  list.pop()
}
