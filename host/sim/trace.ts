// The trace of a run: what happened, in order, as small integers.
//
// Every record goes into a digest (64 bits, not cryptographic), so that two runs can be compared in a line; the last records are
// kept in a ring for reports. The digest is a function of the records alone: no wall time, no addresses, no object identities.

/** Record codes below this one are the microcode's own (assembly/abi/events.ts). */
export const TRACE_HOST_BASE = 0x1000
export const TRACE_HOST_SUBMIT = TRACE_HOST_BASE + 1
export const TRACE_HOST_ACK = TRACE_HOST_BASE + 2
export const TRACE_DRIVE_ISSUE = TRACE_HOST_BASE + 3
export const TRACE_DRIVE_DONE = TRACE_HOST_BASE + 4
export const TRACE_POWER_CUT = TRACE_HOST_BASE + 5
export const TRACE_POWER_UP = TRACE_HOST_BASE + 6
export const TRACE_HOTPLUG = TRACE_HOST_BASE + 7
export const TRACE_FAULT = TRACE_HOST_BASE + 8
export const TRACE_CRASH = TRACE_HOST_BASE + 9
export const TRACE_NVRAM_COMMIT = TRACE_HOST_BASE + 10
export const TRACE_OPERATOR = TRACE_HOST_BASE + 11

export interface TraceRecord {
  readonly timeNs: number
  readonly code: number
  readonly a: number
  readonly b: number
  readonly c: number
}

/** The digest of no record. */
const DIGEST_LOW = 0x243f6a88 | 0
const DIGEST_HIGH = 0x85a308d3 | 0

export class Trace {
  /** Records so far. */
  count = 0
  #low = DIGEST_LOW
  #high = DIGEST_HIGH
  readonly #mask: number
  readonly #times: Float64Array
  readonly #words: Int32Array

  /** `kept`: how many of the last records can be read back; a power of two. */
  constructor(kept = 4096) {
    this.#mask = kept - 1
    this.#times = new Float64Array(kept)
    this.#words = new Int32Array(kept * 4)
  }

  /** Nothing has happened. */
  restart(): void {
    this.count = 0
    this.#low = DIGEST_LOW
    this.#high = DIGEST_HIGH
  }

  add(timeNs: number, code: number, a: number, b: number, c: number): void {
    const at = this.count++ & this.#mask
    this.#times[at] = timeNs
    const word = at << 2
    const words = this.#words
    words[word] = code
    words[word + 1] = a
    words[word + 2] = b
    words[word + 3] = c
    // Two multiply-rotate lanes (constants of MurmurHash3, A. Appleby, public domain), crossed at each record.
    const timeLow = timeNs | 0
    const timeHigh = (timeNs / 0x1_0000_0000) | 0
    let low = this.#low ^ Math.imul(code ^ timeLow, 0xcc9e2d51 | 0)
    let high = this.#high ^ Math.imul(a ^ timeHigh, 0x1b873593 | 0)
    low = Math.imul((low << 13) | (low >>> 19), 5) + b
    high = Math.imul((high << 15) | (high >>> 17), 9) + c
    this.#low = (low ^ (high >>> 16)) | 0
    this.#high = Math.imul(high ^ (low >>> 15), 0x85ebca6b | 0)
  }

  /** 16 hexadecimal digits. */
  get digest(): string {
    const mix = (word: number): string => {
      let h = word ^ (this.count | 0)
      h = Math.imul(h ^ (h >>> 16), 0x85ebca6b | 0)
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35 | 0)
      return ((h ^ (h >>> 16)) >>> 0).toString(16).padStart(8, '0')
    }
    return mix(this.#high) + mix(this.#low)
  }

  /** The last records, oldest first. */
  *recent(): Generator<TraceRecord> {
    const kept = this.#mask + 1
    for (let i = Math.max(0, this.count - kept); i < this.count; i++) {
      const at = i & this.#mask
      const word = at << 2
      yield {
        timeNs: this.#times[at]!,
        code: this.#words[word]!,
        a: this.#words[word + 1]!,
        b: this.#words[word + 2]!,
        c: this.#words[word + 3]!,
      }
    }
  }
}
