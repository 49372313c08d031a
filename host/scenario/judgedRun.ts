// One run under the eyes of the judge, phase by phase; what it came to is asked for at the end.
//
// A run begins with a new array (`begin`), or with what a power cut left in another run (`revive`). Whoever carries runs out decides which
// phases there are: run.ts plays a scenario once, an explorer revives thousands of them.

import { STATUS_UNDECIDED_REGIONS } from '../../assembly/abi/status'
import { isMicrocodeFault } from '../controller/controllerFault'
import { PanelFault } from '../controller/panel/frontPanel'
import { FaultFilter } from '../faults/faultFilter'
import type { Drive } from '../hardware/drive'
import type { StartImage } from '../oracle/content'
import { Oracle } from '../oracle/oracle'
import { claimsToServe, type RigView } from '../oracle/rigView'
import { scrubNotBegun } from '../oracle/scrubJudge'
import { type Finding, type HistoryStep, lawBit, type Verdict, type Violation } from '../oracle/verdict'
import type { WorkloadJob } from '../workload/io'
import { buildJobs } from './buildJobs'
import { arrayStateOf, bayStatesOf } from './claimsOf'
import { siteDifferences } from './compareSites'
import { contentsAtFormat } from './contentsAtFormat'
import { figuresOf } from './figures'
import { imageJob } from './imageJob'
import { namingLun } from './lunsOf'
import { readJob } from './readJob'
import { remotePromise } from './remotePromise'
import { Runner } from './runner'
import type { RunnerHooks, RunnerOptions } from './runnerHooks'
import type { ScenarioFiles } from './runTypes'
import type { ResolvedScenario } from './scenario'
import { auditLun } from './scsiAudit'
import { hasSnapshotLuns } from './snapshotLuns'
import { strangers } from './strangers'
import { viewOf } from './viewOf'
import { writeOnJob } from './writeOnJob'

const SECTOR_BYTES = 512
/** A microcode that is told no deadline has one of its own; the judge takes it for this. */
const DEADLINE_MS_ASSUMED = 2000
/** A command that a drive swallowed may be waited for this many deadlines: sent again once, and looked for in steps. */
const HANG_DEADLINES = 4
/** About so many writes after a return from a power cut. */
const LIFE_WRITES = 6
const LOAD_NS = 3_600_000_000_000
const SCRUB_BEGINS_NS = 1_000_000_000
const JUDGED_AT_AUDIT = lawBit('ERR') | lawBit('TRUTH') | lawBit('LIVE')

export interface JudgedRunOptions extends RunnerOptions {
  readonly focusLba?: number | null
  /** A microcode that traps, panics or breaks a rule of the hardware breaks LIVE; else that is a finding. */
  readonly judgesStops?: boolean
  /** After a return from a power cut initiators go on writing: what was left must be fit for that. */
  readonly livesOn?: boolean
  /** What a power cut would leave is about to change. */
  readonly crashPoint?: RunnerHooks['crashPoint']
}

export class JudgedRun {
  readonly runner: Runner
  #oracle: Oracle | null = null
  readonly #findings: Finding[] = []
  readonly #overdue: Violation[] = []
  readonly #audited: Violation[] = []
  #lawsAudited = 0
  readonly #view: RigView
  /** Of the site that the initiators do not use. */
  readonly #otherView: RigView
  /** Of the LUN at format: while its members are looked for, the array does not say. */
  #lunSectors = 0
  #startImages: readonly StartImage[] = []
  /** There are LUNs for snapshots. */
  #hasSnapshots = false
  /** Sectors that had more than one possible content after the power cut. */
  #undecided: readonly (readonly [lba: number, sectors: number])[] = []

