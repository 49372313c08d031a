// Remembers the values that were asked for last, and forgets the one that nobody has asked for the longest.

export class RecentlyUsed<Value> {
  readonly #values = new Map<number, Value>()

  constructor(private readonly countMax: number) {}

  get(key: number, make: () => Value): Value {
    let value = this.#values.get(key)
    if (value === undefined) {
      value = make()
      if (this.#values.size >= this.countMax) this.#values.delete(this.#values.keys().next().value!)
    } else {
      this.#values.delete(key)
    }
    // A Map keeps the order in which keys were set.
    this.#values.set(key, value)
    return value
  }
}
