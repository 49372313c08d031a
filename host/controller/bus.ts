// A bus: data cross it one transfer at a time.

/** A controller's own: 3.2 bytes per ns (PCI Express 3.0 x4, less its overhead). */
const CONTROLLER_BYTES_PER_NS = 3.2

export class Bus {
  readonly #bytesPerNs: number
  #freeNs = 0

  constructor(bytesPerNs = CONTROLLER_BYTES_PER_NS) {
    this.#bytesPerNs = bytesPerNs
  }

  /** Books a transfer that may begin at `readyNs`; returns when its data are across. */
  transfer(readyNs: number, bytes: number): number {
    const startNs = Math.max(this.#freeNs, readyNs)
    this.#freeNs = startNs + Math.ceil(bytes / this.#bytesPerNs)
    return this.#freeNs
  }

  reset(): void {
    this.#freeNs = 0
  }
}