  constructor(
    readonly scenario: ResolvedScenario,
    readonly files: ScenarioFiles,
    readonly seed: number,
    module: WebAssembly.Module,
    readonly options: JudgedRunOptions = {},
  ) {
    const { crashPoint } = options
    this.runner = new Runner(
      scenario,
      module,
      seed,
      {
        powerCut: (nowNs, tears) => {
          this.#oracle?.powerCut(nowNs, tears)
          this.#oracle?.otherSite?.lost(nowNs)
          this.#undecided = this.#oracle?.openRanges() ?? []
        },
        crashed: (reason, last, nowNs) => {
          const end = last ? '; it is not started again' : ''
          this.#findings.push({ timeNs: nowNs, text: `the microcode was stopped: ${reason}${end}` })
          if (options.judgesStops) this.#tellStop(reason, nowNs)
          this.#oracle?.controllerRestart(nowNs)
        },
        operatorAsks: (request, bay) => this.#oracle?.operatorAsks(request, bay),
        claimsChanged: (nowNs) => this.#oracle?.claimsChanged(nowNs),
        driveDone: (bay, { op, lba, sectors, status }, nowNs) => {
          const drive = this.runner.site.bays[bay]
          this.#oracle?.driveDone(bay, op, nowNs)
          if (drive) this.#oracle?.focus?.driveDone(bay, drive, op, lba, sectors, status, nowNs)
        },
        commandOverdue: (what, lba, submitNs, nowNs) => this.#oracle?.commandOverdue(what, lba, submitNs, nowNs),
        changedOver: (nowNs) => this.#oracle?.changedOver(nowNs),
        otherLost: (nowNs, tears) => this.#oracle?.otherSite?.otherLost(nowNs, tears),
        forgot: (what, nowNs) => this.#oracle?.chargeArray('TRUTH', what.found, what.expected, nowNs),
        copyReturned: (point, nowNs) => this.#oracle?.otherSite?.copyReturned(point, nowNs),
        otherSiteStopped: (reason, nowNs) => {
          this.#oracle?.otherSite?.otherLost(nowNs, false)
          this.#tellStop(`at the other site: ${reason}`, nowNs)
        },
        overdue: (what, nowNs) => this.#tellOverdue(what, nowNs),
        ...(crashPoint && { crashPoint }),
      },
      options,
    )
    const { rig, glue } = this.runner
    this.#view = viewOf(() => this.runner.site, glue.filters)
    this.#otherView = viewOf(() => rig.sites[1 - rig.activeIndex] ?? this.runner.site, glue.filters)
  }

  get oracle(): Oracle | null {
    return this.#oracle
  }

  /** A new array with its start image, judged from the start; false: it does not come. */
  begin(): boolean {
    if (!this.runner.format()) return false
    this.#startImages = contentsAtFormat(this.runner.site, this.scenario)
    this.#lunSectors = this.runner.lunSectors
    this.#oracle = this.#makeOracle()
    this.#oracle.claimsChanged(this.runner.events.nowNs)
    this.runner.initiator.judge = this.#oracle
    this.runner.imager.judge = this.#oracle.snapshots
    this.#lookForSnapshots()
    return this.#load()
  }

  /** Nobody is asked for what it does not have. */
  #lookForSnapshots(): void {
    const { scenario, runner } = this
    this.#hasSnapshots = (scenario.array.snapshotAreaPercent ?? 0) > 0 && hasSnapshotLuns(runner)
    runner.imager.isPossible = this.#hasSnapshots
    if (this.#hasSnapshots || !scenario.liveImages?.length) return
    this.#findings.push({ timeNs: 0, text: 'live images were left out: the microcode has no LUN for a snapshot' })
  }

  /** The jobs of the scenario; with them what a person should know about its input. */
  jobs(): WorkloadJob[] {
    const { jobs, notes } = buildJobs(this.scenario, this.files, this.runner.initiator.luns, this.seed)
    for (const text of notes) this.#findings.push({ timeNs: 0, text })
    return jobs
  }

  /** The workload, under faults; false: it did not end. */
  workload(jobs: readonly WorkloadJob[]): boolean {
    const ends = new Set<WorkloadJob>(jobs.filter((job) => job.endsAtPowerCut === true))
    return this.runner.workload(jobs, ends, this.scenario.limits.simulatedNs)
  }

  /**
   * Begins from what a power cut at `nowNs` left in another run of the same array: `drives` and `nvram`. Knows what was promised there.
   * Power returns soon; the drive in bay `late` (-1: none) comes later.
   */
  revive(
    other: JudgedRun,
    drives: readonly (Drive | null)[],
    nvram: Uint8Array,
    nowNs: number,
    powerOnNs: number,
  ): void {
    this.#findings.length = 0
    this.#overdue.length = 0
    this.#audited.length = 0
    this.#lawsAudited = 0
    this.runner.become({ drives, nvram, history: other.runner.site.nvramAfterCut }, nowNs, powerOnNs)
    this.runner.written.copyFrom(other.runner.written)
    this.runner.initiator.luns = other.runner.initiator.luns
    const { filters } = this.runner.glue
    filters.length = 0
    for (const drive of drives) {
      for (const filter of drive?.filters ?? []) if (filter instanceof FaultFilter) filters.push(filter)
    }
    // A drive that has been pulled may have lied before, and a resync carried that on.
    const here = new Set(filters.map(({ driveId }) => driveId))
    filters.push(...other.runner.glue.filters.filter(({ driveId }) => !here.has(driveId)))
    this.#startImages = other.#startImages
    this.#lunSectors = other.#lunSectors
    this.#oracle ??= this.#makeOracle()
    this.#oracle.takeOver(other.#oracle!)
    this.#oracle.powerCut(nowNs, false)
    this.#undecided = this.#oracle.openRanges()
    this.runner.initiator.judge = this.#oracle
    this.runner.imager.judge = this.#oracle.snapshots
  }

