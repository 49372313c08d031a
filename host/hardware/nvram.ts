// Battery-backed RAM as persistent memory behaves: a store is visible at once, and durable after a commit of its range.
//
// The microcode works on a window in its own memory; this is what lies behind the window. At a power cut each aligned 8-byte word
// that was changed and not committed persists or not: a store may leave the CPU's cache whenever it likes.

const WORD_BYTES = 8

export class Nvram {
  readonly durable: Uint8Array

  constructor(bytes: number) {
    this.durable = new Uint8Array(bytes)
  }

  commit(window: Uint8Array, offset: number, bytes: number): void {
    this.durable.set(window.subarray(offset, offset + bytes), offset)
  }

  /** `keeps`: whether a word that is not committed persists, asked in order. */
  powerCut(window: Uint8Array, keeps: (word: number) => boolean): void {
    for (const word of uncommittedWords(window, this.durable)) {
      const at = word * WORD_BYTES
      if (keeps(word)) this.durable.set(window.subarray(at, at + WORD_BYTES), at)
    }
  }
}

/** Numbers of the 8-byte words in which a window differs from what is durable, ascending. */
export function uncommittedWords(window: Uint8Array, durable: Uint8Array): number[] {
  const words: number[] = []
  const halves = window.length >>> 2
  const [stored, kept] = [halvesOf(window), halvesOf(durable)]
  for (let half = 0; half < halves; half++) {
    if (stored[half] === kept[half]) continue
    words.push(half >>> 1)
    half |= 1
  }
  return words
}

/** Both are aligned to words, as the ABI has it. */
function halvesOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)
}
