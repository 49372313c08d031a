// Entries that wait for the core: first in, first out, two numbers each.

export class EntryQueue {
  /** The entry that was taken last. */
  code = 0
  argument = 0
  #items: number[] = []
  #head = 0

  get isEmpty(): boolean {
    return this.#head === this.#items.length
  }

  add(code: number, argument: number): void {
    this.#items.push(code, argument)
  }

  /** Takes the oldest into `code` and `argument`; false: there is none. */
  take(): boolean {
    if (this.isEmpty) return false
    this.code = this.#items[this.#head++]!
    this.argument = this.#items[this.#head++]!
    if (this.isEmpty) this.clear()
    return true
  }

  /** Takes every waiting entry with this code and argument back. */
  drop(code: number, argument: number): void {
    for (let i = this.#items.length - 2; i >= this.#head; i -= 2) {
      if (this.#items[i] === code && this.#items[i + 1] === argument) this.#items.splice(i, 2)
    }
  }

  clear(): void {
    this.#items.length = 0
    this.#head = 0
  }
}
