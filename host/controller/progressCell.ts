// What a controller tells a watchdog in another thread: which entry point of the microcode runs now, and that the run moves on.
//
//   word 0          1          2       3
//        +----------+----------+-------+--------+
//        | entry    | argument | calls | events |      i32 each; the counters wrap
//        +----------+----------+-------+--------+
//
// The cell lies in shared memory when somebody watches, and in a private array when nobody does: the writer is the same and costs a
// few stores. Written with plain stores before a call that the compiler cannot look through; a reader in another thread may see them
// late by some microseconds, never out of use for a watchdog that looks every few hundred milliseconds. Not a lock, not a queue.

/** The host itself runs. */
export const ENTRY_NONE = 0
/** Instantiation: a module's start function. */
export const ENTRY_START = 1
export const ENTRY_DESCRIBE = 2
export const ENTRY_BOOT = 3
export const ENTRY_DOORBELL = 4
export const ENTRY_INTERRUPT = 5
export const ENTRY_RECEIVE = 6
export const ENTRY_TIMER = 7
export const ENTRY_HOTPLUG = 8
/** Any function of the front panel. */
export const ENTRY_PANEL = 9

/** By entry code: the name, and what its argument is; '' = it has none worth telling. */
const ENTRIES: readonly (readonly [name: string, argument: string])[] = [
  ['', ''],
  ['start', ''],
  ['describe', ''],
  ['boot', 'reason'],
  ['doorbell', 'host slot'],
  ['interrupt', 'drive slot'],
  ['receive', 'frame'],
  ['timer', 'timer'],
  ['hotplug', 'bay'],
  ['panel', ''],
]

const WORD_ENTRY = 0
const WORD_ARGUMENT = 1
const WORD_CALLS = 2
const WORD_EVENTS = 3

export const PROGRESS_WORDS = 4

export class ProgressCell {
  constructor(readonly words: Int32Array = new Int32Array(PROGRESS_WORDS)) {}

  /** Immediately before each call into the microcode. */
  enter(entry: number, argument: number): void {
    const words = this.words
    words[WORD_ENTRY] = entry
    words[WORD_ARGUMENT] = argument
    words[WORD_CALLS]++
  }

  /** Immediately after it, also when it trapped. */
  leave(): void {
    this.words[WORD_ENTRY] = ENTRY_NONE
  }

  /** The run loop, every so many events. */
  addEvents(events: number): void {
    this.words[WORD_EVENTS] += events
  }
}

export interface Progress {
  readonly entry: number
  readonly argument: number
  readonly calls: number
  readonly events: number
}

export function readProgress(words: Int32Array): Progress {
  return {
    entry: Atomics.load(words, WORD_ENTRY),
    argument: Atomics.load(words, WORD_ARGUMENT),
    calls: Atomics.load(words, WORD_CALLS) >>> 0,
    events: Atomics.load(words, WORD_EVENTS) >>> 0,
  }
}

/** `interrupt(drive slot 3)`; null while the host itself runs. */
export function entryText({ entry, argument }: Progress): string | null {
  const [name, what] = ENTRIES[entry] ?? ['', '']
  if (name === '') return null
  return what === '' ? `${name}()` : `${name}(${what} ${argument})`
}
