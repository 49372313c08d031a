// Which blocks of a region have been used in this pass: fio's random map.
//
// A tree of bit words: bit i of level 0 says that block i is taken, bit i of level n+1 that word i of level n is full. So the next
// free block is found in a handful of steps even when almost everything is taken. One bit a block, and 1/31 more.

const WORD_BITS = 32

export const BLOCK_MAP_BLOCKS_MAX = 0x7fff_ffff

export class BlockMap {
  readonly #levels: Int32Array[] = []
  /** Level 0: a bit per block. Signed words: a full one is -1. */
  readonly #leaves: Int32Array

  /** Requires: 1 <= blockCount <= BLOCK_MAP_BLOCKS_MAX. All blocks are free. */
  constructor(readonly blockCount: number) {
    let bits = blockCount
    do {
      const words = Math.ceil(bits / WORD_BITS)
      this.#levels.push(new Int32Array(words))
      bits = words
    } while (bits > 1)
    this.#leaves = this.#levels[0]!
    this.clear()
  }

  /** Frees all blocks. */
  clear(): void {
    let bits = this.blockCount
    for (const words of this.#levels) {
      words.fill(0)
      // What lies behind the last bit counts as taken, so that a last word can be full.
      if (bits % WORD_BITS !== 0) words[words.length - 1] = -1 << (bits % WORD_BITS)
      bits = words.length
    }
  }

  isFree(block: number): boolean {
    return ((this.#leaves[block >>> 5]! >>> (block & 31)) & 1) === 0
  }

  /** The first free block at or after `block`, else the first one at all, else -1. */
  nextFree(block: number): number {
    if (this.isFree(block)) return block
    const found = this.#nextFreeFrom(block)
    return found >= 0 || block === 0 ? found : this.#nextFreeFrom(0)
  }

  /** Takes up to `count` blocks from `first` on, until one is taken already; returns how many. Requires: `first` is free. */
  take(first: number, count: number): number {
    const end = Math.min(first + count, this.blockCount)
    let block = first
    while (block < end && this.isFree(block)) {
      this.takeOne(block)
      block++
    }
    return block - first
  }

  /** Requires: `block` is free. */
  takeOne(block: number): void {
    const word = this.#leaves[block >>> 5]! | (1 << (block & 31))
    this.#leaves[block >>> 5] = word
    if (word === -1) this.#fill(block >>> 5)
  }

  /** Word `index` of the lowest level has become full. */
  #fill(full: number): void {
    let index = full
    for (let level = 1; level < this.#levels.length; level++) {
      const words = this.#levels[level]!
      words[index >>> 5]! |= 1 << (index & 31)
      if (words[index >>> 5] !== -1) return
      index >>>= 5
    }
  }

  #nextFreeFrom(from: number): number {
    let index = from
    let level = 0
    // Up, until a word has room at or after `index`; then down along the first free bits.
    for (;;) {
      const words = this.#levels[level]!
      const word = index >>> 5
      if (word < words.length) {
        const room = ~words[word]! & (-1 << (index & 31))
        if (room !== 0) {
          index = word * WORD_BITS + trailingZeros(room)
          break
        }
      }
      if (++level === this.#levels.length) return -1
      index = word + 1
    }
    while (level > 0) {
      level--
      index = index * WORD_BITS + trailingZeros(~this.#levels[level]![index]!)
    }
    return index
  }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word)
}
