// Slots that an entry has asked for, in order: a list that never gives its memory back.

export class SlotList {
  count = 0
  readonly #slots: Int32Array

  constructor(capacity: number) {
    this.#slots = new Int32Array(capacity)
  }

  get capacity(): number {
    return this.#slots.length
  }

  at(index: number): number {
    return this.#slots[index]!
  }

  /** The caller sees to it that no slot is added twice, so there is room. */
  add(slot: number): void {
    this.#slots[this.count++] = slot
  }

  includes(slot: number): boolean {
    for (let i = 0; i < this.count; i++) if (this.#slots[i] === slot) return true
    return false
  }

  remove(slot: number): void {
    const at = this.#slots.subarray(0, this.count).indexOf(slot)
    if (at < 0) return
    this.#slots.copyWithin(at, at + 1, this.count)
    this.count--
  }

  clear(): void {
    this.count = 0
  }
}
