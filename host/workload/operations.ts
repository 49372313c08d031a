// A workload that is written out: one operation after the other. What shrunken violations and generated runs are made of.
//
//   write 0+8         8 sectors from LUN sector 0 on; `write 0+8 fua` with FUA
//   read 0+8
//   flush
//   wait 3 ms         nothing is sent for so long, counted from when this line is reached
//   drain             nothing is sent until all that was sent is answered
//   lun 1: write 0+8  the same on another LUN: write, read, flush
//
// Up to `queueDepth` operations are in flight; they are sent in order.

import { formatDurationNs, parseDurationNs, UnitError } from '../sim/units'
import { IO_FLUSH, IO_READ, IO_WRITE, type IoRequest, NEXT_DONE, NEXT_READY, NEXT_WAIT, type WorkloadJob } from './io'
import type { LunMap } from './lunMap'

interface OnLun {
  /** Absent = 0. */
  readonly lun?: number
}

export type Operation =
  | ({ readonly kind: 'write'; readonly lba: number; readonly sectors: number; readonly fua: boolean } & OnLun)
  | ({ readonly kind: 'read'; readonly lba: number; readonly sectors: number } & OnLun)
  | ({ readonly kind: 'flush' } & OnLun)
  | { readonly kind: 'wait'; readonly ns: number }
  | { readonly kind: 'drain' }

export const OPERATION_TEXT =
  "an operation such as 'write 0+8', 'write 0+8 fua', 'lun 1: write 0+8', 'read 8+1', 'flush', 'wait 3 ms' or 'drain'"

/** Where an operation takes place; `otherwise`: for one that does not say. */
export function lunOf(operation: Operation, otherwise = 0): number {
  return 'lun' in operation ? (operation.lun ?? otherwise) : otherwise
}

/** The same on another LUN; a pause concerns none. */
export function onLun(operation: Operation, lun: number): Operation {
  if (lun === 0 || operation.kind === 'wait' || operation.kind === 'drain') return operation
  return { ...operation, lun }
}

/** Null: it is no operation. */
export function parseOperation(text: string): Operation | null {
  const [, lun, words] = /^(?:lun (\d{1,3}):\s*)?(.*)$/.exec(text.trim().toLowerCase()) ?? []
  const operation = words === undefined ? null : parseWords(words)
  if (operation === null || lun === undefined) return operation
  return operation.kind === 'wait' || operation.kind === 'drain' ? null : { ...operation, lun: Number(lun) }
}

function parseWords(words: string): Operation | null {
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
  const lun = lunOf(operation)
  return lun > 0 ? `lun ${lun}: ${wordsOf(operation)}` : wordsOf(operation)
}

function wordsOf(operation: Operation): string {
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
  readonly #luns: LunMap
  readonly #wraps: boolean
  #next = 0
  #notBeforeNs = 0

  /** Places lie inside their LUNs, unless they are folded. */
  constructor({ operations, queueDepth, endsAtPowerCut, wrap }: OperationsOptions, luns: LunMap) {
    this.queueDepth = queueDepth
    this.endsAtPowerCut = endsAtPowerCut
    this.#operations = operations
    this.#luns = luns
    this.#wraps = wrap
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
    const lun = lunOf(operation)
    const first = this.#luns.firstOf(lun)
    io.lba = first
    io.sectors = 0
    if (operation.kind === 'flush') return
    const lunSectors = this.#wraps ? this.#luns.sizes[lun]! : Number.POSITIVE_INFINITY
    io.sectors = Math.min(operation.sectors, lunSectors)
    const places = lunSectors - io.sectors + 1
    io.lba = first + (operation.lba < places ? operation.lba : operation.lba % places)
  }
}

/** The first operation that lies beyond its LUN, or -1. */
export function firstBeyond(operations: readonly Operation[], luns: LunMap): number {
  return operations.findIndex((one) => 'lba' in one && one.lba + one.sectors > luns.sizes[lunOf(one)]!)
}
