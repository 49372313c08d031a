// A site: one array at a place: a controller, its bays and drives, its NVRAM, its power.
//
// Duties: wire them, cut and restore power, pull and insert drives, restart a controller whose microcode was stopped. It handles
// the events of the hardware (eventKinds.ts) and tells an observer what happens; it knows neither workloads nor laws.

import { BOOT_FORMAT, BOOT_POWER_ON, BOOT_RESTART } from '../../assembly/abi/descriptor'
import { Controller } from '../controller/controller'
import type { FrontPanel } from '../controller/panel/frontPanel'
import type { ProgressCell } from '../controller/progressCell'
import { newSockets, type SocketSource } from '../controller/socket'
import type { ControllerHooks, Placement } from '../controller/wiring'
import type { Drive } from '../hardware/drive'
import type { DriveCommand } from '../hardware/driveCommand'
import type { LinkEnd } from '../hardware/linkEnd'
import { Nvram, type NvramContent, type NvramHistory } from '../hardware/nvram'
import { SeededSurvival } from '../hardware/survival'
import type { EventQueue } from '../sim/eventQueue'
import type { RandomStream } from '../sim/random'
import {
  TRACE_CRASH,
  TRACE_DRIVE_DONE,
  TRACE_DRIVE_ISSUE,
  TRACE_HOTPLUG,
  TRACE_NVRAM_COMMIT,
  TRACE_OPERATOR,
  TRACE_POWER_CUT,
  TRACE_POWER_UP,
  type Trace,
} from '../sim/trace'
import { KIND_CORE, KIND_DRIVE_FINISH, KIND_DRIVE_IDLE, KIND_REBOOT, KIND_SPIN_UP, KIND_TIMER } from './eventKinds'
import { type PowerCut, seededCut } from './powerCut'

/** A controller whose microcode was stopped comes back after this. */
const RESTART_NS = 100_000_000
/** A microcode that is stopped so often is not started again. */
const CRASHES_MAX = 8

export interface SiteObserver {
  hostDone(slot: number, timeNs: number): void
  driveIssued(bay: number, command: DriveCommand): void
  driveDone(bay: number, command: DriveCommand): void
  microcodeEvent(code: number, a: number, b: number, c: number): void
  nvramCommitted(offset: number, bytes: number): void
  /** The microcode was stopped; commands that the initiators had sent are lost. `last`: it is not started again. */
  crashed(reason: string, last: boolean): void
}

/** What a power cut left of a site. */
export interface LeftByCut {
  /** One for each bay. */
  readonly drives: readonly (Drive | null)[]
  readonly nvram: Uint8Array
  readonly history: NvramHistory
}

export interface SiteOptions {
  readonly events: EventQueue
  readonly trace: Trace
  readonly random: RandomStream
  readonly module: WebAssembly.Module
  readonly bays: readonly (Drive | null)[]
  readonly nvramBytes: number
  /** What is in the NVRAM when power comes may be put back later. */
  readonly keepsNvramBackups?: boolean
  readonly progress: ProgressCell
  readonly observer: SiteObserver
  /** Added to the kinds of its events: sites share a queue. */
  readonly kinds?: number
  /** The link to the other site; null: there is none. */
  readonly link?: LinkEnd | null
  readonly placement?: Placement
  /** Where instances of the microcode come from; by default a new one for every boot. */
  readonly sockets?: SocketSource
  /** Sets the configuration words, and what the panel takes by name, before every boot. */
  configure(words: Uint32Array, panel: () => FrontPanel | null): void
}

export class Site {
  readonly controller: Controller
  readonly bays: (Drive | null)[]
  /** Drives that were pulled, by the bay that they came from. */
  readonly pulled: (Drive | null)[]
  crashes = 0
  isPowered = false
  readonly #options: SiteOptions
  readonly #kinds: number
  readonly #nvram: Nvram
  #random: RandomStream
  #beforeChange: (() => void) | null = null
  #generation = 0
  /** Bays whose drive was there when power came, and is not ready yet: one that was pulled since tells nobody. */
  readonly #spinningUp = new Set<number>()

