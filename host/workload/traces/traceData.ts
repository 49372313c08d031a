// A recorded trace as columns: 31 bytes a record, whatever its format was. Bytes and nanoseconds, before anything is known of the LUN.
//
// Records are in the order in which they are to be issued, times never fall. A flush has offset and length 0. `lines` leads each record
// back to its text, for messages. Not promised: that offsets fit any LUN, or lie on sector boundaries; TraceJob sees to that.

import { IO_READ, IO_WRITE } from '../io'

export type TraceFormat = 'fio-iolog' | 'msr' | 'spc' | 'blkparse' | 'disksim' | 'disksim-validate' | 'mqsim'

export interface TraceData {
  readonly file: string
  readonly format: TraceFormat
  readonly count: number
  /** IO_READ, IO_WRITE, IO_FLUSH or IO_TRIM. */
  readonly ops: Uint8Array
  /** 1 = the write was forced to the medium (FUA). */
  readonly fua: Uint8Array
  readonly offsetsBytes: Float64Array
  readonly lengthsBytes: Float64Array
  /** From the start of the trace. */
  readonly timesNs: Float64Array
  /** Index into deviceNames. */
  readonly devices: Uint8Array | Uint16Array
  readonly deviceNames: readonly string[]
  readonly lines: Uint32Array
  /** The records had to be sorted by time: the n-th write is not the n-th write of the file. */
  readonly wasSorted: boolean
  /** What the reader left out or put right. */
  readonly notes: readonly string[]
}

export class TraceBuilder {
  #capacity = 4096
  #count = 0
  #ops = new Uint8Array(this.#capacity)
  #fua = new Uint8Array(this.#capacity)
  #offsets = new Float64Array(this.#capacity)
  #lengths = new Float64Array(this.#capacity)
  #times = new Float64Array(this.#capacity)
  #devices = new Uint16Array(this.#capacity)
  #lines = new Uint32Array(this.#capacity)
  #falls = false
  readonly #deviceNames: string[] = []
  readonly #deviceIndex = new Map<string, number>()
  #lastName = ''
  #lastIndex = -1
  readonly notes: string[] = []

  get count(): number {
    return this.#count
  }

  get lastTimeNs(): number {
    return this.#count === 0 ? 0 : this.#times[this.#count - 1]!
  }

  /** The number of a device name; at most 65536 names. */
  device(name: string): number {
    if (name === this.#lastName && this.#lastIndex >= 0) return this.#lastIndex
    let index = this.#deviceIndex.get(name)
    if (index === undefined) {
      index = this.#deviceNames.length
      if (index > 0xffff) throw new RangeError('more than 65536 devices in one trace')
      this.#deviceNames.push(name)
      this.#deviceIndex.set(name, index)
    }
    this.#lastName = name
    this.#lastIndex = index
    return index
  }

  add(
    op: number,
    offsetBytes: number,
    lengthBytes: number,
    timeNs: number,
    device: number,
    line: number,
    fua = false,
  ): void {
    if (this.#count === this.#capacity) this.#grow()
    const at = this.#count++
    this.#ops[at] = op
    this.#fua[at] = fua ? 1 : 0
    this.#offsets[at] = offsetBytes
    this.#lengths[at] = lengthBytes
    this.#times[at] = timeNs
    this.#devices[at] = device
    this.#lines[at] = line
    if (at > 0 && timeNs < this.#times[at - 1]!) this.#falls = true
  }

  finish(file: string, format: TraceFormat): TraceData {
    const count = this.#count
    const order = this.#falls ? this.#orderByTime() : null
    if (order) this.notes.push(`${file}: records were not in the order of their times, and have been sorted`)
    const arrange = <T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(column: T): T => {
      if (order === null) return column.slice(0, count) as T
      const sorted = column.slice(0, count) as T
      for (let i = 0; i < count; i++) sorted[i] = column[order[i]!]!
      return sorted
    }
    return {
      file,
      format,
      count,
      ops: arrange(this.#ops),
      fua: arrange(this.#fua),
      offsetsBytes: arrange(this.#offsets),
      lengthsBytes: arrange(this.#lengths),
      timesNs: arrange(this.#times),
      devices: this.#deviceNames.length > 256 ? arrange(this.#devices) : Uint8Array.from(arrange(this.#devices)),
      deviceNames: this.#deviceNames,
      lines: arrange(this.#lines),
      wasSorted: order !== null,
      notes: this.notes,
    }
  }

  /** Stable: records of one time stay in the order of the file. */
  #orderByTime(): Uint32Array {
    const times = this.#times
    const order = Uint32Array.from({ length: this.#count }, (_, i) => i)
    return order.sort((a, b) => times[a]! - times[b]! || a - b)
  }

  #grow(): void {
    this.#capacity *= 2
    const wider = <T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(column: T, empty: T): T => {
      empty.set(column)
      return empty
    }
    this.#ops = wider(this.#ops, new Uint8Array(this.#capacity))
    this.#fua = wider(this.#fua, new Uint8Array(this.#capacity))
    this.#offsets = wider(this.#offsets, new Float64Array(this.#capacity))
    this.#lengths = wider(this.#lengths, new Float64Array(this.#capacity))
    this.#times = wider(this.#times, new Float64Array(this.#capacity))
    this.#devices = wider(this.#devices, new Uint16Array(this.#capacity))
    this.#lines = wider(this.#lines, new Uint32Array(this.#capacity))
  }
}

export function readOrWrite(isRead: boolean): number {
  return isRead ? IO_READ : IO_WRITE
}
