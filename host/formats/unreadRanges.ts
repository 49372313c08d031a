// Which stretches of a disk could not be read, from a list that an image has of them.

/** Stretches of a disk, ascending and apart from each other. */
export class UnreadRanges {
  #starts: Float64Array
  #ends: Float64Array

  /** Starts and ends in turn, in bytes of the disk; in any order, and overlapping, if need be. */
  constructor(pairs: Float64Array) {
    const count = pairs.length / 2
    const order = Uint32Array.from({ length: count }, (_, index) => index)
    order.sort((left, right) => pairs[2 * left]! - pairs[2 * right]!)
    this.#starts = new Float64Array(count)
    this.#ends = new Float64Array(count)
    let filled = 0
    for (const index of order) {
      const [start, end] = [pairs[2 * index]!, pairs[2 * index + 1]!]
      if (filled > 0 && start <= this.#ends[filled - 1]!) {
        this.#ends[filled - 1] = Math.max(end, this.#ends[filled - 1]!)
        continue
      }
      this.#starts[filled] = start
      this.#ends[filled++] = end
    }
    this.#starts = this.#starts.subarray(0, filled)
    this.#ends = this.#ends.subarray(0, filled)
  }

  get count(): number {
    return this.#starts.length
  }

  get totalBytes(): number {
    return this.#starts.reduce((sum, start, index) => sum + this.#ends[index]! - start, 0)
  }

  /** The first one that ends behind `offsetBytes`. */
  after(offsetBytes: number): { readonly startBytes: number; readonly endBytes: number } | null {
    let [low, high] = [0, this.#ends.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#ends[middle]! > offsetBytes) high = middle
      else low = middle + 1
    }
    if (low === this.#ends.length) return null
    return { startBytes: this.#starts[low]!, endBytes: this.#ends[low]! }
  }
}
