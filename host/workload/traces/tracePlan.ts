// A trace fitted to a LUN: its records as requests in sectors, every one of them checked, before the first is issued.
//
// Whatever does not fit is refused with the line it came from, unless the caller has chosen what to do instead. Requests without length
// are left out, except flushes. Times are kept in nanoseconds from the start of the trace, scaled.

import { formatBytes } from '../../sim/units'
import { InputError } from '../inputProblem'
import { IO_FLUSH, IO_WRITE, type WorkloadTarget } from '../io'
import type { TraceData } from './traceData'

export interface TraceFitOptions {
  /** Only this device: a name of TraceData.deviceNames, or what follows the last point in it (MSR: `0` for `hm.0`). 'all' = every one. */
  readonly device?: string
  /**
   * Requests beyond the end of the LUN: refuse (default), fold back by the LUN's length, shrink all offsets so that the last one fits,
   * or leave them out.
   */
  readonly beyond?: 'error' | 'wrap' | 'scale' | 'skip'
  /** Requests that do not start and end on sectors: refuse (default), or extend to whole sectors. */
  readonly align?: 'error' | 'round'
  /** 2 = twice as slow. Default 1. */
  readonly timeScale?: number
}

export interface TracePlan {
  readonly count: number
  readonly ops: Uint8Array
  readonly fua: Uint8Array
  readonly lbas: Float64Array
  readonly sectors: Float64Array
  readonly timesNs: Float64Array
  /** Where the data of a write start among the bytes of all writes of the trace; of other records, where the next write's start. */
  readonly payloadStarts: Float64Array
  /** Bytes of all writes of the trace, of those that were left out, too. */
  readonly payloadBytes: number
  readonly notes: readonly string[]
}

/** Throws InputError. */
export function planTrace(data: TraceData, target: WorkloadTarget, options: TraceFitOptions): TracePlan {
  return new Planner(data, target, options).plan()
}

const NAMES = ['', 'read', 'write', 'flush', 'trim']

class Planner {
  readonly #lunBytes: number
  readonly #device: number
  readonly #scale: number
  #zeroLength = 0
  #skipped = 0
  #moved = 0
  #rounded = 0

  constructor(
    readonly data: TraceData,
    readonly target: WorkloadTarget,
    readonly options: TraceFitOptions,
  ) {
    this.#lunBytes = target.lunSectors * target.sectorBytes
    this.#device = this.#chooseDevice()
    this.#scale = options.beyond === 'scale' ? this.#scaleFactor() : 1
  }

