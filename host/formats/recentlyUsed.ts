// The values that were used last, up to a number of them: the one that nobody has used the longest is forgotten.

export class RecentlyUsed<Key, Value> {
  /** A Map keeps the order in which keys were set: the one used last is the last one. */
  readonly #values = new Map<Key, Value>()

  constructor(private readonly countMax: number) {}

  get(key: Key): Value | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: Key, value: Value): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size > this.countMax) this.#values.delete(this.#values.keys().next().value!)
  }

  getOrMake(key: Key, make: () => Value): Value {
    const known = this.get(key)
    if (known !== undefined) return known
    const value = make()
    this.set(key, value)
    return value
  }
}