  constructor(options: SiteOptions) {
    const { events, trace, observer } = options
    this.#options = options
    this.#kinds = options.kinds ?? 0
    this.#random = options.random.clone()
    this.bays = [...options.bays]
    this.pulled = this.bays.map(() => null)
    this.#nvram = new Nvram(options.nvramBytes)
    if (options.keepsNvramBackups) this.#nvram.keepBackups()
    const hooks: ControllerHooks = {
      hostDone: (slot, timeNs) => observer.hostDone(slot, timeNs),
      driveIssued: (bay, command) => {
        trace.add(events.nowNs, TRACE_DRIVE_ISSUE, (bay << 8) | command.op, command.lba | 0, command.sectors)
        observer.driveIssued(bay, command)
      },
      driveDone: (bay, command) => {
        trace.add(events.nowNs, TRACE_DRIVE_DONE, (bay << 8) | command.op, command.lba | 0, command.status)
        observer.driveDone(bay, command)
      },
      microcodeEvent: (code, a, b, c) => {
        trace.add(events.nowNs, code, a, b, c)
        observer.microcodeEvent(code, a, b, c)
      },
      nvramCommitted: (offset, bytes) => {
        trace.add(events.nowNs, TRACE_NVRAM_COMMIT, offset, bytes, 0)
        observer.nvramCommitted(offset, bytes)
      },
      crashed: (reason) => this.#crashed(reason),
    }
    const { module, progress } = options
    const sockets = options.sockets ?? newSockets(module)
    const wiring = {
      events,
      sockets,
      coreEvent: this.#kinds + KIND_CORE,
      timerEvent: this.#kinds + KIND_TIMER,
      link: options.link ?? null,
      ...(options.placement && { placement: options.placement }),
      bays: this.bays,
      nvram: this.#nvram,
      hooks,
    }
    this.controller = new Controller({ ...wiring, progress })
    for (const [bay, drive] of this.bays.entries()) if (drive) this.#connect(bay, drive)
  }

  /** First power on: the operator asks for a new array. Throws MicrocodeRefused. */
  format(): void {
    this.isPowered = true
    this.#start(BOOT_FORMAT)
  }

  /** Power is lost; in-flight commands, RAM and what caches do not keep are gone. */
  powerCut(cut: PowerCut): void {
    const { events, trace } = this.#options
    trace.add(events.nowNs, TRACE_POWER_CUT, cut.tears ? 1 : 0, 0, 0)
    this.isPowered = false
    this.#generation++
    this.controller.powerOff((word) => cut.keepsWord(word))
    const tear = cut.tears ? (sectors: number) => cut.tornSector(sectors) : null
    for (const [bay, drive] of this.bays.entries()) drive?.powerCut(cut.survivalOf(bay), tear)
  }

