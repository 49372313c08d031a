// Runs a scenario: a function of (scenario, files, seed), with a judged verdict.
//
// When a law is broken the same run is made once more with an eye on the first bad sector: the story of a violation costs nothing as
// long as there is none, and equal inputs give equal runs.

import {
  STATUS_ARRAY_STATE,
  STATUS_BAY_STATE,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
  STATUS_DATA_OFFSET_SECTORS,
  STATUS_WORDS,
} from '../../assembly/abi/status'
import { isMicrocodeFault } from '../controller/controllerFault'
import { checkModule, compileModule } from '../controller/moduleCheck'
import { PanelFault } from '../controller/panel/frontPanel'
import { EVENT_CODES } from '../faults/eventNames'
import type { EventName } from '../faults/faultSpec'
import { Oracle } from '../oracle/oracle'
import type { RigView } from '../oracle/rigView'
import type { Finding, HistoryStep, RunFigures, Verdict, Violation } from '../oracle/verdict'
import type { WorkloadJob } from '../workload/io'
import { buildJobs } from './buildJobs'
import { imageJob } from './imageJob'
import { readLun } from './lunImage'
import { Runner, readJob } from './runner'
import type { RunOptions, RunOutcome, ScenarioFiles, SectorSource } from './runTypes'
import { ARRAY_STATES, type ArrayStateName, BAY_STATES, type BayStateName, type ResolvedScenario } from './scenario'
import { Timeline } from './timeline'

const SECTOR_BYTES = 512
/** A microcode that is told no deadline has one of its own; the judge takes it for this. */
const DEADLINE_MS_ASSUMED = 2000
/** A command that a drive swallowed may be waited for this many deadlines: sent again once, and looked for in steps. */
const HANG_DEADLINES = 4
const LOAD_NS = 3_600_000_000_000

export function runScenario(
  scenario: ResolvedScenario,
  files: ScenarioFiles,
  seed: number,
  options: RunOptions = {},
): RunOutcome {
  const module = compileModule(new Uint8Array(files.microcode))
  checkModule(module)
  const first = new Run(scenario, files, seed, options, module, null)
  const outcome = first.carryOut()
  if (outcome.verdict.verdict !== 'fail') return outcome
  const lba = outcome.verdict.violations.find((violation) => violation.lba !== null)?.lba
  if (lba === undefined || lba === null) return outcome
  // The watchdog looks on: this run may take as long as the first.
  const watched = options.progress ? { progress: options.progress } : {}
  const again = new Run(scenario, files, seed, watched, module, lba).carryOut()
  return again.verdict.verdict === 'fail' ? { ...outcome, verdict: again.verdict } : outcome
}

class Run {
  readonly #findings: Finding[] = []
  readonly #overdue: Violation[] = []
  #oracle: Oracle | null = null
  readonly #runner: Runner

