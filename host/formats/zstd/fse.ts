// Finite state entropy (RFC 8878, 4.1): a table of states, each with the symbol that it stands for, and the bits that lead to the next.

import type { BackwardBits } from './backwardBits'
import { ZstdError } from './zstdError'

export interface FseTable {
  readonly accuracyLog: number
  readonly symbols: Uint8Array
  readonly bits: Uint8Array
  /** The state that follows is this, plus the value of the bits. */
  readonly bases: Uint16Array
}

/** `probabilities` in units of 2^-accuracyLog; -1 stands for less than one. */
export function buildTable(probabilities: readonly number[], accuracyLog: number): FseTable {
  const size = 1 << accuracyLog
  const symbols = new Uint8Array(size)
  const next = new Uint16Array(probabilities.length)
  let high = size
  probabilities.forEach((probability, symbol) => {
    if (probability === -1) symbols[--high] = symbol
    next[symbol] = Math.abs(probability)
  })
  const step = (size >> 1) + (size >> 3) + 3
  let position = 0
  probabilities.forEach((probability, symbol) => {
    for (let count = 0; count < probability; count++) {
      symbols[position] = symbol
      do position = (position + step) & (size - 1)
      while (position >= high)
    }
  })
  const bits = new Uint8Array(size)
  const bases = new Uint16Array(size)
  for (let state = 0; state < size; state++) {
    const following = next[symbols[state]!]!++
    const count = accuracyLog - highBit(following)
    bits[state] = count
    bases[state] = (following << count) - size
  }
  return { accuracyLog, symbols, bits, bases }
}

/** One symbol, always. */
export function constantTable(symbol: number): FseTable {
  return { accuracyLog: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) }
}

/** Reads the description of a table; returns where it ends, too. */
export function readTable(
  bytes: Uint8Array,
  start: number,
  end: number,
  limits: { readonly accuracyLogMax: number; readonly symbolMax: number },
): { readonly table: FseTable; readonly end: number } {
  const stream = new ForwardBits(bytes, start, end)
  const accuracyLog = stream.read(4) + 5
  if (accuracyLog > limits.accuracyLogMax) throw new ZstdError(`a table with an accuracy of ${accuracyLog} bits`)
  const probabilities: number[] = []
  let left = 1 << accuracyLog
  while (left > 0) {
    const probability = readProbability(stream, left)
    probabilities.push(probability)
    left -= Math.abs(probability)
    for (let repeat = probability === 0 ? 3 : 0; repeat === 3; ) {
      repeat = stream.read(2)
      for (let count = 0; count < repeat; count++) probabilities.push(0)
      if (probabilities.length > limits.symbolMax) break
    }
    if (probabilities.length > limits.symbolMax + 1) throw new ZstdError('a table with too many symbols')
  }
  if (left < 0) throw new ZstdError('probabilities of a table add up to more than one')
  return { table: buildTable(probabilities, accuracyLog), end: stream.byteEnd() }
}

/** Of the values 0 to left + 1, the small ones take a bit less. */
function readProbability(stream: ForwardBits, left: number): number {
  const count = highBit(left + 1) + 1
  const lower = (1 << (count - 1)) - 1
  const short = (1 << count) - 1 - (left + 1)
  const value = stream.peek(count)
  if ((value & lower) < short) {
    stream.skip(count - 1)
    return (value & lower) - 1
  }
  stream.skip(count)
  return (value > lower ? value - short : value) - 1
}

export class FseState {
  #state: number

  constructor(
    private readonly table: FseTable,
    stream: BackwardBits,
  ) {
    this.#state = stream.read(table.accuracyLog)
  }

  get symbol(): number {
    return this.table.symbols[this.#state]!
  }

  /** Bits that the next step takes. */
  get bits(): number {
    return this.table.bits[this.#state]!
  }

  next(stream: BackwardBits): void {
    this.#state = this.table.bases[this.#state]! + stream.read(this.table.bits[this.#state]!)
  }
}

class ForwardBits {
  #position: number

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
    private readonly end: number,
  ) {
    this.#position = start * 8
  }

  peek(count: number): number {
    const index = this.#position >>> 3
    const word = this.#byte(index) | (this.#byte(index + 1) << 8) | (this.#byte(index + 2) << 16)
    return (word >>> (this.#position & 7)) & ((1 << count) - 1)
  }

  skip(count: number): void {
    this.#position += count
    if (this.#position > this.end * 8) throw new ZstdError('a table ends behind its block')
  }

  read(count: number): number {
    const value = this.peek(count)
    this.skip(count)
    return value
  }

  byteEnd(): number {
    return Math.ceil(this.#position / 8)
  }

  #byte(index: number): number {
    return index < this.end ? this.bytes[index]! : 0
  }
}

function highBit(value: number): number {
  return 31 - Math.clz32(value)
}
