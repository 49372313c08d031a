// A generated workload: sequential or random requests over a region, in passes, with flushes, verification and pacing.
//
// Everything is a function of (options, target, seed). `next` allocates nothing but amortised room for the list of writes to verify.
// A pass ends when the region has been covered, or as many bytes as it has been issued; then, if asked, the job drains, flushes and
// reads back. Requests in flight may overlap where options allow it (no random map, several passes): who judges must know.
// Not promised: fio's own sequence of random numbers. The rules are fio's; the draws are not.

import { RandomStream } from '../sim/random'
import {
  type Access,
  type CompiledRegion,
  compile,
  DIRECTION_READ,
  DIRECTION_TRIM,
  DIRECTION_WRITE,
  DIRECTIONS,
  type GeneratorOptions,
} from './generatorOptions'
import {
  IO_FLUSH,
  IO_READ,
  IO_TRIM,
  IO_VERIFY,
  IO_WRITE,
  type IoRequest,
  NEXT_DONE,
  NEXT_READY,
  NEXT_WAIT,
  type WorkloadJob,
  type WorkloadTarget,
} from './io'
import { Pacer } from './pacing'
import { type Placement, RandomPlacement, SequentialPlacement } from './placement'
import { WrittenList } from './writtenList'

const PHASE_RUN = 0
/** Wait for the requests of this pass, then flush if asked. */
const PHASE_DRAIN = 1
const PHASE_READ_BACK = 2
/** Wait for the verification, then begin the next pass. */
const PHASE_DRAIN_READ_BACK = 3
const PHASE_DONE = 4

type NextResult = typeof NEXT_READY | typeof NEXT_WAIT | typeof NEXT_DONE

export class GeneratorJob implements WorkloadJob {
  readonly name: string
  readonly queueDepth: number
  readonly stage: number

  readonly #options: GeneratorOptions
  readonly #access: Access
  /** What every request does, unless it is drawn (-1) or the second of a pair. */
  readonly #soleDirection: number
  readonly #isTrimWrite: boolean
  readonly #region: CompiledRegion
  readonly #sectorBytes: number
  readonly #placement: Placement
  readonly #mixRandom: RandomStream
  readonly #readShare: number
  readonly #pacers: readonly Pacer[] | null
  readonly #written: WrittenList | null
  readonly #ops: Uint8Array
  readonly #flushEvery: number
  readonly #thinkTimeNs: number
  readonly #thinkRequests: number
  readonly #backlog: number
  readonly #fua: boolean
  readonly #writesNothing: boolean

  readonly #passesMax: number
  readonly #requestsMax: number
  readonly #bytesMax: number
  readonly #runtimeNs: number

  #phase = PHASE_RUN
  /** The read-back belongs to the end of a pass, not to a backlog within it. */
  #passEnds = false
  #startNs = -1
  #endNs = Number.POSITIVE_INFINITY
  #passes = 0
  #requests = 0
  #bytes = 0
  #passBytes = 0
  #writes = 0
  #flushDue = false
  /** A flush was issued after everything else had completed, and nothing since: one more would be idle. */
  #isFlushed = false
  #thinkLeft: number
  #notBeforeNs = 0
  #readBackLeft = 0
  /** trimwrite: the trimmed block waits for its write. */
  #trimmedPosition = 0
  #trimmedSectors = 0

