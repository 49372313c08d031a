// An initiator: carries jobs out as SCSI commands on the LUNs of an array, and records what comes back.
//
// Each job keeps its own queue depth; all share the host slots. A UNIT ATTENTION is answered by sending the command again, NOT READY by
// asking TEST UNIT READY until the LUN is there. Any other error goes to the judge and ends that request. At a power cut everything in
// flight is forgotten, as a server does that lost its array; jobs go on when the LUN is back.

import {
  ASC_POWER_ON,
  OP_TEST_UNIT_READY,
  SCSI_GOOD,
  SENSE_NOT_READY,
  SENSE_UNIT_ATTENTION,
} from '../../assembly/abi/scsi'
import type { Controller } from '../controller/controller'
import { KIND_INITIATOR } from '../rig/eventKinds'
import type { EventQueue } from '../sim/eventQueue'
import { TRACE_HOST_ACK, TRACE_HOST_SUBMIT, type Trace } from '../sim/trace'
import { type OldestCommand, Request, type RunningJob } from './initiatorRecords'
import {
  IO_FLUSH,
  IO_READ,
  IO_TRIM,
  IO_VERIFY,
  IO_WRITE,
  IoRequest,
  NEXT_DONE,
  NEXT_READY,
  type WorkloadJob,
} from './io'
import type { Judge } from './judge'
import { LatencyHistogram } from './latency'
import { LunMap } from './lunMap'
import { senseInformation, senseWord } from './scsiCodec'
import { sendCommand } from './sendCommand'

/** TEST UNIT READY is asked this often. */
const POLL_NS = 10_000_000
/** The job number in events that stands for "is the LUN there?". */
const POLL_JOB = -1

export interface InitiatorOptions {
  readonly events: EventQueue
  readonly trace: Trace
  readonly controller: Controller
  readonly sectorBytes: number
  /** A command was sent or answered: for those who count events. `op` is IO_*, 0 = answer. */
  readonly observe: (op: number, lba: number, sectors: number) => void
}

export class Initiator {
  readonly readLatency = new LatencyHistogram()
  readonly writeLatency = new LatencyHistogram()
  reads = 0
  writes = 0
  flushes = 0
  bytesRead = 0
  bytesWritten = 0
  errors = 0
  /** Trims that no job could carry out. */
  trimsSkipped = 0
  /** The LUNs that its jobs use, one behind the other. */
  luns = LunMap.one
  /** Who judges the commands; null: nobody. Set between jobs only. */
  judge: Judge | null = null
  onSent: ((io: IoRequest, slot: number) => void) | null = null
  onDone: ((io: IoRequest, good: boolean, latencyNs: number, slot: number) => void) | null = null
  #options: InitiatorOptions
  readonly #cdb = new Uint8Array(16)
  readonly #requests: Request[] = []
  #jobs: RunningJob[] = []
  #startNs = 0
  #stage = 0
  #ready = false
  #generation = 0
  #writeIds = 0
  /** Asked after every event: kept, not found out. */
  #idle = true

  constructor(options: InitiatorOptions) {
    this.#options = options
  }

  /** The LUN answers TEST UNIT READY with GOOD. */
  get isReady(): boolean {
    return this.#ready
  }

  /** All jobs are over and nothing is in flight. */
  get isIdle(): boolean {
    return this.#idle
  }

  /** Uses another controller from now on; nothing may be in flight. */
  follow(controller: Controller): void {
    this.#options = { ...this.#options, controller }
  }

  /** Starts to look for the LUN. */
  connect(): void {
    this.#ready = false
    this.#generation++
    this.#wake(POLL_JOB, this.#options.events.nowNs)
  }

