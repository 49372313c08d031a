// Battery-backed RAM as persistent memory behaves: a store is visible at once, and durable after a commit of its range.
//
// The microcode works on a window in its own memory; this is what lies behind the window. At a power cut each aligned 8-byte word
// that was changed and not committed persists or not: a store may leave the CPU's cache whenever it likes. When its battery is empty, or
// the board was exchanged, nothing of that is there when power returns, but something else.

import type { RandomStream } from '../sim/random'

const WORD_BYTES = 8

/** What is in it when power returns: nothing (zeros), bits as they fall, or what was there when power had come the last time. */
export type NvramContent = 'blank' | 'noise' | 'old'

export interface NvramHistory {
  /** How often it has lost its content. */
  readonly losses: number
  /** The last time an older content took its place. */
  readonly isOld: boolean
}

export class Nvram {
  readonly durable: Uint8Array
  /** What the next power cut leaves in place of what is durable, and what draws it. */
  #loss: { readonly content: NvramContent; readonly random: RandomStream } | null = null
  /** How often that has happened, and whether it was an older content the last time. */
  losses = 0
  isOld = false
  /** What was durable when power came; null: nobody wants it back. */
  #atPowerOn: Uint8Array | null = null

  constructor(bytes: number) {
    this.durable = new Uint8Array(bytes)
  }

  /** From now on it is remembered what is there when power comes: a copy of it all, each time. */
  keepBackups(): void {
    this.#atPowerOn = this.durable.slice()
  }

  powerOn(): void {
    this.#atPowerOn?.set(this.durable)
  }

  /** The next power cut takes what is durable away. */
  loseAtPowerCut(content: NvramContent, random: RandomStream): void {
    this.#loss = { content, random }
  }

  /** What there will be to say of it when a power cut has struck now. */
  get historyAfterCut(): NvramHistory {
    if (this.#loss === null) return { losses: this.losses, isOld: this.isOld }
    return { losses: this.losses + 1, isOld: this.#loss.content === 'old' }
  }

  /** What a power cut makes of what it left; `bytes`: as much of it as anybody uses. */
  applyLoss(bytes: Uint8Array): void {
    if (this.#loss === null) return
    const { content, random } = this.#loss
    if (content === 'old') bytes.set(this.#atPowerOn!.subarray(0, bytes.length))
    else if (content === 'blank') bytes.fill(0)
    else fillWithNoise(bytes, random.clone())
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
    if (this.#loss === null) return
    this.applyLoss(this.durable)
    this.isOld = this.#loss.content === 'old'
    this.#loss = null
    this.losses++
  }

  /** Another life: this is in it. */
  become(bytes: Uint8Array, { losses, isOld }: NvramHistory): void {
    this.durable.set(bytes)
    this.losses = losses
    this.isOld = isOld
    this.#loss = null
  }
}

function fillWithNoise(bytes: Uint8Array, random: RandomStream): void {
  const words = halvesOf(bytes)
  for (let i = 0; i < words.length; i++) words[i] = random.nextU32()
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
