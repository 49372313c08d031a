// What a controller tells a watchdog in another thread: which entry point of the microcode runs now, and that the run moves on.
//
//   word 0       1         2          3
//        +-------+---------+----------+----------+
//        | calls | entry   | time, µs | argument |    i32 each; calls and time wrap
//        +-------+---------+----------+----------+
//
// The cell lies in shared memory when somebody watches, and in a private array when nobody does: the writer is the same and costs a
// few stores. They are plain stores before a call that no compiler can look through; a reader in another thread may see them late by
// some microseconds, which is nothing to a watchdog that looks every few hundred milliseconds. Not a lock, not a queue.

/** The host itself runs. */
export const ENTRY_NONE = 0
export const ENTRY_BOOT = 1
export const ENTRY_DOORBELL = 2
export const ENTRY_INTERRUPT = 3
export const ENTRY_RECEIVE = 4
export const ENTRY_TIMER = 5
export const ENTRY_HOTPLUG = 6
export const ENTRY_DESCRIBE = 7
/** Instantiation: a module's start function. */
export const ENTRY_START = 8
/** Any function of the front panel. */
export const ENTRY_PANEL = 9
export const ENTRY_OPERATOR = 10

/** By entry code: its name, and what its argument counts; '' = it has no argument worth telling. */
const ENTRIES: readonly (readonly [name: string, argument: string])[] = [
  ['', ''],
  ['boot', 'reason'],
  ['doorbell', 'host slot'],
  ['interrupt', 'drive slot'],
  ['receive', 'frame'],
  ['timer', 'timer'],
  ['hotplug', 'bay'],
  ['describe', ''],
  ['start', ''],
  ['panel', ''],
  ['operator', 'request'],
]

const WORD_CALLS = 0
const WORD_ENTRY = 1
const WORD_TIME_US = 2
const WORD_ARGUMENT = 3

export const PROGRESS_WORDS = 4

export class ProgressCell {
  constructor(readonly words: Int32Array = new Int32Array(PROGRESS_WORDS)) {}

  /** Immediately before each call into the microcode. */
  enter(entry: number, argument: number, timeNs: number): void {
    const words = this.words
    words[WORD_CALLS]++
    words[WORD_TIME_US] = timeNs / 1000
    words[WORD_ARGUMENT] = argument
    words[WORD_ENTRY] = entry
  }

  /** Immediately after it, also when it trapped. */
  leave(): void {
    this.words[WORD_ENTRY] = ENTRY_NONE
  }
}

export interface Progress {
  /** Calls into the microcode so far, modulo 2^32. */
  readonly calls: number
  /** Which one runs now. */
  readonly entry: number
  /** Simulated time at the last call, in µs modulo 2^32. */
  readonly timeUs: number
  readonly argument: number
}

export function readProgress(words: Int32Array): Progress {
  return {
    calls: Atomics.load(words, WORD_CALLS) >>> 0,
    entry: Atomics.load(words, WORD_ENTRY),
    timeUs: Atomics.load(words, WORD_TIME_US) >>> 0,
    argument: Atomics.load(words, WORD_ARGUMENT),
  }
}

/** `interrupt(drive slot 3)`; null while the host itself runs. */
export function entryText({ entry, argument }: Progress): string | null {
  const [name, what] = ENTRIES[entry] ?? ['', '']
  if (name === '') return null
  return what === '' ? `${name}()` : `${name}(${what} ${argument})`
}