  plan(): TracePlan {
    const { data, target, options } = this
    const { count } = data
    const ops = new Uint8Array(count)
    const fua = new Uint8Array(count)
    const lbas = new Float64Array(count)
    const sectors = new Float64Array(count)
    const timesNs = new Float64Array(count)
    const payloadStarts = new Float64Array(count)
    let kept = 0
    let payloadBytes = 0
    for (let i = 0; i < count; i++) {
      const payloadStart = payloadBytes
      if (data.ops[i] === IO_WRITE) payloadBytes += data.lengthsBytes[i]!
      if (!this.#fit(i)) continue
      ops[kept] = data.ops[i]!
      fua[kept] = data.fua[i]!
      lbas[kept] = this.#startBytes / target.sectorBytes
      sectors[kept] = (this.#endBytes - this.#startBytes) / target.sectorBytes
      timesNs[kept] = Math.round(data.timesNs[i]! * (options.timeScale ?? 1))
      payloadStarts[kept] = payloadStart
      kept++
    }
    return { count: kept, ops, fua, lbas, sectors, timesNs, payloadStarts, payloadBytes, notes: this.#notes() }
  }

  #startBytes = 0
  #endBytes = 0

  /** Puts the place of record `i` into startBytes and endBytes; false: the record is left out. */
  #fit(i: number): boolean {
    const { data } = this
    if (this.#device >= 0 && data.devices[i] !== this.#device) return false
    this.#startBytes = 0
    this.#endBytes = 0
    if (data.ops[i] === IO_FLUSH) return true
    const lengthBytes = data.lengthsBytes[i]!
    if (lengthBytes === 0) {
      this.#zeroLength++
      return false
    }
    this.#startBytes = data.offsetsBytes[i]!
    this.#endBytes = this.#startBytes + lengthBytes
    return this.#align(i) && this.#bring(i)
  }

  #align(i: number): boolean {
    const { sectorBytes } = this.target
    const head = this.#startBytes % sectorBytes
    const tail = this.#endBytes % sectorBytes
    if (head === 0 && tail === 0) return true
    if (this.options.align !== 'round')
      this.#refuse(i, `an extent of whole sectors of ${sectorBytes} bytes, or align: round`)
    this.#startBytes -= head
    this.#endBytes += tail === 0 ? 0 : sectorBytes - tail
    this.#rounded++
    return true
  }

  /** Brings an extent into the LUN. */
  #bring(i: number): boolean {
    const lengthBytes = this.#endBytes - this.#startBytes
    if (this.#scale !== 1) this.#moveTo(Math.floor(this.#startBytes * this.#scale), lengthBytes)
    if (this.#endBytes <= this.#lunBytes) return true
    const { beyond } = this.options
    if (beyond === 'skip') {
      this.#skipped++
      return false
    }
    if (lengthBytes > this.#lunBytes) this.#refuse(i, `no more than the LUN's ${formatBytes(this.#lunBytes)}`)
    if (beyond === undefined || beyond === 'error') {
      this.#refuse(
        i,
        `an extent within the LUN's ${formatBytes(this.#lunBytes)}, or a way to bring it there (wrap, scale, skip)`,
      )
    }
    this.#moveTo(this.#startBytes % this.#lunBytes, lengthBytes)
    this.#moved++
    return true
  }

  /** To the start of a sector at or before `startBytes`, and far enough from the end. */
  #moveTo(startBytes: number, lengthBytes: number): void {
    const aligned = startBytes - (startBytes % this.target.sectorBytes)
    this.#startBytes = Math.max(0, Math.min(aligned, this.#lunBytes - lengthBytes))
    this.#endBytes = this.#startBytes + lengthBytes
  }

  #refuse(i: number, expected: string): never {
    const { data } = this
    const found = `${NAMES[data.ops[i]!]} of ${formatBytes(data.lengthsBytes[i]!)} at byte ${data.offsetsBytes[i]}`
    throw new InputError({ file: data.file, line: data.lines[i]!, column: 1, found, expected })
  }

  /** LUN length : end of the trace, below 1. */
  #scaleFactor(): number {
    const { data } = this
    let end = 0
    for (let i = 0; i < data.count; i++) {
      if (this.#device < 0 || data.devices[i] === this.#device)
        end = Math.max(end, data.offsetsBytes[i]! + data.lengthsBytes[i]!)
    }
    return end > this.#lunBytes ? this.#lunBytes / end : 1
  }

  /** Index of the only device to replay; -1 = all. */
  #chooseDevice(): number {
    const { data, options } = this
    const names = data.deviceNames
    const used = [...new Set(data.devices)].sort((a, b) => a - b).map((index) => names[index]!)
    if (options.device === 'all') return -1
    const list = used.slice(0, 8).join(', ') + (used.length > 8 ? ', …' : '')
    const fail = (found: string, expected: string): never => {
      throw new InputError({ file: data.file, line: data.lines[0]!, column: 1, found, expected })
    }
    if (options.device === undefined) {
      return used.length <= 1 ? -1 : fail(`${used.length} devices: ${list}`, 'the name of one, or all')
    }
    const exact = used.filter((name) => name === options.device)
    const matching =
      exact.length > 0 ? exact : used.filter((name) => name.slice(name.lastIndexOf('.') + 1) === options.device)
    if (matching.length !== 1) return fail(`no single device ${JSON.stringify(options.device)}`, `one of ${list}`)
    return names.indexOf(matching[0]!)
  }

  #notes(): string[] {
    const { data } = this
    const note = (count: number, text: string) => (count > 0 ? [`${data.file}: ${count} ${text}`] : [])
    return [
      ...data.notes,
      ...note(this.#zeroLength, 'requests without length left out'),
      ...note(this.#skipped, 'requests beyond the end of the LUN left out'),
      ...note(this.#moved, 'requests beyond the end of the LUN folded back into it'),
      ...note(this.#rounded, 'requests extended to whole sectors'),
      ...(this.#scale === 1 ? [] : [`${data.file}: offsets scaled by ${this.#scale.toPrecision(4)}`]),
    ]
  }
}
