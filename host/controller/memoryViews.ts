// Views of a microcode's memory, kept: buffers are used again and again, and making a view costs as much as copying half a page.

const VIEWS = 256

export class MemoryViews {
  /** Addresses that lie 2^shift bytes apart, or an odd multiple of that, do not get into each other's way. */
  readonly #shift: number
  #bytes: Uint8Array = new Uint8Array(0)
  readonly #views: Uint8Array[] = new Array<Uint8Array>(VIEWS).fill(this.#bytes)
  readonly #addresses = new Float64Array(VIEWS).fill(-1)
  readonly #lengths = new Float64Array(VIEWS)

  constructor(shift: number) {
    this.#shift = shift
  }

  /** `bytes`: all of the memory, as it is now. */
  at(bytes: Uint8Array, address: number, length: number): Uint8Array {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#views.fill(bytes)
      this.#addresses.fill(-1)
    }
    const index = (address >>> this.#shift) & (VIEWS - 1)
    // Not asked of the view itself: that is slow, because its memory might have moved.
    if (this.#addresses[index] === address && this.#lengths[index] === length) return this.#views[index]!
    const view = bytes.subarray(address, address + length)
    this.#views[index] = view
    this.#addresses[index] = address
    this.#lengths[index] = length
    return view
  }
}
