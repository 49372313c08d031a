// The things used last, up to a number of them.

export class Recent<Key, Value> {
  /** The one used last is the last one. */
  readonly #values = new Map<Key, Value>()

  constructor(private readonly countMax: number) {}

  get(key: Key): Value | undefined {
    const value = this.#values.get(key)
    if (value === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, value)
    return value
  }

  set(key: Key, value: Value): void {
    this.#values.set(key, value)
    if (this.#values.size > this.countMax) this.#values.delete(this.#values.keys().next().value!)
  }
}
