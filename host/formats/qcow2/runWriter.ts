// Writes to a file what comes in pieces: small ones that lie one behind the other go out with one call, large ones as they are.

import type { NewFile } from '../newFiles'

const BUFFER_BYTES = 256 << 10
const LARGE_BYTES = 64 << 10

export class RunWriter {
  readonly #file: NewFile
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #start = 0
  #length = 0

  constructor(file: NewFile) {
    this.#file = file
  }

  /** `bytes` is the caller's again when the call is over. */
  write(offset: number, bytes: Uint8Array): void {
    if (offset !== this.#start + this.#length || this.#length + bytes.length > BUFFER_BYTES) this.flush()
    if (bytes.length >= LARGE_BYTES && this.#length === 0) {
      this.#file.write(offset, bytes)
      return
    }
    if (this.#length === 0) this.#start = offset
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  flush(): void {
    if (this.#length > 0) this.#file.write(this.#start, this.#buffer.subarray(0, this.#length))
    this.#length = 0
  }
}
