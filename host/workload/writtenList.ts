// What a pass has written, to be read back: a growable queue of (position, sectors), eight bytes an entry.
//
// Entries come out in the order of the writes, or by position after `sortByPosition`, which also drops exact repeats. Overlaps that are
// not exact repeats are read twice: harmless, since the judge compares with what is on the LUN now, not with one write.

export class WrittenList {
  /** position * factor + (sectors - 1): one double per entry, exact below 2^53. */
  #keys = new Float64Array(1024)
  #head = 0
  #tail = 0
  position = 0
  sectors = 0

  /** Requires: every position < lunSectors, every length <= sectorsMax, and their product < 2^53. */
  constructor(readonly sectorsMax: number) {}

  get length(): number {
    return this.#tail - this.#head
  }

  push(position: number, sectors: number): void {
    if (this.#tail === this.#keys.length) this.#makeRoom()
    this.#keys[this.#tail++] = position * this.sectorsMax + (sectors - 1)
  }

  /** Takes the next entry into `position` and `sectors`. Requires: length > 0. */
  shift(): void {
    const key = this.#keys[this.#head++]!
    this.position = Math.floor(key / this.sectorsMax)
    this.sectors = key - this.position * this.sectorsMax + 1
    if (this.#head === this.#tail) this.clear()
  }

  sortByPosition(): void {
    const keys = this.#keys.subarray(this.#head, this.#tail).sort()
    let kept = 0
    for (let i = 0; i < keys.length; i++) {
      if (i === 0 || keys[i] !== keys[kept - 1]) keys[kept++] = keys[i]!
    }
    this.#tail = this.#head + kept
  }

  clear(): void {
    this.#head = 0
    this.#tail = 0
  }

  #makeRoom(): void {
    const used = this.#keys.subarray(this.#head, this.#tail)
    const keys = this.#head > this.#keys.length / 2 ? this.#keys : new Float64Array(this.#keys.length * 2)
    keys.set(used)
    this.#keys = keys
    this.#tail = used.length
    this.#head = 0
  }
}
