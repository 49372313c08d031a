// Replays a trace: at the times of the trace (open loop), or as fast as completions allow at a queue depth (closed loop, fio's
// replay_no_stall).
//
// A trace says when requests were issued, not which of them had completed before. What depended on what is therefore kept on the safe
// side, unless told otherwise (`ordering: 'recorded'`): a flush waits for everything before it, nothing overtakes a flush or a FUA write,
// and no request is in flight together with one that it overlaps, if either of them writes. To decide the last, the job knows only how many
// of its requests are in flight, not which: it waits until all are done, at the latest after 256 requests. So a replayed file system
// finds its disk in states in which its own machine could have left it, too.
//
// With `payloads` the n-th write of the trace writes the n-th piece of them; without, every write has content of its own (stamps).
// What came from one host's memory makes no sense after a power cut: such a job ends there.

import { InputError } from '../inputProblem'
import {
  IO_FLUSH,
  IO_TRIM,
  IO_WRITE,
  type IoRequest,
  NEXT_DONE,
  NEXT_READY,
  NEXT_WAIT,
  type WorkloadJob,
  type WorkloadTarget,
} from '../io'
import { InFlightWindow } from './inFlightWindow'
import type { TraceData } from './traceData'
import { planTrace, type TraceFitOptions, type TracePlan } from './tracePlan'

export interface TraceJobOptions extends TraceFitOptions {
  readonly name: string
  /** 'timed' (default): at the times of the trace. 'closed': one after the other completes. */
  readonly replay?: 'timed' | 'closed'
  /** Requests in flight at most. Default 256 at the times of the trace, 1 in a closed loop. */
  readonly queueDepth?: number
  readonly ordering?: 'safe' | 'recorded'
  /** The bytes of all writes of the trace, one after the other. */
  readonly payloads?: Uint8Array
  /** What messages call the payloads. */
  readonly payloadsFile?: string
}

const QUEUE_DEPTH_TIMED = 256

export class TraceJob implements WorkloadJob {
  readonly name: string
  readonly queueDepth: number
  readonly endsAtPowerCut: boolean
  readonly notes: readonly string[]
  /** Requests in all. */
  readonly count: number

  readonly #plan: TracePlan
  readonly #timed: boolean
  readonly #ordered: boolean
  readonly #payloads: Uint8Array | null
  readonly #sectorBytes: number
  #index = 0
  #startNs = -1
  /** The last request was a flush or a FUA write: nothing may overtake it. */
  #barrier = false
  readonly #window = new InFlightWindow()

  /** Throws InputError. */
  constructor(data: TraceData, target: WorkloadTarget, options: TraceJobOptions) {
    this.#plan = planTrace(data, target, options)
    this.name = options.name
    this.count = this.#plan.count
    this.notes = this.#plan.notes
    this.#timed = options.replay !== 'closed'
    this.queueDepth = options.queueDepth ?? (this.#timed ? QUEUE_DEPTH_TIMED : 1)
    this.#ordered = options.ordering !== 'recorded'
    this.#payloads = options.payloads ?? null
    this.#sectorBytes = target.sectorBytes
    this.endsAtPowerCut = this.#payloads !== null
    if (this.#payloads) checkPayloads(this.#payloads, data, this.#plan, options)
  }

  next(io: IoRequest, nowNs: number, outstanding: number): typeof NEXT_READY | typeof NEXT_WAIT | typeof NEXT_DONE {
    if (this.#startNs < 0) this.#startNs = nowNs
    const i = this.#index
    const plan = this.#plan
    if (i >= plan.count) return NEXT_DONE
    const op = plan.ops[i]!
    const fua = plan.fua[i] === 1
    const lba = plan.lbas[i]!
    const sectors = plan.sectors[i]!
    if (this.#ordered) {
      const window = this.#window
      const changesData = op === IO_WRITE || op === IO_TRIM
      if (outstanding === 0) window.clear()
      else if (this.#barrier || op === IO_FLUSH || window.isFull || window.conflicts(lba, sectors, changesData))
        return NEXT_WAIT
      window.add(lba, sectors, changesData)
      this.#barrier = op === IO_FLUSH || fua
    }
    this.#index++
    io.op = op
    io.lba = lba
    io.sectors = sectors
    io.fua = fua
    io.notBeforeNs = this.#timed ? this.#startNs + plan.timesNs[i]! : 0
    io.payload = null
    if (this.#payloads && op === IO_WRITE) {
      const start = plan.payloadStarts[i]!
      io.payload = this.#payloads.subarray(start, start + sectors * this.#sectorBytes)
    }
    return NEXT_READY
  }
}

function checkPayloads(payloads: Uint8Array, data: TraceData, plan: TracePlan, options: TraceJobOptions): void {
  const file = options.payloadsFile ?? 'payloads'
  const fail = (found: string, expected: string): never => {
    throw new InputError({ file, line: 1, column: 1, found, expected })
  }
  if (data.wasSorted) fail(`payloads for ${data.file}, which is not in the order of its times`, 'a trace in order')
  if (options.align === 'round') fail('payloads with align: round', 'a trace of whole sectors')
  if (payloads.length !== plan.payloadBytes) {
    fail(`${payloads.length} bytes`, `${plan.payloadBytes}: the writes of ${data.file}, one after the other`)
  }
}