  /** Forgets its jobs and what it counted: another life, with the same queue. */
  restart(): void {
    for (const request of this.#requests) request.busy = false
    this.#jobs = []
    this.#ready = false
    this.#idle = true
    this.#generation++
    this.reads = this.writes = this.flushes = this.errors = this.trimsSkipped = 0
    this.bytesRead = this.bytesWritten = 0
  }

  /** Starts jobs; those before must be over. Times of the jobs count from now. */
  run(jobs: readonly WorkloadJob[]): void {
    this.#startNs = this.#options.events.nowNs
    this.#jobs = jobs.map((source) => ({
      source,
      outstanding: 0,
      over: false,
      held: false,
      io: new IoRequest(),
      wakeScheduled: false,
    }))
    this.#enterStage()
  }

  /** Ends jobs: nothing more of them is sent. */
  stop(which: (job: WorkloadJob) => boolean): void {
    for (const job of this.#jobs) if (which(job.source)) job.over = true
    this.#refreshIdle()
  }

  /** Power is lost, or the controller was reset: nothing in flight will be answered. */
  abandon(): void {
    for (const request of this.#requests) {
      if (request.busy && request.job >= 0) this.#jobs[request.job]!.outstanding--
      request.busy = false
    }
    this.#ready = false
    this.#generation++
    for (const job of this.#jobs) job.wakeScheduled = false
    this.#refreshIdle()
  }

  /** The event of KIND_INITIATOR. */
  wake(job: number, generation: number): void {
    if (generation !== this.#generation) return
    if (job === POLL_JOB) {
      this.#poll()
      return
    }
    const running = this.#jobs[job]!
    running.wakeScheduled = false
    this.#pump(job, running)
  }

  /** The microcode has answered the command in a slot. */
  hostDone(slot: number, timeNs: number): void {
    const request = this.#requests[slot]
    // Sent before the initiators went to another controller and came back: nobody waits for it any more.
    if (!request?.busy) return
    request.busy = false
    if (request.job < 0) {
      this.#polled(slot, timeNs)
      return
    }
    const { controller } = this.#options
    const good = controller.hostStatus(slot) === SCSI_GOOD
    const sense = good ? 0 : senseWord(controller.hostSense(slot))
    const job = this.#jobs[request.job]!
    if (!good && this.#sendAgain(slot, request, sense, timeNs)) return
    job.outstanding--
    this.#finish(slot, request, good, sense, timeNs)
    this.#schedule(request.job, job, timeNs)
    if (job.over && job.outstanding === 0) this.#enterStage()
  }

  /** The longest time that a command has been waiting for its answer. */
  oldest(): OldestCommand | null {
    let oldest: Request | null = null
    for (const request of this.#requests) {
      if (request.busy && request.job >= 0 && (!oldest || request.submitNs < oldest.submitNs)) oldest = request
    }
    if (!oldest) return null
    const { op, lba, sectors } = oldest.io
    return {
      what: op === IO_WRITE ? 'write' : op === IO_FLUSH ? 'flush' : 'read',
      lba,
      sectors,
      submitNs: oldest.submitNs,
    }
  }

  #refreshIdle(): void {
    this.#idle = this.#jobs.every((job) => job.over && job.outstanding === 0)
  }

  /** Jobs of the lowest stage that is not over may begin. */
  #enterStage(): void {
    this.#refreshIdle()
    let stage = Number.POSITIVE_INFINITY
    for (const job of this.#jobs) {
      if (!job.over || job.outstanding > 0) stage = Math.min(stage, job.source.stage ?? 0)
    }
    this.#stage = stage
    for (const [index, job] of this.#jobs.entries()) this.#schedule(index, job, this.#options.events.nowNs)
  }

  #schedule(index: number, job: RunningJob, timeNs: number): void {
    if (job.wakeScheduled || job.over || (job.source.stage ?? 0) > this.#stage) return
    job.wakeScheduled = true
    this.#wake(index, timeNs)
  }

  #wake(job: number, timeNs: number): void {
    this.#options.events.push(timeNs, KIND_INITIATOR, job, this.#generation)
  }

  /** Sends as much of a job as its queue depth, the slots and its times allow. */
  #pump(index: number, job: RunningJob): void {
    if (!this.#ready) return
    const { events, controller } = this.#options
    let slot = 0
    while (!job.over && job.outstanding < job.source.queueDepth) {
      slot = controller.freeHostSlot(slot)
      if (slot < 0) return
      if (!job.held) {
        const answer = job.source.next(job.io, events.nowNs - this.#startNs, job.outstanding)
        if (answer === NEXT_DONE) {
          job.over = true
          if (job.outstanding === 0) this.#enterStage()
          return
        }
        if (answer !== NEXT_READY) return
      }
      const dueNs = this.#startNs + job.io.notBeforeNs
      job.held = dueNs > events.nowNs
      if (job.held) {
        job.wakeScheduled = true
        this.#wake(index, dueNs)
        return
      }
      if (job.io.op === IO_TRIM) {
        // The LUN is fully provisioned (VPD B2h): there is nothing to unmap.
        this.trimsSkipped++
        continue
      }
      this.#sendPart(index, job, slot)
      // The command may have stopped the controller: what was in flight is forgotten, and nothing more is sent.
      if (!this.#ready) return
      slot++
    }
  }

  /** Sends a request, or as much of it as one command may transfer (VPD B0h), to one LUN; the rest is next. */
  #sendPart(index: number, job: RunningJob, slot: number): void {
    const { io } = job
    const { controller, sectorBytes } = this.#options
    const { sectors, payload } = io
    const left = this.luns.endOf(this.luns.lunAt(io.lba)) - io.lba
    const sectorsMax = Math.min(controller.descriptor.bufferBytes / sectorBytes, left)
    if (sectors <= sectorsMax) {
      this.#send(index, job, slot)
      return
    }
    io.sectors = sectorsMax
    io.payload = payload?.subarray(0, sectorsMax * sectorBytes) ?? null
    this.#send(index, job, slot)
    io.lba += sectorsMax
    io.sectors = sectors - sectorsMax
    io.payload = payload?.subarray(sectorsMax * sectorBytes) ?? null
    job.held = true
  }

  #requestAt(slot: number): Request {
    while (this.#requests.length <= slot) this.#requests.push(new Request())
    return this.#requests[slot]!
  }

  #send(index: number, job: RunningJob, slot: number): void {
    const request = this.#requestAt(slot)
    const { io } = request
    const { events } = this.#options
    const { judge } = this
    io.op = job.io.op
    io.lba = job.io.lba
    io.sectors = job.io.sectors
    io.fua = job.io.fua
    io.payload = job.io.payload
    request.job = index
    request.submitNs = events.nowNs
    job.outstanding++
    if (io.op === IO_WRITE) {
      request.writeId = judge
        ? judge.submitWrite(io.lba, io.sectors, io.fua, io.payload, events.nowNs)
        : ++this.#writeIds
    } else if (judge) {
      if (io.op === IO_FLUSH) this.#submitFlush(judge, slot, io.lba)
      else judge.submitRead(slot, io.lba, io.sectors, events.nowNs)
    }
    this.onSent?.(io, slot)
    this.#options.observe(io.op, io.lba, io.sectors)
    this.#transmit(slot, request)
  }

  /** SYNCHRONIZE CACHE concerns the LUN that it is sent to. */
  #submitFlush(judge: Judge, slot: number, lba: number): void {
    const { luns } = this
    const lun = luns.lunAt(lba)
    judge.submitFlush(slot, this.#options.events.nowNs, luns.firstOf(lun), luns.endOf(lun))
  }

  #transmit(slot: number, request: Request): void {
    const { controller, sectorBytes, trace, events } = this.#options
    const { io } = request
    request.busy = true
    trace.add(events.nowNs, TRACE_HOST_SUBMIT, (slot << 8) | io.op, io.lba | 0, io.sectors)
    sendCommand(controller, slot, request, this.luns, sectorBytes)
  }

  /** An error that only asks for patience; true: the command is on its way again, or will be. */
  #sendAgain(slot: number, request: Request, sense: number, timeNs: number): boolean {
    if (sense === ((SENSE_UNIT_ATTENTION << 16) | ASC_POWER_ON)) {
      this.#transmit(slot, request)
      return true
    }
    if (sense >>> 16 === SENSE_NOT_READY && this.#ready) {
      // The answer stands; before the next command, wait for the LUN.
      this.#ready = false
      this.#wake(POLL_JOB, timeNs + POLL_NS)
    }
    return false
  }

  #finish(slot: number, request: Request, good: boolean, sense: number, timeNs: number): void {
    const { controller, trace, sectorBytes } = this.#options
    const { judge } = this
    const { io } = request
    const named = good ? -1 : senseInformation(controller.hostSense(slot))
    const information = named < 0 ? -1 : named + this.luns.firstOf(this.luns.lunAt(io.lba))
    const latencyNs = timeNs - request.submitNs
    trace.add(timeNs, TRACE_HOST_ACK, (slot << 8) | io.op, good ? 0 : sense, io.lba | 0)
    const dueBytes = io.op === IO_READ || io.op === IO_VERIFY ? io.sectors * sectorBytes : 0
    const bytes = good ? controller.hostTransferred(slot) : dueBytes
    if (bytes !== dueBytes) judge?.mistransferred?.(io.lba, bytes, dueBytes, timeNs)
    if (io.op === IO_WRITE) {
      this.writes++
      this.bytesWritten += io.sectors * sectorBytes
      this.writeLatency.add(latencyNs)
      judge?.writeDone(request.writeId, good, sense, timeNs, information)
    } else if (io.op === IO_FLUSH) {
      this.flushes++
      judge?.flushDone(slot, good, sense, timeNs, information)
    } else {
      this.reads++
      this.bytesRead += io.sectors * sectorBytes
      this.readLatency.add(latencyNs)
      const address = controller.hostBufferAddress(slot)
      judge?.readDone(slot, good, sense, controller.bytes, controller.words, address, timeNs, information)
    }
    if (!good) this.errors++
    this.onDone?.(io, good, latencyNs, slot)
    this.#options.observe(0, io.lba, io.sectors)
  }

  #poll(): void {
    const { controller, events } = this.#options
    if (this.#ready) return
    const slot = controller.isRunning ? controller.freeHostSlot(0) : -1
    if (slot < 0) {
      this.#wake(POLL_JOB, events.nowNs + POLL_NS)
      return
    }
    const request = this.#requestAt(slot)
    request.job = POLL_JOB
    request.busy = true
    this.#cdb.fill(0)
    this.#cdb[0] = OP_TEST_UNIT_READY
    controller.submit(slot, this.#cdb, 6, 0, 0)
  }

  #polled(slot: number, timeNs: number): void {
    const { controller } = this.#options
    if (controller.hostStatus(slot) !== SCSI_GOOD) {
      const sense = controller.hostSense(slot)
      this.judge?.polled?.(senseWord(sense), timeNs, senseInformation(sense))
      this.#wake(POLL_JOB, timeNs + POLL_NS)
      return
    }
    this.#ready = true
    for (const [index, job] of this.#jobs.entries()) this.#schedule(index, job, timeNs)
  }
}
