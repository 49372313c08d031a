// Writes that were acknowledged into a volatile cache, in the order of their acknowledgements, until a flush makes them durable.

/** In place of an entry that was taken out of turn: no write has this id. */
const TAKEN = 0
const ALL = (): boolean => true

export class Unflushed {
  #ids = new Uint32Array(1024)
  #head = 0
  #tail = 0
  /** Entries that were taken before the first one still here. */
  #taken = 0

  /** Becomes an independent copy. */
  copyFrom(other: Unflushed): void {
    const kept = other.#tail - other.#head
    if (this.#ids.length < kept) this.#ids = new Uint32Array(other.#ids.length)
    this.#ids.set(other.#ids.subarray(other.#head, other.#tail))
    this.#head = 0
    this.#tail = kept
    this.#taken = other.#taken
  }

  /** All that are here, in order. */
  copy(): Uint32Array {
    return this.#ids.slice(this.#head, this.#tail).filter((id) => id !== TAKEN)
  }

  /** Everything added before this mark is what a flush submitted now covers. */
  get mark(): number {
    return this.#taken + this.#tail - this.#head
  }

  add(id: number): void {
    if (this.#tail === this.#ids.length) this.#makeRoom()
    this.#ids[this.#tail++] = id
  }

  /** Takes the entries before a mark out that `covers` names, in order. */
  takeUpTo(mark: number, covers: (id: number) => boolean = ALL): Uint32Array {
    const count = Math.max(0, Math.min(mark - this.#taken, this.#tail - this.#head))
    const end = this.#head + count
    const ids = this.#ids.slice(this.#head, end).filter((id) => id !== TAKEN && covers(id))
    // Others stay where they are: marks count places.
    for (let at = this.#head; at < end; at++) if (covers(this.#ids[at]!)) this.#ids[at] = TAKEN
    while (this.#head < end && this.#ids[this.#head] === TAKEN) {
      this.#head++
      this.#taken++
    }
    return ids
  }

  #makeRoom(): void {
    const kept = this.#tail - this.#head
    const ids = kept * 2 > this.#ids.length ? new Uint32Array(this.#ids.length * 2) : this.#ids
    ids.set(this.#ids.subarray(this.#head, this.#tail))
    this.#ids = ids
    this.#head = 0
    this.#tail = kept
  }
}