  constructor(
    readonly scenario: ResolvedScenario,
    readonly files: ScenarioFiles,
    readonly seed: number,
    readonly options: RunOptions,
    module: WebAssembly.Module,
    readonly focusLba: number | null,
  ) {
    this.#runner = new Runner(
      scenario,
      module,
      seed,
      {
        powerCut: (nowNs, tears) => this.#oracle?.powerCut(nowNs, tears),
        crashed: (reason, last, nowNs) => {
          const end = last ? '; it is not started again' : ''
          this.#findings.push({ timeNs: nowNs, text: `the microcode was stopped: ${reason}${end}` })
          this.#oracle?.controllerRestart(nowNs)
        },
        claimsChanged: (nowNs) => this.#oracle?.claimsChanged(nowNs),
        driveDone: (bay, { op, lba, sectors, status }, nowNs) => {
          const drive = this.#runner.site.bays[bay]
          if (drive) this.#oracle?.focus?.driveDone(bay, drive, op, lba, sectors, status, nowNs)
        },
        commandOverdue: (what, lba, submitNs, nowNs) => this.#oracle?.commandOverdue(what, lba, submitNs, nowNs),
        overdue: (what, nowNs) => this.#tellOverdue(what, nowNs),
      },
      options.progress,
    )
  }

  carryOut(): RunOutcome {
    const runner = this.#runner
    const timeline = new Timeline(runner, this.options.timelineSpans ?? 0)
    let isOver = false
    if (runner.format()) {
      this.#oracle = this.#makeOracle()
      runner.initiator.judge = this.#oracle
      isOver = this.#load() && this.#workload(timeline)
      if (isOver) this.#recover()
    }
    const members = this.options.wantMemberImages ? { memberImages: this.#memberImages() } : {}
    const outcome: RunOutcome = {
      verdict: this.#verdict(),
      arrayState: this.#arrayState(),
      bayStates: this.#bayStates(),
      events: this.#events(),
      ...(this.options.timelineSpans ? { timeline: timeline.spans() } : {}),
      ...members,
    }
    // Last, and after all figures were taken: whoever asks for an image gets the same verdict and the same trace.
    return isOver && this.options.wantLunImage && runner.awaitLun()
      ? { ...outcome, lunImage: this.#readLun() }
      : outcome
  }

  #readLun(): SectorSource {
    this.#runner.initiator.judge = null
    return readLun(this.#runner)
  }

  #makeOracle(): Oracle {
    const { scenario } = this
    return new Oracle({
      lunSectors: this.#runner.lunSectors,
      sectorBytes: SECTOR_BYTES,
      writeCacheEnabled: scenario.array.writeCache,
      view: this.#view(),
      startImage: this.#contentAtFormat(),
      hangGraceNs: HANG_DEADLINES * (scenario.array.commandDeadlineMs || DEADLINE_MS_ASSUMED) * 1e6,
      focusLba: this.focusLba,
    })
  }

  /** Drives that came with garbage: the LUN begins as what is on member 0 (config.ts, CONFIG_ASSUME_CLEAN). */
  #contentAtFormat(): ((lba: number, target: Uint8Array) => void) | null {
    const { site } = this.#runner
    const first = site.bays.find((drive) => drive !== null)
    if (!first || !this.scenario.bays.some((bay) => bay?.contents === 'garbage')) return null
    const medium = first.medium.fork()
    const offset = site.controller.statusWord(STATUS_DATA_OFFSET_SECTORS)
    return (lba, target) => medium.read(offset + lba, 1, target, 0)
  }

  #view(): RigView {
    const { site, glue } = this.#runner
    const { controller } = site
    const nothing = new Uint32Array(STATUS_WORDS)
    return {
      bayCount: site.bays.length,
      get status() {
        if (!controller.isRunning) return nothing
        const at = controller.descriptor.statusAddress >>> 2
        return controller.words.subarray(at, at + controller.descriptor.statusWords)
      },
      driveIn: (bay) => (site.isPowered ? (site.bays[bay] ?? null) : null),
      filters: glue.filters,
    }
  }

  /** The start image goes in as any data do: through the microcode. */
  #load(): boolean {
    const { imagePath } = this.scenario
    if (imagePath === null) return true
    const source = this.files.bytes.get(imagePath)!
    const job = imageJob(source, imagePath, this.#runner.lunSectors, SECTOR_BYTES)
    return this.#runner.carryOut([job], LOAD_NS, 'writing the start image')
  }

  #workload(timeline: Timeline): boolean {
    const target = { lunSectors: this.#runner.lunSectors, sectorBytes: SECTOR_BYTES }
    const { jobs, notes } = buildJobs(this.scenario, this.files, target, this.seed)
    for (const text of notes) this.#findings.push({ timeNs: 0, text })
    timeline.begin()
    const ends = new Set<WorkloadJob>(jobs.filter((job) => job.endsAtPowerCut === true))
    return this.#runner.workload(jobs, ends, this.scenario.limits.simulatedNs)
  }

  /** Rest, read back, judge. */
  #recover(): void {
    const runner = this.#runner
    const atRest = runner.settle()
    if (runner.awaitLun()) {
      runner.carryOut([readJob(runner.written.ranges(runner.lunSectors), 4)], LOAD_NS, 'reading back')
      runner.settle()
    }
    this.#oracle!.finalJudgement({ members: this.scenario.array.members, atRest }, runner.events.nowNs)
  }

  #tellOverdue(what: string, nowNs: number): void {
    const found = `${what}: not there at ${(nowNs / 1e9).toFixed(3)} s of simulated time`
    this.#overdue.push({
      law: 'LIVE',
      lba: null,
      timeNs: nowNs,
      found,
      expected: 'an end in bounded simulated time',
      history: [],
    })
  }

  #verdict(): Verdict {
    const runner = this.#runner
    const details = {
      scenario: this.scenario.name,
      seed: this.seed,
      traceDigest: runner.trace.digest,
      figures: this.#figures(),
      findings: [
        ...this.#findings,
        ...this.#skippedTrims(),
        ...(this.#oracle?.findings ?? []),
        ...runner.faults.missed,
      ],
      faults: runner.faults.strikes as readonly HistoryStep[],
      finalStatus: this.#finalStatus(),
    }
    const violations = [...(this.#oracle?.violations ?? []), ...this.#overdue]
    if (violations.length > 0) return { ...details, verdict: 'fail', violations }
    if (runner.isDead)
      return { ...details, verdict: 'unknown', missing: 'the microcode was stopped too often to go on' }
    return { ...details, verdict: 'pass' }
  }

  #skippedTrims(): Finding[] {
    const { trimsSkipped } = this.#runner.initiator
    if (trimsSkipped === 0) return []
    return [{ timeNs: 0, text: `${trimsSkipped} trims were left out: the LUN is fully provisioned and has no UNMAP` }]
  }

  #finalStatus(): string[] {
    const { controller } = this.#runner.site
    try {
      return controller.panel?.status() ?? [`array ${this.#arrayState()}`]
    } catch (error) {
      if (!(isMicrocodeFault(error) || error instanceof PanelFault)) throw error
      return [`array ${this.#arrayState()}`, `the front panel failed: ${error.message}`]
    }
  }

  #figures(): RunFigures {
    const { initiator, events, driveCommands, powerCuts, faults, site } = this.#runner
    return {
      simulatedNs: events.nowNs,
      reads: initiator.reads,
      writes: initiator.writes,
      flushes: initiator.flushes,
      bytesRead: initiator.bytesRead,
      bytesWritten: initiator.bytesWritten,
      errors: initiator.errors,
      readLatencyNs: initiator.readLatency.summary(),
      writeLatencyNs: initiator.writeLatency.summary(),
      driveCommands,
      sectorsJudged: this.#oracle?.sectorsJudged ?? 0,
      faultsStruck: faults.strikes.length,
      powerCuts,
      microcodeEntries: site.controller.entryCount,
    }
  }

  #arrayState(): ArrayStateName {
    return ARRAY_STATES[this.#runner.site.controller.statusWord(STATUS_ARRAY_STATE)] ?? 'none'
  }

  #bayStates(): BayStateName[] {
    const { controller, bays } = this.#runner.site
    return bays.map((_, bay) => {
      const word = STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_STATE
      return BAY_STATES[controller.statusWord(word)] ?? 'unknown'
    })
  }

  #events(): ReadonlyMap<EventName, number> {
    const { counts } = this.#runner
    return new Map([...EVENT_CODES].flatMap(([name, code]) => (counts[code]! > 0 ? [[name, counts[code]!]] : [])))
  }

  #memberImages(): (SectorSource | null)[] {
    return this.#runner.site.bays.map((drive) => drive?.medium ?? null)
  }
}
