// One run, phase by phase: format, load, workload under faults, quiet, read back, judge.
//
// The run is a function of the scenario, the files and the seed. The loop pops one event at a time and hands it to its owner; nothing
// waits, nothing reads a clock. Every phase has a bound in simulated time: what does not end in it is a finding of law LIVE.

import { DRIVE_FLUSH, DRIVE_READ, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { EVENT_BAY_STATE } from '../../assembly/abi/events'
import { STATUS_LUN_SECTORS_HIGH, STATUS_LUN_SECTORS_LOW } from '../../assembly/abi/status'
import { ProgressCell } from '../controller/progressCell'
import {
  EVENT_DRIVE_DONE,
  EVENT_DRIVE_FLUSH,
  EVENT_DRIVE_READ,
  EVENT_DRIVE_WRITE,
  EVENT_HOST_ACK,
  EVENT_HOST_FLUSH,
  EVENT_HOST_READ,
  EVENT_HOST_WRITE,
  EVENT_NUMBERS,
  EVENT_NVRAM_COMMIT,
} from '../faults/eventNames'
import { FaultEngine } from '../faults/faultEngine'
import type { DriveCommand } from '../hardware/driveCommand'
import {
  KIND_COMMAND_WATCH,
  KIND_FAULT,
  KIND_INITIATOR,
  KIND_INSERT,
  KIND_POWER_CUT,
  KIND_POWER_ON,
  KIND_PULL,
} from '../rig/eventKinds'
import { Site, type SiteObserver } from '../rig/site'
import { EventQueue } from '../sim/eventQueue'
import { RandomStream } from '../sim/random'
import { TRACE_FAULT, Trace } from '../sim/trace'
import { Initiator } from '../workload/initiator'
import { IO_FLUSH, IO_READ, IO_WRITE, type WorkloadJob } from '../workload/io'
import { DriveFactory } from './buildDrives'
import { configurator } from './configure'
import { FaultGlue } from './faultGlue'
import { isQuiet } from './quiet'
import type { ResolvedScenario } from './scenario'
import { WrittenChunks } from './writtenChunks'

const NVRAM_BYTES = 1024 * 1024
/** A format, and each return after a power cut, has this long. */
const READY_NS = 120_000_000_000
/** After the workload the array has this long to become quiet. */
const QUIET_NS = 600_000_000_000

export interface RunnerHooks {
  /** `tears`: a sector of a write in flight may be half new. */
  powerCut(nowNs: number, tears: boolean): void
  /** The microcode was stopped; what the initiators had sent is lost. */
  crashed(reason: string, last: boolean, nowNs: number): void
  /** A bay has changed its state, or its drive. */
  claimsChanged(nowNs: number): void
  /** A drive has answered, and the microcode does not know it yet. */
  driveDone(bay: number, command: DriveCommand, nowNs: number): void
  commandOverdue(what: string, lba: number, submitNs: number, nowNs: number): void
  /** Some phase did not end in time. */
  overdue(what: string, nowNs: number): void
}

export class Runner implements SiteObserver {
  readonly events = new EventQueue()
  readonly trace = new Trace()
  readonly site: Site
  readonly initiator: Initiator
  readonly glue: FaultGlue
  readonly faults: FaultEngine
  /** How often each event happened since the workload began. */
  readonly counts = new Float64Array(EVENT_NUMBERS)
  readonly hooks: RunnerHooks
  /** Where the LUN was written to, by chunks. */
  readonly written = new WrittenChunks()
  driveCommands = 0
  powerCuts = 0
  /** The controller keeps stopping and is not started again. */
  isDead = false
  #started = false
  #commandTimeoutNs: number
  #overdueTold = false
  #claimsMoved = false
  /** Power cuts end jobs that replay what one real host did. */
  #endsAtPowerCut: ReadonlySet<WorkloadJob> = new Set()

  constructor(
    scenario: ResolvedScenario,
    module: WebAssembly.Module,
    seed: number,
    hooks: RunnerHooks,
    progress?: ProgressCell,
  ) {
    const { events, trace } = this
    this.hooks = hooks
    const factory = new DriveFactory(seed)
    this.site = new Site({
      events,
      trace,
      module,
      random: RandomStream.fromSeed(seed, 'power'),
      bays: scenario.bays.map((spec) => (spec ? factory.make(spec) : null)),
      nvramBytes: NVRAM_BYTES,
      progress: progress ?? new ProgressCell(),
      observer: this,
      configure: configurator(scenario, seed),
    })
    this.initiator = new Initiator({
      events,
      trace,
      controller: this.site.controller,
      sectorBytes: 512,
      observe: (op, lba, sectors) => this.#observeHost(op, lba, sectors),
    })
    this.glue = new FaultGlue(this.site, events, factory, scenario.replacement, seed)
    this.faults = new FaultEngine(scenario.faults, seed)
    this.#commandTimeoutNs = scenario.limits.commandTimeoutNs
  }

  get lunSectors(): number {
    const { controller } = this.site
    return (
      controller.statusWord(STATUS_LUN_SECTORS_LOW) + controller.statusWord(STATUS_LUN_SECTORS_HIGH) * 0x1_0000_0000
    )
  }

  /** Formats the array and waits for its LUN; false: it does not come. */
  format(): boolean {
    this.site.format()
    this.initiator.connect()
    this.#watch()
    return this.#runUntil(() => this.initiator.isReady, READY_NS, 'the LUN of a new array')
  }

  /** Carries jobs out without faults; false: they did not end in time. */
  carryOut(jobs: readonly WorkloadJob[], limitNs: number, what: string): boolean {
    this.initiator.run(jobs)
    return this.#runUntil(() => this.initiator.isIdle || this.isDead, limitNs, what) && !this.isDead
  }

  /** The workload, under faults. */
  workload(jobs: readonly WorkloadJob[], endsAtPowerCut: ReadonlySet<WorkloadJob>, limitNs: number): boolean {
    this.#started = true
    this.#endsAtPowerCut = endsAtPowerCut
    this.faults.start(this.glue, this.events.nowNs)
    let lastAppointmentNs = 0
    for (const { timeNs, index } of this.faults.timed()) {
      lastAppointmentNs = Math.max(lastAppointmentNs, timeNs)
      this.events.push(timeNs, KIND_FAULT, index, 0)
    }
    this.initiator.run(jobs)
    const isOver = (): boolean =>
      (this.initiator.isIdle && this.events.nowNs >= lastAppointmentNs && this.site.isPowered) || this.isDead
    return this.#runUntil(isOver, limitNs, 'the workload') && !this.isDead
  }

  /** Faults have stopped: the array comes to rest. */
  settle(): boolean {
    if (this.isDead) return false
    return this.#runUntil(() => isQuiet(this.site) || this.isDead, QUIET_NS, 'resync, rebuild and clean-up')
  }

  /** Whether the LUN answers; waits a little for it. */
  awaitLun(): boolean {
    if (this.isDead || !this.site.isPowered) return false
    if (!this.initiator.isReady) this.initiator.connect()
    const limitNs = this.events.nowNs + 10_000_000_000
    while (!this.initiator.isReady && this.events.nowNs < limitNs && this.#step()) {}
    return this.initiator.isReady
  }

  // What the site tells.

  hostDone(slot: number, timeNs: number): void {
    this.initiator.hostDone(slot, timeNs)
  }

  driveIssued(bay: number, command: { op: number; lba: number; sectors: number }): void {
    this.driveCommands++
    const { op } = command
    const event =
      op === DRIVE_WRITE
        ? EVENT_DRIVE_WRITE
        : op === DRIVE_READ
          ? EVENT_DRIVE_READ
          : op === DRIVE_FLUSH
            ? EVENT_DRIVE_FLUSH
            : 0
    if (event > 0) this.#observe(event, bay, command.lba, command.sectors)
  }

  driveDone(bay: number, command: DriveCommand): void {
    this.hooks.driveDone(bay, command, this.events.nowNs)
    this.#observe(EVENT_DRIVE_DONE, bay, command.lba, command.sectors)
  }

  microcodeEvent(code: number, a: number, _b: number, _c: number): void {
    if (code === EVENT_BAY_STATE) this.#claimsMoved = true
    this.#observe(code & 0xff, a, 0, 0)
  }

  nvramCommitted(): void {
    this.#observe(EVENT_NVRAM_COMMIT, -1, 0, 0)
  }

  crashed(reason: string, last: boolean): void {
    this.isDead = last
    this.hooks.crashed(reason, last, this.events.nowNs)
    this.initiator.abandon()
    if (!last) this.initiator.connect()
  }

  #observeHost(op: number, lba: number, sectors: number): void {
    const event =
      op === IO_WRITE
        ? EVENT_HOST_WRITE
        : op === 0
          ? EVENT_HOST_ACK
          : op === IO_FLUSH
            ? EVENT_HOST_FLUSH
            : EVENT_HOST_READ
    this.#observe(event, -1, lba, sectors)
  }

  #observe(event: number, bay: number, lba: number, sectors: number): void {
    if (!this.#started) return
    this.counts[event]!++
    if (this.faults.interested[event] === 1) this.faults.observe(event, bay, lba, sectors, this.events.nowNs)
  }

  #watch(): void {
    this.events.push(this.events.nowNs + this.#commandTimeoutNs / 4, KIND_COMMAND_WATCH, 0, 0)
  }

  #runUntil(isOver: () => boolean, limitNs: number, what: string): boolean {
    const endNs = this.events.nowNs + limitNs
    while (!isOver()) {
      if (this.#overdueTold || this.events.nextTimeNs > endNs || !this.#step()) {
        if (!this.#overdueTold) this.hooks.overdue(what, this.events.nowNs)
        return false
      }
    }
    return true
  }

  /** One event. */
  #step(): boolean {
    const { events } = this
    if (!events.pop()) return false
    const { kind, a, b } = events
    if (this.site.handle(kind, a, b)) {
      if (this.#claimsMoved) {
        // Judged when the entry point that moved them has returned: status words are true then.
        this.#claimsMoved = false
        this.hooks.claimsChanged(events.nowNs)
      }
      return true
    }
    switch (kind) {
      case KIND_INITIATOR:
        this.initiator.wake(a, b)
        break
      case KIND_FAULT:
        this.trace.add(events.nowNs, TRACE_FAULT, a, 0, 0)
        this.faults.strike(a, events.nowNs)
        break
      case KIND_POWER_CUT:
        this.#powerCut(a === 1, b)
        break
      case KIND_POWER_ON:
        this.site.powerOn()
        this.initiator.connect()
        break
      case KIND_PULL:
        this.site.pull(a)
        break
      case KIND_INSERT:
        this.site.insert(a, this.glue.insertion(b))
        break
      case KIND_COMMAND_WATCH:
        this.#watchCommands()
        break
    }
    return true
  }

  #powerCut(tear: boolean, cut: number): void {
    if (!this.site.isPowered) return
    this.powerCuts++
    this.site.powerCut(tear)
    this.hooks.powerCut(this.events.nowNs, tear)
    this.initiator.abandon()
    this.initiator.stop((job) => this.#endsAtPowerCut.has(job))
    this.events.push(this.events.nowNs + this.glue.cutDurationsNs[cut]!, KIND_POWER_ON, 0, 0)
  }

  #watchCommands(): void {
    const oldest = this.initiator.oldest()
    const { nowNs } = this.events
    if (oldest && nowNs - oldest.submitNs > this.#commandTimeoutNs && !this.#overdueTold) {
      this.#overdueTold = true
      this.hooks.commandOverdue(oldest.what, oldest.lba, oldest.submitNs, nowNs)
    }
    if (!this.#overdueTold) this.#watch()
  }
}

/** Reads ranges, in pieces that one command can transfer. */
export function readJob(ranges: Iterable<readonly [lba: number, sectors: number]>, depth: number): WorkloadJob {
  const iterator = ranges[Symbol.iterator]()
  return {
    name: 'read back',
    queueDepth: depth,
    next(io) {
      const step = iterator.next()
      if (step.done) return 2
      io.op = IO_READ
      io.lba = step.value[0]
      io.sectors = step.value[1]
      io.fua = false
      io.notBeforeNs = 0
      io.payload = null
      return 0
    },
  }
}
