// An array of 32-bit integers whose copies share what they have not changed.
//
// All entries are 0 at first, and take no memory until one near them is set. `clone` costs one pointer per 1,024 entries; a chunk is
// copied when either side first writes to it. Not promised: bounds checks.

const CHUNK_BITS = 10
const CHUNK_ENTRIES = 1 << CHUNK_BITS
const ENTRY_MASK = CHUNK_ENTRIES - 1
const ZEROS = new Int32Array(CHUNK_ENTRIES)

export class CowInts {
  readonly #chunks: Int32Array[]
  /** 1: no other array uses this chunk. */
  readonly #owned: Uint8Array

  private constructor(chunks: Int32Array[]) {
    this.#chunks = chunks
    this.#owned = new Uint8Array(chunks.length)
  }

  static create(length: number): CowInts {
    return new CowInts(new Array(Math.ceil(length / CHUNK_ENTRIES)).fill(ZEROS))
  }

  get(index: number): number {
    return this.#chunks[index >>> CHUNK_BITS]![index & ENTRY_MASK]!
  }

  set(index: number, value: number): void {
    const chunk = index >>> CHUNK_BITS
    if (this.#owned[chunk] === 0) this.#own(chunk)
    this.#chunks[chunk]![index & ENTRY_MASK] = value
  }

  clone(): CowInts {
    this.#owned.fill(0)
    return new CowInts(this.#chunks.slice())
  }

  #own(chunk: number): void {
    this.#chunks[chunk] = this.#chunks[chunk]!.slice()
    this.#owned[chunk] = 1
  }
}