  /** A power cut that the seed decides. */
  seededCut(tears: boolean): PowerCut {
    return seededCut(this.#random, tears)
  }

  /** `before` is called before each change of what a power cut would leave; null: nobody wants to know. */
  watchChanges(before: (() => void) | null): void {
    this.#beforeChange = before
    this.controller.beforeCommit = before
    for (const drive of this.bays) if (drive) drive.beforeChange = before
  }

  /** Becomes a site without power that holds what a power cut left elsewhere. The drives are this site's from now on. */
  become({ drives, nvram, history }: LeftByCut): void {
    this.isPowered = false
    this.#generation++
    this.crashes = 0
    // Whatever was drawn in an earlier life draws nothing from this one.
    this.#random = this.#options.random.clone()
    this.controller.powerOff(() => false)
    this.controller.abandonCommands()
    this.#nvram.become(nvram, history)
    for (const [bay, drive] of drives.entries()) {
      this.bays[bay] = drive
      this.pulled[bay] = null
      if (drive) this.#connect(bay, drive)
    }
  }

  /** Another one after each power cut, and each stop of the microcode. */
  get life(): number {
    return this.#generation
  }

  /** What is durable in the NVRAM; a view. */
  get nvram(): Uint8Array {
    return this.#nvram.durable
  }

  /** The next power cut leaves something else in the NVRAM. */
  loseNvram(content: NvramContent): void {
    this.#nvram.loseAtPowerCut(content, this.#random.clone())
  }

  /** How often a power cut has done so. */
  get nvramLosses(): number {
    return this.#nvram.losses
  }

  /** The last time an older content took its place. */
  get isNvramOld(): boolean {
    return this.#nvram.isOld
  }

  get nvramAfterCut(): NvramHistory {
    return this.#nvram.historyAfterCut
  }

  /** What a power cut now would make of these bytes of the NVRAM. */
  applyNvramLoss(bytes: Uint8Array): void {
    this.#nvram.applyLoss(bytes)
  }

  powerOn(): void {
    const { events, trace } = this.#options
    trace.add(events.nowNs, TRACE_POWER_UP, 0, 0, 0)
    this.isPowered = true
    this.#nvram.powerOn()
    for (const drive of this.bays) drive?.powerUp()
    this.#start(BOOT_POWER_ON)
  }

  /** Takes the drive out of a bay; false: there is none. */
  pull(bay: number): boolean {
    const drive = this.bays[bay]
    if (!drive) return false
    const { events, trace } = this.#options
    trace.add(events.nowNs, TRACE_HOTPLUG, bay, 0, 0)
    this.bays[bay] = null
    this.pulled[bay] = drive
    this.#spinningUp.delete(bay)
    const orphans = drive.disconnect(new SeededSurvival(this.#random))
    if (this.isPowered) {
      this.controller.driveGone(orphans)
      this.controller.hotplug(bay, false)
    }
    return true
  }

  /** Puts a drive into an empty bay; false: it is not empty. */
  insert(bay: number, drive: Drive): boolean {
    if (this.bays[bay] || bay >= this.bays.length) return false
    const { events, trace } = this.#options
    trace.add(events.nowNs, TRACE_HOTPLUG, bay, 1, drive.id)
    if (this.pulled[bay] === drive) this.pulled[bay] = null
    this.bays[bay] = drive
    drive.powerUp()
    this.#connect(bay, drive)
    if (this.isPowered) this.controller.hotplug(bay, true)
    return true
  }

  /** An operator asks for something (assembly/abi/operator.ts); false: there is nobody to ask. */
  operate(request: number, bay: number): boolean {
    const { events, trace } = this.#options
    if (!this.controller.takesRequests) return false
    trace.add(events.nowNs, TRACE_OPERATOR, request, bay, 0)
    return this.controller.operate(request, bay)
  }

  /** Handles an event of the hardware; false: it is not one. */
  handle(kind: number, a: number, b: number): boolean {
    switch (kind - this.#kinds) {
      case KIND_DRIVE_FINISH:
        this.bays[a]?.finishSlot(b & 0xfff, b >>> 12)
        return true
      case KIND_DRIVE_IDLE:
        if (this.isPowered) this.bays[a]?.idle(b)
        return true
      case KIND_CORE:
        this.controller.coreDue(a, b)
        return true
      case KIND_TIMER:
        this.controller.timerDue(a, b)
        return true
      case KIND_SPIN_UP:
        if (b === this.#generation && this.#spinningUp.delete(a)) this.controller.hotplug(a, true)
        return true
      case KIND_REBOOT:
        if (b === this.#generation && this.isPowered) this.#start(BOOT_RESTART)
        return true
      default:
        return false
    }
  }

  #connect(bay: number, drive: Drive): void {
    const { events } = this.#options
    const wiring = {
      events,
      finishEvent: this.#kinds + KIND_DRIVE_FINISH,
      idleEvent: this.#kinds + KIND_DRIVE_IDLE,
      eventIndex: bay,
    }
    drive.beforeChange = this.#beforeChange
    drive.connect(wiring, (command) => this.controller.driveAnswered(bay, command))
  }

  #start(reason: number): void {
    const { events, configure } = this.#options
    this.controller.load(configure)
    this.controller.boot(reason)
    this.#spinningUp.clear()
    for (const [bay, drive] of this.bays.entries()) {
      if (!drive) continue
      this.#spinningUp.add(bay)
      events.push(events.nowNs + drive.spinUpNs, this.#kinds + KIND_SPIN_UP, bay, this.#generation)
    }
  }

  #crashed(reason: string): void {
    const { events, trace, observer } = this.#options
    trace.add(events.nowNs, TRACE_CRASH, ++this.crashes, 0, 0)
    this.#generation++
    this.controller.powerOff(() => this.#random.chance(1, 2))
    this.controller.abandonCommands()
    const last = this.crashes >= CRASHES_MAX
    observer.crashed(reason, last)
    if (!last) events.push(events.nowNs + RESTART_NS, this.#kinds + KIND_REBOOT, 0, this.#generation)
  }
}
