// A backup host: makes images of the LUNs while the workload goes on, one after the other. For each it asks an operator for a snapshot, reads
// what the image needs, and has the snapshot given up, with the word that an image of it was made.
//
//   full           all of it; the base of differential images from then on
//   incremental    what has changed since the last image
//   differential   what has changed since the base; counts as no image for the next incremental one
//
// What it reads is judged as it comes, and what an image takes over from the one before it at the end: the whole image is the LUNs as they were.

import {
  OPERATOR_SNAPSHOT,
  OPERATOR_SNAPSHOT_BASE,
  OPERATOR_SNAPSHOT_DROP,
  OPERATOR_SNAPSHOT_IMAGED,
} from '../../assembly/abi/operator'
import { SENSE_MEDIUM_ERROR } from '../../assembly/abi/scsi'
import {
  ARRAY_DEGRADED,
  ARRAY_OPTIMAL,
  SNAPSHOT_NONE,
  SNAPSHOT_THERE,
  STATUS_ARRAY_STATE,
  STATUS_SNAPSHOT,
  STATUS_SNAPSHOT_STATE,
} from '../../assembly/abi/status'
import { Medium, sectorsPerPage } from '../hardware/medium'
import { PageArena } from '../hardware/pageArena'
import type { SnapshotJudge } from '../oracle/snapshotJudge'
import { KIND_IMAGER, KIND_OPERATOR } from '../rig/eventKinds'
import type { Site } from '../rig/site'
import type { EventQueue } from '../sim/eventQueue'
import type { Trace } from '../sim/trace'
import type { LunMap } from '../workload/lunMap'
import { type SectorRun, SnapshotReader, type SnapshotSink } from '../workload/snapshotReader'
import { refusesForGood } from './quiet'
import type { Runner } from './runner'
import type { LiveImage, LiveImageState } from './runTypes'
import type { ResolvedLiveImage } from './scenario'

const SECTOR_BYTES = 512
/** A read of the snapshot. */
const PIECE_SECTORS = 128
/** It looks so often whether what it waits for has come about, and asks again so often. */
const LOOK_NS = 1_000_000
const ASK_AGAIN_LOOKS = 100
/** After so many looks at an array that cannot serve it gives up. */
const REFUSALS = 30_000

export interface LiveImagerOptions {
  readonly events: EventQueue
  readonly trace: Trace
  readonly site: () => Site
  readonly luns: () => LunMap
  /** Asks an operator of the array for something. */
  readonly operate: (request: number) => void
}

type Step = 'waiting' | 'taking' | 'asking' | 'reading' | 'releasing' | 'over'

export class LiveImager implements SnapshotSink {
  readonly images: LiveImage[] = []
  judge: SnapshotJudge | null = null
  /** There are snapshots. */
  isPossible = true
  readonly reader: SnapshotReader
  readonly #options: LiveImagerOptions
  #plan: readonly ResolvedLiveImage[] = []
  #step: Step = 'over'
  #dueNs = 0
  #looks = 0
  #refusals = 0
  #wakes = 0
  #takenNs = 0
  #snapshot = 0
  #runs: SectorRun[] = []
  #failed = false
  #content: Medium | null = null
  /** The last image that the next incremental one goes on from, and the base. */
  #last: Medium | null = null
  #base: Medium | null = null

  constructor(options: LiveImagerOptions) {
    const { events, trace, site, luns } = options
    this.#options = options
    this.reader = new SnapshotReader({
      trace,
      nowNs: () => events.nowNs,
      controller: () => site().controller,
      luns,
      isThere: () => site().isPowered && site().controller.isRunning,
    })
  }

  get isIdle(): boolean {
    return this.#step === 'over' && this.reader.isIdle
  }

