// Every write that an initiator ever sent, by write id: where, when, and how it ended. Columns of typed arrays: a record costs 37 bytes
// and no object, and records stay for the whole run, because any of them may have to be explained at its end.
//
// Order: each call of the oracle has a sequence number. Write B comes *after* write A when A had ended before B was submitted; what
// overlaps in time may take effect in either order. Id 0 is the content at the start: before everything.

/** How a write ended. */
export const WRITE_IN_FLIGHT = 0
export const WRITE_GOOD = 1
export const WRITE_FAILED = 2
/** The power cut came first: no answer ever. */
export const WRITE_CUT = 3
const STATE_MASK = 3

/** Properties of a write, beside its state. */
export const WRITE_FUA = 4
/** A trim: the sectors read as zeros afterwards. */
export const WRITE_ZEROS = 8
/** The content is the initiator's own, not a stamp. */
export const WRITE_PAYLOAD = 16

/** Ids lie below this: the bit is free for marks beside an id. */
export const WRITE_ID_LIMIT = 0x8000_0000

export class WriteTable {
  /** The id that the next write will get. */
  next = 1
  lba = new Float64Array(1024)
  sectors = new Uint32Array(1024)
  submitNs = new Float64Array(1024)
  doneNs = new Float64Array(1024)
  flags = new Uint8Array(1024)
  #submitSequence = new Uint32Array(1024)
  #doneSequence = new Uint32Array(1024)
  /** Payloads by id: immutable from now on. */
  readonly payloads = new Map<number, Uint8Array>()

  constructor() {
    this.sectors[0] = 0xffff_ffff
    this.flags[0] = WRITE_GOOD
    this.#doneSequence[0] = 1
  }

  add(lba: number, sectors: number, properties: number, nowNs: number, sequence: number): number {
    const id = this.next++
    if (id === this.lba.length) this.#grow()
    if (id >= WRITE_ID_LIMIT) throw new Error('a run must have fewer than 2^31 writes')
    this.lba[id] = lba
    this.sectors[id] = sectors
    this.submitNs[id] = nowNs
    this.flags[id] = properties
    this.#submitSequence[id] = sequence
    // A table that was used before may have had another write here.
    this.#doneSequence[id] = 0
    return id
  }

  finish(id: number, state: number, nowNs: number, sequence: number): void {
    if (this.stateOf(id) !== WRITE_IN_FLIGHT) throw new Error(`write ${id} must end once`)
    this.flags[id] = this.flags[id]! | state
    this.doneNs[id] = nowNs
    this.#doneSequence[id] = sequence
  }

  stateOf(id: number): number {
    return this.flags[id]! & STATE_MASK
  }

  isAcknowledged(id: number): boolean {
    return this.stateOf(id) === WRITE_GOOD
  }

  covers(id: number, lba: number): boolean {
    return this.lba[id]! <= lba && lba < this.lba[id]! + this.sectors[id]!
  }

  /** Whether `older` had ended before `newer` was submitted. */
  isSuperseded(older: number, newer: number): boolean {
    const done = this.#doneSequence[older]!
    return done !== 0 && done < this.#submitSequence[newer]!
  }

  /** Whether a write had ended before the call with this sequence number. */
  endedBefore(id: number, sequence: number): boolean {
    const done = this.#doneSequence[id]!
    return done !== 0 && done < sequence
  }

  /** Becomes an independent copy of another table. */
  copyFrom(other: WriteTable): void {
    while (this.lba.length < other.next) this.#grow()
    const { next } = other
    this.next = next
    this.lba.set(other.lba.subarray(0, next))
    this.sectors.set(other.sectors.subarray(0, next))
    this.submitNs.set(other.submitNs.subarray(0, next))
    this.doneNs.set(other.doneNs.subarray(0, next))
    this.flags.set(other.flags.subarray(0, next))
    this.#submitSequence.set(other.#submitSequence.subarray(0, next))
    this.#doneSequence.set(other.#doneSequence.subarray(0, next))
    this.payloads.clear()
    for (const [id, payload] of other.payloads) this.payloads.set(id, payload)
  }

  #grow(): void {
    const length = this.lba.length * 2
    const larger = <T extends Float64Array | Uint32Array | Uint8Array>(old: T, fresh: T): T => {
      fresh.set(old)
      return fresh
    }
    this.lba = larger(this.lba, new Float64Array(length))
    this.sectors = larger(this.sectors, new Uint32Array(length))
    this.submitNs = larger(this.submitNs, new Float64Array(length))
    this.doneNs = larger(this.doneNs, new Float64Array(length))
    this.flags = larger(this.flags, new Uint8Array(length))
    this.#submitSequence = larger(this.#submitSequence, new Uint32Array(length))
    this.#doneSequence = larger(this.#doneSequence, new Uint32Array(length))
  }
}
