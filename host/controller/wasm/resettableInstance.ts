// An instance of a rewritten module (resettable.ts) that goes back to how it was right after instantiation, in microseconds: what has
// been written is zeroed, and what was not zero at first is copied back.
//
// The owner hands it over before anything has been called in it, and says where it writes into the memory itself (markDirty); what
// the module writes is known from the module. Views of the memory stay valid over a reset, their content changes. Not taken back:
// what imported functions have done outside, and tables that the host has written to.
import { EXPORT_MARKS, EXPORT_MEMORY, EXPORT_RESTORE, EXPORT_SAVE, GRANULES, STORE_OVERHANG_BYTES } from './resettable'

/** Blocks in which the first content is kept, and in which the host's writes are noted. */
const BLOCK_SHIFT = 12
const BLOCK_BYTES = 1 << BLOCK_SHIFT

interface ResetExports {
  readonly [EXPORT_MEMORY]: WebAssembly.Memory
  readonly [EXPORT_SAVE]: () => void
  readonly [EXPORT_RESTORE]: () => void
  readonly [EXPORT_MARKS]: (word: number) => number
}

export class ResettableInstance {
  readonly instance: WebAssembly.Instance
  readonly #granuleBytes: number
  readonly #memory: WebAssembly.Memory
  readonly #restoreGlobals: () => void
  readonly #marks: (word: number) => number
  #bytes: Uint8Array
  readonly #memoryBytes: number
  /** What a block held at first, or null for zeros. */
  readonly #first: readonly (Uint8Array | null)[]
  /** Blocks that the host has written to: a flag each, and the list of those that are set. */
  readonly #isDirty: Uint8Array
  readonly #dirty: Uint32Array
  #dirtyCount = 0
  /** Runs of marked parts, alike in each granule: first part, and the one behind the last. */
  readonly #runs = new Uint8Array(GRANULES + 1)
  #runCount = 0

  /** `instance` is fresh, of a module that makeResettable gave together with `granuleShift`. */
  constructor(instance: WebAssembly.Instance, granuleShift: number) {
    const exports = instance.exports as unknown as ResetExports
    this.instance = instance
    this.#granuleBytes = 2 ** granuleShift
    this.#memory = exports[EXPORT_MEMORY]
    this.#restoreGlobals = exports[EXPORT_RESTORE]
    this.#marks = exports[EXPORT_MARKS]
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#memoryBytes = this.#bytes.length
    this.#first = firstContent(this.#memory.buffer)
    this.#isDirty = new Uint8Array(this.#first.length)
    this.#dirty = new Uint32Array(this.#first.length)
    exports[EXPORT_SAVE]()
  }

  /** The host has written, or will before the next reset, to these bytes. What lies outside the memory is of no account. */
  markDirty(address: number, bytes: number): void {
    if (bytes <= 0) return
    const last = Math.min(address + bytes - 1, this.#memoryBytes - 1) >>> BLOCK_SHIFT
    for (let block = address >>> BLOCK_SHIFT; block <= last; block++) {
      if (this.#isDirty[block] !== 0) continue
      this.#isDirty[block] = 1
      this.#dirty[this.#dirtyCount++] = block
    }
  }

  /** Memory and globals are again as right after instantiation. False: the memory has grown; take a new instance. */
  reset(): boolean {
    const { buffer } = this.#memory
    if (buffer.byteLength !== this.#memoryBytes) return false
    // memory.grow(0) leaves the size, and the old buffer empty.
    if (this.#bytes.buffer !== buffer) this.#bytes = new Uint8Array(buffer)
    this.#findRuns(this.#marks(2), this.#marks(3))
    this.#resetGranules(this.#marks(0), 0)
    this.#resetGranules(this.#marks(1), 32)
    for (let i = 0; i < this.#dirtyCount; i++) {
      const block = this.#dirty[i]
      this.#isDirty[block] = 0
      this.#restore(block << BLOCK_SHIFT, Math.min((block + 1) << BLOCK_SHIFT, this.#memoryBytes))
    }
    this.#dirtyCount = 0
    this.#restoreGlobals()
    return true
  }

  #findRuns(low: number, high: number): void {
    this.#runCount = 0
    let wasMarked = false
    for (let part = 0; part < GRANULES; part++) {
      const isMarked = (((part < 32 ? low : high) >>> (part & 31)) & 1) !== 0
      if (isMarked !== wasMarked) this.#runs[this.#runCount++] = part
      wasMarked = isMarked
    }
    if (wasMarked) this.#runs[this.#runCount++] = GRANULES
  }

  #resetGranules(bits: number, base: number): void {
    for (let left = bits; left !== 0; left &= left - 1) {
      const granule = base + 31 - Math.clz32(left & -left)
      // Bits stand for addresses modulo 64 granules: more than one place if the memory grew while it was instantiated.
      for (let at = granule * this.#granuleBytes; at < this.#memoryBytes; at += GRANULES * this.#granuleBytes) {
        this.#resetGranule(at)
      }
    }
  }

  #resetGranule(at: number): void {
    const partBytes = this.#granuleBytes / GRANULES
    for (let i = 0; i < this.#runCount; i += 2) {
      const to = at + this.#runs[i + 1] * partBytes + STORE_OVERHANG_BYTES
      this.#restore(at + this.#runs[i] * partBytes, Math.min(to, this.#memoryBytes))
    }
  }

  /** Puts the first content back into a range; `from` is where a block begins. */
  #restore(from: number, to: number): void {
    const bytes = this.#bytes
    bytes.fill(0, from, to)
    for (let at = from; at < to; at += BLOCK_BYTES) {
      const first = this.#first[at >>> BLOCK_SHIFT]
      if (first !== null) bytes.set(to - at < BLOCK_BYTES ? first.subarray(0, to - at) : first, at)
    }
  }
}

/** A copy of each block that is not zero. WebAssembly memories are multiples of 64 KiB, so blocks are whole. */
function firstContent(buffer: ArrayBuffer): (Uint8Array | null)[] {
  const words = new Int32Array(buffer)
  const wordsPerBlock = BLOCK_BYTES / words.BYTES_PER_ELEMENT
  return Array.from({ length: buffer.byteLength / BLOCK_BYTES }, (_, block) => {
    const start = block * wordsPerBlock
    for (let i = start; i < start + wordsPerBlock; i++) {
      if (words[i] !== 0) return new Uint8Array(buffer, block * BLOCK_BYTES, BLOCK_BYTES).slice()
    }
    return null
  })
}
