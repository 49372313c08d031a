// One run, phase by phase: format, load, workload under faults, quiet, read back, judge.
//
// The run is a function of the scenario, the files and the seed. The loop pops one event at a time and hands it to its owner; nothing
// waits, nothing reads a clock. Every phase has a bound in simulated time: what does not end in it is a finding of law LIVE.

import { OPERATOR_SCRUB } from '../../assembly/abi/operator'
import { ProgressCell } from '../controller/progressCell'
import { EVENT_CRASH_POINT, EVENT_DRIVE_DONE, EVENT_NVRAM_COMMIT } from '../faults/eventNames'
import { FaultEngine } from '../faults/faultEngine'
import { siteIndex } from '../faults/faultSpec'
import type { DriveCommand } from '../hardware/driveCommand'
import { KIND_COMMAND_WATCH, KIND_FAULT, KIND_INITIATOR, KIND_POWER_CUT, KIND_POWER_ON } from '../rig/eventKinds'
import { observerAt } from '../rig/observerAt'
import { chosenCut, PowerFails } from '../rig/powerCut'
import type { Rig } from '../rig/rig'
import type { LeftByCut, Site, SiteObserver } from '../rig/site'
import { EventQueue } from '../sim/eventQueue'
import { TRACE_FAULT, Trace } from '../sim/trace'
import { Initiator } from '../workload/initiator'
import { IO_WRITE, type WorkloadJob } from '../workload/io'
import { DriveFactory } from './buildDrives'
import { buildRig } from './buildRig'
import { CLAIM_EVENTS } from './claimEvents'
import { CommandWatch } from './commandWatch'
import { driveEventOf, hostEventOf } from './eventOf'
import { FaultEvents } from './faultEvents'
import { FaultGlue } from './faultGlue'
import { HeldEvents } from './heldEvents'
import { imagerOf, type LiveImager } from './liveImager'
import { lunsOf } from './lunsOf'
import { isInStep, isRigQuiet, isStopped, lunSectorsOf, refusesForGood } from './quiet'
import type { RunnerHooks, RunnerOptions } from './runnerHooks'
import { LATE_NS, POWER_OFF_NS, QUIET_NS, READY_NS } from './runTimes'
import type { ResolvedScenario } from './scenario'
import { SitePower } from './sitePower'
import { TwoSites } from './twoSites'
import { WrittenChunks } from './writtenChunks'

export class Runner implements SiteObserver {
  readonly events = new EventQueue()
  readonly trace = new Trace()
  readonly rig: Rig
  readonly initiator: Initiator
  readonly imager: LiveImager
  readonly glue: FaultGlue
  readonly twoSites: TwoSites
  readonly #power: SitePower
  readonly faults: FaultEngine
  readonly hooks: RunnerHooks
  /** Where the LUN was written to, by chunks. */
  readonly written = new WrittenChunks()
  driveCommands = 0
  powerCuts = 0
  /** The controller keeps stopping and is not started again. */
  isDead = false
  /** The slot of a command that is no initiator's (scsiAudit.ts); -1: it is answered; -2: it was lost with the controller. */
  probedSlot = -1
  readonly #told: FaultEvents
  readonly #watch: CommandWatch
  #claimsMoved = false
  /** A final power cut has struck: what follows is recovery alone. */
  #isFinal = false
  /** Power cuts end jobs that replay what one real host did. */
  #endsAtPowerCut: ReadonlySet<WorkloadJob> = new Set()
  readonly #held: HeldEvents | null
  readonly #scenario: ResolvedScenario
  readonly #eventsMax: number

