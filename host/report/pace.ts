// How fast work on bytes goes, now and on the whole, and how long it will still take: what a line of progress says. Times come in as
// arguments, in milliseconds of any clock that does not go back.
//
// What had been done before it began does not count, in no rate.

/** "Now" is so long: a drive that tries a bad sector again and again shows, and a single slow command does not. */
const NOW_MS = 5000
/** Before, the first pieces say nothing about the rest: caches give them at once, or a drive has to spin up. */
const RATE_MS_MIN = 500
const LEFT_MS_MIN = 3000
/** Longer than anybody waits: the drive has all but stopped. */
const LEFT_MS_MAX = 100 * 86_400_000

interface Mark {
  readonly atMs: number
  readonly doneBytes: number
}

export class Pace {
  readonly #start: Mark
  /** Ascending; the first one is the newest that is older than `NOW_MS`, or the start. */
  readonly #marks: Mark[]

  /** `doneBytes`: done before. */
  constructor(atMs: number, doneBytes = 0) {
    this.#start = { atMs, doneBytes }
    this.#marks = [this.#start]
  }

  /** Now and then, a few times a second. */
  note(atMs: number, doneBytes: number): void {
    this.#marks.push({ atMs, doneBytes })
    while (this.#marks.length > 2 && this.#marks[1]!.atMs <= atMs - NOW_MS) this.#marks.shift()
  }

  /** Bytes a second of the last few seconds; null: it is too early to say. */
  get rateNow(): number | null {
    return rateBetween(this.#marks[0]!, this.#last)
  }

  /** Bytes a second since the beginning. */
  get rateMean(): number | null {
    return rateBetween(this.#start, this.#last)
  }

  /** At the rate of now; null: nobody can say. */
  leftMs(totalBytes: number): number | null {
    const { rateNow } = this
    if (rateNow === null || rateNow === 0 || this.#last.atMs - this.#start.atMs < LEFT_MS_MIN) return null
    const ms = (Math.max(0, totalBytes - this.#last.doneBytes) / rateNow) * 1000
    return ms < LEFT_MS_MAX ? ms : null
  }

  get #last(): Mark {
    return this.#marks.at(-1)!
  }
}

/** Work that has to be done again, from the last checkpoint on, is no rate below zero. */
function rateBetween(from: Mark, to: Mark): number | null {
  const ms = to.atMs - from.atMs
  return ms < RATE_MS_MIN ? null : (Math.max(0, to.doneBytes - from.doneBytes) / ms) * 1000
}
