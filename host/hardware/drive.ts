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
import { DRIVE_READ_C2 } from '../../assembly/abi/optical'
import { indexOf, removeAt, takeNext } from './commandOrder'
import { deliver } from './deliver'
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
import type { DriveWiring } from './driveWiring'
import type { Medium } from './medium'
import { mayPersist, storeElsewhere, storeTorn } from './stores'
import type { Survival } from './survival'
import type { TimingModel } from './timing/timingModel'
import { keepSurvivors, WriteCache } from './writeCache'

/** A completed write that goes to the cache takes this long: command overhead and transfer to DRAM. */
const CACHED_WRITE_NS = 20_000
/** Idle time after which the drive starts to write its cache out, entry by entry. */
const DESTAGE_IDLE_NS = 20_000_000
/** Entries that the cache holds before the drive writes them out although it is busy. */
const CACHE_ENTRIES_MAX = 1024

export class Drive {
  /** Unique in a rig; what IDENTIFY reports. */
  id: number
  readonly model: string
  /** Faults, asked in order. */
  readonly filters: DriveFilter[] = []
  /** From power on until it is there. */
  spinUpNs = 0
  /** A CD drive that tells which bytes its decoder could not vouch for: it knows DRIVE_READ_C2. */
  pointsAtErrors = false
  /** Called before anything that changes what a power cut would leave. May throw: then power fails right there. */
  beforeChange: (() => void) | null = null
  /** Commands that were served, and sectors moved. */
  commandsServed = 0
  readonly #timing: TimingModel
  readonly #cached: boolean
  readonly #cache: WriteCache
  #medium: Medium
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
    this.#medium = medium
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

  /** What survives a power cut. */
  get medium(): Medium {
    return this.#medium
  }

  get sectorCount(): number {
    return this.#medium.sectorCount
  }