  constructor(
    scenario: ResolvedScenario,
    module: WebAssembly.Module,
    seed: number,
    hooks: RunnerHooks,
    options: RunnerOptions = {},
  ) {
    const { events, trace } = this
    this.hooks = hooks
    this.#scenario = scenario
    this.#held = options.scheduler ? new HeldEvents(options.scheduler) : null
    this.#eventsMax = options.eventsMax ?? Number.POSITIVE_INFINITY
    this.faults = new FaultEngine(scenario.faults, seed)
    this.#told = new FaultEvents(this.faults, events, () => this.rig?.activeIndex ?? 0)
    const factory = new DriveFactory(seed)
    this.rig = buildRig(scenario, {
      events,
      trace,
      module,
      seed,
      factory,
      progress: options.progress ?? new ProgressCell(),
      ...(options.sockets && { sockets: options.sockets }),
      observers: scenario.remote ? [0, 1].map((index) => this.#observerAt(index)) : [this],
    })
    this.initiator = new Initiator({
      events,
      trace,
      controller: this.site.controller,
      sectorBytes: 512,
      observe: (op, lba, sectors) => this.#observeHost(op, lba, sectors),
    })
    this.imager = imagerOf(this)
    this.#power = new SitePower(this.rig, events, scenario.array.writeCache, {
      activeLost: (tears) => this.#lostPower(tears),
      activeReturned: () => this.initiator.connect(),
      otherLost: (tears) => hooks.otherLost?.(events.nowNs, tears),
      forgot: (what) => hooks.forgot?.(what, events.nowNs),
      copyReturned: (point) => hooks.copyReturned?.(point, events.nowNs),
    })
    this.twoSites = new TwoSites(this.rig, events, this.#power, () => this.#changedOver(), scenario.remote)
    this.glue = new FaultGlue(this.rig, events, factory, scenario.replacement, seed, this.twoSites)
    const refuses = (): boolean => refusesForGood(this.site)
    this.#watch = new CommandWatch(events, this.initiator, hooks, scenario.limits.commandTimeoutNs, refuses)
    for (const [index, site] of this.rig.sites.entries()) {
      if (hooks.crashPoint || this.faults.listensTo(EVENT_CRASH_POINT, index))
        site.watchChanges(() => this.#crashPoint(index))
    }
  }

  /** The site that the initiators use. */
  get site(): Site {
    return this.rig.site
  }

  /** How often each event happened since the workload began. */
  get counts(): Float64Array {
    return this.#told.counts
  }

  /** Of all LUNs together: one behind the other. */
  get lunSectors(): number {
    return this.#scenario.array.luns.length > 0 ? this.initiator.luns.sectors : lunSectorsOf(this.site)
  }

  /** Formats the array and waits for its LUN; false: it does not come. */
  format(): boolean {
    for (const site of this.rig.sites) site.format()
    this.initiator.connect()
    this.#watch.schedule()
    // A LUN that says that it is ready, of an array that does not know yet how large it is, is judged by what it answers later.
    const isThere = (): boolean => this.initiator.isReady && lunSectorsOf(this.site) > 0
    if (!this.#runUntil(isThere, READY_NS, 'the LUN of a new array')) return false
    this.initiator.luns = lunsOf(this.#scenario, lunSectorsOf(this.site))
    return !this.twoSites.exists || this.#runUntil(() => isInStep(this.rig), READY_NS, 'both sites in step')
  }

  /** The workload has begun: counting starts, and events may be held. */
  start(): void {
    this.#told.isStarted = true
  }

  /**
   * Starts over without power, at `nowNs`, from what a power cut left elsewhere: its drives and NVRAM. Nothing that happened here counts any
   * more. Power returns after a second; the drive in bay `late` (-1: none) comes later.
   */
  become(left: LeftByCut, nowNs: number, late: number): void {
    this.events.restart(nowNs)
    this.trace.restart()
    this.#told.restart()
    this.driveCommands = 0
    this.powerCuts = 1
    this.isDead = false
    this.#watch.restart()
    this.#claimsMoved = false
    this.#held?.restart()
    this.initiator.restart()
    this.imager.restart()
    this.glue.restart()
    this.site.become(left)
    this.#powerReturns(0, POWER_OFF_NS, late)
    this.#watch.schedule()
  }

  /** Whether power returned in the time that it may take. */
  awaitPower(): boolean {
    const isBack = (): boolean => this.site.isPowered && this.#isWhole
    return isBack() || this.#runUntil(isBack, READY_NS, 'the return of power')
  }

  /** Waits for drives that come late after a power cut; false: there is none. */
  awaitLateDrives(): boolean {
    if (this.isDead || !this.glue.awaitsDrives) return false
    return this.#runUntil(() => !this.glue.awaitsDrives, READY_NS, 'a drive that comes late')
  }

  /** An operator asks for a scrub; false: nobody takes requests, or there is nothing to scrub. */
  scrub(): boolean {
    return !this.isDead && this.initiator.isReady && this.site.operate(OPERATOR_SCRUB, 0)
  }

  #powerReturns(site: number, durationNs: number, late: number): void {
    if (late >= 0) this.glue.takeOut(site, late, this.events.nowNs + durationNs + LATE_NS)
    this.#power.returnsAfter(site, durationNs)
  }

  /** Carries jobs out without faults; false: they did not end in time. */
  carryOut(jobs: readonly WorkloadJob[], limitNs: number, what: string): boolean {
    this.initiator.run(jobs)
    return this.#runUntil(() => this.initiator.isIdle || this.isDead, limitNs, what) && !this.isDead
  }

  /** The workload, under faults. */
  workload(jobs: readonly WorkloadJob[], endsAtPowerCut: ReadonlySet<WorkloadJob>, limitNs: number): boolean {
    this.#told.isStarted = true
    this.#endsAtPowerCut = endsAtPowerCut
    this.faults.start(this.glue, this.events.nowNs)
    let lastAppointmentNs = 0
    for (const { timeNs, index } of this.faults.timed()) {
      lastAppointmentNs = Math.max(lastAppointmentNs, timeNs)
      this.events.push(timeNs, KIND_FAULT, index, 0)
    }
    this.initiator.run(jobs)
    this.imager.start(this.#scenario.liveImages ?? [])
    const isIdle = (): boolean => this.initiator.isIdle && this.imager.isIdle
    const isOver = (): boolean =>
      (isIdle() && this.events.nowNs >= lastAppointmentNs && this.site.isPowered) || this.isDead
    const ended = this.#runUntil(isOver, limitNs, 'the workload') && !this.isDead
    this.imager.stop()
    return ended
  }

  /** Faults have stopped: the array comes to rest. */
  settle(): boolean {
    if (this.isDead) return false
    this.twoSites.askForPoints()
    const isOver = (): boolean => (this.#isWhole && isRigQuiet(this.rig)) || this.isDead
    return this.#runUntil(isOver, QUIET_NS, 'resync, rebuild and clean-up')
  }

  /** Whether the LUN answers; waits a little for it. An array that was stopped is not waited for. */
  awaitLun(): boolean {
    if (this.isDead || !this.site.isPowered || isStopped(this.site)) return false
    if (!this.initiator.isReady) this.initiator.connect()
    return this.goOn(() => this.initiator.isReady, 10_000_000_000)
  }

  /** Goes on until something is so; false: it did not come about in time. */
  goOn(isSo: () => boolean, limitNs: number): boolean {
    const endNs = this.events.nowNs + limitNs
    for (let left = this.#eventsMax; !isSo() && left > 0 && this.events.nowNs < endNs && this.#step(); left--) {}
    return isSo()
  }

  // What the site tells.

  hostDone(slot: number, timeNs: number): void {
    if (slot === this.probedSlot) this.probedSlot = -1
    else if (!this.imager.reader.hostDone(slot)) this.initiator.hostDone(slot, timeNs)
  }

  driveIssued(bay: number, command: DriveCommand): void {
    this.driveCommands++
    const { op } = command
    const event = driveEventOf(op)
    if (event > 0) this.#told.happened(event, bay, command.lba, command.sectors)
  }

  driveDone(bay: number, command: DriveCommand): void {
    this.hooks.driveDone(bay, command, this.events.nowNs)
    this.#told.happened(EVENT_DRIVE_DONE, bay, command.lba, command.sectors)
  }

  microcodeEvent(code: number, a: number, _b: number, _c: number): void {
    if (CLAIM_EVENTS.has(code)) this.#claimsMoved = true
    this.twoSites.hear(code, a)
    this.#told.happened(code & 0xff, a, 0, 0)
  }

  nvramCommitted(_offset: number, _bytes: number): void {
    this.#told.happened(EVENT_NVRAM_COMMIT, -1, 0, 0)
  }

  crashed(reason: string, last: boolean): void {
    this.isDead = last
    if (this.probedSlot >= 0) this.probedSlot = -2
    this.hooks.crashed(reason, last, this.events.nowNs)
    this.initiator.abandon()
    this.imager.reader.abandon()
    if (!last) this.initiator.connect()
  }

  #observeHost(op: number, lba: number, sectors: number): void {
    if (op === IO_WRITE) this.written.note(lba, sectors)
    this.#told.happened(hostEventOf(op), -1, lba, sectors)
  }

  #runUntil(isOver: () => boolean, limitNs: number, what: string): boolean {
    const endNs = this.events.nowNs + limitNs
    let left = this.#eventsMax
    while (!isOver()) {
      if (this.#watch.overdueTold || this.events.nextTimeNs > endNs || left-- <= 0 || !this.#step()) {
        if (!this.#watch.overdueTold) this.hooks.overdue(what, this.events.nowNs)
        return false
      }
    }
    return true
  }

  /** A recovery is judged when every site is back that will be. */
  get #isWhole(): boolean {
    return !this.#isFinal || !this.#power.isAwaited
  }

  /** One event. */
  #step(): boolean {
    const { events } = this
    if (!events.pop()) return false
    if (this.#told.isStarted && this.#held?.holds(events)) return true
    try {
      this.#handle(events.kind, events.a, events.b)
    } catch (error) {
      if (!(error instanceof PowerFails)) throw error
      for (const cut of error.cuts) this.#powerCut(cut, true)
    }
    return true
  }

  #crashPoint(site: number): void {
    if (!this.#told.isStarted) return
    const { glue } = this
    const due: number[] = []
    glue.dueCuts = due
    this.#told.crashPointAt(site)
    glue.dueCuts = null
    this.hooks.crashPoint?.(this.#told.crashPoints[site]!, this.events.nowNs, site)
    // Only the site itself is in the middle of something that ends so.
    if (due.some((number) => siteIndex(glue.cuts[number]!.site) === site)) throw new PowerFails(due)
    for (const number of due) glue.cutSoon(number)
  }

  #handle(kind: number, a: number, b: number): void {
    if (!this.rig.handle(kind, a, b)) this.#handleOwn(kind, a, b)
    this.#power.look()
    if (!this.#claimsMoved) return
    // Judged when the entry point that moved them has returned: status words are true then.
    this.#claimsMoved = false
    this.hooks.claimsChanged(this.events.nowNs)
  }

  #handleOwn(kind: number, a: number, b: number): void {
    const { events } = this
    switch (kind) {
      case KIND_INITIATOR:
        this.initiator.wake(a, b)
        break
      case KIND_FAULT:
        this.trace.add(events.nowNs, TRACE_FAULT, a, 0, 0)
        this.faults.strike(a, events.nowNs)
        break
      case KIND_POWER_CUT:
        this.#powerCut(a, false)
        break
      case KIND_POWER_ON:
        this.#power.due(a, b)
        break
      case KIND_COMMAND_WATCH:
        this.#watch.look()
        break
      default:
        if (this.imager.handle(kind, a) || this.glue.handle(kind, a, b, this.hooks)) return
        this.twoSites.handle(kind, a, b)
    }
  }

  #powerCut(number: number, isMidway: boolean): void {
    const { site, durationNs, tearSector, survival, final, late } = this.glue.cuts[number]!
    const index = siteIndex(site)
    const where = this.rig.sites[index]!
    if (!where.isPowered) return
    this.#power.lose(index, survival === null ? where.seededCut(tearSector) : chosenCut(survival), isMidway)
    if (final) {
      this.#isFinal = true
      this.initiator.stop(() => true)
      this.imager.stop()
      this.faults.disarm()
    }
    this.#powerReturns(index, durationNs, late)
  }

  /** The site that the initiators use has lost its power. */
  #lostPower(tears: boolean): void {
    this.powerCuts++
    this.hooks.powerCut(this.events.nowNs, tears)
    this.initiator.abandon()
    this.imager.reader.abandon()
    // The host that a trace was recorded on is at that site.
    this.initiator.stop((job) => this.#endsAtPowerCut.has(job))
  }

  #changedOver(): void {
    this.hooks.changedOver?.(this.events.nowNs)
    this.initiator.abandon()
    this.initiator.follow(this.site.controller)
    this.initiator.connect()
  }

  #observerAt(index: number): SiteObserver {
    const tell = (reason: string): void => this.hooks.otherSiteStopped?.(reason, this.events.nowNs)
    return observerAt(index, () => this.rig?.activeIndex ?? 0, this, this.#told.elsewhere(tell))
  }
}