  /** Throws GeneratorOptionError. `seed` and the job's name make the random streams. */
  constructor(options: GeneratorOptions, target: WorkloadTarget, seed: number) {
    this.#options = options
    this.name = options.name
    this.stage = options.stage ?? 0
    this.queueDepth = options.queueDepth ?? 1
    this.#access = options.access ?? 'read'
    this.#isTrimWrite = this.#access === 'trimwrite'
    this.#soleDirection =
      this.#access === 'trimwrite' ? DIRECTION_TRIM : this.#access === 'mixed' ? -1 : DIRECTIONS.indexOf(this.#access)
    this.#region = compile(options, target)
    this.#sectorBytes = target.sectorBytes
    const stream = (purpose: string) => RandomStream.fromSeed(seed, `workload/${options.name}/${purpose}`)
    this.#placement = makePlacement(options, this.#region, target.sectorBytes, stream)
    this.#mixRandom = stream('mix')
    this.#readShare = ((options.readPercent ?? 50) / 100) * 0x1_0000_0000
    const { rate } = options
    this.#pacers = rate
      ? DIRECTIONS.map((name) => new Pacer(rate.unit, rate[name], rate.process === 'poisson', stream(`rate/${name}`)))
      : null

    const verify = options.verify ?? false
    const writes = this.#access !== 'read' && this.#access !== 'trim'
    const readsBack = verify && writes && (options.verifyPhase ?? true)
    this.#written = readsBack ? new WrittenList(this.#region.maxSectors) : null
    this.#writesNothing = readsBack && (options.verifyOnly ?? false)
    this.#backlog = readsBack && !this.#writesNothing ? (options.verifyBacklog ?? 0) : 0
    this.#ops = Uint8Array.of(verify && this.#access === 'read' ? IO_VERIFY : IO_READ, IO_WRITE, IO_TRIM)
    this.#flushEvery = options.flushEveryWrites ?? 0
    this.#thinkTimeNs = options.thinkTimeNs ?? 0
    this.#thinkRequests = options.thinkRequests ?? 1
    this.#thinkLeft = this.#thinkRequests
    this.#fua = options.fua ?? false

    const bounded = options.requests !== undefined || options.ioBytes !== undefined || options.timeBased === true
    this.#passesMax = options.passes ?? (bounded ? Number.POSITIVE_INFINITY : 1)
    this.#requestsMax = options.requests ?? Number.POSITIVE_INFINITY
    this.#bytesMax = options.ioBytes ?? Number.POSITIVE_INFINITY
    this.#runtimeNs = options.runtimeNs || Number.POSITIVE_INFINITY
  }