  /** Becomes the drive `id` with other contents, without power: everything that it was doing is forgotten. The medium that it had is not its own any more. */
  become(id: number, medium: Medium, filters: readonly DriveFilter[]): void {
    this.#forgetCommands()
    this.id = id
    this.#cache.moveTo(medium)
    if (this.#cached) this.#view.dispose()
    this.#medium = medium
    this.#view = this.#cached ? medium.fork() : medium
    this.filters.length = 0
    this.filters.push(...filters)
    this.#timing.reset()
  }

  /** Commands inside the drive. */
  get outstanding(): number {
    return this.#queue.length + this.#active.length
  }

  /** Takes a command; `command.arrivalNs` says when it is there. */
  submit(command: DriveCommand): void {
    if (this.beforeChange !== null && command.op === DRIVE_WRITE) this.#tellBeforeSubmit(command, this.beforeChange)
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
    const at = indexOf(this.#active, slot, generation)
    if (at < 0) return
    const command = this.#active[at]!
    if (this.beforeChange !== null && command.op !== DRIVE_READ) this.beforeChange()
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
    if (this.beforeChange !== null) this.beforeChange()
    const { lba, sectors } = this.#cache.entry(0)
    const nowNs = this.#wiring!.events.nowNs
    this.#timing.serve(DRIVE_WRITE, lba, sectors, nowNs)
    this.#cache.destage(1)
    this.#waitIdle()
  }

  /** Power is lost. `survival` chooses what persists; `tear` (null: none) a sector of the first write in flight that is left half new. */
  powerCut(survival: Survival, tear: ((sectors: number) => number) | null): void {
    this.#survive(this.#medium, survival, tear)
    this.#forgetCommands()
    this.#cache.forget()
  }

  /** The medium as a power cut at this instant would leave it; the drive itself goes on. The caller disposes of it. */
  mediumAfterCut(survival: Survival): Medium {
    const medium = this.#medium.fork()
    this.#survive(medium, survival, null)
    return medium
  }

  /** Every write that a power cut may take or leave, oldest first. */
  visitVolatile(visit: (lba: number, sectors: number, pages: Int32Array, cached: boolean) => void): void {
    for (let i = 0; i < this.#cache.length; i++) {
      const { lba, sectors, pages } = this.#cache.entry(i)
      visit(lba, sectors, pages, true)
    }
    for (const list of [this.#active, this.#queue]) {
      for (const command of list)
        if (mayPersist(command, this.sectorCount)) visit(command.lba, command.sectors, command.pages, false)
    }
  }

  powerUp(): void {
    this.#timing.reset()
    for (const filter of this.filters) filter.powerCycled()
    if (!this.#cached) return
    this.#view.dispose()
    this.#view = this.medium.fork()
  }

  /** The drive leaves its bay: commands are forgotten (the bay answers for it), and it loses its power. */
  disconnect(survival: Survival): DriveCommand[] {
    const orphans = [...this.#active, ...this.#queue]
    this.powerCut(survival, null)
    this.#wiring = null
    return orphans
  }

  /** What a read of these sectors would deliver now, faults included: for the judge. */
  peek(lba: number, sectors: number, target: Uint8Array, offset: number): void {
    this.#view.read(lba, sectors, target, offset)
    for (const filter of this.filters) filter.delivered(lba, sectors, target, offset)
  }

  /** The page behind a sector as reads see it, where that is all there is to say: no fault lies over it, no sector is unreadable; else -1. */
  plainPageOf(lba: number): number {
    if (this.filters.length > 0 || this.#view.unreadableSectors.size > 0) return -1
    return this.#view.pageOf(lba)
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
    deliver(this.#view, this.filters, command, target)
  }

  #survive(medium: Medium, survival: Survival, tear: ((sectors: number) => number) | null): void {
    this.#cache.survive(medium, survival)
    let chooseTorn = tear
    for (const list of [this.#active, this.#queue]) {
      for (const command of list) {
        if (!mayPersist(command, this.sectorCount)) continue
        if (chooseTorn !== null) {
          storeTorn(medium, command, chooseTorn(command.sectors))
          chooseTorn = null
          continue
        }
        survival.next(command.sectors, false)
        keepSurvivors(medium, command.lba, command.sectors, command.pages, survival)
      }
    }
  }

  #forgetCommands(): void {
    for (const command of this.#active) this.#release(command)
    for (const command of this.#queue) this.#release(command)
    this.#active.length = 0
    this.#queue.length = 0
    this.#idleGeneration++
  }

  /** If power fails here, the command never came to the drive. */
  #tellBeforeSubmit(command: DriveCommand, tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.#release(command)
      throw error
    }
  }

  #startNext(): void {
    const { events, finishEvent, eventIndex } = this.#wiring!
    while (this.#queue.length > 0 && this.#active.length < this.#timing.channels) {
      const nowNs = events.nowNs
      const command = takeNext(this.#queue, this.#timing, nowNs)
      command.state = COMMAND_ACTIVE
      const startNs = Math.max(command.arrivalNs, nowNs)
      const effect = command.effect
      effect.clear()
      for (const filter of this.filters) filter.begin(command, startNs)
      this.#active.push(command)
      if (effect.hang) continue
      events.push(
        effect.delayed(startNs, this.#serve(command, startNs)),
        finishEvent,
        eventIndex,
        (command.generation << 12) | command.slot,
      )
    }
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
    if (effect.status !== DRIVE_OK) {
      for (const filter of this.filters) filter.refused?.(this.#wiring!.events.nowNs)
      return
    }
    const isUnknown = command.op === DRIVE_READ_C2 && !this.pointsAtErrors
    if (isUnknown || lba + sectors > this.sectorCount) {
      command.status = DRIVE_ILLEGAL
      return
    }
    switch (command.op) {
      case DRIVE_WRITE:
        this.#store(command)
        return
      case DRIVE_READ_C2:
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
      storeTorn(this.medium, command, effect.tornSector)
      if (this.#cached) storeTorn(this.#view, command, effect.tornSector)
    } else if (effect.store === STORE_ELSEWHERE) {
      this.#cache.destageOverlapping(effect.elsewhereLba, sectors)
      storeElsewhere(this.medium, command)
      if (this.#cached) storeElsewhere(this.#view, command)
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