  /**
   * What follows a workload, or a power cut: everything that was ever written is read while the array repairs itself, the array comes to
   * rest, what was open is read again, a scrub runs, and all is judged. If power fails meanwhile it begins again.
   */
  recover(scrubs = true): void {
    const { runner } = this
    let [atRest, scrubbed] = [false, false]
    for (let cuts = -1; cuts !== runner.powerCuts; ) {
      cuts = runner.powerCuts
      if (!runner.awaitPower()) break
      this.#readBack()
      this.#readSnapshot()
      if (this.options.livesOn) this.#writeOn()
      atRest = runner.settle()
      if (this.#readSnapshot()) atRest = runner.settle() && atRest
      if (runner.awaitLateDrives()) {
        this.#readBack()
        atRest = runner.settle()
      }
      if (this.#readUndecided()) atRest = runner.settle() && atRest
      const calm = this.#calm
      scrubbed = scrubs && runner.scrub()
      if (scrubbed && calm !== null) this.#judgeScrubBegin(calm)
      if (scrubbed) atRest = runner.settle() && atRest
      scrubbed &&= atRest && calm !== null && calm === this.#calm
    }
    const { members } = this.scenario.array
    this.#oracle!.finalJudgement({ members, atRest, scrubbed }, runner.events.nowNs)
    if (this.#oracle!.otherSite) {
      this.#audited.push(...siteDifferences(runner, this.#oracle!.otherSite))
      this.#audited.push(...strangers(runner.rig, runner.events.nowNs))
      this.#audited.push(...runner.twoSites.operator.stepDowns.ignored(runner.events.nowNs))
    }
  }

  /** It is said that the scrub runs, before it has ended. */
  #judgeScrubBegin(calm: string): void {
    this.runner.goOn(() => scrubNotBegun(this.#view) === null, SCRUB_BEGINS_NS)
    const found = calm === this.#calm ? scrubNotBegun(this.#view) : null
    if (found !== null) this.#oracle!.chargeArray('TRUTH', found, 'a scrub that runs', this.runner.events.nowNs)
  }

  /** What stays the same while a scrub is left in peace; null: there is something else to do than to scrub. */
  get #calm(): string | null {
    const { runner } = this
    if (runner.site.controller.statusWord(STATUS_UNDECIDED_REGIONS) > 0 || !claimsToServe(this.#view)) return null
    return `${bayStatesOf(runner.site)} ${runner.faults.strikes.length} ${runner.powerCuts}`
  }

  #readBack(): void {
    const { runner } = this
    if (runner.awaitLun()) this.#read(runner.written.ranges(runner.lunSectors), 'reading back')
  }

  /** A snapshot that is there is what it was, also where it was changed since. */
  #readSnapshot(): boolean {
    const { runner } = this
    if (!runner.awaitLun() || !runner.imager.isThereOne) return false
    runner.imager.check(runner.written.ranges(runner.lunSectors))
    runner.goOn(() => runner.imager.isIdle, LOAD_NS)
    return true
  }

  /** Life goes on: writes to where it was written before, and right behind it. */
  #writeOn(): void {
    const { runner } = this
    if (!runner.initiator.isReady) return
    const ranges = [...runner.written.ranges(runner.lunSectors)]
    const step = Math.max(1, Math.ceil(ranges.length / LIFE_WRITES))
    const places = ranges.filter((_, i) => i % step === 0).map(([lba, sectors]) => lba + sectors - 1)
    runner.carryOut([writeOnJob(places, runner.lunSectors, 2)], LOAD_NS, 'writing on')
  }

  /** What was not decided when power failed is read once more: it must have stayed what it was. */
  #readUndecided(): boolean {
    if (this.#undecided.length === 0 || !this.runner.awaitLun()) return false
    this.#read(this.#undecided, 'reading again')
    return true
  }

  #read(ranges: Iterable<readonly [lba: number, sectors: number]>, what: string): void {
    this.runner.carryOut([readJob(ranges, 4)], LOAD_NS, what)
  }

