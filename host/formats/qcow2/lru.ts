// The most recently used of something, by number, up to a count. A Map keeps its keys in the order in which they came.

export class Lru<T> {
  readonly #entries = new Map<number, T>()
  readonly #countMax: number

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  get(key: number): T | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  set(key: number, value: T): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#countMax) return
    const oldest = this.#entries.keys().next()
    if (!oldest.done) this.#entries.delete(oldest.value)
  }
}
