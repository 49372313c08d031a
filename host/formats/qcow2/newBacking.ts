// The image under a new overlay: what it has already need not be stored.

import type { DiskImage } from '../format'

export class NewBacking {
  readonly format: string
  readonly #image: DiskImage
  readonly #bytes: number
  readonly #buffer: Buffer

  constructor(image: DiskImage, diskBytes: number, bufferBytes: number) {
    this.#image = image
    this.format = image.format.name
    this.#bytes = Math.min(image.diskBytes, diskBytes)
    this.#buffer = Buffer.alloc(bufferBytes)
  }

  /** What an overlay without clusters of its own reads; valid until the next call. At most as much as the buffer has. */
  async read(offsetBytes: number, length: number): Promise<Buffer> {
    const bytes = this.#buffer.subarray(0, length)
    const there = Math.max(0, Math.min(length, this.#bytes - offsetBytes))
    bytes.fill(0, there)
    if (there > 0) await this.#image.read(offsetBytes, bytes.subarray(0, there))
    return bytes
  }

  /** The end of the stretch from `offsetBytes` on that reads as zeros by its tables; `offsetBytes` if it does not. */
  zerosUntil(offsetBytes: number): number {
    if (offsetBytes >= this.#bytes) return Number.POSITIVE_INFINITY
    const { kind, endBytes } = this.#image.extentAt(offsetBytes)
    if (kind === 'data') return offsetBytes
    return endBytes >= this.#bytes ? Number.POSITIVE_INFINITY : endBytes
  }

  close(): void {
    this.#image.close()
  }
}