  /**
   * Holds against the standards what an initiator learns from the LUN besides its contents (scsiAudit.ts). The last phase of a run, and only
   * where nothing went wrong and the LUN is ready.
   */
  audit(): void {
    const { faults, events, initiator, powerCuts } = this.runner
    if (this.#oracle === null || !initiator.isIdle || faults.strikes.length > 0 || powerCuts > 0) return
    if (!this.runner.awaitLun()) return
    faults.disarm()
    this.#lawsAudited = JUDGED_AT_AUDIT
    for (const problem of auditLun(this.runner, this.scenario.array.writeCache, this.#hasSnapshots)) {
      this.#audited.push({ ...problem, lba: null, timeNs: events.nowNs, history: [] })
    }
  }

  /** Bits (`lawBit`) of the laws that something was held against. */
  get lawsJudged(): number {
    return (this.#oracle?.lawsJudged ?? 0) | this.#lawsAudited
  }

  /** The run is not asked any more. */
  retire(): void {
    this.runner.site.controller.retire()
  }

  get violations(): Violation[] {
    const { luns } = this.runner.initiator
    const all = [...(this.#oracle?.violations ?? []), ...this.#overdue, ...this.#audited]
    return luns.count === 1 ? all : all.map((violation) => namingLun(violation, luns))
  }

  get findings(): Finding[] {
    const { trimsSkipped } = this.runner.initiator
    const text = `${trimsSkipped} trims were left out: the LUN is fully provisioned and has no UNMAP`
    return [
      ...this.#findings,
      ...(trimsSkipped > 0 ? [{ timeNs: 0, text }] : []),
      ...(this.#oracle?.findings ?? []),
      ...this.runner.faults.missed,
    ]
  }

  get verdict(): Verdict {
    const { runner } = this
    const details = {
      scenario: this.scenario.name,
      seed: this.seed,
      traceDigest: runner.trace.digest,
      figures: figuresOf(runner, this.#oracle?.sectorsJudged ?? 0),
      findings: this.findings,
      faults: runner.faults.strikes as readonly HistoryStep[],
      finalStatus: this.#finalStatus(),
    }
    const { violations } = this
    if (violations.length > 0) return { ...details, verdict: 'fail', violations }
    if (runner.isDead)
      return { ...details, verdict: 'unknown', missing: 'the microcode was stopped too often to go on' }
    return { ...details, verdict: 'pass' }
  }

  #makeOracle(): Oracle {
    const { scenario } = this
    return new Oracle({
      lunSectors: this.#lunSectors,
      sectorBytes: SECTOR_BYTES,
      writeCacheEnabled: scenario.array.writeCache,
      view: this.#view,
      members: scenario.array.members,
      otherSite: scenario.remote && remotePromise(scenario.remote),
      otherView: scenario.remote && this.#otherView,
      startImages: this.#startImages,
      hangGraceNs: HANG_DEADLINES * (scenario.array.commandDeadlineMs || DEADLINE_MS_ASSUMED) * 1e6,
      focusLba: this.options.focusLba ?? null,
    })
  }

  /** The start image goes in as any data do: through the microcode; before the workload a second site has it, too. */
  #load(): boolean {
    const [runner, path] = [this.runner, this.scenario.imagePath]
    if (path === null) return true
    const job = imageJob(this.files.bytes.get(path)!, path, runner.initiator.luns, SECTOR_BYTES)
    if (!runner.carryOut([job], LOAD_NS, 'writing the start image')) return false
    return runner.rig.link === null || runner.settle()
  }

  #tellOverdue(what: string, nowNs: number): void {
    const found = `${what}: not there at ${(nowNs / 1e9).toFixed(3)} s of simulated time`
    const excuse = this.runner.twoSites.excuseOf(nowNs)
    if (excuse !== null) {
      this.#findings.push({ timeNs: nowNs, text: `${found}; ${excuse}` })
      return
    }
    const expected = 'an end in bounded simulated time'
    this.#overdue.push({ law: 'LIVE', lba: null, timeNs: nowNs, found, expected, history: [] })
  }

  #tellStop(reason: string, nowNs: number): void {
    const found = `the microcode was stopped: ${reason}`
    const expected = 'entry points that return in good order'
    this.#overdue.push({ law: 'LIVE', lba: null, timeNs: nowNs, found, expected, history: [] })
  }

  #finalStatus(): string[] {
    const { controller } = this.runner.site
    try {
      return controller.panel?.status() ?? [`array ${arrayStateOf(this.runner.site)}`]
    } catch (error) {
      if (!(isMicrocodeFault(error) || error instanceof PanelFault)) throw error
      return [`array ${arrayStateOf(this.runner.site)}`, `the front panel failed: ${error.message}`]
    }
  }
}