  next(io: IoRequest, nowNs: number, outstanding: number): NextResult {
    if (this.#startNs < 0) {
      this.#startNs = Math.max(nowNs, this.#options.startDelayNs ?? 0)
      this.#notBeforeNs = this.#startNs
      this.#endNs = this.#startNs + this.#runtimeNs
    }
    for (;;) {
      switch (this.#phase) {
        case PHASE_RUN: {
          const result = this.#run(io, nowNs, outstanding)
          if (result !== NEXT_DONE) return result
          break
        }
        case PHASE_DRAIN:
          if (outstanding > 0) return NEXT_WAIT
          this.#readBackLeft = this.#readBackSize(nowNs)
          this.#passEnds = true
          this.#phase = PHASE_READ_BACK
          if (this.#options.flushAtEnd && !this.#isFlushed) return this.#fillFlush(io)
          break
        case PHASE_READ_BACK:
          // The flush at the end of the pass may still be in flight: reads need not wait for it.
          if (this.#readBackLeft > 0) return this.#fillReadBack(io)
          this.#phase = this.#passEnds ? PHASE_DRAIN_READ_BACK : PHASE_RUN
          break
        case PHASE_DRAIN_READ_BACK:
          if (outstanding > 0) return NEXT_WAIT
          this.#beginPass(nowNs)
          break
        case PHASE_DONE:
          return NEXT_DONE
      }
    }
  }

  /** One request of the pass; NEXT_DONE = look at the phase again. */
  #run(io: IoRequest, nowNs: number, outstanding: number): NextResult {
    if (this.#flushDue) {
      this.#flushDue = false
      this.#isFlushed = outstanding === 0
      return this.#fillFlush(io)
    }
    if (this.#passIsOver() || this.#limitIsMet() || nowNs >= this.#endNs) return this.#endPass(nowNs)
    if (this.#backlog > 0 && this.#written!.length >= this.#backlog) {
      if (outstanding > 0) return NEXT_WAIT
      this.#readBackLeft = Math.min(this.#written!.length, this.#options.verifyBacklogBatch ?? this.#backlog)
      this.#passEnds = false
      this.#phase = PHASE_READ_BACK
      return NEXT_DONE
    }
    if (this.#thinkLeft === 0) {
      if (outstanding > 0) return NEXT_WAIT
      this.#thinkLeft = this.#thinkRequests
      this.#notBeforeNs = Math.max(this.#notBeforeNs, nowNs + this.#thinkTimeNs)
    }
    return this.#issue(io, nowNs)
  }

  #issue(io: IoRequest, nowNs: number): NextResult {
    const pairedWrite = this.#trimmedSectors > 0
    const direction = pairedWrite ? DIRECTION_WRITE : this.#direction()
    let notBeforeNs = this.#notBeforeNs
    if (this.#pacers) notBeforeNs = Math.max(notBeforeNs, this.#startNs + this.#pacers[direction]!.dueNs())
    if (notBeforeNs >= this.#endNs) {
      this.#endNs = nowNs // nothing more can go: the job's time is as good as over
      return NEXT_DONE
    }
    const placement = this.#placement
    if (pairedWrite) {
      placement.position = this.#trimmedPosition
      placement.sectors = this.#trimmedSectors
      this.#trimmedSectors = 0
    } else if (!placement.place(direction)) {
      this.#passBytes = Number.POSITIVE_INFINITY
      return NEXT_DONE
    }
    const { position, sectors } = placement
    this.#account(direction, position, sectors)
    if (this.#writesNothing && direction === DIRECTION_WRITE) return NEXT_DONE
    io.op = this.#ops[direction]!
    io.lba = this.#region.firstLba + position
    io.sectors = sectors
    io.fua = this.#fua && direction === DIRECTION_WRITE
    io.notBeforeNs = notBeforeNs
    io.payload = null
    return NEXT_READY
  }

  #direction(): number {
    if (this.#soleDirection >= 0) return this.#soleDirection
    return this.#mixRandom.nextU32() < this.#readShare ? DIRECTION_READ : DIRECTION_WRITE
  }

  #account(direction: number, position: number, sectors: number): void {
    const bytes = sectors * this.#sectorBytes
    if (this.#pacers) this.#pacers[direction]!.issued(bytes)
    if (this.#isTrimWrite && direction === DIRECTION_TRIM) {
      // The pair counts once, when its write goes.
      this.#trimmedPosition = position
      this.#trimmedSectors = sectors
      return
    }
    this.#requests++
    this.#isFlushed = false
    this.#bytes += bytes
    this.#passBytes += bytes
    if (this.#thinkTimeNs > 0) this.#thinkLeft--
    if (direction !== DIRECTION_WRITE) return
    this.#writes++
    if (this.#flushEvery > 0 && this.#writes % this.#flushEvery === 0 && !this.#writesNothing) this.#flushDue = true
    if (this.#written) this.#written.push(position, sectors)
  }

  #passIsOver(): boolean {
    return this.#passBytes >= this.#region.sectors * this.#sectorBytes && this.#trimmedSectors === 0
  }

  #limitIsMet(): boolean {
    return (this.#bytes >= this.#bytesMax || this.#requests >= this.#requestsMax) && this.#trimmedSectors === 0
  }

  #endPass(nowNs: number): NextResult {
    const drains =
      this.#written !== null || this.#options.flushAtEnd === true || this.#passesMax !== Number.POSITIVE_INFINITY
    if (drains || this.#limitIsMet() || nowNs >= this.#endNs) this.#phase = PHASE_DRAIN
    else this.#beginPass(nowNs)
    return NEXT_DONE
  }

  #beginPass(nowNs: number): void {
    this.#passes++
    // A rest that is shorter than a request is no pass (fio's rule for io_size).
    const tooLittleLeft = this.#bytesMax - this.#bytes < this.#region.maxSectors * this.#sectorBytes
    const over = this.#passes >= this.#passesMax || this.#limitIsMet() || tooLittleLeft || nowNs >= this.#endNs
    this.#phase = over ? PHASE_DONE : PHASE_RUN
    this.#passBytes = 0
    this.#written?.clear()
    this.#placement.restart()
  }

  /** How many writes of this pass are to be read back now. */
  #readBackSize(nowNs: number): number {
    if (this.#written === null || nowNs >= this.#endNs) return 0
    // With a random map every block was written once: the order of the writes does. Else repeats are worth dropping.
    if (!this.#region.randomMap) this.#written.sortByPosition()
    return this.#written.length
  }

  #fillReadBack(io: IoRequest): NextResult {
    this.#written!.shift()
    this.#readBackLeft--
    io.op = IO_VERIFY
    io.lba = this.#region.firstLba + this.#written!.position
    io.sectors = this.#written!.sectors
    io.fua = false
    io.notBeforeNs = this.#notBeforeNs
    io.payload = null
    return NEXT_READY
  }

  #fillFlush(io: IoRequest): NextResult {
    io.op = IO_FLUSH
    io.lba = 0
    io.sectors = 0
    io.fua = false
    io.notBeforeNs = this.#notBeforeNs
    io.payload = null
    return NEXT_READY
  }
}

function makePlacement(
  options: GeneratorOptions,
  region: CompiledRegion,
  sectorBytes: number,
  stream: (purpose: string) => RandomStream,
): Placement {
  if (options.order !== 'random') {
    return new SequentialPlacement(region, stream('size'), (options.strideBytes ?? 0) / sectorBytes)
  }
  return new RandomPlacement(region, stream('offset'), stream('size'), {
    distribution: options.distribution ?? { kind: 'uniform' },
    randomShare: ((options.randomPercent ?? 100) / 100) * 0x1_0000_0000,
    burstRequests: options.burst?.requests ?? 1,
    burstThen: options.burst?.between ?? 'sequential',
  })
}
