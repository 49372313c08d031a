// Memory of frames that have been delivered, for the next ones: making an array for each would cost more than copying it.

/** Lengths that are kept apart, and arrays of each. */
const KEPT_MAX = 512

export class FramePool {
  readonly #free = new Map<number, Uint8Array[]>()

  /** An array with unspecified content. */
  take(length: number): Uint8Array {
    const list = this.#free.get(length)
    // Reading past the end of a list would make all later reads of lists slow.
    return list !== undefined && list.length > 0 ? list.pop()! : new Uint8Array(length)
  }

  /** The array is not used any more. */
  give(bytes: Uint8Array): void {
    const list = this.#free.get(bytes.length)
    if (list === undefined) this.#free.set(bytes.length, [bytes])
    else if (list.length < KEPT_MAX) list.push(bytes)
  }
}
