// The controller's bus: all data cross it, one transfer at a time. 3.2 bytes per ns (PCI Express 3.0 x4, less its overhead).

const BYTES_PER_NS = 3.2

export class Bus {
  #freeNs = 0

  /** Books a transfer that may begin at `readyNs`; returns when its data are across. */
  transfer(readyNs: number, bytes: number): number {
    const startNs = Math.max(this.#freeNs, readyNs)
    this.#freeNs = startNs + Math.ceil(bytes / BYTES_PER_NS)
    return this.#freeNs
  }

  reset(): void {
    this.#freeNs = 0
  }
}
