// The simulation's clock and calendar: a binary heap in typed arrays, ordered by (time, sequence).
//
// Events of equal time come out in the order in which they were pushed: that is the definition of "at the same time" here.
// An event is three small integers; whoever pushed it knows what they mean. Nothing is ever removed: a component that no longer
// wants an event recognises it as stale (by a generation number in `b`, say) and ignores it.

/** Beside the kind of an event that was held back. */
const HELD = 0x4000_0000

export class EventQueue {
  /** Simulated time in ns: the time of the event that was popped last. */
  nowNs = 0
  /** The event that was popped last. */
  kind = 0
  a = 0
  b = 0
  /** It had fallen due before, and was held back. */
  wasHeld = false

  #size = 0
  #sequence = 0
  #times = new Float64Array(256)
  #sequences = new Float64Array(256)
  #kinds = new Int32Array(256)
  #as = new Int32Array(256)
  #bs = new Int32Array(256)

  get size(): number {
    return this.#size
  }

  /** Time of the next event, or Infinity. */
  get nextTimeNs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#times[0]!
  }

  push(timeNs: number, kind: number, a: number, b: number): void {
    if (timeNs < this.nowNs) throw new Error(`an event must not lie in the past: ${timeNs} < ${this.nowNs}`)
    if (this.#size === this.#times.length) this.#grow()
    const times = this.#times
    let hole = this.#size++
    // A new event has the highest sequence: it rises past later times only.
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (times[parent]! <= timeNs) break
      this.#move(parent, hole)
      hole = parent
    }
    times[hole] = timeNs
    this.#sequences[hole] = this.#sequence++
    this.#kinds[hole] = kind
    this.#as[hole] = a
    this.#bs[hole] = b
  }

  /** Takes the next event into `nowNs`, `kind`, `a`, `b`; false when there is none. */
  pop(): boolean {
    if (this.#size === 0) return false
    this.nowNs = this.#times[0]!
    const kind = this.#kinds[0]!
    this.wasHeld = (kind & HELD) !== 0
    this.kind = kind & ~HELD
    this.a = this.#as[0]!
    this.b = this.#bs[0]!
    const last = --this.#size
    if (last > 0) this.#sink(last)
    return true
  }

  /** An event that was taken out goes back in, for later. It comes out with `wasHeld`. */
  pushHeld(timeNs: number, kind: number, a: number, b: number): void {
    this.push(timeNs, kind | HELD, a, b)
  }

  /** Forgets all events; the clock goes on. */
  clear(): void {
    this.#size = 0
  }

  /** Forgets all events, and sets the clock. */
  restart(nowNs: number): void {
    this.#size = 0
    this.#sequence = 0
    this.nowNs = nowNs
  }

  /** Puts the event at `last` into the hole at the root and lets it sink to its place. */
  #sink(last: number): void {
    const times = this.#times
    const sequences = this.#sequences
    const timeNs = times[last]!
    const sequence = sequences[last]!
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= last) break
      const right = child + 1
      if (right < last) {
        const difference = times[right]! - times[child]!
        if (difference < 0 || (difference === 0 && sequences[right]! < sequences[child]!)) child = right
      }
      const difference = times[child]! - timeNs
      if (difference > 0 || (difference === 0 && sequences[child]! > sequence)) break
      this.#move(child, hole)
      hole = child
    }
    if (hole !== last) this.#move(last, hole)
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from]!
    this.#sequences[to] = this.#sequences[from]!
    this.#kinds[to] = this.#kinds[from]!
    this.#as[to] = this.#as[from]!
    this.#bs[to] = this.#bs[from]!
  }

  #grow(): void {
    const length = this.#times.length * 2
    const larger = <T extends Float64Array | Int32Array>(old: T, fresh: T): T => {
      fresh.set(old)
      return fresh
    }
    this.#times = larger(this.#times, new Float64Array(length))
    this.#sequences = larger(this.#sequences, new Float64Array(length))
    this.#kinds = larger(this.#kinds, new Int32Array(length))
    this.#as = larger(this.#as, new Int32Array(length))
    this.#bs = larger(this.#bs, new Int32Array(length))
  }
}