  /** The workload begins. */
  start(plan: readonly ResolvedLiveImage[]): void {
    this.#plan = this.isPossible ? plan : []
    if (this.#plan.length > 0) this.#await()
  }

  /** Nothing more is imaged. */
  stop(): void {
    if (this.#content) this.#keep('unfinished')
    this.#step = 'over'
    this.reader.stop()
  }

  /** Another life of the rig. */
  restart(): void {
    this.#step = 'over'
    this.#content = null
    this.#wakes++
    this.images.length = 0
    this.reader.stop()
  }

  /** Reads parts of the snapshot that is there, for the judge alone. */
  check(runs: Iterable<SectorRun>): void {
    this.#content = null
    this.#step = 'over'
    this.reader.read(inLuns(runs, this.#options.luns()), 4, this)
    this.#lookAgain(LOOK_NS)
  }

  get isThereOne(): boolean {
    return this.#state === SNAPSHOT_THERE
  }

  /** Looks after its image; false: the event is none of its. */
  handle(kind: number, number: number): boolean {
    if (kind === KIND_IMAGER && number === this.#wakes) this.#look()
    return kind === KIND_IMAGER
  }

  #look(): void {
    this.reader.pump()
    this.#refusals = refusesForGood(this.#options.site()) ? this.#refusals + 1 : 0
    if (this.#refusals > REFUSALS) this.stop()
    this.#goOn()
    if (!this.isIdle) this.#lookAgain(LOOK_NS)
  }

  #goOn(): void {
    const { events } = this.#options
    switch (this.#step) {
      case 'waiting':
        if (events.nowNs >= this.#dueNs) this.#take()
        return
      case 'taking':
        // One that an operator has had taken is as good, and one that cannot be read is in the way until it is given up.
        if (this.#state !== SNAPSHOT_NONE) this.#begin()
        else if (++this.#looks % ASK_AGAIN_LOOKS === 0) this.#take()
        return
      case 'asking':
        if (this.reader.isIdle) this.#read()
        return
      case 'reading':
        if (this.reader.isIdle) this.#finish()
        return
      case 'releasing':
        if (this.#isServing && !this.#isStillThere) this.#next()
        else if (++this.#looks % ASK_AGAIN_LOOKS === 0) this.#release()
    }
  }

  get #order(): ResolvedLiveImage {
    return this.#plan[this.images.length]!
  }

  #await(): void {
    this.#step = 'waiting'
    this.#dueNs = this.#options.events.nowNs + this.#order.afterNs
    this.#lookAgain(Math.max(this.#order.afterNs, LOOK_NS))
  }

  #take(): void {
    this.#step = 'taking'
    this.#options.operate(OPERATOR_SNAPSHOT)
  }

  #begin(): void {
    const { events, luns } = this.#options
    const { kind } = this.#order
    this.#takenNs = events.nowNs
    this.#snapshot = this.#number
    this.#failed = false
    this.#runs = []
    const from = kind === 'full' ? null : kind === 'incremental' ? this.#last : this.#base
    const blank = (): Medium =>
      Medium.blank(new PageArena(SECTOR_BYTES * sectorsPerPage(SECTOR_BYTES)), SECTOR_BYTES, luns().sectors)
    this.#content = from?.fork() ?? blank()
    this.#step = 'asking'
    if (kind !== 'full') this.reader.askChanges(kind === 'differential', this)
    else this.#runs = luns().sizes.map((sectors, lun) => [luns().firstOf(lun), sectors])
  }

  #read(): void {
    this.#step = 'reading'
    if (this.#failed) this.#finish()
    else this.reader.read(piecesOf(this.#runs), this.#order.queueDepth, this)
  }

  // What the reader brings.

  changed(run: SectorRun, regionSectors: number): void {
    const [lba, sectors] = run
    const sinceBase = this.#order.kind === 'differential'
    this.judge?.changed(lba, sectors, regionSectors, sinceBase, this.#options.events.nowNs)
    this.#runs.push(run)
  }

  misanswered(asked: SectorRun, run: SectorRun): void {
    this.judge?.misanswered(asked, run, this.#options.events.nowNs)
    this.#failed = true
  }

  read([lba, sectors]: SectorRun, bytes: Uint8Array, words: Uint32Array, byteOffset: number): void {
    this.judge?.judge(lba, sectors, { bytes, words }, byteOffset, this.#options.events.nowNs, 'was read as')
    this.#content?.write(lba, bytes.subarray(byteOffset, byteOffset + sectors * SECTOR_BYTES))
  }

  mistransferred([lba, sectors]: SectorRun, bytes: number): void {
    this.judge?.mistransferred(lba, bytes, sectors * SECTOR_BYTES, this.#options.events.nowNs)
  }

  failed(run: SectorRun, sense: number, submitNs: number, information: number): void {
    const [lba, sectors] = run
    const { nowNs } = this.#options.events
    this.judge?.readNames(run, sense, information, nowNs)
    if (sectors > 1 && sense >>> 16 === SENSE_MEDIUM_ERROR && this.#state === SNAPSHOT_THERE) {
      // What could not be read as a piece is read sector by sector; what is lost is listed.
      this.reader.alsoRead(Array.from({ length: sectors }, (_, i) => [lba + i, 1] as const))
      return
    }
    this.judge?.readFailed(lba, sense, submitNs, nowNs)
    this.#content?.makeUnreadable(lba, sectors)
    this.#failed ||= this.#state !== SNAPSHOT_THERE
  }

  #finish(): void {
    // An operator may have given the snapshot up, and had another one taken, meanwhile.
    const isWhole = !this.#failed && this.#number === this.#snapshot
    if (isWhole) this.#judgeRest()
    this.#keep(isWhole ? 'complete' : 'invalid')
    this.#step = 'releasing'
    this.#release()
  }

  /** What the image has from the one before it, but for what that one could not read. */
  #judgeRest(): void {
    const content = this.#content!
    const words = new Uint32Array((PIECE_SECTORS * SECTOR_BYTES) / 4)
    const data = { bytes: new Uint8Array(words.buffer), words }
    const what = 'counts as unchanged, and is in the image as'
    for (const [lba, sectors] of piecesOf(complementOf(this.#runs, content.sectorCount))) {
      content.read(lba, sectors, data.bytes, 0)
      for (const [from, count] of readableOf(lba, sectors, content)) {
        this.judge?.judge(from, count, data, (from - lba) * SECTOR_BYTES, this.#options.events.nowNs, what)
      }
    }
  }

  #keep(state: LiveImageState): void {
    const { kind } = this.#order
    const content = this.#content!
    this.images.push({
      kind,
      state,
      snapshot: this.#snapshot,
      takenNs: this.#takenNs,
      doneNs: this.#options.events.nowNs,
      content: content.fork(),
      runs: this.#runs,
    })
    this.#content = null
    if (state !== 'complete') return
    if (kind !== 'differential') this.#last = content
    if (kind === 'full') this.#base = content
  }

  #release(): void {
    const { kind, state } = this.images.at(-1)!
    const isImage = state === 'complete' && kind !== 'differential'
    const word = kind === 'full' ? OPERATOR_SNAPSHOT_BASE : OPERATOR_SNAPSHOT_IMAGED
    if (this.#isServing) this.#options.operate(isImage ? word : OPERATOR_SNAPSHOT_DROP)
  }

  #next(): void {
    if (this.images.length < this.#plan.length) this.#await()
    else this.#step = 'over'
  }

  /** The array says what there is. */
  get #isServing(): boolean {
    const state = this.#options.site().controller.statusWord(STATUS_ARRAY_STATE)
    return state === ARRAY_OPTIMAL || state === ARRAY_DEGRADED
  }

  /** Not given up, nor another one in its place: that is none of ours to give up. */
  get #isStillThere(): boolean {
    return this.#state !== SNAPSHOT_NONE && this.#number === this.#snapshot
  }

  get #number(): number {
    return this.#options.site().controller.statusWord(STATUS_SNAPSHOT)
  }

  get #state(): number {
    return this.#options.site().controller.statusWord(STATUS_SNAPSHOT_STATE)
  }

  #lookAgain(afterNs: number): void {
    const { events } = this.#options
    events.push(events.nowNs + afterNs, KIND_IMAGER, ++this.#wakes, 0)
  }
}

/** The backup host of a run. */
export function imagerOf(runner: Runner): LiveImager {
  const { events, trace } = runner
  return new LiveImager({
    events,
    trace,
    site: () => runner.site,
    luns: () => runner.initiator.luns,
    operate: (request) => runner.glue.handle(KIND_OPERATOR, request, 0, runner.hooks),
  })
}

/** Pieces that one command can transfer. */
function* piecesOf(runs: Iterable<SectorRun>): Generator<SectorRun> {
  for (const [first, sectors] of runs) {
    for (let at = 0; at < sectors; at += PIECE_SECTORS) yield [first + at, Math.min(PIECE_SECTORS, sectors - at)]
  }
}

/** No command goes from one LUN to the next. */
function* inLuns(runs: Iterable<SectorRun>, luns: LunMap): Generator<SectorRun> {
  for (const [first, sectors] of runs) {
    for (let at = first; at < first + sectors; ) {
      const lun = luns.lunAt(at)
      const end = Math.min(first + sectors, luns.firstOf(lun) + luns.sizes[lun]!)
      yield [at, end - at]
      at = end
    }
  }
}

/** What lies between ascending runs. */
function* complementOf(runs: readonly SectorRun[], end: number): Generator<SectorRun> {
  let at = 0
  for (const [lba, sectors] of runs) {
    if (lba > at) yield [at, lba - at]
    at = lba + sectors
  }
  if (at < end) yield [at, end - at]
}

/** The parts of a piece that are not listed as unreadable. */
function* readableOf(lba: number, sectors: number, content: Medium): Generator<SectorRun> {
  let from = lba
  while (from < lba + sectors) {
    const bad = content.firstUnreadable(from, lba + sectors - from)
    const end = bad < 0 ? lba + sectors : bad
    if (end > from) yield [from, end - from]
    from = end + 1
  }
}
