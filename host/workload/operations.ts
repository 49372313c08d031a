// A workload that is written out: one operation after the other. What shrunken violations and generated runs are made of.
//
//   write 0+8         8 sectors from LUN sector 0 on; `write 0+8 fua` with FUA
//   read 0+8
//   flush
//   wait 3 ms         nothing is sent for so long, counted from when this line is reached
//   drain             nothing is sent until all that was sent is answered
//
// Up to `queueDepth` operations are in flight; they are sent in order.

import { formatDurationNs, parseDurationNs, UnitError } from '../sim/units'
import {
  IO_FLUSH,
  IO_READ,
  IO_WRITE,
  type IoRequest,
  NEXT_DONE,
  NEXT_READY,
  NEXT_WAIT,
  type WorkloadJob,
  type WorkloadTarget,
} from './io'

export type Operation =
  | { readonly kind: 'write'; readonly lba: number; readonly sectors: number; readonly fua: boolean }
  | { readonly kind: 'read'; readonly lba: number; readonly sectors: number }
  | { readonly kind: 'flush' }
  | { readonly kind: 'wait'; readonly ns: number }
  | { readonly kind: 'drain' }

export const OPERATION_TEXT =
  "an operation such as 'write 0+8', 'write 0+8 fua', 'read 8+1', 'flush', 'wait 3 ms' or 'drain'"

/** Null: it is no operation. */
export function parseOperation(text: string): Operation | null {
  const words = text.trim().toLowerCase()
  if (words === 'flush' || words === 'drain') return { kind: words }
  const wait = /^wait (.+)$/.exec(words)
  if (wait) return waitOf(wait[1]!)
  const match = /^(write|read) (\d{1,15})\+(\d{1,7})( fua)?$/.exec(words)
  if (!match || Number(match[3]) === 0 || (match[1] === 'read' && match[4])) return null
  const place = { lba: Number(match[2]), sectors: Number(match[3]) }
  return match[1] === 'write' ? { kind: 'write', ...place, fua: match[4] !== undefined } : { kind: 'read', ...place }
}

function waitOf(text: string): Operation | null {
  try {
    return { kind: 'wait', ns: parseDurationNs(text) }
  } catch (error) {
    if (error instanceof UnitError) return null
    throw error
  }
}

/** Reads back as the same operation. */
export function formatOperation(operation: Operation): string {
  switch (operation.kind) {
    case 'write':
      return `write ${operation.lba}+${operation.sectors}${operation.fua ? ' fua' : ''}`
    case 'read':
      return `read ${operation.lba}+${operation.sectors}`
    case 'wait':
      return `wait ${formatDurationNs(operation.ns)}`
    default:
      return operation.kind
  }
}

export interface OperationsOptions {
  readonly operations: readonly Operation[]
  readonly queueDepth: number
  /** Nothing more is sent after a power cut. */
  readonly endsAtPowerCut: boolean
  /** Places beyond the LUN are folded back into it. */
  readonly wrap: boolean
}

export class OperationsJob implements WorkloadJob {
  readonly name = 'operations'
  readonly queueDepth: number
  readonly endsAtPowerCut: boolean
  readonly #operations: readonly Operation[]
  readonly #lunSectors: number
  #next = 0
  #notBeforeNs = 0

  /** Places lie inside the LUN, unless they are folded. */
  constructor({ operations, queueDepth, endsAtPowerCut, wrap }: OperationsOptions, target: WorkloadTarget) {
    this.queueDepth = queueDepth
    this.endsAtPowerCut = endsAtPowerCut
    this.#operations = operations
    this.#lunSectors = wrap ? target.lunSectors : Number.POSITIVE_INFINITY
  }

  next(io: IoRequest, nowNs: number, outstanding: number): typeof NEXT_READY | typeof NEXT_WAIT | typeof NEXT_DONE {
    while (this.#next < this.#operations.length) {
      const operation = this.#operations[this.#next]!
      if (operation.kind === 'drain' && outstanding > 0) return NEXT_WAIT
      this.#next++
      if (operation.kind === 'wait') this.#notBeforeNs = Math.max(this.#notBeforeNs, nowNs) + operation.ns
      else if (operation.kind !== 'drain') {
        this.#fill(io, operation)
        return NEXT_READY
      }
    }
    return NEXT_DONE
  }

  #fill(io: IoRequest, operation: Exclude<Operation, { kind: 'wait' | 'drain' }>): void {
    io.notBeforeNs = this.#notBeforeNs
    io.payload = null
    io.fua = operation.kind === 'write' && operation.fua
    io.op = operation.kind === 'write' ? IO_WRITE : operation.kind === 'read' ? IO_READ : IO_FLUSH
    io.lba = 0
    io.sectors = 0
    if (operation.kind === 'flush') return
    io.sectors = Math.min(operation.sectors, this.#lunSectors)
    const places = this.#lunSectors - io.sectors + 1
    io.lba = operation.lba < places ? operation.lba : operation.lba % places
  }
}

/** The first operation that lies beyond a LUN of so many sectors, or -1. */
export function firstBeyond(operations: readonly Operation[], lunSectors: number): number {
  return operations.findIndex((one) => 'lba' in one && one.lba + one.sectors > lunSectors)
}
